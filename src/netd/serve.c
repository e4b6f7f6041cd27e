/* SPDX-License-Identifier: ISC */
#include "netd/serve.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/smtp.h"
#include "netd/check.h"
#include "netd/gate.h"
#include "netd/pipe.h"
#include "netd/world.h"
#include "wkd/methods.h"

#define WAIT_MAX_MS 60000
#define TURN_MS 50 /* questions that wait are looked after so often */

/* Questions of requests that are no crowd: a hundred lookups begin within a round trip. */
#define FEW_YOUNG_MAX 250

/* How much is asked for one, see gate_put. */
#define LOOKUP_WEIGHT 1
#define TRANSPORT_WEIGHT 4
#define CHECK_WEIGHT 12

struct server {
	struct pipe pipe;
	struct net *net;
	struct methods *methods;
	struct checks *checks;
	struct worlds *worlds;
	struct gate *gate;
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

static int start_lookup(struct server *s, struct rd *r)
{
	struct lookup_request q;
	int rc = lookup_request_read(r, &q, s->err);

	return rc == 0 ? methods_start(s->methods, &q, s->err) : rc;
}

static int start_domain_check(struct server *s, struct rd *r)
{
	struct check_request q;
	int rc = check_request_read(r, &q, s->err);

	return rc == 0 ? checks_start(s->checks, &q, s->err) : rc;
}

static int start_world(struct server *s, struct rd *r)
{
	struct world_request q;
	int rc = world_request_read(r, &q, s->err);

	return rc == 0 ? worlds_start(s->worlds, &q, s->err) : rc;
}

static void begin_question(void *arg, enum frame_kind kind, const struct buf *body)
{
	struct server *s = arg;
	struct rd r;
	int rc;

	rd_init(&r, body->p, body->len);
	rc = kind == FRAME_LOOKUP  ? start_lookup(s, &r)
	     : kind == FRAME_CHECK ? start_domain_check(s, &r)
				   : start_world(s, &r);
	if (s->rc == 0)
		s->rc = rc;
}

/* Keeps memory and the resolver within bounds. */
static bool has_room(const void *arg, enum frame_kind kind, bool crowd)
{
	const struct server *s = arg;
	const struct dns *dns = s->net->https ? s->net->dns : NULL;
	const size_t young = crowd ? DNS_YOUNG_MAX : FEW_YOUNG_MAX;
	size_t n = methods_running(s->methods) + checks_running(s->checks);

	if (pipe_full(&s->pipe) || (dns && dns_young(dns) >= young) ||
		(dns && crowd && dns_open_questions(dns) >= DNS_OPEN_MAX))
		return false;
	return n < (kind == FRAME_CHECK ? SERVE_CHECKS_MAX : SERVE_LOOKUPS_MAX);
}

/* The domain whose name servers have to answer first, and how much is asked; "" for none. */
static int look_into(const struct server *s, enum frame_kind kind, const struct buf *body,
	char domain[ADDR_DOMAIN_MAX + 1], unsigned *weight)
{
	struct lookup_request q;
	struct check_request c;
	struct rd r;
	int rc = 0;

	domain[0] = '\0';
	*weight = LOOKUP_WEIGHT;
	rd_init(&r, body->p, body->len);
	if (kind == FRAME_LOOKUP) {
		rc = lookup_request_read(&r, &q, s->err);
		if (rc == 0 && q.methods != METHOD_VKS && addr_discoverable(&q.addr))
			memcpy(domain, q.addr.domain, sizeof(q.addr.domain));
	} else if (kind == FRAME_CHECK) {
		rc = check_request_read(&r, &c, s->err);
		if (rc == 0)
			snprintf(domain, ADDR_DOMAIN_MAX + 1, "%s", c.domain);
		*weight = rc == 0 && c.want & ~CHECK_TRANSPORT ? CHECK_WEIGHT : TRANSPORT_WEIGHT;
		if (rc == 0)
			check_request_free(&c);
	} else if (kind != FRAME_WORLD) {
		rc = err_set(s->err, ERR_INTERNAL, "unexpected request from sealpost");
	}
	return rc;
}

static int take_question(struct server *s, enum frame_kind kind, struct buf *body)
{
	char domain[ADDR_DOMAIN_MAX + 1];
	unsigned weight;
	int rc = look_into(s, kind, body, domain, &weight);

	s->asked = true;
	return rc == 0 ? gate_put(s->gate, kind, body, domain[0] ? domain : NULL, weight, s->err)
		       : rc;
}

static size_t running_weight(const struct server *s)
{
	return LOOKUP_WEIGHT * methods_running(s->methods) +
	       CHECK_WEIGHT * checks_running(s->checks) + worlds_running(s->worlds);
}

/* Takes the questions that have come, and lets begin what may. */
static int take_questions(struct server *s)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	enum frame_kind kind;
	int rc = 0;

	while (rc == 0 && gate_held(s->gate) < SERVE_HELD_MAX) {
		rc = frame_take(&s->pipe.in, &kind, &body, s->err);
		if (rc == 0)
			break;
		if (rc == 1)
			rc = take_question(s, kind, &body);
	}
	buf_free(&body);
	if (rc == 0)
		gate_turn(s->gate, running_weight(s));
	return rc < 0 ? rc : s->rc;
}

/* Waits until anything can go on, and lets it. */
static void serve_once(struct server *s, struct pollfd *sock)
{
	struct pollfd fd[3] = {{.fd = s->pipe.sock, .events = POLLIN}};
	bool turn = worlds_turn(s->worlds) || gate_held(s->gate) > 0;
	int wait = turn || s->pipe.in.len > 0 ? TURN_MS : WAIT_MAX_MS;
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
		(void)https_prepare(s->net->https, NULL);
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
			rc = take_questions(s);
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
	const struct gate_settings g = {.timeout_ms = set->timeout_ms,
		.begin = begin_question,
		.room = has_room,
		.arg = &s};
	bool asks = !set->broken && !set->net->proxied;
	int rc;

	s.methods = methods_new(set->net, &m);
	s.checks = checks_new(set->net, &c);
	s.worlds = worlds_new(set->net, &o);
	s.gate = gate_new(asks ? set->net : NULL, &g);
	if (set->verbose)
		on_trace(&s, set->sandbox);
	rc = s.methods && s.checks && s.worlds && s.gate ? serve_all(&s)
							 : err_set(err, ERR_OS, "out of memory");
	methods_free(s.methods);
	checks_free(s.checks);
	worlds_free(s.worlds);
	gate_free(s.gate);
	pipe_free(&s.pipe);
	return rc;
}
