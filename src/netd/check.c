/* SPDX-License-Identifier: ISC */
#include "netd/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mx/caa.h"
#include "mx/certs.h"
#include "mx/live.h"
#include "mx/text.h"
#include "mx/tlsrpt.h"
#include "mx/transport.h"
#include "net/asks.h"
#include "wkd/posture.h"

struct checks {
	struct net *net;
	struct checks_settings set;
	struct check *first;
	size_t running;
};

struct check {
	struct checks *all;
	struct check_request request;
	struct check_reply reply;
	struct lookup_reply seen; /* evidence, until it goes into the reply */
	struct evidence evidence;
	struct net_watch watch;
	struct timer deadline;
	struct asks asks; /* about the domain itself, CAA, TLS reports */
	struct transport *transport;
	struct live *live;
	struct posture *posture;
	struct caa caa;
	size_t open; /* parts that have not ended */
	bool expiring;
	bool over; /* its time is */
	struct check *prev, *next;
};

struct checks *checks_new(struct net *net, const struct checks_settings *s)
{
	struct checks *c = calloc(1, sizeof(*c));

	if (c) {
		c->net = net;
		c->set = *s;
	}
	return c;
}

size_t checks_running(const struct checks *c)
{
	return c->running;
}

static void check_free(struct check *k)
{
	asks_cancel(&k->asks);
	live_free(k->live);
	mx_transport_free(k->transport);
	posture_free(k->posture);
	caa_free(&k->caa);
	if (k->all->net)
		timer_stop(&k->all->net->timers, &k->deadline);
	if (k->prev)
		k->prev->next = k->next;
	else
		k->all->first = k->next;
	if (k->next)
		k->next->prev = k->prev;
	k->all->running--;
	check_request_free(&k->request);
	check_reply_free(&k->reply);
	lookup_reply_free(&k->seen);
	free(k);
}

void checks_free(struct checks *c)
{
	if (!c)
		return;
	while (c->first)
		check_free(c->first);
	free(c);
}

/* Each of the two arrays changes its owner. */
static void move_evidence(struct check *k)
{
	k->reply.dns = k->seen.dns;
	k->reply.n_dns = k->seen.n_dns;
	k->reply.url = k->seen.url;
	k->reply.n_url = k->seen.n_url;
	k->seen = (struct lookup_reply){.n_dns = 0};
}

/* All names are asked about at once, before it is known which of the hosts there are. */
static void take_caa(struct check *k)
{
	const struct check_reply *r = &k->reply;
	char name[ADDR_DOMAIN_MAX + 32];

	if (r->sts.txt == CHECK_NONE && r->sts.policy == CHECK_NONE) {
		snprintf(name, sizeof(name), "mta-sts.%s", k->request.domain);
		caa_drop(&k->caa, name);
	}
	if (r->wkd[0].address == CHECK_NONE) {
		snprintf(name, sizeof(name), "openpgpkey.%s", k->request.domain);
		caa_drop(&k->caa, name);
	}
	caa_take(&k->caa, &k->reply);
}

static void finish_if_done(struct check *k)
{
	if (k->open > 0 || k->expiring || asks_open(&k->asks))
		return;
	if (k->request.want & CHECK_REST)
		take_caa(k);
	certs_judge(&k->reply);
	move_evidence(k);
	k->reply.ms = (uint32_t)(clock_ms() - k->evidence.start);
	k->all->set.reply(k->all->set.arg, &k->reply);
	check_free(k);
}

static void check_part_done(void *arg)
{
	struct check *k = arg;

	k->open--;
	finish_if_done(k);
}

static void on_check_deadline(void *arg)
{
	struct check *k = arg;
	const char *doubt = dns_doubt(k->all->net->dns);
	char why[DNS_NOTE_MAX];

	if (doubt)
		snprintf(why, sizeof(why), "%s", doubt);
	else
		snprintf(why, sizeof(why), "no answer within %.1f s",
			k->all->set.timeout_ms / 1000.0);
	k->expiring = true;
	k->over = true;
	asks_expire(&k->asks, why);
	if (k->posture)
		posture_expire(k->posture, why);
	if (k->transport)
		transport_expire(k->transport, why);
	if (k->live)
		live_expire(k->live, why);
	k->expiring = false;
	finish_if_done(k);
}

static void note_check_dns(void *arg, const struct dns_answer *a)
{
	struct check *k = arg;

	evidence_dns(&k->evidence, a);
}

static void note_check_url(void *arg, const struct https_result *r)
{
	struct check *k = arg;
	char host[ADDR_DOMAIN_MAX + 32];
	const char *at = strstr(r->url, "://");

	evidence_url(&k->evidence, r);
	if (!r->cert || !at)
		return;
	at += 3;
	snprintf(host, sizeof(host), "%.*s", (int)strcspn(at, "/:"), at);
	certs_add(&k->reply, host, 443, r->cert);
}

static void take_soa(struct check_reply *r, const struct dns_answer *a)
{
	r->dnssec = a->state;
	if (a->state > DNS_INSECURE)
		mx_say(&r->dnssec_reason, "%s", a->note[0] ? a->note : "no answer");
	if (r->exists == CHECK_NOT_ASKED)
		r->exists = a->state > DNS_INSECURE ? CHECK_UNKNOWN
			    : a->nxdomain           ? CHECK_NONE
						    : CHECK_FOUND;
}

/* Whether the domain itself is there, and signed. */
static void on_domain_soa(void *arg, const struct dns_answer *a)
{
	struct check *k = arg;

	take_soa(&k->reply, a);
	check_part_done(k);
}

static void on_caa(void *arg)
{
	finish_if_done(arg);
}

static void on_tlsrpt(void *arg, const struct dns_answer *a)
{
	struct check *k = arg;

	tlsrpt_take(a, &k->reply.tlsrpt);
	check_part_done(k);
}

/* The hosts are known, and what their certificates must be. */
static void on_transport(void *arg)
{
	struct check *k = arg;
	size_t i;

	if (k->request.want & CHECK_LIVE && !k->over) {
		for (i = 0; i < k->reply.n_mx && k->request.want & CHECK_REST; i++)
			caa_add(&k->caa, k->reply.mx[i].host);
		k->live = live_start(
			k->all->net, &k->request, &k->reply, k->transport, check_part_done, k);
		if (k->live)
			return;
	}
	check_part_done(k);
}

static void start_rest(struct check *k)
{
	char name[ADDR_DOMAIN_MAX + 32];
	const char *domain = k->request.domain;

	k->open++;
	snprintf(name, sizeof(name), "_smtp._tls.%s", domain);
	asks_put(&k->asks, name, DNS_TXT, on_tlsrpt, k);
	caa_add(&k->caa, domain);
	snprintf(name, sizeof(name), "openpgpkey.%s", domain);
	caa_add(&k->caa, name);
	snprintf(name, sizeof(name), "mta-sts.%s", domain);
	caa_add(&k->caa, name);
}

static void start_parts(struct check *k)
{
	struct net *net = k->all->net;

	timer_set(&net->timers, &k->deadline, clock_ms() + k->all->set.timeout_ms,
		on_check_deadline, k);
	caa_init(&k->caa, &k->asks, on_caa, k);
	if (k->request.want & ~CHECK_TRANSPORT) {
		k->open++;
		asks_put(&k->asks, k->request.domain, DNS_SOA, on_domain_soa, k);
	}
	if (k->request.want & CHECK_REST)
		start_rest(k);
	if (k->request.want & CHECK_TRANSPORT) {
		k->transport =
			transport_start(net, &k->watch, &k->request, &k->reply, on_transport, k);
		k->open += k->transport != NULL;
	}
	if (k->request.want & CHECK_KEYS) {
		k->posture =
			posture_start(net, &k->watch, &k->request, &k->reply, check_part_done, k);
		k->open += k->posture != NULL;
	}
	if ((k->request.want & CHECK_TRANSPORT && !k->transport) ||
		(k->request.want & CHECK_KEYS && !k->posture))
		mx_say(&k->reply.failed, "out of memory");
}

/* Nothing can be asked: every outcome is unknown. */
static void fail_check(struct check *k, const char *why)
{
	struct check_reply *r = &k->reply;

	mx_say(&r->failed, "%s", why);
	r->exists = CHECK_UNKNOWN;
	r->mx_outcome = r->sts.txt = r->sts.policy = CHECK_UNKNOWN;
	r->tlsrpt.outcome = r->wkd_outcome = r->openpgpkey.zone = CHECK_UNKNOWN;
}

int checks_start(struct checks *c, struct check_request *q, struct err *err)
{
	struct check *k;

	if (q->want & CHECK_LIVE && (q->port ? q->port : CHECK_SMTP_PORT) != c->set.smtp_port) {
		check_request_free(q);
		return err_set(err, ERR_INTERNAL,
			"sealpost asked for SMTP on a port that it had not announced");
	}
	k = calloc(1, sizeof(*k));
	if (!k) {
		check_request_free(q);
		return err_set(err, ERR_OS, "out of memory");
	}
	k->all = c;
	k->request = *q;
	*q = (struct check_request){.id = 0};
	k->reply.id = k->request.id;
	k->reply.want = k->request.want;
	mx_say(&k->reply.domain, "%s", k->request.domain);
	k->evidence = (struct evidence){.reply = &k->seen,
		.start = clock_ms(),
		.max = CHECK_DNS_MAX,
		.queries = c->set.verbose,
		.trace = c->set.trace,
		.arg = c->set.arg};
	k->watch = (struct net_watch){.dns = note_check_dns, .url = note_check_url, .arg = k};
	k->asks = (struct asks){.net = c->net, .watch = &k->watch};
	k->next = c->first;
	if (k->next)
		k->next->prev = k;
	c->first = k;
	c->running++;
	k->expiring = true;
	if (c->set.broken)
		fail_check(k, c->set.broken);
	else if (c->net->proxied)
		fail_check(k, "a proxy is set, and through it DNS cannot be asked");
	else
		start_parts(k);
	k->expiring = false;
	finish_if_done(k);
	return 0;
}
