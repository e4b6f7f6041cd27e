/* SPDX-License-Identifier: ISC */
/*
 * The runner's part in handing a mail over: starts the MTA, feeds it, passes signals on, and
 * waits for its end.
 */
#include "process/runner_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/spawn.h"
#include "base/text.h"
#include "process/mta.h"
#include "process/runner.h"

#define TERM_MS 5000   /* from SIGTERM to SIGKILL */
#define SIGNAL_MS 1000 /* for the rest of a FRAME_SIGNAL that has begun */

/* Whether fd is a memfd; a file of tmpfs has seals too, but a path. In doubt it is one, and must be
 * sealed. */
static bool is_memfd(int fd)
{
	char link[64], path[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	return n < 7 || memcmp(path, "/memfd:", 7) == 0;
}

/* Requires a complete message, not a pipe: an MTA would take a pipe that ends early for a complete
 * mail. */
static int check_message(int fd, struct err *err)
{
	const int need = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
	struct stat st;
	int flags, seals;

	if (fd < 0)
		return err_set(err, ERR_INTERNAL, "the message to hand over is missing");
	flags = fcntl(fd, F_GETFL);
	if (fstat(fd, &st) < 0 || flags < 0 || (flags & O_PATH) != 0 ||
		(flags & O_ACCMODE) == O_WRONLY)
		return err_set(err, ERR_INTERNAL, "the message to hand over cannot be read");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_INTERNAL, "the message to hand over is not a file");
	if (st.st_size <= 0)
		return err_set(err, ERR_INTERNAL, "the message to hand over is empty");
	seals = fcntl(fd, F_GET_SEALS);
	if (seals >= 0 && (seals & need) != need && is_memfd(fd))
		return err_set(
			err, ERR_INTERNAL, "the message to hand over could still be changed");
	if (lseek(fd, 0, SEEK_SET) != 0)
		return err_set(err, ERR_INTERNAL, "the message to hand over cannot be rewound");
	return 0;
}

/* Once more, after the codec: what begins with a dash is an option to some programs even after
 * "--". */
static int check_handoff_addresses(const struct handoff *h, struct err *err)
{
	size_t i;

	if (h->n_rcpt == 0)
		return err_set(err, ERR_USAGE, "no recipient is left");
	if (h->sender[0] == '-')
		return err_set(err, ERR_USAGE, "the sender begins like an option");
	for (i = 0; i < h->n_rcpt; i++) {
		if (h->rcpt[i].text[0] == '-' || h->rcpt[i].text[0] == '\0')
			return err_set(err, ERR_USAGE, "a recipient begins like an option");
	}
	return 0;
}

/* It would deliver the mail to somebody else, or to nobody, and report success. */
static int check_rewritten(const struct handoff *h, const struct mta *mta, struct err *err)
{
	size_t i;

	if (!mta->rewrites)
		return 0;
	if (strchr(h->sender, '"'))
		return err_set(err, ERR_POLICY,
			"%.330s: %s cannot have a sender with a quoted local part", h->sender,
			mta->name);
	for (i = 0; i < h->n_rcpt; i++) {
		if (strchr(h->rcpt[i].text, '"'))
			return err_set(err, ERR_POLICY,
				"%.330s: %s cannot write to a quoted local part", h->rcpt[i].text,
				mta->name);
		if (strchr(h->rcpt[i].text, ':'))
			return err_set(err, ERR_POLICY,
				"%.330s: %s cannot write to an IPv6 address", h->rcpt[i].text,
				mta->name);
	}
	return 0;
}

/* Without SMTPUTF8 it would go out with an address that the next server may read as another. */
static int check_utf8(
	const struct handoff *h, const struct mta *mta, const char *path, struct err *err)
{
	const char *text = h->sender;
	size_t i;

	for (i = 0; text_is_ascii(text) && i < h->n_rcpt; i++)
		text = h->rcpt[i].text;
	if (mta->smtputf8 || (text_is_ascii(text) && !h->smtputf8))
		return 0;
	if (text_is_ascii(text))
		text = "the header has an address that is not in ASCII";
	err_set(err, ERR_DATA, "%.330s: %.200s is not known to pass such addresses on (SMTPUTF8)",
		text, path);
	err_hint(err, "it takes Postfix 3.0 or newer, or an address in ASCII");
	return ERR_DATA;
}

/* -N, -R and -V as words of their own, attached: nothing can become another option. */
struct dsn_words {
	char notify[40], ret[8], envid[sizeof(((struct handoff_dsn *)0)->envid) + 2];
};

static void dsn_words(
	struct dsn_words *w, const struct handoff_dsn *d, const struct mta *mta, enum conf_dsn rule)
{
	const bool all = rule == DSN_YES && !mta->never;

	memset(w, 0, sizeof(*w));
	if (rule == DSN_NO)
		return;
	if (d->notify != 0 && (all || mta->notify))
		snprintf(w->notify, sizeof(w->notify), "-N%s%s%s%s",
			d->notify & HANDOFF_NOTIFY_NEVER ? ",never" : "",
			d->notify & HANDOFF_NOTIFY_SUCCESS ? ",success" : "",
			d->notify & HANDOFF_NOTIFY_FAILURE ? ",failure" : "",
			d->notify & HANDOFF_NOTIFY_DELAY ? ",delay" : "");
	if (w->notify[0] != '\0') /* the first comma */
		memmove(w->notify + 2, w->notify + 3, strlen(w->notify + 3) + 1);
	if (d->ret != 0 && (all || mta->notify))
		snprintf(w->ret, sizeof(w->ret), "-R%s",
			d->ret == HANDOFF_RET_FULL ? "full" : "hdrs");
	/* Postfix reads up to two characters as delimiters of a VERP address. */
	if (strlen(d->envid) > 2 && (all || mta->envid))
		snprintf(w->envid, sizeof(w->envid), "-V%s", d->envid);
}

static bool dsn_dropped(const struct dsn_words *w, const struct handoff_dsn *d)
{
	return (d->notify != 0 && w->notify[0] == '\0') || (d->ret != 0 && w->ret[0] == '\0') ||
	       (d->envid[0] != '\0' && w->envid[0] == '\0');
}

/* The MTA's words, then ours. Borrows from all of its arguments; freed with one free(). */
static const char **build_argv(
	char *const *base, const struct handoff *h, const struct dsn_words *dsn, bool requiretls)
{
	const char *const extra[] = {dsn->notify, dsn->ret, dsn->envid};
	const char **argv;
	size_t n = 0, i;

	while (base[n])
		n++;
	argv = calloc(n + h->n_rcpt + 12, sizeof(*argv));
	if (!argv)
		return NULL;
	for (n = 0; base[n]; n++)
		argv[n] = base[n];
	argv[n++] = "-i";
	if (h->sender[0] != '\0') {
		argv[n++] = "-f";
		argv[n++] = h->sender;
	}
	if (h->fullname[0] != '\0') {
		argv[n++] = "-F";
		argv[n++] = h->fullname;
	}
	for (i = 0; i < sizeof(extra) / sizeof(extra[0]); i++) {
		if (extra[i][0] != '\0')
			argv[n++] = extra[i];
	}
	if (requiretls) {
		argv[n++] = "-O";
		argv[n++] = "requiretls=yes";
	}
	argv[n++] = "--";
	for (i = 0; i < h->n_rcpt; i++)
		argv[n++] = h->rcpt[i].text;
	return argv;
}

/* Its output as a string: a NUL would hide the rest. */
static char *words_of(const struct buf *said)
{
	char *s = malloc(said->len + 1);
	size_t i;

	if (!s)
		return NULL;
	for (i = 0; i < said->len; i++)
		s[i] = said->p[i] ? (char)said->p[i] : '?';
	s[i] = '\0';
	return s;
}

/* The signal that the asking process passes on; -1 when it will not any more. */
static int signal_from(void *arg)
{
	const int *sock = arg;
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	enum frame_kind kind;
	struct rd rd;
	int sig = -1;

	if (frame_recv(*sock, clock_ms() + SIGNAL_MS, &kind, &body, NULL, NULL, NULL) == 0 &&
		kind == FRAME_SIGNAL) {
		rd_init(&rd, body.p, body.len);
		sig = (int)rd_u32(&rd);
		if (rd_end(&rd, "signal", NULL) < 0 ||
			(sig != SIGTERM && sig != SIGINT && sig != SIGHUP))
			sig = -1;
	}
	buf_free(&body);
	return sig;
}

/* From here on the MTA runs, and there is no failure but its own. */
static void collect_mta(
	pid_t pid, int out, const struct conf *c, int sock, struct handoff_result *x)
{
	const struct spawn_watch watch = {
		.fd = sock, .next = signal_from, .arg = &sock, .kill_ms = RUNNER_ENDING_MS};
	struct buf said = BUF_INIT(HANDOFF_STDERR_MAX);
	const struct spawn_limit limit = {
		.timeout_ms = c->mta_timeout > 0
				      ? (c->mta_timeout < INT32_MAX / 1000 ? c->mta_timeout * 1000
									   : INT32_MAX)
				      : -1,
		.term_ms = TERM_MS,
		.watch = sock >= 0 ? &watch : NULL,
		.words = true};
	const int fd[2] = {out, -1};
	struct buf *const to[2] = {&said, NULL};
	int status = 0, rc;

	rc = spawn_collect(pid, fd, to, &limit, &status, NULL);
	x->timed_out = rc == ERR_TEMP;
	x->exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	x->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (rc == ERR_OS) { /* its exit status could not be determined */
		x->exit = -1;
		x->signal = SIGKILL;
	}
	x->errout = words_of(&said);
	buf_free(&said);
}

int runner_mta(const struct conf *c, const struct handoff *h, int fd, int sock,
	struct handoff_result *x, struct err *err)
{
	char **base = NULL;
	const char **argv = NULL, **env = NULL;
	const struct mta *mta;
	const bool requiretls = h->requiretls && c->mta_requiretls;
	struct dsn_words dsn;
	struct spawn s = {.in = fd, .keep = -1, .stays = true}; /* it may have accepted the mail */
	int p[2] = {-1, -1}, rc;
	pid_t pid;

	rc = check_handoff_addresses(h, err);
	if (rc == 0)
		rc = check_message(fd, err);
	if (rc == 0)
		rc = conf_mta(c, h->identity, &base, err);
	if (rc < 0)
		goto out;
	mta = mta_recognise(base[0]);
	rc = check_rewritten(h, mta, err);
	if (rc == 0)
		rc = check_utf8(h, mta, base[0], err);
	if (rc == 0 && requiretls)
		rc = mta_takes_requiretls(mta, base[0], err);
	if (rc < 0)
		goto out;
	dsn_words(&dsn, &h->dsn, mta, c->mta_dsn);
	argv = build_argv(base, h, &dsn, requiretls);
	/* The mark by which we recognise ourselves behind a copy, a script or another name:
	 * otherwise mail would loop for ever. */
	env = spawn_env(RUNNER_MARK "=1");
	if (!argv || !env || pipe2(p, O_CLOEXEC) < 0) {
		rc = err_set(err, ERR_OS, "%s: cannot be started: %s", base[0], strerror(errno));
		goto out;
	}
	s.argv = argv;
	s.env = env;
	s.out = s.errout = p[1];
	rc = spawn_start(&s, &pid, err);
	close(p[1]);
	if (rc == 0) {
		snprintf(x->mta, sizeof(x->mta), "%s", base[0]);
		x->dsn_dropped = dsn_dropped(&dsn, &h->dsn);
		collect_mta(pid, p[0], c, sock, x);
	}
	close(p[0]);
out:
	free(env);
	free(argv);
	free(base);
	return rc;
}
