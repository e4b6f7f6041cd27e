/* SPDX-License-Identifier: ISC */
#include "mx/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"
#include "mx/smtp_dane.h"
#include "mx/sts.h"
#include "mx/text.h"
#include "net/parts.h"
#include "net/rdata.h"

struct transport {
	const struct check_request *request;
	struct check_reply *reply;
	struct asks asks;
	struct sts sts;
	struct dane_host *host; /* owned; of each mail server */
	struct parts parts;     /* MX, hosts and MTA-STS */
	void (*done)(void *arg);
	void *arg;
};

void mx_transport_free(struct transport *t)
{
	if (!t)
		return;
	parts_cancel(&t->parts);
	asks_cancel(&t->asks);
	sts_cancel(&t->sts);
	free(t->host);
	free(t);
}

const struct tlsa_set *transport_tlsa(const struct transport *t, size_t i)
{
	return &t->host[i].usable;
}

static void drop_hosts(struct check_reply *a)
{
	size_t i;

	for (i = 0; i < a->n_mx; i++) {
		free(a->mx[i].host);
		free(a->mx[i].alias);
		free(a->mx[i].tlsa_base);
		free(a->mx[i].reason);
	}
	free(a->mx);
	a->mx = NULL;
	a->n_mx = 0;
}

/* A domain without MX, or a relay: what is said of its only host is said of the whole. */
static void settle_only_host(struct check_reply *a, bool relay)
{
	struct check_mx *m = &a->mx[0];

	if (relay) {
		a->mx_dnssec = m->dnssec;
	} else if (m->address == CHECK_NONE) {
		a->implicit_mx = false;
		if (!a->mx_reason)
			mx_say(&a->mx_reason,
				"the domain has neither a mail server nor an address");
		drop_hosts(a);
	}
}

/* Which of the hosts match the policy in force. */
static void match_policy(struct check_reply *a)
{
	size_t i, j;

	if (a->sts.policy != CHECK_FOUND || a->sts.mode == STS_MODE_NONE)
		return;
	for (i = 0; i < a->n_mx; i++) {
		a->mx[i].sts = FACT_NO;
		for (j = 0; j < a->sts.n_mx; j++) {
			if (pattern_match_mx(a->sts.mx[j], a->mx[i].host))
				a->mx[i].sts = FACT_YES;
		}
	}
}

static void on_end(void *arg)
{
	struct transport *t = arg;
	struct check_reply *a = t->reply;

	if (a->n_mx == 1 && (t->request->host_only || a->implicit_mx))
		settle_only_host(a, t->request->host_only);
	match_policy(a);
	t->done(t->arg);
}

static void part_done(void *arg)
{
	struct transport *t = arg;

	parts_done(&t->parts);
}

static void mx_unknown(struct check_reply *a, const char *why)
{
	a->mx_outcome = CHECK_UNKNOWN;
	mx_say(&a->mx_reason, "its mail servers are unknown: %s", why[0] ? why : "no answer");
}

/* All hosts are in the reply, in their final places. */
static void ask_hosts(struct transport *t)
{
	struct check_reply *a = t->reply;
	size_t i;

	t->host = calloc(a->n_mx + 1, sizeof(*t->host));
	if (!t->host) {
		drop_hosts(a);
		mx_unknown(a, "out of memory");
		return;
	}
	/* Mail travels to port 25, wherever a live look goes. */
	parts_add(&t->parts, a->n_mx);
	for (i = 0; i < a->n_mx; i++)
		dane_host_start(&t->host[i], &t->asks, &a->mx[i], CHECK_SMTP_PORT, part_done, t);
}

static bool only_host(struct transport *t)
{
	struct check_reply *a = t->reply;

	a->mx = calloc(1, sizeof(*a->mx));
	if (!a->mx)
		return false;
	a->n_mx = 1;
	mx_say(&a->mx[0].host, "%s", t->request->domain);
	return a->mx[0].host;
}

static int by_preference(const void *x, const void *y)
{
	const struct check_mx *a = x, *b = y;

	return a->preference != b->preference ? (a->preference < b->preference ? -1 : 1)
					      : strcmp(a->host, b->host);
}

static bool has_host(const struct check_reply *a, const char *host)
{
	size_t i;

	for (i = 0; i < a->n_mx; i++) {
		if (strcmp(a->mx[i].host, host) == 0)
			return true;
	}
	return false;
}

static void take_host(struct check_reply *a, const uint8_t *p, size_t len, size_t *bad)
{
	char host[DNS_NAME_MAX + 1];
	uint16_t preference;

	if (rdata_mx(p, len, &preference, host) < 0) {
		mx_say(&a->mx_reason, "one of its MX records names no host");
		++*bad;
	} else if (!host[0]) {
		mx_say(&a->mx_reason, "it has a null MX record beside others (RFC 7505 section 3)");
	} else if (a->n_mx == CHECK_MX_MAX) {
		a->mx_left_off++;
	} else if (!has_host(a, host)) {
		a->mx[a->n_mx].preference = preference;
		mx_say(&a->mx[a->n_mx].host, "%s", host);
		a->n_mx += a->mx[a->n_mx].host != NULL;
	}
}

/* 1: it is a null MX; 0; -1 without memory. */
static int take_hosts(struct check_reply *a, const struct dns_answer *d)
{
	char host[DNS_NAME_MAX + 1];
	uint16_t preference;
	size_t i, bad = 0;

	if (d->n == 1 && rdata_mx(d->data[0], d->len[0], &preference, host) == 0 && !host[0])
		return 1;
	a->mx = calloc(CHECK_MX_MAX, sizeof(*a->mx));
	if (!a->mx)
		return -1;
	for (i = 0; i < d->n; i++)
		take_host(a, d->data[i], d->len[i], &bad);
	qsort(a->mx, a->n_mx, sizeof(*a->mx), by_preference);
	/* What cannot be looked at is not left unsaid. */
	a->mx_left_off += (uint32_t)bad;
	return 0;
}

static void on_mx_answer(void *arg, const struct dns_answer *d)
{
	struct transport *t = arg;
	struct check_reply *a = t->reply;
	int rc;

	a->mx_dnssec = d->state;
	if (d->canon[0])
		mx_say(&a->mx_alias, "%s", d->canon);
	if (d->state > DNS_INSECURE) {
		mx_unknown(a, d->note);
	} else if (d->n == 0) {
		a->mx_outcome = CHECK_NONE;
		a->exists = d->nxdomain ? CHECK_NONE : CHECK_FOUND;
		a->implicit_mx = only_host(t);
		if (d->nxdomain)
			mx_say(&a->mx_reason, "the domain does not exist");
	} else {
		a->exists = CHECK_FOUND;
		rc = take_hosts(a, d);
		a->null_mx = rc == 1;
		a->mx_outcome = rc < 0                   ? CHECK_UNKNOWN
				: rc == 1 || a->n_mx > 0 ? CHECK_FOUND
							 : CHECK_INVALID;
	}
	ask_hosts(t);
	part_done(t);
}

void transport_expire(struct transport *t, const char *why)
{
	parts_hold(&t->parts);
	asks_expire(&t->asks, why);
	sts_expire(&t->sts, why);
	parts_release(&t->parts);
}

struct transport *transport_start(struct net *net, const struct net_watch *watch,
	const struct check_request *request, struct check_reply *reply, void (*done)(void *arg),
	void *arg)
{
	struct transport *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->request = request;
	t->reply = reply;
	t->asks = (struct asks){.net = net, .watch = watch};
	t->done = done;
	t->arg = arg;
	parts_begin(&t->parts, &net->timers, on_end, t);
	parts_add(&t->parts, 2);
	sts_start(&t->sts, &t->asks, net, watch, request, &reply->sts, part_done, t);
	if (!request->host_only) {
		asks_put(&t->asks, request->domain, DNS_MX, on_mx_answer, t);
	} else if (only_host(t)) {
		reply->mx_outcome = CHECK_FOUND;
		ask_hosts(t);
		part_done(t);
	}
	parts_begun(&t->parts);
	return t;
}
