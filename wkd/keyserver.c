/* SPDX-License-Identifier: ISC */
#include "wkd/keyserver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/wkd_name.h"
#include "net/fetch.h"

struct keyserver {
	struct net *net;
	struct keyserver_request q;
	bool ended;
	struct host *host;
	struct fetch *fetch;
};

static void keyserver_stop(struct keyserver *k)
{
	host_cancel(k->host);
	fetch_cancel(k->fetch);
	k->host = NULL;
	k->fetch = NULL;
}

void keyserver_free(struct keyserver *k)
{
	if (!k)
		return;
	keyserver_stop(k);
	free(k);
}

bool keyserver_ended(const struct keyserver *k)
{
	return k->ended;
}

static void keyserver_end(struct keyserver *k, enum method_status status, const char *reason)
{
	keyserver_stop(k);
	k->ended = true;
	evidence_result(k->q.evidence, k->q.result, status, reason);
}

static void take_server_body(struct keyserver *k, struct buf *body)
{
	struct method_result *r = k->q.result;

	if (buf_reserve(body, 0) < 0) {
		keyserver_end(k, METHOD_FAILED, "out of memory");
		return;
	}
	r->body[0].data = body->p;
	r->body[0].len = body->len;
	r->n_body = 1;
	*body = (struct buf)BUF_INIT(0);
	keyserver_end(k, METHOD_FOUND, "");
}

static void on_server_answer(void *arg, struct fetch_result *f)
{
	struct keyserver *k = arg;

	k->fetch = NULL;
	k->q.result->tls = f->tls;
	/* That this host has none, not that there is none. */
	k->q.result->proved =
		f->status == FETCH_GONE && !k->net->proxied && f->weakest != PROOF_NONE;
	if (f->status == FETCH_OK)
		take_server_body(k, f->body);
	else
		keyserver_end(
			k, f->status == FETCH_GONE ? METHOD_ABSENT : METHOD_FAILED, f->reason);
	k->q.done(k->q.arg);
}

static void on_server_host(void *arg, const struct host_answer *a)
{
	struct keyserver *k = arg;
	char url[WKD_URL_MAX];
	const struct fetch_request q = {
		.url = url, .host = k->q.host, .at = a, .max_body = LOOKUP_BODY_MAX};
	struct err err = ERR_INIT;

	k->host = NULL;
	k->q.result->dnssec = a->dnssec;
	vks_url(k->q.host, k->q.addr, url);
	if (a->status != HOST_FOUND)
		keyserver_end(k, METHOD_FAILED, a->reason);
	else if (fetch_start(k->net, &q, k->q.watch, on_server_answer, k, &k->fetch, &err) < 0)
		keyserver_end(k, METHOD_FAILED, err.msg);
	if (k->ended)
		k->q.done(k->q.arg);
}

void keyserver_expire(struct keyserver *k, const char *within)
{
	char why[LOOKUP_REASON_MAX];

	snprintf(why, sizeof(why), "%.400s %s",
		k->host    ? host_waiting(k->host)
		: k->fetch ? fetch_waiting(k->fetch)
			   : "no answer",
		within);
	if (k->host)
		host_tell_open(k->host, NET_NO_ANSWER);
	if (k->fetch)
		fetch_tell_open(k->fetch, NET_NO_ANSWER);
	keyserver_end(k, METHOD_FAILED, why);
}

struct keyserver *keyserver_start(struct net *net, const struct keyserver_request *q)
{
	struct keyserver *k = calloc(1, sizeof(*k));
	char url[WKD_URL_MAX];
	struct err err = ERR_INIT;

	if (!k)
		return NULL;
	k->net = net;
	k->q = *q;
	vks_url(q->host, q->addr, url);
	q->result->method = METHOD_KEYSERVER;
	q->result->url = evidence_url_text(url, true);
	if (host_resolve(net, q->host, q->watch, on_server_host, k, &k->host, &err) < 0)
		keyserver_end(k, METHOD_FAILED, err.msg);
	return k;
}
