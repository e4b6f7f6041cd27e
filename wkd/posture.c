/* SPDX-License-Identifier: ISC */
#include "wkd/posture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h> /* getentropy, where sys/random.h has none */

#include "net/asks.h"
#include "net/fetch.h"
#include "net/parts.h"
#include "wkd/evidence.h"
#include "base/wkd_name.h"
#include "wkd/policy_file.h"

#define MADE_UP_LETTERS 16
#define POLICY_FILE_MAX 65536

enum document { DOC_POLICY, DOC_KEY, DOC_HEAD, DOCS };

struct site;

struct get {
	struct site *site;
	enum document which;
	struct fetch *fetch; /* while under way */
};

struct site {
	struct posture *p;
	struct check_wkd *out;
	bool advanced;
	char host_name[WKD_HOST_MAX + 1];
	struct host *host;
	struct get get[DOCS];
};

struct posture {
	struct net *net;
	const struct net_watch *watch;
	struct check_reply *reply;
	struct addr addr; /* whose key is probed */
	bool made_up;     /* nobody's */
	struct asks asks;
	struct site site[2];
	char ip[IP_TEXT_MAX]; /* one of openpgpkey.DOMAIN's, behind an insecure answer */
	char sibling[IP_TEXT_MAX];
	bool sibling_asked, sibling_failed;
	struct parts parts; /* questions, addresses of hosts, documents */
	void (*done)(void *arg);
	void *arg;
};

void posture_free(struct posture *p)
{
	size_t i, j;

	if (!p)
		return;
	parts_cancel(&p->parts);
	asks_cancel(&p->asks);
	for (i = 0; i < 2; i++) {
		host_cancel(p->site[i].host);
		for (j = 0; j < DOCS; j++)
			fetch_cancel(p->site[i].get[j].fetch);
	}
	free(p);
}

static void say_why(char **s, const char *text)
{
	free(*s);
	*s = evidence_text(text, CHECK_TEXT_MAX);
}

static bool is_published(const struct check_wkd *w)
{
	return w->policy.outcome == CHECK_FOUND ||
	       (w->key.outcome == CHECK_FOUND && (w->key.openpgp || w->key.armoured));
}

static bool answered_none(const struct check_http *h)
{
	return h->outcome == CHECK_NONE ||
	       (h->outcome == CHECK_FOUND && !h->openpgp && !h->armoured);
}

/* Which method a client uses, and whether it leads to a directory. */
static void conclude(struct posture *p)
{
	struct check_reply *a = p->reply;
	const struct check_wkd *adv = &a->wkd[0], *w = adv;
	bool proved_wildcard = adv->wildcard == FACT_YES && adv->dnssec == DNS_SECURE;

	a->wkd_method = METHOD_WKD_ADVANCED;
	if (adv->address == CHECK_NONE || proved_wildcard) {
		a->wkd_method = METHOD_WKD_DIRECT;
		w = &a->wkd[1];
	}
	if (w->address == CHECK_NONE)
		a->wkd_outcome = CHECK_NONE;
	else if (w->address == CHECK_FOUND && is_published(w))
		a->wkd_outcome = CHECK_FOUND;
	else if (w->address == CHECK_FOUND && w->policy.outcome == CHECK_NONE &&
		 answered_none(&w->key))
		a->wkd_outcome = CHECK_NONE;
	else
		a->wkd_outcome = CHECK_UNKNOWN;
	if (a->wkd_outcome != CHECK_FOUND && w->address != CHECK_FOUND)
		a->wkd_method = METHOD_NONE;
	/* In an unsigned zone: a name that nobody made leads to the same place. */
	if (adv->wildcard == FACT_NOT_ASKED && adv->address == CHECK_FOUND)
		a->wkd[0].wildcard = p->sibling_failed                            ? FACT_UNKNOWN
				     : p->ip[0] && strcmp(p->ip, p->sibling) == 0 ? FACT_YES
										  : FACT_NO;
}

static void on_posture_end(void *arg)
{
	struct posture *p = arg;

	conclude(p);
	p->done(p->arg);
}

static struct check_http *http_of(struct get *g)
{
	struct check_wkd *w = g->site->out;

	return g->which == DOC_POLICY ? &w->policy : g->which == DOC_KEY ? &w->key : &w->head;
}

/* What the document begins like. */
static void look_at(struct check_http *h, const struct buf *body)
{
	static const char armour[] = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
	const char *p = buf_str(body);
	size_t n = strspn(p, " \t\r\n");

	h->length = (uint32_t)body->len;
	h->armoured = strncmp(p + n, armour, sizeof(armour) - 1) == 0;
	h->html = p[n] == '<';
	/* A public key packet in either format (RFC 9580 section 4.2). */
	h->openpgp = body->len > 1 && (body->p[0] == 0xc6 || (body->p[0] & 0xfc) == 0x98);
}

static void read_policy(struct check_wkd *w, const struct buf *body)
{
	struct buf flags = BUF_INIT(CHECK_TEXT_MAX);

	w->policy_bad = !policy_file_read(buf_str(body), body->len, &flags);
	say_why(&w->policy_flags, buf_str(&flags));
	buf_free(&flags);
}

/* What the certificate of the host's own name showed; a redirect's target tells nothing of it. */
static void note_certificate(struct check_wkd *w, const struct fetch_result *f)
{
	if (f->wrong_name)
		w->covers = FACT_NO;
	else if (f->tls != TLS_NONE)
		w->covers = FACT_YES;
	else if (w->covers == FACT_NOT_ASKED)
		w->covers = FACT_UNKNOWN;
	if (w->dane != DANE_USABLE)
		return;
	if (f->http && f->http->tlsa_mismatch)
		w->dane_match = FACT_NO;
	else if (f->tls == TLS_WEBPKI_DANE)
		w->dane_match = FACT_YES;
	else if (w->dane_match == FACT_NOT_ASKED)
		w->dane_match = FACT_UNKNOWN;
}

static void on_document(void *arg, struct fetch_result *f)
{
	struct get *g = arg;
	struct check_http *h = http_of(g);

	g->fetch = NULL;
	h->outcome = f->status == FETCH_OK     ? CHECK_FOUND
		     : f->status == FETCH_GONE ? CHECK_NONE
					       : CHECK_UNKNOWN;
	h->tls = f->tls;
	say_why(&h->reason, f->reason);
	if (f->http) {
		h->status = (uint16_t)f->http->status;
		h->cors = f->http->cors;
		say_why(&h->content_type, f->http->content_type);
	}
	note_certificate(g->site->out, f);
	if (f->status == FETCH_OK && g->which == DOC_KEY)
		look_at(h, f->body);
	if (f->status == FETCH_OK && g->which == DOC_POLICY)
		read_policy(g->site->out, f->body);
	parts_done(&g->site->p->parts);
}

static void fetch_document(struct site *s, enum document which, const struct host_answer *at)
{
	char url[WKD_URL_MAX];
	struct fetch_request q = {.url = url,
		.host = s->host_name,
		.at = at,
		.hops = FETCH_HOPS_MAX,
		.max_body = which == DOC_POLICY ? POLICY_FILE_MAX : LOOKUP_BODY_MAX,
		.head = which == DOC_HEAD,
		.look = true};
	struct get *g = &s->get[which];
	struct err err = ERR_INIT;

	g->site = s;
	g->which = which;
	if (which == DOC_POLICY)
		wkd_policy_url(s->p->addr.domain, s->advanced, url);
	else
		wkd_url(&s->p->addr, s->advanced, url);
	if (fetch_start(s->p->net, &q, s->p->watch, on_document, g, &g->fetch, &err) < 0) {
		http_of(g)->outcome = CHECK_UNKNOWN;
		say_why(&http_of(g)->reason, err.msg);
		return;
	}
	parts_add(&s->p->parts, 1);
}

static void on_site_host(void *arg, const struct host_answer *a)
{
	struct site *s = arg;
	struct check_wkd *w = s->out;

	s->host = NULL;
	w->dnssec = a->dnssec;
	w->address = a->status == HOST_FOUND    ? CHECK_FOUND
		     : a->status == HOST_ABSENT ? CHECK_NONE
						: CHECK_UNKNOWN;
	say_why(&w->reason, a->status == HOST_FOUND ? "" : a->reason);
	if (a->status == HOST_FOUND) {
		w->dane = a->dnssec == DNS_INSECURE ? DANE_INSECURE
			  : a->tlsa.n > 0           ? DANE_USABLE
						    : DANE_NONE;
		if (s->advanced && a->dnssec == DNS_INSECURE)
			ip_text(&a->ip[0], s->p->ip);
		fetch_document(s, DOC_POLICY, a);
		fetch_document(s, DOC_KEY, a);
		fetch_document(s, DOC_HEAD, a);
	} else if (a->status == HOST_FAILED) {
		w->dane = DANE_UNKNOWN;
	}
	parts_done(&s->p->parts);
}

/* The advanced host's address once more, for what host_resolve does not say. */
static void on_advanced(void *arg, const struct dns_answer *a)
{
	struct posture *p = arg;

	if (a->state == DNS_SECURE && a->n > 0)
		p->reply->wkd[0].wildcard = a->wildcard ? FACT_YES : FACT_NO;
	parts_done(&p->parts);
}

static void on_sibling_record(void *arg, const struct dns_answer *a)
{
	struct posture *p = arg;
	struct net_ip ip;

	p->sibling_failed = a->state > DNS_INSECURE;
	if (a->n > 0 && ip_parse(a->data[0], a->len[0], false, &ip))
		ip_text(&ip, p->sibling);
	parts_done(&p->parts);
}

static void on_zone(void *arg, const struct dns_answer *a)
{
	struct posture *p = arg;
	struct check_openpgpkey *k = &p->reply->openpgpkey;

	k->dnssec = a->state;
	k->zone = a->state > DNS_INSECURE ? CHECK_UNKNOWN : a->nxdomain ? CHECK_NONE : CHECK_FOUND;
	if (a->state > DNS_INSECURE)
		say_why(&k->reason, a->note[0] ? a->note : "no answer");
	parts_done(&p->parts);
}

static void on_direct_record(void *arg, const struct dns_answer *a)
{
	struct posture *p = arg;
	struct check_openpgpkey *k = &p->reply->openpgpkey;

	if (a->state > DNS_INSECURE)
		k->record = CHECK_UNKNOWN;
	else if (a->n == 0)
		k->record = CHECK_NONE;
	else
		k->record = a->state == DNS_SECURE ? CHECK_FOUND : CHECK_INVALID;
	parts_done(&p->parts);
}

static void ask_site_record(struct posture *p, const char *name, uint16_t type, dns_done *done)
{
	parts_add(&p->parts, 1);
	asks_put(&p->asks, name, type, done, p);
}

static void start_site(struct posture *p, size_t i)
{
	struct site *s = &p->site[i];
	struct err err = ERR_INIT;

	s->p = p;
	s->out = &p->reply->wkd[i];
	s->advanced = i == 0;
	wkd_host(&p->addr, s->advanced, s->host_name);
	say_why(&s->out->host, s->host_name);
	if (strlen(s->host_name) > WKD_DNS_NAME_MAX) {
		s->out->address = CHECK_NONE;
		s->out->dnssec = DNS_SECURE;
	} else if (host_resolve(p->net, s->host_name, p->watch, on_site_host, s, &s->host, &err) <
		   0) {
		s->out->address = CHECK_UNKNOWN;
		say_why(&s->out->reason, err.msg);
	} else {
		parts_add(&p->parts, 1);
	}
}

static void ask_direct_record(struct posture *p)
{
	struct check_openpgpkey *k = &p->reply->openpgpkey;
	char name[WKD_OWNER_MAX + 1];
	struct err err = ERR_INIT;

	if (openpgpkey_owner(&p->addr, name, &err) == 0) {
		ask_site_record(p, name, DNS_OPENPGPKEY, on_direct_record);
	} else {
		k->record = CHECK_UNKNOWN;
		say_why(&k->reason, err.msg);
	}
}

static void ask_all(struct posture *p)
{
	char name[WKD_OWNER_MAX + 1], label[MADE_UP_LETTERS + 1];

	start_site(p, 0);
	start_site(p, 1);
	ask_site_record(p, p->site[0].host_name, DNS_A, on_advanced);
	snprintf(label, sizeof(label), "%s", p->addr.local);
	if (p->made_up) {
		snprintf(name, sizeof(name), "%s.%s", label, p->addr.domain);
		ask_site_record(p, name, DNS_A, on_sibling_record);
	} else {
		p->sibling_failed = true;
	}
	snprintf(name, sizeof(name), "_openpgpkey.%s", p->addr.domain);
	ask_site_record(p, name, DNS_OPENPGPKEY, on_zone);
	if (!p->made_up)
		ask_direct_record(p);
}

/* The address, or one at the domain that nobody has. */
static bool choose_address(struct posture *p, const struct check_request *q)
{
	uint8_t random[MADE_UP_LETTERS];
	char text[MADE_UP_LETTERS + 1 + sizeof(q->domain)];
	size_t i;

	p->made_up = !q->address[0];
	if (!p->made_up)
		return addr_parse(q->address, &p->addr, NULL) == 0;
	if (getentropy(random, sizeof(random)) < 0)
		return false;
	for (i = 0; i < MADE_UP_LETTERS; i++)
		text[i] = (char)('a' + random[i] % 26);
	snprintf(text + i, sizeof(text) - i, "@%s", q->domain);
	return addr_parse(text, &p->addr, NULL) == 0;
}

void posture_expire(struct posture *p, const char *why)
{
	char reason[CHECK_TEXT_MAX];
	size_t i, j;

	parts_hold(&p->parts);
	asks_expire(&p->asks, why);
	for (i = 0; i < 2; i++) {
		struct site *s = &p->site[i];

		snprintf(reason, sizeof(reason), "%s: %s", s->host_name, why);
		if (s->host) {
			host_tell_open(s->host, NET_NO_ANSWER);
			host_cancel(s->host);
			s->host = NULL;
			s->out->address = CHECK_UNKNOWN;
			s->out->dnssec = DNS_ERROR;
			s->out->dane = DANE_UNKNOWN;
			say_why(&s->out->reason, reason);
			parts_done(&p->parts);
		}
		for (j = 0; j < DOCS; j++) {
			struct get *g = &s->get[j];

			if (!g->fetch)
				continue;
			fetch_tell_open(g->fetch, NET_NO_ANSWER);
			fetch_cancel(g->fetch);
			g->fetch = NULL;
			http_of(g)->outcome = CHECK_UNKNOWN;
			say_why(&http_of(g)->reason, reason);
			parts_done(&p->parts);
		}
	}
	parts_release(&p->parts);
}

struct posture *posture_start(struct net *net, const struct net_watch *watch,
	const struct check_request *request, struct check_reply *reply, void (*done)(void *arg),
	void *arg)
{
	struct posture *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->net = net;
	p->watch = watch;
	p->reply = reply;
	p->asks = (struct asks){.net = net, .watch = watch};
	p->done = done;
	p->arg = arg;
	if (!choose_address(p, request)) {
		free(p);
		return NULL;
	}
	parts_begin(&p->parts, &net->timers, on_posture_end, p);
	ask_all(p);
	parts_begun(&p->parts);
	return p;
}
