/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/gpg_child.h"

#include <errno.h>
#include <fcntl.h>
#include <gpgme.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

#define CHUNK 65536
#define PIPE_OCTETS (256 << 10) /* the system's limit may be lower */
#define STATUS_LINE_MAX 4096
#define END_MS 10000 /* from the end of its output to its own */

enum { TO, FROM, N_PIPES };

struct gpg_talk {
	struct gpg_child *c;
	struct err *err;
	int end;          /* of struct gpg_daemons; -1: not started */
	int fd[N_PIPES];  /* our ends; -1: closed, or no pipe */
	int written;      /* what gpg writes, if that is small: a file in memory, read when gpg has
			     ended; -1: a pipe */
	int status;       /* likewise */
	uint8_t *out;     /* CHUNK octets of the payload; cleared */
	size_t at, n;     /* of out: what gpg has not taken yet */
	size_t used;      /* of out: written */
	uint8_t *in;      /* CHUNK octets */
	struct buf line;  /* of the status */
	int64_t deadline; /* ms */
};

static void shut_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A pipe; *ours, which writes or reads, does not block; *theirs is for gpg. */
static int make_pipe(bool writes, int *ours, int *theirs, struct err *err)
{
	int end[2];

	if (pipe2(end, O_CLOEXEC) < 0)
		return err_set(err, ERR_OS, "no pipe: %s", strerror(errno));
	(void)fcntl(end[0], F_SETPIPE_SZ, PIPE_OCTETS);
	*ours = end[writes];
	*theirs = end[!writes];
	if (fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		return err_set(err, ERR_OS, "a pipe: %s", strerror(errno));
	return 0;
}

static int make_file(int *fd, struct err *err)
{
	*fd = memfd_create("gpg", MFD_CLOEXEC);
	return *fd < 0 ? err_set(err, ERR_OS, "no file in memory: %s", strerror(errno)) : 0;
}

/* What gpg reads and writes: our ends, and its own. */
static int make_ends(bool small, int ours[GPG_JOB_FDS], int theirs[GPG_JOB_FDS], struct err *err)
{
	int rc = make_pipe(true, &ours[GPG_JOB_IN], &theirs[GPG_JOB_IN], err);

	if (rc == 0)
		rc = small ? make_file(&ours[GPG_JOB_OUT], err)
			   : make_pipe(false, &ours[GPG_JOB_OUT], &theirs[GPG_JOB_OUT], err);
	if (rc == 0)
		rc = make_file(&ours[GPG_JOB_STATUS], err);
	if (small)
		theirs[GPG_JOB_OUT] = ours[GPG_JOB_OUT];
	theirs[GPG_JOB_STATUS] = ours[GPG_JOB_STATUS];
	return rc;
}

/* Those of gpg's ends that are not ours as well. */
static void close_theirs(const int ours[GPG_JOB_FDS], int theirs[GPG_JOB_FDS])
{
	size_t i;

	for (i = 0; i < GPG_JOB_FDS; i++) {
		if (theirs[i] != ours[i])
			shut_fd(&theirs[i]);
		theirs[i] = -1;
	}
}

static void close_ours(int ours[GPG_JOB_FDS])
{
	size_t i;

	for (i = 0; i < GPG_JOB_FDS; i++)
		shut_fd(&ours[i]);
}

int gpg_ready_make(struct gpg_ready *r, bool small, struct err *err)
{
	int rc;

	*r = (struct gpg_ready){.ours = {-1, -1, -1}, .theirs = {-1, -1, -1}, .small = small};
	rc = gpg_home_make_bare(&r->home, err);
	if (rc == 0)
		rc = make_ends(small, r->ours, r->theirs, err);
	if (rc < 0)
		gpg_ready_free(r);
	return rc;
}

void gpg_ready_free(struct gpg_ready *r)
{
	if (r->home.path[0] == '\0')
		return;
	close_theirs(r->ours, r->theirs);
	close_ours(r->ours);
	gpg_home_remove(&r->home);
}

void gpg_ready_give(struct gpg_daemons *d, struct gpg_ready *r)
{
	if (r->home.path[0] == '\0')
		return;
	close_theirs(r->ours, r->theirs);
	d->ready = *r;
	r->home.path[0] = '\0';
}

bool gpg_ready_take(struct gpg_daemons *d, struct gpg_ready *r)
{
	*r = d->ready;
	d->ready.home.path[0] = '\0';
	return r->home.path[0] != '\0';
}

/* They are the talk's from now on. */
static void use_ends(struct gpg_talk *x, int ours[GPG_JOB_FDS])
{
	size_t i;

	x->fd[TO] = ours[GPG_JOB_IN];
	*(x->c->small ? &x->written : &x->fd[FROM]) = ours[GPG_JOB_OUT];
	x->status = ours[GPG_JOB_STATUS];
	for (i = 0; i < GPG_JOB_FDS; i++)
		ours[i] = -1;
}

/* The one that is ready; else, and if that is not there any more, a new one. */
static int start_child(struct gpg_talk *x)
{
	struct gpg_daemons *d = x->c->daemons;
	struct gpg_ready *ready = x->c->ready;
	int ours[GPG_JOB_FDS] = {-1, -1, -1}, theirs[GPG_JOB_FDS] = {-1, -1, -1}, rc;

	if (ready) {
		struct err why = ERR_INIT;

		rc = d->gpg(d->arg, x->c->job, NULL, &x->end, &why);
		if (rc == 0) {
			x->c->small = ready->small;
			use_ends(x, ready->ours);
			return 0;
		}
		close_ours(ready->ours);
		if (rc != ERR_INTERNAL) {
			if (x->err)
				*x->err = why;
			return rc;
		}
	}
	rc = make_ends(x->c->small, ours, theirs, x->err);
	if (rc == 0)
		rc = d->gpg(d->arg, x->c->job, theirs, &x->end, x->err);
	close_theirs(ours, theirs);
	use_ends(x, ours);
	return rc;
}

/* "[GNUPG:] KEYWORD ARGUMENTS" */
static void take_status(struct gpg_child *c, const char *line)
{
	static const char lead[] = "[GNUPG:] ";
	unsigned code = 0;

	if (strncmp(line, lead, sizeof(lead) - 1) != 0)
		return;
	line += sizeof(lead) - 1;
	if (strcmp(line, "END_ENCRYPTION") == 0)
		c->encrypted = true;
	else if (strncmp(line, "INV_RECP ", 9) == 0)
		c->bad_recipient = true;
	else if (strncmp(line, "INV_SGNR ", 9) == 0)
		c->bad_signer = true;
	else if (strncmp(line, "NO_SECKEY ", 10) == 0)
		c->no_secret_key = true;
	else if (strncmp(line, "FAILURE ", 8) == 0 && c->failure == 0 &&
		 sscanf(line, "FAILURE %*s %10u", &code) == 1)
		c->failure = code;
	else if (strncmp(line, "ERROR pkdecrypt_failed ", 23) == 0 && c->failure == 0 &&
		 sscanf(line, "ERROR %*s %10u", &code) == 1)
		c->failure = code;
	else if (strncmp(line, "SIG_CREATED ", 12) == 0) {
		c->n_sigs++;
		c->fpr[0] = '\0';
		c->hash = 0;
		(void)sscanf(
			line, "SIG_CREATED %*s %*s %10u %*s %*s %64[0-9A-F]", &c->hash, c->fpr);
	}
}

static int add_status(struct gpg_talk *x, const uint8_t *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (p[i] == '\n') {
			take_status(x->c, buf_str(&x->line));
			buf_reset(&x->line);
		} else if (buf_addc(&x->line, (char)p[i]) < 0) {
			return err_too_large(
				x->err, ERR_INTERNAL, "gpg: a line of its status is too long");
		}
	}
	return 0;
}

static int add_sealed(struct gpg_talk *x, const uint8_t *p, size_t n)
{
	return x->c->take(x->c->arg, p, n, x->err);
}

/* All of a file in memory. */
static int read_file(
	struct gpg_talk *x, int fd, int (*add)(struct gpg_talk *x, const uint8_t *p, size_t n))
{
	off_t at = 0;
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = pread(fd, x->in, CHUNK, at)) != 0) {
		if (n < 0)
			return err_set(x->err, ERR_IO, "gpg: %s", strerror(errno));
		at += n;
		rc = add(x, x->in, (size_t)n);
	}
	return rc;
}

/* 1: more may come; 0: it has ended; else an error. */
static int read_sealed(struct gpg_talk *x)
{
	ssize_t n = read(x->fd[FROM], x->in, CHUNK);
	int rc = 0;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR
			       ? 1
			       : err_set(x->err, ERR_IO, "gpg: %s", strerror(errno));
	if (n > 0)
		rc = add_sealed(x, x->in, (size_t)n);
	return rc < 0 ? rc : n > 0;
}

/* As read_sealed. A gpg that takes no more has ended, and says why elsewhere. */
static int write_payload(struct gpg_talk *x)
{
	ssize_t n;

	if (x->at == x->n) {
		n = x->c->give(x->c->arg, x->out, CHUNK, x->err);
		if (n <= 0)
			return (int)n;
		x->at = 0;
		x->n = (size_t)n;
		x->used = x->used < x->n ? x->n : x->used;
	}
	n = write(x->fd[TO], x->out + x->at, x->n - x->at);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1
		       : errno == EPIPE                  ? 0
					: err_set(x->err, ERR_IO, "gpg: %s", strerror(errno));
	x->at += (size_t)n;
	return 1;
}

static int is_late(const struct gpg_talk *x)
{
	return err_set(x->err, ERR_TEMP, "gpg did not finish within %d s",
		(x->c->timeout_ms + 999) / 1000);
}

/* Waits until something can be done, and does it. */
static int serve_child(struct gpg_talk *x)
{
	static int (*const act[N_PIPES])(struct gpg_talk * x) = {write_payload, read_sealed};
	struct pollfd p[N_PIPES];
	int64_t left = x->deadline - clock_ms();
	int i, rc;

	for (i = 0; i < N_PIPES; i++)
		p[i] = (struct pollfd){.fd = x->fd[i], .events = i == TO ? POLLOUT : POLLIN};
	rc = left > 0 ? poll(p, N_PIPES, (int)left) : 0;
	if (rc < 0)
		return errno == EINTR ? 0 : err_set(x->err, ERR_OS, "poll: %s", strerror(errno));
	if (rc == 0)
		return is_late(x);
	for (i = 0; i < N_PIPES; i++) {
		if (x->fd[i] < 0 || p[i].revents == 0)
			continue;
		rc = act[i](x);
		if (rc < 0)
			return rc;
		if (rc == 0)
			shut_fd(&x->fd[i]);
	}
	return 0;
}

/* Waits for its end. */
static int read_end(struct gpg_talk *x, int wait, int *status)
{
	const int64_t until = clock_ms() + wait;
	struct pollfd p = {.fd = x->end, .events = POLLIN};
	int64_t left;
	int rc;

	do {
		left = until - clock_ms();
		rc = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (rc < 0 && errno == EINTR);
	if (rc == 0)
		return is_late(x);
	if (rc < 0 || read(x->end, status, sizeof(*status)) != (ssize_t)sizeof(*status))
		return err_set(x->err, ERR_OS, "how gpg ended cannot be learnt");
	return 0;
}

/* Its end, and what it left. */
static int finish_child(struct gpg_talk *x, int rc)
{
	int64_t left = x->deadline - clock_ms();
	int status = 0, wait = x->c->small ? (left > 0 ? (int)left : 0) : END_MS;

	if (rc == 0)
		rc = read_end(x, wait, &status);
	if (rc == 0)
		rc = read_file(x, x->status, add_status);
	if (rc == 0 && x->c->small)
		rc = read_file(x, x->written, add_sealed);
	x->c->succeeded = rc == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	return rc;
}

static void free_talk(struct gpg_talk *x)
{
	x->c->talk = NULL;
	shut_fd(&x->end);
	shut_fd(&x->fd[TO]);
	shut_fd(&x->fd[FROM]);
	shut_fd(&x->written);
	shut_fd(&x->status);
	if (x->out)
		explicit_bzero(x->out, x->used);
	free(x->out);
	free(x->in);
	buf_free(&x->line);
	free(x);
}

static struct gpg_talk *new_talk(struct gpg_child *c)
{
	struct gpg_talk *x = malloc(sizeof(*x));

	if (!x)
		return NULL;
	*x = (struct gpg_talk){.c = c,
		.end = -1,
		.fd = {-1, -1},
		.written = -1,
		.status = -1,
		.out = malloc(CHUNK),
		.in = malloc(CHUNK),
		.line = BUF_INIT(STATUS_LINE_MAX),
		.deadline = clock_ms() + c->timeout_ms};
	if (x->out && x->in)
		return x;
	free_talk(x);
	return NULL;
}

int gpg_child_begin(struct gpg_child *c, struct err *err)
{
	struct gpg_talk *x = new_talk(c);
	int rc;

	if (!x)
		return err_set(err, ERR_OS, "out of memory");
	x->err = err;
	rc = start_child(x);
	while (rc == 0 && x->fd[TO] >= 0)
		rc = serve_child(x);
	if (rc < 0)
		free_talk(x);
	else
		c->talk = x;
	return rc;
}

int gpg_child_end(struct gpg_child *c, struct err *err)
{
	struct gpg_talk *x = c->talk;
	int rc = 0;

	x->err = err;
	while (rc == 0 && x->fd[FROM] >= 0)
		rc = serve_child(x);
	rc = finish_child(x, rc);
	free_talk(x);
	return rc;
}

void gpg_child_drop(struct gpg_child *c)
{
	if (c->talk)
		free_talk(c->talk);
}

int gpg_child_run(struct gpg_child *c, struct err *err)
{
	int rc = gpg_child_begin(c, err);

	return rc == 0 ? gpg_child_end(c, err) : rc;
}

bool gpg_child_unable_to_ask(const struct gpg_child *c)
{
	return gpgme_err_source(c->failure) == GPG_ERR_SOURCE_PINENTRY &&
	       (gpgme_err_code(c->failure) & GPG_ERR_SYSTEM_ERROR) != 0;
}

bool gpg_child_locked(const struct gpg_child *c)
{
	if (gpg_child_unable_to_ask(c))
		return true;
	switch (gpgme_err_code(c->failure)) {
	case GPG_ERR_CANCELED:
	case GPG_ERR_FULLY_CANCELED:
	case GPG_ERR_NO_PIN_ENTRY:
	case GPG_ERR_PIN_ENTRY:
	case GPG_ERR_TIMEOUT:
	case GPG_ERR_BAD_PASSPHRASE:
	case GPG_ERR_NO_PASSPHRASE:
		return true;
	default:
		return false;
	}
}
