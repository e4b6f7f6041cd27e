/* SPDX-License-Identifier: ISC */
/* The runner's loop: takes requests from sealpost and starts the processes it asks for. */
#include "process/runner_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "conf/conf_ini.h"
#include "process/runner.h"

#define NETS_MAX 16 /* network helpers at the same time: more requests are not legitimate */
#define NOTIFY_TEXT_MAX (1u << 20)
#define HANDOFF_MORE_S 15 /* than the MTA may take: to end it */
#define KEYS_S 90
#define REQUEST_S 30

struct server {
	int sock;
	const struct conf *conf;
	pid_t net[NETS_MAX]; /* 0: none, or it has ended */
	struct runner_agent *agent;
	struct runner_gpg *gpg;
};

/* What came with a request. */
struct request {
	enum frame_kind kind;
	struct buf body;
	int fd[FRAME_FDS_MAX];
	size_t n_fd;
};

int runner_look_for_net(const char *self, const char *compiled, char *path, struct err *err)
{
	const char *const dir[] = {self, self, compiled};
	static const char *const name[] = {
		"sealpost-net", "../libexec/sealpost/sealpost-net", "sealpost-net"};
	char one[FILE_PATH_MAX];
	size_t i;
	int e;

	for (i = 0; i < 3; i++) {
		if (dir[i][0] == '\0' || path_join(one, dir[i], name[i]) < 0)
			continue;
		e = spawn_find(one, path);
		if (e == 0)
			return 0;
		if (!errno_is_of_path(e)) {
			errno = e;
			return err_path(err, ERR_CONFIG, one);
		}
	}
	err_set(err, ERR_CONFIG,
		"sealpost-net is neither in %.250s, nor in %.250s/../libexec/sealpost, nor in %s",
		self, self, compiled);
	err_hint(err, "install sealpost as a whole: make install");
	return ERR_CONFIG;
}

int runner_find_net(char *path, struct err *err)
{
	static const char link[] = "/proc/self/exe";
	char self[FILE_PATH_MAX];
	ssize_t n = readlink(link, self, sizeof(self) - 1);
	char *slash;

	if (n < 0 && !errno_is_of_path(errno))
		return err_path(err, ERR_CONFIG, link);
	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	return runner_look_for_net(slash ? self : "", SEALPOST_LIBEXECDIR, path, err);
}

/* Started with nothing of the user's: no HOME, no settings of OpenSSL or a proxy. */
static int start_net(int theirs, pid_t *pid, struct err *err)
{
	static const char *const env[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL};
	char path[FILE_PATH_MAX];
	const char *argv[] = {path, NULL};
	struct spawn s = {.argv = argv,
		.env = env,
		.in = -1,
		.out = -1,
		.errout = STDERR_FILENO,
		.keep = theirs,
		.dir = "/"};
	int rc;

	rc = runner_find_net(path, err);
	return rc < 0 ? rc : spawn_start(&s, pid, err);
}

/* Forgets the helpers that have ended. Returns where there is room for one; NULL: nowhere. */
static pid_t *reap_nets(struct server *v)
{
	pid_t *room = NULL;
	unsigned i;

	for (i = 0; i < NETS_MAX; i++) {
		if (v->net[i] > 0 && waitpid(v->net[i], NULL, WNOHANG) != 0)
			v->net[i] = 0;
		if (v->net[i] == 0)
			room = &v->net[i];
	}
	return room;
}

/* One that hangs would hold the caller's standard error, and whoever reads that would wait for it.
 * It has nothing to put away. */
static void end_nets(struct server *v)
{
	unsigned i;

	(void)reap_nets(v);
	for (i = 0; i < NETS_MAX; i++) {
		if (v->net[i] > 0 && kill(v->net[i], SIGKILL) == 0)
			(void)waitpid(v->net[i], NULL, 0);
	}
}

static int serve_net(struct server *v, const struct buf *body, int *attach, struct err *err)
{
	struct net_settings set = v->conf->net;
	struct wr w = WR_INIT;
	struct rd rd;
	pid_t *room;
	int s[2], rc;

	rd_init(&rd, body->p, body->len);
	set.smtp_port = rd_port(&rd);
	rc = rd_end(&rd, "request for the network helper", err);
	if (rc < 0)
		return rc;
	room = reap_nets(v);
	if (!room)
		return err_set(
			err, ERR_INTERNAL, "%d network helpers are running already", NETS_MAX);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) < 0)
		return err_set(
			err, ERR_OS, "no socket for the network helper: %s", strerror(errno));
	rc = start_net(s[1], room, err);
	close(s[1]);
	if (rc == 0) {
		net_settings_write(&w, &set);
		/* One that is gone already is no error of ours: who asks it finds out. */
		(void)frame_send(s[0], -1, FRAME_NET_SETTINGS, &w, -1, NULL);
	}
	wr_free(&w);
	if (rc < 0)
		close(s[0]);
	else
		*attach = s[0];
	return rc;
}

static int serve_handoff(
	struct server *v, const struct buf *body, int fd, struct wr *answer, struct err *err)
{
	struct handoff h;
	struct handoff_result x = {0};
	struct rd rd;
	int rc;

	rd_init(&rd, body->p, body->len);
	rc = handoff_read(&rd, &h, err);
	if (rc < 0)
		return rc;
	if (buf_reserve(&answer->b, HANDOFF_ANSWER_MAX) < 0) /* the MTA's end must be told */
		rc = err_set(err, ERR_OS, "out of memory");
	else
		rc = runner_mta(v->conf, &h, fd, v->sock, &x, err);
	if (rc == 0)
		handoff_result_write(answer, &x);
	handoff_result_free(&x);
	handoff_free(&h);
	return rc;
}

/* It outlives us; nobody waits for it, or hears it. */
static int start_notify(char *const *words, int input, struct err *err)
{
	char program[FILE_PATH_MAX];
	const char **env = spawn_env(RUNNER_MARK "=1");
	struct spawn s = {
		.env = env, .in = input, .out = -1, .errout = -1, .keep = -1, .stays = true};
	const char **argv;
	size_t n = 0;
	pid_t pid;
	int rc;

	while (words[n])
		n++;
	argv = calloc(n + 1, sizeof(*argv));
	if (!argv || !env) {
		rc = err_set(err, ERR_OS, "out of memory");
	} else if (conf_expand(words[0], program, sizeof(program)) < 0) {
		rc = err_set(err, ERR_CONFIG, "notify: %.300s: there is no home folder", words[0]);
	} else {
		memcpy(argv, words, n * sizeof(*argv));
		argv[0] = program;
		s.argv = argv;
		rc = spawn_start(&s, &pid, err);
	}
	free(argv);
	free(env);
	return rc;
}

static int serve_notify(const struct server *v, const struct buf *body, struct err *err)
{
	char **words = NULL, *text;
	struct rd rd;
	int input = -1, rc;

	rd_init(&rd, body->p, body->len);
	text = rd_strdup(&rd, NOTIFY_TEXT_MAX);
	rc = text ? rd_end(&rd, "request to notify", err) : err_set(err, ERR_OS, "out of memory");
	if (rc == 0 && v->conf->notify[0] == '\0')
		rc = err_set(err, ERR_INTERNAL, "no notify program is configured");
	if (rc == 0)
		rc = conf_argv(v->conf->notify, &words, err);
	/* What the program reads: all of it is there before it starts. */
	if (rc == 0 && (input = fd_memory("notify", text, strlen(text))) < 0)
		rc = err_set(err, ERR_OS, "notify: no file in memory: %s", strerror(errno));
	if (rc == 0)
		rc = start_notify(words, input, err);
	if (input >= 0)
		close(input);
	free(words);
	free(text);
	return rc;
}

/* How many descriptors a request has. */
static size_t expected_fds(enum frame_kind kind)
{
	return kind == FRAME_RUN_GPG ? GPG_JOB_FDS : kind == FRAME_HANDOFF;
}

static int serve_one(
	struct server *v, const struct request *q, struct wr *answer, int *attach, struct err *err)
{
	if (q->n_fd > expected_fds(q->kind) || (q->kind == FRAME_READ_KEYS && q->body.len > 0))
		return err_set(err, ERR_INTERNAL, "a request to the runner has trailing data");
	switch (q->kind) {
	case FRAME_START_NET:
		return serve_net(v, &q->body, attach, err);
	case FRAME_START_AGENT:
		return runner_agent_serve(v->agent, &q->body, answer, attach, err);
	case FRAME_READ_KEYS:
		return runner_agent_keys(attach, err);
	case FRAME_RUN_GPG:
		if (q->n_fd != 0 && q->n_fd != GPG_JOB_FDS)
			return err_set(err, ERR_INTERNAL, "gpg's files are missing");
		return runner_gpg_serve(
			v->gpg, v->agent, &q->body, q->n_fd > 0 ? q->fd : NULL, attach, err);
	case FRAME_HANDOFF:
		return serve_handoff(v, &q->body, q->n_fd > 0 ? q->fd[0] : -1, answer, err);
	case FRAME_NOTIFY:
		return serve_notify(v, &q->body, err);
	default:
		return err_set(err, ERR_INTERNAL, "unexpected request to the runner (kind %d)",
			(int)q->kind);
	}
}

/* 0 to go on, -1 when nobody listens any more. */
static int send_reply(int sock, enum frame_kind kind, int rc, struct wr *answer, int attach,
	const struct err *err)
{
	enum frame_kind with = kind == FRAME_HANDOFF ? FRAME_DONE : FRAME_OK;

	if (rc < 0) {
		wr_free(answer);
		runner_err_write(answer, err);
		with = FRAME_ERR;
	}
	return frame_send(sock, -1, with, answer, attach, NULL) < 0 ? -1 : 0;
}

#define POLLS_MAX (1 + RUNNER_AGENT_POLLS + RUNNER_GPG_POLLS)

/* poll(2) without the entries that are not used: it refuses more than files may be open. */
static int poll_used(struct pollfd p[POLLS_MAX], int wait)
{
	struct pollfd used[POLLS_MAX];
	size_t i, n = 0;
	int rc;

	for (i = 0; i < POLLS_MAX; i++) {
		if (p[i].fd >= 0)
			used[n++] = p[i];
	}
	rc = poll(used, n, wait);
	for (i = n = 0; i < POLLS_MAX; i++)
		p[i].revents = rc > 0 && p[i].fd >= 0 ? used[n++].revents : 0;
	return rc;
}

/* Relays, and looks after each gpg, until there is a request. -1: it cannot be waited for; to wait
 * for the request alone would leave each gpg without its agent. */
static int wait_for_request(struct server *v)
{
	struct pollfd p[POLLS_MAX];
	struct pollfd *const gpg = p + 1 + RUNNER_AGENT_POLLS;
	int wait;

	do {
		p[0] = (struct pollfd){.fd = v->sock, .events = POLLIN};
		runner_agent_polls(v->agent, p + 1);
		wait = runner_gpg_polls(v->gpg, gpg);
		if (poll_used(p, wait) < 0) {
			if (errno != EINTR)
				return -1;
			continue;
		}
		runner_agent_turn(v->agent, p + 1);
		runner_gpg_turn(v->gpg, gpg);
	} while (p[0].revents == 0);
	return 0;
}

/* Seconds for one request: more than it can take. */
static unsigned request_limit(const struct server *v, enum frame_kind kind)
{
	return kind == FRAME_HANDOFF     ? (unsigned)v->conf->mta_timeout + HANDOFF_MORE_S
	       : kind == FRAME_READ_KEYS ? KEYS_S
					 : REQUEST_S;
}

/* One request and its answer; -1: there are no more. If it hangs, SIGALRM ends us: nobody else may,
 * from inside a sandbox. */
static int serve_next(struct server *v, const struct err *conf_err)
{
	struct request q = {.body = BUF_INIT(FRAME_MAX + 1)};
	struct wr answer = WR_INIT;
	struct err err = ERR_INIT;
	int attach = -1, rc;

	if (frame_recv_fds(v->sock, -1, &q.kind, &q.body, q.fd, &q.n_fd, NULL, NULL) < 0) {
		buf_free(&q.body);
		return -1;
	}
	if (q.kind == FRAME_SIGNAL) { /* for an MTA that has ended meanwhile */
		rc = 0;
	} else {
		(void)alarm(request_limit(v, q.kind));
		err = *conf_err;
		rc = err.code != ERR_NONE ? err.code : serve_one(v, &q, &answer, &attach, &err);
		rc = send_reply(v->sock, q.kind, rc, &answer, attach, &err);
		if (q.kind == FRAME_START_AGENT)
			runner_gpg_prepare(v->gpg);
		(void)alarm(0);
	}
	while (q.n_fd > 0)
		close(q.fd[--q.n_fd]);
	if (attach >= 0)
		close(attach);
	wr_free(&answer);
	buf_free(&q.body);
	return rc;
}

void runner_serve(int sock, const struct conf *c, struct runner_gpg *gpg,
	struct runner_agent *agent, const struct err *conf_err)
{
	struct server v = {.sock = sock, .conf = c, .gpg = gpg, .agent = agent};

	while (wait_for_request(&v) == 0 && serve_next(&v, conf_err) == 0)
		;
	end_nets(&v);
	runner_gpg_end(v.gpg);
	runner_agent_end(v.agent);
	close(sock);
}
