/* SPDX-License-Identifier: ISC */
/* Queries to sealpost-net, avoiding those that the cache or another process can answer. */
#include "discovery/discover_priv.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "pgp/gpg/home.h"
#include "discovery/cache.h"

#define OWED_MAX 1024   /* questions sent to the helper and not answered yet */
#define TOGETHER_MAX 48 /* replies processed as one batch */
#define TOGETHER_OCTETS (1u << 20)
#define LOOK_AGAIN_MS 50 /* poll interval for another process with the same question */

enum state {
	STATE_OUT = 0, /* not to be looked up, or done */
	STATE_NEW,     /* neither cache nor helper was asked */
	STATE_WAIT,    /* another process is asking */
	STATE_TO_ASK,  /* locked by us in answers_lock */
	STATE_ASKED,
	STATE_TWIN, /* the same question as an earlier one's */
};

struct item {
	enum state state;
	size_t twin; /* the next with the same question, 0: none */
	size_t turn; /* see struct answered */
	int64_t asked;
	bool waited; /* another process was asking */
	uint8_t key[DIGEST_LEN];
};

struct ask {
	struct discover *d;
	struct finding *f; /* n of them; item likewise */
	struct item *item;
	size_t n;
	struct recall recall;
	int sock;
	size_t left, waiting, to_ask, owed;
	int64_t began;    /* in seconds since 1970 */
	int64_t patience; /* of clock_ms: until then other processes are waited for */
	int64_t until;    /* likewise: the deadline of the helper for all open questions */
	struct answered got[TOGETHER_MAX];
	size_t n_got, octets;
	struct plain_gpg gpg; /* for them, in advance */
};

static struct lookup_request question(const struct ask *a, size_t i)
{
	struct lookup_request q = {
		.id = (uint32_t)i, .methods = METHODS_ALL, .addr = *a->f[i].addr};
	char host[ADDR_DOMAIN_MAX + 1];

	if (a->item[i].turn > 0) {
		q.methods = METHOD_VKS;
		q.server = (uint8_t)server_of_turn(a->d, &a->f[i], a->item[i].turn, host);
	}
	return q;
}

static void make_question(struct ask *a, size_t i)
{
	struct lookup_request q = question(a, i);

	a->item[i].state = STATE_NEW;
	recall_key(&a->recall, &q, a->item[i].key);
}

static int by_text(const void *x, const void *y, void *arg)
{
	const struct finding *f = arg;
	size_t a = *(const size_t *)x, b = *(const size_t *)y;
	int rc = strcmp(f[a].addr->text, f[b].addr->text);

	return rc != 0 ? rc : a < b ? -1 : a > b;
}

/* Collects the questions. Only the first of several equal addresses is asked; the others are
 * chained to it. */
static int gather_questions(struct ask *a, size_t turn, struct err *err)
{
	size_t *v = calloc(a->n, sizeof(*v)), i, n = 0;

	a->item = calloc(a->n, sizeof(*a->item));
	if (!v || !a->item) {
		free(v);
		return err_set(err, ERR_OS, "out of memory");
	}
	for (i = 0; i < a->n; i++) {
		if (a->f[i].wanted && !a->f[i].complete)
			v[n++] = i;
	}
	qsort_r(v, n, sizeof(*v), by_text, a->f);
	for (i = 0; i < n; i++) {
		struct item *x = &a->item[v[i]];

		if (i > 0 && strcmp(a->f[v[i]].addr->text, a->f[v[i - 1]].addr->text) == 0) {
			x->state = STATE_TWIN;
			a->item[v[i - 1]].twin = v[i];
		} else {
			x->turn = turn;
			make_question(a, v[i]);
			a->left++;
		}
	}
	free(v);
	return 0;
}

/* Copies the result to f's twin, except for its own pin. */
static int copy_finding(struct finding *to, const struct finding *f, struct err *err)
{
	to->status = f->status;
	memcpy(to->reason, f->reason, sizeof(to->reason));
	to->asked = f->asked;
	to->cached = f->cached;
	to->tofu = f->tofu;
	to->method = f->method;
	to->dnssec = f->dnssec;
	to->tls = f->tls;
	to->seen = f->seen;
	to->cause = f->cause;
	to->reached = f->reached;
	to->evidence = f->evidence ? strdup(f->evidence) : NULL;
	to->weak = f->weak;
	to->candidate = f->candidate;
	to->candidate_evidence = f->candidate_evidence ? strdup(f->candidate_evidence) : NULL;
	to->server_evidence = f->server_evidence ? strdup(f->server_evidence) : NULL;
	to->pin.revoked |= f->pin.revoked;
	if ((f->evidence && !to->evidence) || (f->candidate_evidence && !to->candidate_evidence) ||
		(f->server_evidence && !to->server_evidence) ||
		(f->cert.fpr[0] != '\0' && cert_copy(&to->cert, &f->cert) < 0))
		return err_set(err, ERR_OS, "out of memory");
	return 0;
}

/* Completes i and its twins. */
static int finish_question(struct ask *a, size_t i, struct err *err)
{
	size_t k, next;
	int rc = 0;

	a->item[i].state = STATE_OUT;
	a->left--;
	/* The twins first, because the callback may take what the finding owns. */
	for (k = a->item[i].twin; rc == 0 && k != 0; k = a->item[k].twin)
		rc = copy_finding(&a->f[k], &a->f[i], err);
	for (k = i; rc == 0; k = next) {
		next = a->item[k].twin;
		rc = finish(a->d, &a->f[k], err);
		if (next == 0)
			break;
	}
	return rc;
}

static void queue_question(struct ask *a, size_t i)
{
	a->item[i].state = STATE_TO_ASK;
	a->to_ask++;
}

/*
 * With --fresh, and for a pin that is due, earlier answers do not count; but an answer that another
 * process obtained while this one waited for it is as good as our own.
 */
static int64_t not_before(const struct ask *a, size_t i)
{
	if (!a->d->fresh && !a->f[i].due)
		return 0;
	return a->item[i].waited ? a->began - (int64_t)a->d->app->conf.net.timeout_ms / 1000 - 1
				 : INT64_MAX;
}

/* Chooses for i: an answer from the cache, a question of our own, or waiting for another process.
 */
static int recall_or_hold(struct ask *a, size_t i, bool anyway)
{
	struct item *x = &a->item[i];
	struct answered *g = &a->got[a->n_got];
	bool ours = a->d->offline || answers_lock(a->recall.db, x->key) || anyway;

	memset(g, 0, sizeof(*g));
	if (recall_get(&a->recall, x->key, not_before(a, i), &g->reply, &g->times) == 1) {
		if (ours)
			answers_unlock(a->recall.db, x->key);
		g->f = &a->f[i];
		g->cached = true;
		g->turn = x->turn;
		g->reply.id = (uint32_t)i;
		a->n_got++;
		return 1;
	}
	if (ours)
		queue_question(a, i);
	else
		x->state = STATE_WAIT;
	x->waited |= !ours;
	a->waiting += !ours;
	return 0;
}

static size_t body_octets(const struct lookup_reply *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->wkd.n_body; i++)
		n += r->wkd.body[i].len;
	for (i = 0; i < r->dane.n_body; i++)
		n += r->dane.body[i].len;
	return n;
}

static int recall_all(struct ask *a, struct err *err);

/* Processes the collected replies. A cached one that is too old for its verdict is looked up. */
static int work_on_replies(struct ask *a, struct err *err)
{
	const int64_t began = clock_ms();
	bool further = false;
	int rc = a->n_got > 0 ? absorb(a->d, a->got, a->n_got, &a->gpg, err) : 0;
	size_t i;

	a->until += clock_ms() - began; /* this time is not the helper's */
	for (i = 0; i < a->n_got; i++) {
		struct answered *g = &a->got[i];
		size_t id = g->reply.id;

		if (rc == 0 && g->stale) {
			a->item[id].state = STATE_TO_ASK;
			a->to_ask++;
			(void)answers_lock(a->recall.db, a->item[id].key);
		} else if (rc == 0) {
			if (!g->cached) {
				recall_put(&a->recall, a->item[id].key, &g->reply, g->times.asked,
					g->seconds);
				answers_unlock(a->recall.db, a->item[id].key);
			}
			if (rc == 0 && g->further) {
				a->item[id].turn++;
				a->item[id].waited = false;
				make_question(a, id);
				further = true;
			} else {
				rc = finish_question(a, id, err);
			}
		}
		lookup_reply_free(&g->reply);
	}
	a->n_got = a->octets = 0;
	if (rc == 0 && a->owed > 0)
		plain_gpg_start(&a->gpg);
	return rc == 0 && further ? recall_all(a, err) : rc;
}

static int work_when_full(struct ask *a, struct err *err)
{
	return a->n_got == TOGETHER_MAX || a->octets >= TOGETHER_OCTETS ? work_on_replies(a, err)
									: 0;
}

static int recall_all(struct ask *a, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < a->n; i++) {
		if (a->item[i].state != STATE_NEW)
			continue;
		if (recall_or_hold(a, i, false)) {
			a->octets += body_octets(&a->got[a->n_got - 1].reply);
			rc = work_when_full(a, err);
		}
	}
	return rc;
}

/* Checks whether other processes have finished or died; gives up waiting after a while. */
static int look_again(struct ask *a, struct err *err)
{
	bool anyway = clock_ms() >= a->patience;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && a->waiting > 0 && i < a->n; i++) {
		if (a->item[i].state != STATE_WAIT)
			continue;
		a->waiting--;
		if (recall_or_hold(a, i, anyway)) {
			a->octets += body_octets(&a->got[a->n_got - 1].reply);
			rc = work_when_full(a, err);
		}
	}
	return rc;
}

/* 1 if the helper is gone. */
static int send_question(struct ask *a, size_t i, struct err *err)
{
	struct lookup_request q = question(a, i);
	struct wr w = WR_INIT;
	const int64_t until = clock_ms() + talk_ms(a->d->app->conf.net.timeout_ms, a->owed + 1);
	int rc;

	lookup_request_write(&w, &q);
	a->until = until > a->until ? until : a->until;
	rc = frame_send(a->sock, a->until, FRAME_LOOKUP, &w, -1, err) < 0;
	wr_free(&w);
	a->item[i].state = STATE_ASKED;
	a->item[i].asked = (int64_t)time(NULL);
	a->to_ask--;
	a->owed++;
	return rc;
}

static int send_questions(struct ask *a, struct err *err)
{
	bool first = a->sock < 0 && a->to_ask > 0;
	size_t i;
	int rc = 0;

	if (first) {
		rc = gpg_init(err);
		if (rc == 0)
			rc = runner_net(a->d->runner, 0, &a->sock, err);
	}
	for (i = 0; rc == 0 && a->to_ask > 0 && a->owed < OWED_MAX && i < a->n; i++) {
		if (a->item[i].state != STATE_TO_ASK)
			continue;
		rc = send_question(a, i, err);
	}
	if (rc == 0 && first)
		plain_gpg_start(&a->gpg); /* while waiting for answers */
	return rc;
}

static int take_reply(struct ask *a, const struct buf *body, struct err *err)
{
	struct answered *g = &a->got[a->n_got];
	struct rd r;

	memset(g, 0, sizeof(*g));
	rd_init(&r, body->p, body->len);
	if (lookup_reply_read(&r, &g->reply, err) < 0)
		return ERR_INTERNAL;
	if (g->reply.id >= a->n || a->item[g->reply.id].state != STATE_ASKED) {
		lookup_reply_free(&g->reply);
		return err_set(err, ERR_INTERNAL, "sealpost-net sent an unexpected answer");
	}
	g->f = &a->f[g->reply.id];
	g->times.asked = a->item[g->reply.id].asked;
	g->turn = a->item[g->reply.id].turn;
	a->octets += body_octets(&g->reply);
	a->n_got++;
	a->owed--;
	return work_when_full(a, err);
}

/* Reads one frame. 1 if the helper is gone or hangs. */
static int take_helper_frame(struct ask *a, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	enum frame_kind kind;
	int rc;

	rc = frame_recv(a->sock, a->until, &kind, &body, NULL, NULL, err);
	if (rc < 0)
		rc = rc == ERR_INTERNAL ? rc : 1;
	else if (kind == FRAME_TRACE)
		log_info("%s", buf_str(&body));
	else if (kind == FRAME_REPLY)
		rc = take_reply(a, &body, err);
	else
		rc = err_set(err, ERR_INTERNAL, "unexpected answer from sealpost-net");
	buf_free(&body);
	return rc;
}

/* Whether a frame arrives within this time. */
static bool reply_is_ready(const struct ask *a, int wait_ms)
{
	struct pollfd p = {.fd = a->owed > 0 ? a->sock : -1, .events = POLLIN};

	return poll(&p, 1, wait_ms) > 0;
}

/* The helper ends while the last replies are processed. (What key servers have may be asked for
 * after them, and an answer of the cache may prove too old: then another one is started.) */
static void dismiss_helper(struct ask *a)
{
	if (a->sock < 0 || a->owed + a->to_ask + a->waiting > 0 ||
		a->d->app->conf.net.keyservers[0] != '\0')
		return;
	close(a->sock);
	a->sock = -1;
}

/* Reads all frames that are there; if none, processes collected replies; if none, waits. */
static int take_turn(struct ask *a, struct err *err)
{
	int rc;

	if (a->owed > 0 && reply_is_ready(a, 0))
		return take_helper_frame(a, err);
	dismiss_helper(a);
	if (a->n_got > 0)
		return work_on_replies(a, err);
	if (a->waiting == 0)
		return a->owed > 0 ? take_helper_frame(a, err) : 0;
	rc = reply_is_ready(a, LOOK_AGAIN_MS) ? take_helper_frame(a, err) : 0;
	return rc == 0 ? look_again(a, err) : rc;
}

/* Gives up: all open questions become unknown. */
static int give_up(struct ask *a, const char *why, struct err *err)
{
	size_t i;
	int rc;

	do {
		rc = work_on_replies(a, err);
	} while (rc == 0 && a->n_got > 0);
	for (i = 0; rc == 0 && i < a->n; i++) {
		if (a->item[i].state == STATE_OUT || a->item[i].state == STATE_TWIN)
			continue;
		/* What the domain has said stands. */
		if (a->item[i].turn > 0) {
			a->f[i].server_failed = true;
			rc = absorb_absence(a->d, &a->f[i], err);
		} else {
			finding_set(&a->f[i], KEY_UNKNOWN, why);
		}
		if (rc == 0)
			rc = finish_question(a, i, err);
	}
	return rc;
}

static int unasked(struct ask *a, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < a->n; i++) {
		if (a->item[i].state != STATE_TO_ASK)
			continue;
		if (a->item[i].turn > 0)
			finding_set(&a->f[i], KEY_UNKNOWN,
				"the domain publishes no key, and the key servers were not asked");
		else
			finding_unasked(&a->f[i]);
		rc = finish_question(a, i, err);
	}
	return rc;
}

static int converse(struct ask *a, struct err *err)
{
	char why[ERR_MSG_MAX];
	int rc = recall_all(a, err);

	if (rc == 0 && a->d->offline) {
		while (rc == 0 && a->n_got > 0)
			rc = work_on_replies(a, err);
		return rc == 0 ? unasked(a, err) : rc;
	}
	while (rc == 0 && a->left > 0) {
		rc = send_questions(a, err);
		if (rc == 0)
			rc = take_turn(a, err);
	}
	if (rc != 1)
		return rc;
	memcpy(why, err->msg, sizeof(why));
	return give_up(a, why, err);
}

int ask_all(struct discover *d, struct finding *f, size_t n, size_t turn, struct err *err)
{
	struct ask a = {.d = d,
		.f = f,
		.n = n,
		.sock = -1,
		.began = (int64_t)time(NULL),
		.patience = clock_ms() + d->app->conf.net.timeout_ms};
	int rc;

	recall_open(&a.recall, &d->app->conf);
	rc = gather_questions(&a, turn, err);
	if (rc == 0)
		rc = converse(&a, err);
	while (a.n_got > 0)
		lookup_reply_free(&a.got[--a.n_got].reply);
	if (a.sock >= 0)
		close(a.sock);
	plain_gpg_end(&a.gpg);
	recall_close(&a.recall);
	free(a.item);
	return rc;
}
