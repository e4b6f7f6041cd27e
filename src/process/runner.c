/* SPDX-License-Identifier: ISC */
#include "process/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/signals.h"
#include "base/spawn.h"
#include "base/temp_dir.h"
#include "process/runner_priv.h"

#define ANSWER_MS 30000       /* to start a program; the runner has shorter limits of its own */
#define STOP_MS 10000         /* for the runner to end, once nobody asks it any more */
#define HANDOFF_MORE_MS 20000 /* than the MTA may take; the runner needs less */
#define KEYS_ANSWER_MS 90000  /* of a large keyring */
#define SIGNALS_MAX 8         /* passed on to one MTA */

/* Longer than the runner waits for the MTA, and then for its end. -1: without limit. */
static int handoff_ms(int mta_timeout)
{
	return mta_timeout > 0 ? mta_timeout * 1000 + HANDOFF_MORE_MS : -1;
}

/* Keeps only stderr and these, in any order; negative ones are none. */
static void drop_descriptors(const int *keep, size_t n)
{
	int null = open("/dev/null", O_RDWR | O_NOCTTY), last = 2, next;
	size_t i;

	/* Also closes our standard output: otherwise the reader of filter's output would wait for
	 * us to exit. */
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		_exit(err_exit(ERR_OS));
	do {
		for (next = -1, i = 0; i < n; i++) {
			if (keep[i] > last && (next < 0 || keep[i] < next))
				next = keep[i];
		}
		if (next != last + 1)
			fd_close_range((unsigned)last + 1, next < 0 ? ~0u : (unsigned)next - 1);
		last = next;
	} while (next >= 0);
}

/*
 * The runner lives as long as the main process, and then cleans up: a signal from the terminal must
 * not end it first. Its programs get the default dispositions back (ignored ones would be
 * inherited).
 */
static void do_nothing(int sig)
{
	(void)sig;
}

static void outlive_signals(void)
{
	static const int sigs[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
	struct sigaction act = {.sa_handler = do_nothing, .sa_flags = SA_RESTART};
	size_t i;

	sigemptyset(&act.sa_mask);
	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)sigaction(sigs[i], &act, NULL);
}

/* And the way to the agent, which it will need. */
static void start_ready_gpg(
	struct runner_gpg *gpg, struct runner_agent *agent, const struct gpg_ready *ready)
{
	size_t i;

	if (!ready)
		return;
	runner_gpg_make_ready(gpg, ready);
	for (i = 0; i < GPG_JOB_FDS; i++)
		close(ready->theirs[i]);
	runner_agent_prepare(agent);
}

static void run_as_runner(
	int sock, const char *conf_file, bool verbose, bool opens, const struct gpg_ready *ready)
{
	struct runner_gpg gpg = {.opens = opens};
	int keep[1 + GPG_JOB_FDS] = {sock, -1, -1, -1};
	struct runner_agent agent = {.spare = 0};
	struct conf c = {0};
	struct err err = ERR_INIT;

	if (ready)
		memcpy(keep + 1, ready->theirs, sizeof(ready->theirs));
	gpg_own_terminal(gpg.tty);
	outlive_signals();
	drop_descriptors(keep, 1 + GPG_JOB_FDS);
	start_ready_gpg(&gpg, &agent, ready); /* first of all: others wait for it */
	if (conf_load(conf_file, &c, &err) == 0) {
		err.code = ERR_NONE;
		c.net.verbose = verbose;
	} else if (err.code == ERR_NONE) {
		err_set(&err, ERR_CONFIG, "the configuration cannot be loaded");
	}
	runner_serve(sock, &c, &gpg, &agent, &err);
	if (err.code == ERR_NONE)
		conf_free(&c);
	dir_temp_root_remove();
}

int runner_start_ready(struct runner *r, const char *conf_file, bool verbose, bool opens,
	const struct gpg_ready *ready, struct err *err)
{
	int s[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) < 0)
		return err_set(err, ERR_OS, "no socket for a helper process: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		close(s[0]);
		close(s[1]);
		return err_set(err, ERR_OS, "no helper process: %s", strerror(errno));
	}
	if (pid == 0) {
		run_as_runner(s[1], conf_file, verbose, opens, ready);
		_exit(0);
	}
	close(s[1]);
	*r = (struct runner){.sock = s[0], .pid = pid};
	return 0;
}

int runner_start(struct runner *r, const char *conf_file, bool verbose, bool opens, struct err *err)
{
	return runner_start_ready(r, conf_file, verbose, opens, NULL, err);
}

/* -1: for ever. */
static int ms_left(int64_t until)
{
	const int64_t left = until < 0 ? -1 : until - clock_ms();

	return until < 0 ? -1 : left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* Passes signals that would end us on to the MTA, until the runner answers. */
static void wait_and_pass_on(struct runner *r, int signals, int64_t until)
{
	struct pollfd pfd[2] = {
		{.fd = r->sock, .events = POLLIN}, {.fd = signals, .events = POLLIN}};
	int sig, passed = 0;

	while (signals >= 0 && passed < SIGNALS_MAX) {
		const int n = poll(pfd, 2, ms_left(until));

		if (n == 0 || (n < 0 && errno != EINTR))
			return;
		if (n < 0)
			continue;
		if (pfd[0].revents != 0)
			return;
		sig = signals_next(signals);
		if (sig > 0) {
			struct wr w = WR_INIT;

			r->interrupted = sig;
			passed++;
			wr_u32(&w, (uint32_t)sig);
			(void)frame_send(r->sock, until, FRAME_SIGNAL, &w, -1, NULL);
			wr_free(&w);
		}
	}
}

struct question {
	enum frame_kind kind;
	const struct wr *w;
	const int *fd; /* attached: n_fd of them */
	size_t n_fd;
	int timeout_ms;
	int signals; /* of signals_hold, to be passed on meanwhile; -1: none */
	enum frame_kind expected;
};

/* One request and its answer. ERR_*: the runner's error, or a communication error; *sent: it may
 * have received the request. */
static int ask_runner(struct runner *r, const struct question *q, struct buf *body, int *got,
	bool *sent, struct err *err)
{
	enum frame_kind answer;
	struct err remote = ERR_INIT;
	int64_t until;
	struct rd rd;
	int rc;

	*sent = false;
	if (r->sock < 0 && r->lost)
		return err_set(err, ERR_TEMP, "a helper process does not answer any more");
	if (r->sock < 0)
		return err_set(err, ERR_INTERNAL, "the runner is not running");
	until = q->timeout_ms < 0 ? -1 : clock_ms() + q->timeout_ms;
	rc = frame_send_fds(r->sock, until, q->kind, q->w, q->fd, q->n_fd, err);
	if (rc == ERR_INTERNAL) /* nothing of it */
		return rc;
	if (rc == 0) {
		*sent = true;
		wait_and_pass_on(r, q->signals, until);
		rc = frame_recv(r->sock, until, &answer, body, got, NULL, err);
	}
	if (rc < 0) { /* what comes later would be taken for another answer */
		runner_release(r);
		r->lost = true;
		return rc;
	}
	if (answer == q->expected)
		return 0;
	if (got && *got >= 0) {
		close(*got);
		*got = -1;
	}
	if (answer != FRAME_ERR)
		return err_set(
			err, ERR_INTERNAL, "unexpected answer from the runner (kind %d)", answer);
	*sent = false; /* it was refused */
	rd_init(&rd, body->p, body->len);
	rc = runner_err_read(&rd, &remote);
	if (err)
		*err = remote;
	return rc;
}

/* The usual request, of which q has the kind and what goes with it: the answer is FRAME_OK, with
 * what is attached in *got (NULL: nothing may be). */
static int ask_usual(
	struct runner *r, struct question q, struct buf *body, int *got, struct err *err)
{
	bool sent;

	q.timeout_ms = q.kind == FRAME_READ_KEYS ? KEYS_ANSWER_MS : ANSWER_MS;
	q.signals = -1;
	q.expected = FRAME_OK;
	return ask_runner(r, &q, body, got, &sent, err);
}

/* One whose answer is a descriptor. missing: the error where none comes. */
static int ask_for_fd(
	struct runner *r, struct question q, const char *missing, int *fd, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	int got = -1, rc = ask_usual(r, q, &body, &got, err);

	if (rc == 0 && got < 0)
		rc = err_set(err, ERR_INTERNAL, "%s", missing);
	if (rc == 0)
		*fd = got;
	buf_free(&body);
	return rc;
}

int runner_net(struct runner *r, uint16_t smtp_port, int *sock, struct err *err)
{
	struct wr w = WR_INIT;
	int rc;

	wr_u32(&w, smtp_port);
	rc = ask_for_fd(r, (struct question){.kind = FRAME_START_NET, .w = &w},
		"the runner started the network helper without a socket", sock, err);
	wr_free(&w);
	return rc;
}

int runner_notify(struct runner *r, const char *text, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct wr w = WR_INIT;
	int rc;

	wr_str(&w, text);
	rc = ask_usual(r, (struct question){.kind = FRAME_NOTIFY, .w = &w}, &body, NULL, err);
	wr_free(&w);
	buf_free(&body);
	return rc;
}

static int request_agent(
	void *arg, enum agent_wish wish, char path[FILE_PATH_MAX], int *fd, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct wr w = WR_INIT;
	struct rd rd;
	int got = -1, rc;

	wr_u8(&w, (uint8_t)wish);
	rc = ask_usual(
		arg, (struct question){.kind = FRAME_START_AGENT, .w = &w}, &body, &got, err);
	if (rc == 0) {
		rd_init(&rd, body.p, body.len);
		rd_str(&rd, path, FILE_PATH_MAX);
		rd.bad |= (wish == AGENT_LISTS) != (got >= 0);
		rc = rd_end(&rd, "the agent", err);
	}
	if (rc == 0)
		*fd = got;
	else if (got >= 0)
		close(got);
	wr_free(&w);
	buf_free(&body);
	return rc;
}

static int request_gpg(
	void *arg, const struct gpg_job *job, const int fd[GPG_JOB_FDS], int *end, struct err *err)
{
	struct wr w = WR_INIT;
	int rc;

	gpg_job_write(&w, job);
	rc = ask_for_fd(arg,
		(struct question){
			.kind = FRAME_RUN_GPG, .w = &w, .fd = fd, .n_fd = fd ? GPG_JOB_FDS : 0},
		"the runner does not tell of gpg's end", end, err);
	wr_free(&w);
	return rc;
}

static int request_keys(void *arg, int *fd, struct err *err)
{
	return ask_for_fd(arg, (struct question){.kind = FRAME_READ_KEYS},
		"no keys from the runner", fd, err);
}

void runner_daemons(struct runner *r, struct gpg_daemons *d)
{
	*d = (struct gpg_daemons){
		.agent = request_agent, .keys = request_keys, .gpg = request_gpg, .arg = r};
}

/* The runner was lost after it had the message: the MTA may have run. Reported as that, not as a
 * failure. */
static int in_doubt(struct handoff_result *x, struct err *err)
{
	memset(x, 0, sizeof(*x));
	x->exit = -1;
	x->signal = SIGKILL;
	x->errout = strdup("the process that runs the mail transfer agent ended unexpectedly\n");
	memcpy(x->mta, "the mail transfer agent", sizeof("the mail transfer agent"));
	if (err) {
		err->code = ERR_NONE;
		err->msg[0] = '\0';
		err->hint[0] = '\0';
	}
	return 0;
}

int runner_handoff(struct runner *r, const struct handoff *h, int fd, int signals,
	struct handoff_result *x, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct wr w = WR_INIT;
	struct rd rd;
	bool sent = false;
	int rc;

	/* What the answer takes is there before: once the MTA has run, it has to be understood. */
	if (buf_reserve(&body, HANDOFF_ANSWER_MAX) < 0)
		return err_set(err, ERR_OS, "out of memory");
	handoff_write(&w, h);
	/* The runner ends the MTA before: only its answer says how that ended. */
	rc = ask_runner(r,
		&(struct question){.kind = FRAME_HANDOFF,
			.w = &w,
			.fd = &fd,
			.n_fd = fd >= 0,
			.timeout_ms = handoff_ms(r->mta_timeout),
			.signals = signals,
			.expected = FRAME_DONE},
		&body, NULL, &sent, err);
	if (rc == 0) {
		rd_init(&rd, body.p, body.len);
		rc = handoff_result_read(&rd, x, err);
	}
	if (rc < 0 && sent)
		rc = in_doubt(x, err);
	wr_free(&w);
	buf_free(&body);
	return rc;
}

bool runner_is_inside(void)
{
	return getenv(RUNNER_MARK) != NULL;
}

void runner_release(struct runner *r)
{
	if (r->sock >= 0)
		close(r->sock);
	r->sock = -1;
}

void runner_stop(struct runner *r)
{
	int status = 0;

	runner_release(r);
	if (r->pid > 0) {
		if (spawn_wait(r->pid, STOP_MS, &status, NULL) < 0 ||
			WIFSIGNALED(status)) /* it did not clear up; what our sandbox lets us */
			dir_temp_root_remove();
	}
	r->pid = 0;
}
