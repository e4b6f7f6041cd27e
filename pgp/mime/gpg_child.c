#include "pgp/mime/gpg_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/spawn.h"

#define CHUNK 65536
#define PIPE_OCTETS (256 << 10) /* the system's limit may be lower */
#define STATUS_LINE_MAX 4096
#define END_MS 10000 /* from the end of its output to its own */

enum { TO, FROM, STATUS, N_PIPES };

struct io {
	struct gpg_child *c;
	struct err *err;
	pid_t pid;
	int fd[N_PIPES];  /* our ends; -1: closed */
	uint8_t *out;     /* CHUNK octets of the payload; cleared */
	size_t at, n;     /* of out: what gpg has not taken yet */
	uint8_t *in;      /* CHUNK octets */
	struct buf line;  /* of the status */
	int64_t deadline; /* ms */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void shut(struct io *x, int which)
{
	if (x->fd[which] >= 0)
		close(x->fd[which]);
	x->fd[which] = -1;
}

static int start(struct io *x)
{
	int end[N_PIPES][2] = {{-1, -1}, {-1, -1}, {-1, -1}}, i, rc = 0;
	struct spawn s = {.argv = x->c->argv, .env = x->c->env, .errout = -1};

	for (i = 0; i < N_PIPES && rc == 0; i++) {
		if (pipe2(end[i], O_CLOEXEC) < 0)
			rc = err_set(x->err, ERR_OS, "no pipe: %s", strerror(errno));
		if (rc == 0 && i != STATUS)
			(void)fcntl(end[i][0], F_SETPIPE_SZ, PIPE_OCTETS);
	}
	if (rc == 0) {
		s.in = end[TO][0];
		s.out = end[FROM][1];
		s.keep = end[STATUS][1];
		rc = spawn_start(&s, &x->pid, x->err);
	}
	for (i = 0; i < N_PIPES; i++) {
		const int ours = i == TO ? 1 : 0;

		if (end[i][1 - ours] >= 0)
			close(end[i][1 - ours]);
		x->fd[i] = end[i][ours];
		if (x->fd[i] >= 0 && fcntl(x->fd[i], F_SETFL, O_NONBLOCK) < 0 && rc == 0)
			rc = err_set(x->err, ERR_OS, "a pipe: %s", strerror(errno));
	}
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
	else if (strncmp(line, "FAILURE ", 8) == 0 && c->failure == 0 && sscanf(line, "FAILURE %*s %10u", &code) == 1)
		c->failure = code;
	else if (strncmp(line, "SIG_CREATED ", 12) == 0) {
		c->n_sigs++;
		c->fpr[0] = '\0';
		c->hash = 0;
		(void)sscanf(line, "SIG_CREATED %*s %*s %10u %*s %*s %64[0-9A-F]", &c->hash, c->fpr);
	}
}

/* 1: more may come; 0: it has ended; else an error. */
static int read_status(struct io *x)
{
	char p[1024];
	ssize_t n = read(x->fd[STATUS], p, sizeof(p)), i;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : err_set(x->err, ERR_IO, "gpg: %s", strerror(errno));
	for (i = 0; i < n; i++) {
		if (p[i] == '\n') {
			take_status(x->c, buf_str(&x->line));
			buf_reset(&x->line);
		} else if (buf_addc(&x->line, p[i]) < 0) {
			return err_set(x->err, ERR_INTERNAL, "gpg: a line of its status is too long");
		}
	}
	return n > 0;
}

static int read_sealed(struct io *x)
{
	ssize_t n = read(x->fd[FROM], x->in, CHUNK);
	int rc = 0;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : err_set(x->err, ERR_IO, "gpg: %s", strerror(errno));
	if (n > 0)
		rc = x->c->take(x->c->arg, x->in, (size_t)n, x->err);
	return rc < 0 ? rc : n > 0;
}

/* As read_status. A gpg that takes no more has ended, and says why elsewhere. */
static int write_payload(struct io *x)
{
	ssize_t n;

	if (x->at == x->n) {
		n = x->c->give(x->c->arg, x->out, CHUNK, x->err);
		if (n <= 0)
			return (int)n;
		x->at = 0;
		x->n = (size_t)n;
	}
	n = write(x->fd[TO], x->out + x->at, x->n - x->at);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1
		       : errno == EPIPE ? 0
					: err_set(x->err, ERR_IO, "gpg: %s", strerror(errno));
	x->at += (size_t)n;
	return 1;
}

/* Waits until something can be done, and does it. */
static int turn(struct io *x)
{
	static int (*const act[N_PIPES])(struct io * x) = {write_payload, read_sealed, read_status};
	struct pollfd p[N_PIPES];
	int64_t left = x->deadline - now_ms();
	int i, rc;

	for (i = 0; i < N_PIPES; i++)
		p[i] = (struct pollfd){.fd = x->fd[i], .events = i == TO ? POLLOUT : POLLIN};
	rc = left > 0 ? poll(p, N_PIPES, (int)left) : 0;
	if (rc < 0)
		return errno == EINTR ? 0 : err_set(x->err, ERR_OS, "poll: %s", strerror(errno));
	if (rc == 0)
		return err_set(x->err, ERR_TEMP, "gpg did not finish within %d s", (x->c->timeout_ms + 999) / 1000);
	for (i = 0; i < N_PIPES; i++) {
		if (x->fd[i] < 0 || p[i].revents == 0)
			continue;
		rc = act[i](x);
		if (rc < 0)
			return rc;
		if (rc == 0)
			shut(x, i);
	}
	return 0;
}

static int finish(struct io *x, int rc)
{
	int status = 0, waited;

	if (rc < 0)
		kill(x->pid, SIGKILL);
	waited = spawn_wait(x->pid, END_MS, &status, rc < 0 ? NULL : x->err);
	if (rc == 0)
		rc = waited;
	x->c->succeeded = rc == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	return rc;
}

int gpg_child_run(struct gpg_child *c, struct err *err)
{
	struct io x = {.c = c, .err = err, .fd = {-1, -1, -1}, .line = BUF_INIT(STATUS_LINE_MAX),
		.deadline = now_ms() + c->timeout_ms};
	int rc = 0, i;

	x.out = malloc(CHUNK);
	x.in = malloc(CHUNK);
	if (!x.out || !x.in)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = start(&x);
	if (x.pid > 0) {
		while (rc == 0 && (x.fd[FROM] >= 0 || x.fd[STATUS] >= 0))
			rc = turn(&x);
		rc = finish(&x, rc);
	}
	for (i = 0; i < N_PIPES; i++)
		shut(&x, i);
	if (x.out)
		explicit_bzero(x.out, CHUNK);
	free(x.out);
	free(x.in);
	buf_free(&x.line);
	return rc;
}
