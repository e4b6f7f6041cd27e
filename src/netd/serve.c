/* SPDX-License-Identifier: ISC */
#include "netd/serve.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/smtp.h"
#include "netd/check.h"
#include "netd/pipe.h"
#include "netd/world.h"
#include "wkd/methods.h"

#define WAIT_MAX_MS 60000
#define TURN_MS 50 /* questions that wait are looked after so often */

struct server {
	struct pipe pipe;
	struct net *net;
	struct methods *methods;
	struct checks *checks;
	struct worlds *worlds;
	bool asked; /* something is under way for the first time: time to prepare */
	bool prepared;
	bool verbose;
	bool told; /* that answers come by an unusual way */
	int rc;    /* of what went wrong in a callback */
	struct err *err;
};

static void put_frame(struct server *s, enum frame_kind kind, const void *p, size_t len)
{
	if (s->rc == 0)
		s->rc = pipe_put(&s->pipe, kind, p, len, s->err);
}

/* What was written into w, which is freed. */
static void put_message(struct server *s, enum frame_kind kind, struct wr *w)
{
	if (!w->bad)
		put_frame(s, kind, w->b.p, w->b.len);
	else if (s->rc == 0)
		s->rc = err_set(s->err, ERR_INTERNAL, "message between processes is too large");
	wr_free(w);
}

/* The first question of each lookup tells, once that is known, that answers come by an unusual way.
 */
static void note_way(const struct server *s, const struct lookup_reply *r)
{
	const char *notice = s->net->https ? dns_notice(s->net->dns) : NULL;
	char *note = NULL;
	const char *own;

	if (!notice || r->n_dns == 0)
		return;
	own = r->dns[0].note ? r->dns[0].note : "";
	if (asprintf(&note, "%s%s%s", own, own[0] ? "; " : "", notice) < 0)
		return;
	free(r->dns[0].note);
	r->dns[0].note = note;
}

static void on_lookup_reply(void *arg, const struct lookup_reply *r)
{
	struct server *s = arg;
	struct wr w = WR_INIT;

	note_way(s, r);
	lookup_reply_write(&w, r);
	put_message(s, FRAME_REPLY, &w);
}

static void on_checked(void *arg, const struct check_reply *r)
{
	struct server *s = arg;
	struct wr w = WR_INIT;

	check_reply_write(&w, r);
	put_message(s, FRAME_CHECKED, &w);
}

static void on_world(void *arg, const struct world_reply *r)
{
	struct server *s = arg;
	struct wr w = WR_INIT;

	world_reply_write(&w, r);
	put_message(s, FRAME_WORLD_TOLD, &w);
}

static void on_trace(void *arg, const char *line)
{
	put_frame(arg, FRAME_TRACE, line, strlen(line));
}

static void trace_way(struct server *s)
{
	const char *notice = dns_notice(s->net->dns);
	char line[DNS_NOTE_MAX + 16];

	if (s->told || !s->verbose || !notice)
		return;
	snprintf(line, sizeof(line), "DNS: %s", notice);
	on_trace(s, line);
	s->told = true;
}

static int start_lookup(struct server *s, const struct buf *body)
{
	struct lookup_request q;
	struct rd r;
	int rc;

	rd_init(&r, body->p, body->len);
	rc = lookup_request_read(&r, &q, s->err);
	if (rc == 0)
		rc = methods_start(s->methods, &q, s->err);
	s->asked = true;
	return rc;
}

static int start_domain_check(struct server *s, const struct buf *body)
{
	struct check_request q;
	struct rd r;
	int rc;

	rd_init(&r, body->p, body->len);
	rc = check_request_read(&r, &q, s->err);
	if (rc == 0)
		rc = checks_start(s->checks, &q, s->err);
	s->asked = true;
	return rc;
}

static int start_world(struct server *s, const struct buf *body)
{
	struct world_request q;
	struct rd r;
	int rc;

	rd_init(&r, body->p, body->len);
	rc = world_request_read(&r, &q, s->err);
	if (rc == 0)
		rc = worlds_start(s->worlds, &q, s->err);
	s->asked = true;
	return rc;
}

static int start_question(struct server *s, enum frame_kind kind, const struct buf *body)
{
	switch (kind) {
	case FRAME_LOOKUP:
		return start_lookup(s, body);
	case FRAME_CHECK:
		return start_domain_check(s, body);
	case FRAME_WORLD:
		return start_world(s, body);
	default:
		return err_set(s->err, ERR_INTERNAL, "unexpected request from sealpost");
	}
}

static size_t running(const struct server *s)
{
	return methods_running(s->methods) + checks_running(s->checks) + worlds_running(s->worlds);
}

/* As many as may run at once. */
static int start_lookups(struct server *s)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	enum frame_kind kind;
	int rc = 0;

	while (rc == 0 && s->rc == 0 && running(s) < SERVE_LOOKUPS_MAX &&
		methods_young(s->methods) < SERVE_YOUNG_MAX && checks_may_start(s->checks) &&
		!pipe_full(&s->pipe)) {
		buf_reset(&body);
		rc = frame_take(&s->pipe.in, &kind, &body, s->err);
		if (rc == 0)
			break;
		if (rc == 1)
			rc = start_question(s, kind, &body);
	}
	buf_free(&body);
	return rc < 0 ? rc : s->rc;
}

/* Waits until anything can go on, and lets it. */
static void serve_once(struct server *s, struct pollfd *sock)
{
	struct pollfd fd[3] = {{.fd = s->pipe.sock, .events = POLLIN}};
	bool turn = checks_turn(s->checks);
	int wait = worlds_turn(s->worlds) || turn || s->pipe.in.len > 0 ? TURN_MS : WAIT_MAX_MS;
	size_t n = 1;

	if (pipe_unsent(&s->pipe))
		fd[0].events |= POLLOUT;
	if (!s->net->https) {
		(void)poll(fd, n, -1);
		*sock = fd[0];
		return;
	}
	fd[n++] = (struct pollfd){.fd = dns_fd(s->net->dns), .events = POLLIN};
	fd[n++] = (struct pollfd){.fd = smtp_fd(s->net->smtp), .events = POLLIN};
	/* While the first answers are on their way. */
	if (s->asked && !s->prepared) {
		https_prepare(s->net->https);
		s->prepared = true;
	}
	wait = dns_wait(s->net->dns, clock_ms(), timers_wait(&s->net->timers, clock_ms(), wait));
	https_wait(s->net->https, fd, n, wait);
	dns_process(s->net->dns);
	trace_way(s);
	https_process(s->net->https);
	smtp_process(s->net->smtp);
	timers_run(&s->net->timers, clock_ms());
	*sock = fd[0];
}

static int serve_all(struct server *s)
{
	struct pollfd sock = {0};
	int rc = 0, more = 1;

	while (rc == 0 && more) {
		serve_once(s, &sock);
		if (sock.revents & (POLLIN | POLLHUP | POLLERR)) {
			more = pipe_read(&s->pipe, s->err);
			rc = more < 0 ? more : 0;
		}
		/* First what makes room: a question held back for want of it wakes nobody up. */
		if (rc == 0 && more && pipe_unsent(&s->pipe))
			rc = pipe_write(&s->pipe, s->err);
		if (rc == 0 && more)
			rc = start_lookups(s);
	}
	return rc;
}

int serve(int sock, const struct serve_settings *set, struct err *err)
{
	struct server s = {
		.pipe = PIPE_INIT(sock), .net = set->net, .verbose = set->verbose, .err = err};
	struct methods_settings m = {.timeout_ms = set->timeout_ms,
		.allowed = set->methods,
		.keyservers = set->keyservers,
		.broken = set->broken,
		.verbose = set->verbose,
		.reply = on_lookup_reply,
		.arg = &s,
		.trace = set->verbose ? on_trace : NULL};
	const struct checks_settings c = {.timeout_ms = set->timeout_ms,
		.broken = set->broken,
		.smtp_port = set->smtp_port,
		.verbose = set->verbose,
		.reply = on_checked,
		.arg = &s,
		.trace = set->verbose ? on_trace : NULL};
	const struct worlds_settings o = {
		.timeout_ms = set->timeout_ms, .broken = set->broken, .reply = on_world, .arg = &s};
	int rc;

	s.methods = methods_new(set->net, &m);
	s.checks = checks_new(set->net, &c);
	s.worlds = worlds_new(set->net, &o);
	if (set->verbose)
		on_trace(&s, set->sandbox);
	rc = s.methods && s.checks && s.worlds ? serve_all(&s)
					       : err_set(err, ERR_OS, "out of memory");
	methods_free(s.methods);
	checks_free(s.checks);
	worlds_free(s.worlds);
	pipe_free(&s.pipe);
	return rc;
}
