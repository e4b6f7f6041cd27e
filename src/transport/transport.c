/* SPDX-License-Identifier: ISC */
#include "transport/transport.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/sts.h"

#define LIVE_MS 120000 /* SMTP servers may be slow */
#define DEAD_MS 400    /* among many, dead domains wait for each other */

static int take_along(struct store *store, struct check_request *q, struct err *err)
{
	struct sts_policy p = {.domain = ""};
	int rc = store ? store_sts_get(store, q->domain, (int64_t)time(NULL), &p, err) : 0;

	if (rc <= 0)
		return rc;
	memcpy(q->sts_id, p.id, sizeof(q->sts_id));
	q->sts_fetched = p.fetched;
	q->sts_text = p.text;
	p.text = NULL;
	sts_policy_free(&p);
	return 0;
}

static int keep_policy(struct store *store, const struct check_reply *r, struct err *err)
{
	struct sts_policy p = {
		.text = r->sts.text, .fetched = r->sts.fetched, .max_age = r->sts.max_age};
	int rc;

	if (!store || r->sts.policy != CHECK_FOUND || r->sts.kept || r->sts.text[0] == '\0')
		return 0;
	snprintf(p.domain, sizeof(p.domain), "%s", r->domain);
	snprintf(p.id, sizeof(p.id), "%s", r->sts.policy_id);
	rc = store_sts_put(store, &p, err);
	return rc < 0 ? rc : 0;
}

static int ask_transport(
	const struct transport_round *r, struct transport *t, uint32_t id, struct err *err)
{
	struct wr w = WR_INIT;
	int rc;

	t->q.id = id;
	check_request_write(&w, &t->q);
	rc = frame_send(r->sock, r->until, FRAME_CHECK, &w, -1, err);
	wr_free(&w);
	return rc;
}

static int absorb(struct rd *r, struct transport_round *round, struct store *keep, struct err *err)
{
	struct transport *t = round->t;
	struct check_reply reply;
	int rc = check_reply_read(r, &reply, err);

	if (rc < 0)
		return rc;
	if (reply.id >= round->next || t[reply.id].answered ||
		strcmp(reply.domain, t[reply.id].q.domain) != 0) {
		check_reply_free(&reply);
		return err_set(err, ERR_INTERNAL, "sealpost-net sent an unexpected answer");
	}
	t = &t[reply.id];
	round->left--;
	round->owed--;
	t->reply = reply;
	t->answered = true;
	protection_decide(&t->reply, &t->protection);
	log_info("verdict at %s: %s: %s", reply.domain, protection_name(t->protection.kind),
		t->protection.reason);
	rc = keep_policy(keep, &t->reply, err);
	return rc == 0 && round->done ? round->done(round->arg, t, err) : rc;
}

/* Reads one frame. 1 if the helper is gone or hangs. */
static int take_frame(struct transport_round *round, struct store *keep, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	enum frame_kind kind;
	struct rd r;
	int rc = frame_recv(round->sock, round->until, &kind, &body, NULL, NULL, err);

	if (rc < 0) {
		rc = rc == ERR_INTERNAL ? rc : 1;
	} else if (kind == FRAME_TRACE) {
		log_info("%s", buf_str(&body));
	} else if (kind == FRAME_CHECKED) {
		rd_init(&r, body.p, body.len);
		rc = absorb(&r, round, keep, err);
	} else {
		rc = err_set(err, ERR_INTERNAL, "unexpected answer from sealpost-net");
	}
	buf_free(&body);
	return rc;
}

/* The one port to which the helper's sandbox allows SMTP. */
static uint16_t smtp_port(const struct transport *t, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (t[i].q.want & CHECK_LIVE)
			return t[i].q.port ? t[i].q.port : CHECK_SMTP_PORT;
	}
	return 0;
}

/* Sends as many questions as the helper may have open. A helper that is gone is detected on
 * reading. */
static int ask_more(struct transport_round *r, struct err *err)
{
	struct transport *t;
	int rc = 0;

	while (rc == 0 && r->next < r->n && r->owed < TRANSPORT_OWED_MAX) {
		t = &r->t[r->next++];
		if (t->answered)
			continue;
		rc = take_along(r->store, &t->q, err);
		if (rc == 0 && ask_transport(r, t, (uint32_t)(t - r->t), NULL) < 0)
			r->next = r->n;
		r->owed++;
	}
	return rc;
}

int transport_begin(struct transport_round *r, struct app *app, struct runner *runner,
	struct store *store, struct transport *t, size_t n, struct err *err)
{
	size_t i;
	int rc;

	*r = (struct transport_round){.t = t,
		.n = n,
		.store = store,
		.sock = -1,
		.limit_ms = talk_ms(app->conf.net.timeout_ms, n) + DEAD_MS * (int64_t)n};
	for (i = 0; i < n; i++) {
		r->left += !t[i].answered;
		r->limit_ms += t[i].q.want & CHECK_LIVE ? LIVE_MS : 0;
	}
	r->until = clock_ms() + r->limit_ms;
	rc = r->left > 0 ? runner_net(runner, smtp_port(t, n), &r->sock, err) : 0;
	return rc == 0 && r->left > 0 ? ask_more(r, err) : rc;
}

int transport_end(struct transport_round *r, bool keep, struct err *err)
{
	struct transport *t = r->t;
	size_t i;
	int rc = 0;

	r->until = clock_ms() + r->limit_ms;
	while (rc == 0 && r->left > 0) {
		rc = take_frame(r, keep ? r->store : NULL, err);
		if (rc == 0)
			rc = ask_more(r, err);
	}
	for (i = 0; rc == 1 && i < r->n; i++) {
		if (!t[i].answered)
			snprintf(t[i].why, sizeof(t[i].why), "%s", err->msg);
	}
	transport_cancel(r);
	return rc < 0 ? rc : 0;
}

void transport_cancel(struct transport_round *r)
{
	if (r->sock >= 0)
		close(r->sock);
	r->sock = -1;
}

int transport_ask(struct app *app, struct runner *runner, struct store *store, bool keep,
	struct transport *t, size_t n, struct err *err)
{
	struct transport_round r;
	int rc = transport_begin(&r, app, runner, store, t, n, err);

	if (rc == 0)
		return transport_end(&r, keep, err);
	transport_cancel(&r);
	return rc;
}

void transport_drop(struct transport *t)
{
	check_reply_free(&t->reply);
}

void transport_free(struct transport *t)
{
	check_request_free(&t->q);
	if (t->answered)
		check_reply_free(&t->reply);
	memset(t, 0, sizeof(*t));
}
