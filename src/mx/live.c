/* SPDX-License-Identifier: ISC */
#include "mx/live.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mx/certs.h"
#include "mx/text.h"
#include "net/parts.h"

#define TRIES_MAX 3 /* addresses of one host */

struct visit {
	struct live *l;
	struct check_mx *mx;
	size_t at;                    /* which address */
	bool seen;                    /* mx->live is that of an address before it */
	struct smtp_session *session; /* while under way */
};

struct live {
	struct net *net;
	const struct check_request *request;
	struct check_reply *reply;
	const struct transport *transport;
	struct visit visit[CHECK_MX_MAX];
	struct parts parts; /* the sessions */
};

void live_free(struct live *l)
{
	size_t i;

	if (!l)
		return;
	parts_cancel(&l->parts);
	for (i = 0; i < l->reply->n_mx; i++)
		smtp_cancel(l->visit[i].session);
	free(l);
}

static void set_live_result(
	struct check_mx *m, enum check_live status, enum check_result result, const char *why)
{
	m->live.status = status;
	m->live.result = result;
	mx_say(&m->live.reason, "%s", why);
}

static bool sts_enforced(const struct check_reply *a)
{
	return a->sts.policy == CHECK_FOUND && a->sts.mode == STS_MODE_ENFORCE;
}

static enum check_result trust_result(const struct smtp_result *r)
{
	return r->expired      ? RESULT_CERTIFICATE_EXPIRED
	       : r->wrong_name ? RESULT_CERTIFICATE_HOST_MISMATCH
			       : RESULT_CERTIFICATE_NOT_TRUSTED;
}

/* DANE first: MTA-STS never makes up for it (RFC 8461 section 2). */
static void judge_tls(const struct check_reply *a, struct check_mx *m, const struct smtp_result *r)
{
	if (m->dane == DANE_USABLE)
		m->live.dane = r->tlsa_matched ? FACT_YES : FACT_NO;
	m->live.pkix = r->trusted ? FACT_YES : FACT_NO;
	if (m->dane == DANE_USABLE && !r->tlsa_matched)
		set_live_result(m, LIVE_FAILED, RESULT_VALIDATION_FAILURE, r->why_tlsa);
	else if (m->dane == DANE_USABLE)
		set_live_result(m, LIVE_AUTHENTICATED, RESULT_NONE, "");
	else if (m->dane == DANE_UNKNOWN)
		set_live_result(
			m, LIVE_UNKNOWN, RESULT_NONE, "whether DANE asks for more cannot be told");
	else if (sts_enforced(a) && m->sts != FACT_YES)
		set_live_result(m, LIVE_FAILED, RESULT_VALIDATION_FAILURE,
			"it does not match the MTA-STS policy");
	else if (sts_enforced(a) && !r->trusted)
		set_live_result(m, LIVE_FAILED, trust_result(r), r->why_trust);
	else if (sts_enforced(a))
		set_live_result(m, LIVE_AUTHENTICATED, RESULT_NONE, "");
	else
		set_live_result(m, LIVE_ENCRYPTED, RESULT_NONE, r->trusted ? "" : r->why_trust);
}

void live_judge(const struct check_reply *a, struct check_mx *m, const struct smtp_result *r)
{
	struct check_smtp *s = &m->live;

	snprintf(s->ip, sizeof(s->ip), "%s", r->ip);
	snprintf(s->tls, sizeof(s->tls), "%s", r->tls);
	snprintf(s->cipher, sizeof(s->cipher), "%s", r->cipher);
	s->injected = r->injected;
	s->starttls = r->stage >= SMTP_NO_TLS        ? FACT_YES
		      : r->stage == SMTP_NO_STARTTLS ? FACT_NO
						     : FACT_UNKNOWN;
	switch (r->stage) {
	case SMTP_NO_STARTTLS:
		set_live_result(m, LIVE_FAILED, RESULT_STARTTLS_NOT_SUPPORTED, r->why);
		break;
	case SMTP_NO_TLS:
		set_live_result(m, LIVE_FAILED, RESULT_VALIDATION_FAILURE, r->why);
		break;
	case SMTP_TLS:
		s->requiretls = r->requiretls ? FACT_YES : FACT_NO;
		judge_tls(a, m, r);
		break;
	default:
		set_live_result(m, LIVE_UNKNOWN, RESULT_NONE, r->why);
	}
}

static int how_bad(const struct check_smtp *s)
{
	if (s->status == LIVE_FAILED)
		return 4;
	if (s->status != LIVE_ENCRYPTED && s->status != LIVE_AUTHENTICATED)
		return 0;
	return 1 + (s->pkix != FACT_YES) + (s->dane == FACT_NO);
}

bool live_is_worse(const struct check_smtp *a, const struct check_smtp *b)
{
	return how_bad(a) > how_bad(b);
}

/* Judges, and keeps what another address showed if that is worse. */
static void judge_address(struct visit *v, const struct smtp_result *r)
{
	struct check_mx *m = v->mx;
	struct check_smtp before = m->live, now;

	if (v->seen)
		m->live = (struct check_smtp){.reason = NULL};
	live_judge(v->l->reply, m, r);
	if (v->seen) {
		now = m->live;
		m->live = live_is_worse(&before, &now) ? before : now;
		free(live_is_worse(&before, &now) ? now.reason : before.reason);
	}
	v->seen = true;
}

static void start_visit(struct visit *v);

static bool visits_next(struct visit *v, const struct smtp_result *r)
{
	bool each = v->l->request->want & CHECK_EACH_IP;

	if (!each && (r->stage != SMTP_NO_CONNECTION || v->at + 1 == TRIES_MAX))
		return false;
	return ++v->at < v->mx->n_ip;
}

static void on_session(void *arg, const struct smtp_result *r)
{
	struct visit *v = arg;
	struct live *l = v->l;
	uint16_t port = l->request->port ? l->request->port : CHECK_SMTP_PORT;

	v->session = NULL;
	if (l->request->want & CHECK_EACH_IP)
		judge_address(v, r);
	else
		live_judge(l->reply, v->mx, r);
	certs_add(l->reply, v->mx->host, port, &r->cert);
	if (visits_next(v, r))
		start_visit(v);
	parts_done(&l->parts);
}

static bool parse_ip(const char *text, struct net_ip *ip)
{
	memset(ip, 0, sizeof(*ip));
	ip->v6 = strchr(text, ':') != NULL;
	return inet_pton(ip->v6 ? AF_INET6 : AF_INET, text, ip->b) == 1;
}

/* The TLSA base domain; where the MX records are signed, the next hop as well, and where its alias
 * leads (RFC 7672 3.2.2). */
static void set_names(const struct live *l, const struct check_mx *m, struct smtp_request *q)
{
	const struct check_reply *a = l->reply;

	q->name[0] = m->tlsa_base && m->tlsa_base[0] ? m->tlsa_base : m->host;
	if (a->mx_dnssec != DNS_SECURE)
		return;
	q->name[1] = a->domain;
	if (a->mx_alias && a->mx_alias[0])
		q->name[2] = a->mx_alias;
}

static void start_visit(struct visit *v)
{
	struct live *l = v->l;
	struct smtp_request q = {.host = v->mx->host,
		.port = l->request->port ? l->request->port : CHECK_SMTP_PORT,
		.tlsa = transport_tlsa(l->transport, (size_t)(v - l->visit))};
	struct err err = ERR_INIT;

	while (!parse_ip(v->mx->ip[v->at], &q.ip) || ip_class(&q.ip) == IP_NOHOST) {
		if (!v->seen)
			set_live_result(v->mx, LIVE_UNKNOWN, RESULT_NONE,
				"its address is not that of a host");
		if (!(l->request->want & CHECK_EACH_IP) || ++v->at == v->mx->n_ip)
			return;
	}
	set_names(l, v->mx, &q);
	if (smtp_start(l->net, &q, on_session, v, &v->session, &err) == 0)
		parts_add(&l->parts, 1);
	else if (!v->seen)
		set_live_result(v->mx, LIVE_UNKNOWN, RESULT_NONE, err.msg);
}

void live_expire(struct live *l, const char *why)
{
	size_t i;

	parts_hold(&l->parts);
	for (i = 0; i < l->reply->n_mx; i++) {
		struct visit *v = &l->visit[i];

		if (!v->session)
			continue;
		smtp_cancel(v->session);
		v->session = NULL;
		parts_done(&l->parts);
		if (!v->seen || v->mx->live.status != LIVE_FAILED)
			set_live_result(v->mx, LIVE_UNKNOWN, RESULT_NONE, why);
	}
	parts_release(&l->parts);
}

struct live *live_start(struct net *net, const struct check_request *request,
	struct check_reply *reply, const struct transport *transport, void (*done)(void *arg),
	void *arg)
{
	struct live *l = calloc(1, sizeof(*l));
	size_t i;

	if (!l)
		return NULL;
	*l = (struct live){.net = net, .request = request, .reply = reply, .transport = transport};
	parts_begin(&l->parts, &net->timers, done, arg);
	for (i = 0; i < reply->n_mx; i++) {
		struct visit *v = &l->visit[i];

		v->l = l;
		v->mx = &reply->mx[i];
		if (v->mx->n_ip > 0)
			start_visit(v);
		else
			set_live_result(v->mx, LIVE_UNKNOWN, RESULT_NONE,
				"it has no address that is known");
	}
	parts_begun(&l->parts);
	return l;
}
