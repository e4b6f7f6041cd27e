/* SPDX-License-Identifier: ISC */
/*
 * A network on paper: takes the place of net/dns.h, net/https.h and the clock in a test. Questions
 * are answered from a table, in the order they were asked, and what was asked is kept. What the
 * table does not name does not exist.
 */
#ifndef SEALPOST_TESTS_FAKE_NET_H
#define SEALPOST_TESTS_FAKE_NET_H

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/cert.h"
#include "net/dns_known.h"
#include "net/net.h"
#include "net/tlsa.h"

#define FAKE_ASKED_MAX 64

struct fake_dns {
	const char *name; /* "*.": any name made up at random, below what follows, that has no row
			     of its own */
	uint16_t type;
	enum dns_state state; /* 0: no answer ever comes */
	const char *data;     /* addresses, or hex after "#"; blanks between records; NULL: none */
	const char *canon;
	unsigned late; /* milliseconds */
	bool wildcard; /* it was synthesised, and that is proved */
};

enum { FAKE_REFUSED = -1, FAKE_WRONG_NAME = -2, FAKE_SELF_SIGNED = -3 };

struct fake_url {
	const char *url; /* without its query; "...*": begins so, and has no row of its own */
	int status;      /* 0: no answer ever comes; or one of: */
	const char *body, *location;
	const char
		*wants_ip; /* if set: the only addresses it may be asked at, with blanks between */
	const char *type;  /* Content-Type */
	bool wildcard;     /* its certificate does not name the host */
	const struct cert_seen *cert; /* told of if it is to be looked at */
};

static const struct fake_dns *fake_dns;
static const struct fake_url *fake_url;
static enum dns_state fake_default; /* of denials that the table does not name */

#define FAKE_IDLE_MS 60000 /* a loop that waits so long waits for its peer alone */

static int64_t fake_now;
static struct dns_known fake_known;
static const char *fake_notice;    /* what is unusual about the way of the answers */
static struct timers *fake_timers; /* of a loop that waits by https_wait */
static char fake_asked[FAKE_ASKED_MAX][300];
static size_t fake_n_asked;
static size_t fake_open; /* questions and requests that are neither answered nor cancelled */

struct dns_query {
	dns_done *done;
	void *arg;
	char name[DNS_NAME_MAX + 1];
	uint16_t type;
	int64_t asked;
	int64_t due; /* -1: never */
	const char *silent;
	struct dns_query *next;
};

struct https_get {
	https_done *done;
	void *arg;
	char url[HTTPS_URL_MAX];
	size_t n_tlsa;
	bool look;
	const struct fake_url *answer;
	struct https_get *next;
};

static struct dns_query *fake_queries;
static struct https_get *fake_gets;
static size_t fake_open_most, fake_young_most, fake_gets_most; /* open at once */

int64_t clock_ms(void)
{
	return fake_now;
}

static void fake_note(const char *what, const char *name)
{
	if (fake_n_asked < FAKE_ASKED_MAX)
		snprintf(
			fake_asked[fake_n_asked++], sizeof(fake_asked[0]), "%s %.280s", what, name);
}

/* Whether a name is the one of the table, in which "*" stands for a label made up at random. */
static bool fake_like(const char *name, const char *pattern)
{
	size_t before = strcspn(pattern, "*"), label;

	if (pattern[before] == '\0' || strncmp(name, pattern, before) != 0)
		return strcmp(name, pattern) == 0;
	label = strspn(name + before, "abcdefghijklmnopqrstuvwxyz");
	return label == 16 && strcmp(name + before + label, pattern + before + 1) == 0;
}

__attribute__((unused)) static bool fake_was_asked(const char *line)
{
	size_t i;

	for (i = 0; i < fake_n_asked; i++) {
		if (fake_like(fake_asked[i], line))
			return true;
	}
	return false;
}

static const struct fake_dns *fake_find(const char *name, uint16_t type)
{
	const struct fake_dns *d;

	for (d = fake_dns; d && d->name; d++) {
		if (d->type == type && fake_like(name, d->name))
			return d;
	}
	return NULL;
}

const char *dns_doubt(const struct dns *d)
{
	(void)d;
	return NULL;
}

const char *dns_type_name(uint16_t type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_AAAA:
		return "AAAA";
	case DNS_TLSA:
		return "TLSA";
	case DNS_DS:
		return "DS";
	case DNS_SOA:
		return "SOA";
	case DNS_MX:
		return "MX";
	case DNS_CNAME:
		return "CNAME";
	case DNS_TXT:
		return "TXT";
	case DNS_CAA:
		return "CAA";
	default:
		return "OPENPGPKEY";
	}
}

const char *dns_rcode_name(unsigned rcode)
{
	(void)rcode;
	return "RCODE";
}

void dns_foresee(struct dns *d, const char *domain)
{
	(void)d;
	(void)domain;
}

int dns_ask(struct dns *d, const char *name, uint16_t type, dns_done *done, void *arg,
	struct dns_query **out, struct err *err)
{
	struct dns_query *q, **end;
	const struct fake_dns *a = fake_find(name, type);

	(void)d;
	(void)err;
	q = calloc(1, sizeof(*q));
	assert_non_null(q);
	q->done = done;
	q->arg = arg;
	q->type = type;
	snprintf(q->name, sizeof(q->name), "%s", name);
	q->asked = fake_now;
	q->silent = dns_known_silent(&fake_known, name, type);
	q->due = q->silent ? fake_now : a && a->state == 0 ? -1 : fake_now + (a ? a->late : 0);
	for (end = &fake_queries; *end; end = &(*end)->next)
		;
	*end = q;
	if (!q->silent)
		fake_note(dns_type_name(type), name);
	if (++fake_open > fake_open_most)
		fake_open_most = fake_open;
	if (dns_young(d) > fake_young_most)
		fake_young_most = dns_young(d);
	*out = q;
	return 0;
}

int dns_ask_apart(struct dns *d, const char *name, uint16_t type, dns_done *done, void *arg,
	struct dns_query **out, struct err *err)
{
	return dns_ask(d, name, type, done, arg, out, err);
}

bool dns_on_trial(const struct dns *d, int64_t now)
{
	(void)d;
	(void)now;
	return false;
}

static void fake_unlink_query(struct dns_query *q)
{
	struct dns_query **p;

	for (p = &fake_queries; *p != q; p = &(*p)->next)
		;
	*p = q->next;
	fake_open--;
}

void dns_cancel(struct dns_query *q)
{
	if (!q)
		return;
	fake_unlink_query(q);
	free(q);
}

/* The table's records as RDATA; how many. */
static size_t fake_rdata(const char *text, uint8_t (*out)[64], size_t *len)
{
	char copy[512], *word, *save = NULL;
	unsigned octet;
	size_t n = 0, i;

	snprintf(copy, sizeof(copy), "%s", text ? text : "");
	for (word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save), n++) {
		len[n] = 0;
		if (word[0] == '#') {
			for (i = 1; sscanf(word + i, "%2x", &octet) == 1; i += 2)
				out[n][len[n]++] = (uint8_t)octet;
		} else if (inet_pton(AF_INET, word, out[n]) == 1) {
			len[n] = 4;
		} else if (inet_pton(AF_INET6, word, out[n]) == 1) {
			len[n] = 16;
		}
	}
	return n;
}

static void fake_answer(struct dns_query *q)
{
	const struct fake_dns *d = fake_find(q->name, q->type);
	struct dns_answer a = {
		.name = q->name, .type = q->type, .canon = "", .note = "", .ttl = 300};
	uint8_t rdata[16][64];
	const uint8_t *data[16];
	size_t len[16], i;

	a.state = q->silent ? DNS_ERROR : d ? d->state : fake_default;
	if (d && d->canon)
		a.canon = d->canon;
	if (a.state > DNS_INSECURE)
		a.note = q->silent ? q->silent : a.state == DNS_BOGUS ? "forged" : "broken";
	else
		a.n = fake_rdata(d ? d->data : NULL, rdata, len);
	for (i = 0; i < a.n; i++)
		data[i] = rdata[i];
	a.nxdomain = a.state <= DNS_INSECURE && a.n == 0;
	a.wildcard = d && d->wildcard;
	a.rcode = a.nxdomain ? 3 : a.state == DNS_ERROR ? 2 : 0;
	a.data = data;
	a.len = len;
	fake_unlink_query(q);
	q->done(q->arg, &a);
	free(q);
}

static const struct fake_url *fake_find_url(const char *url)
{
	const struct fake_url *u, *any = NULL;

	for (u = fake_url; u && u->url; u++) {
		size_t n = strcspn(u->url, "*");

		if (strncmp(url, u->url, n) != 0)
			continue;
		if (u->url[n] == '\0' && strchr("?", url[n]))
			return u;
		if (u->url[n] == '*')
			any = u;
	}
	return any;
}

static size_t fake_count_gets(void)
{
	const struct https_get *g;
	size_t n = 0;

	for (g = fake_gets; g; g = g->next)
		n++;
	return n;
}

int https_get(struct https *h, const struct https_request *q, https_done *done, void *arg,
	struct https_get **out, struct err *err)
{
	struct https_get *g = calloc(1, sizeof(*g)), **end;
	char ips[512] = "", ip[IP_TEXT_MAX];
	size_t i;

	(void)h;
	(void)err;
	g->done = done;
	g->arg = arg;
	g->n_tlsa = q->tlsa ? q->tlsa->n : 0;
	g->look = q->look;
	snprintf(g->url, sizeof(g->url), "%s", q->url);
	g->answer = fake_find_url(g->url);
	for (i = 0; i < q->n_ip; i++) {
		ip_text(&q->ip[i], ip);
		snprintf(ips + strlen(ips), sizeof(ips) - strlen(ips), "%s%s", i ? " " : "", ip);
	}
	if (g->answer && g->answer->wants_ip)
		assert_string_equal(ips, g->answer->wants_ip);
	for (end = &fake_gets; *end; end = &(*end)->next)
		;
	*end = g;
	fake_note("GET", g->url);
	fake_open++;
	fake_gets_most = fake_count_gets() > fake_gets_most ? fake_count_gets() : fake_gets_most;
	*out = g;
	return 0;
}

static void fake_unlink_get(struct https_get *g)
{
	struct https_get **p;

	for (p = &fake_gets; *p != g; p = &(*p)->next)
		;
	*p = g->next;
	fake_open--;
}

void https_cancel(struct https_get *g)
{
	if (!g)
		return;
	fake_unlink_get(g);
	free(g);
}

const struct https_result *https_so_far(struct https_get *g, const char *reason)
{
	static struct https_result r;

	r = (struct https_result){
		.url = g->url, .location = "", .content_type = "", .ip = "192.0.2.1"};
	snprintf(r.reason, sizeof(r.reason), "%s", reason);
	return &r;
}

static void fake_respond(struct https_get *g)
{
	struct https_result r = {
		.url = g->url, .location = "", .content_type = "", .ip = "192.0.2.1"};
	struct buf body = BUF_INIT(LOOKUP_BODY_MAX);

	r.body = &body;
	if (!g->answer || g->answer->status < 0) {
		r.wrong_name = g->answer && g->answer->status == FAKE_WRONG_NAME;
		r.tls_failed = g->answer && g->answer->status < FAKE_REFUSED;
		snprintf(r.reason, sizeof(r.reason), "%s",
			r.wrong_name ? "TLS: wrong name"
			: g->answer && g->answer->status == FAKE_SELF_SIGNED
				? "TLS: self-signed"
				: "connection refused");
	} else {
		r.status = g->answer->status;
		r.complete = true;
		r.named = !g->answer->wildcard;
		r.tls = g->n_tlsa ? TLS_WEBPKI_DANE : TLS_WEBPKI;
		r.cert = g->look ? g->answer->cert : NULL;
		if (g->answer->location)
			r.location = g->answer->location;
		if (g->answer->type)
			r.content_type = g->answer->type;
		if (g->answer->body)
			assert_int_equal(buf_adds(&body, g->answer->body), 0);
	}
	fake_unlink_get(g);
	g->done(g->arg, &r);
	buf_free(&body);
	free(g);
}

/* One step of the world: an answer that is due, else a request's, else time passes. False when
 * nothing is left. */
static bool fake_step(struct timers *timers)
{
	struct dns_query *q;
	struct https_get *g;
	struct timer *t;
	int64_t next = INT64_MAX;

	for (q = fake_queries; q; q = q->next) {
		if (q->due >= 0 && q->due <= fake_now) {
			fake_answer(q);
			return true;
		}
		if (q->due >= 0 && q->due < next)
			next = q->due;
	}
	for (g = fake_gets; g; g = g->next) {
		if (!g->answer || g->answer->status != 0) {
			fake_respond(g);
			return true;
		}
	}
	for (t = timers->first; t; t = t->next)
		next = t->due < next ? t->due : next;
	if (next == INT64_MAX)
		return false;
	fake_now = next > fake_now ? next : fake_now;
	timers_run(timers, fake_now);
	return true;
}

/* What a loop needs: everything that can happen does, in its order, before it waits again. */

void dns_end_apart(struct dns *d)
{
	(void)d;
}

void dns_note_domain(struct dns *d, const char *domain, const char *silent)
{
	(void)d;
	dns_known_put(&fake_known, domain, silent);
}

bool dns_knows_domain(const struct dns *d, const char *domain)
{
	(void)d;
	return dns_known_has(&fake_known, domain);
}

size_t dns_open_questions(const struct dns *d)
{
	const struct dns_query *q;
	size_t n = 0;

	(void)d;
	for (q = fake_queries; q; q = q->next)
		n++;
	return n;
}

size_t dns_young(const struct dns *d)
{
	const struct dns_query *q;
	size_t n = 0;

	(void)d;
	for (q = fake_queries; q; q = q->next)
		n += !q->silent && q->asked > fake_now - DNS_YOUNG_MS;
	return n;
}

const char *dns_notice(const struct dns *d)
{
	(void)d;
	return fake_notice;
}

int dns_fd(const struct dns *d)
{
	(void)d;
	return -1;
}

int dns_wait(const struct dns *d, int64_t now, int most)
{
	const struct dns_query *q;

	(void)d;
	for (q = fake_queries; q; q = q->next) {
		if (q->due >= 0 && q->due < now + most)
			most = q->due > now ? (int)(q->due - now) : 0;
	}
	return most;
}

void dns_process(struct dns *d)
{
	(void)d;
	while (fake_step(fake_timers))
		;
}

int https_prepare(struct https *h, struct err *err)
{
	(void)h;
	(void)err;
	return 0;
}

bool https_untrusting(const struct https *h)
{
	(void)h;
	return false;
}

void https_wait(struct https *h, struct pollfd *fd, size_t n, int timeout_ms)
{
	const bool busy =
		timeout_ms < FAKE_IDLE_MS || fake_open > 0 || (fake_timers && fake_timers->first);

	(void)h;
	if (poll(fd, n, busy ? 0 : timeout_ms) == 0 && busy)
		fake_now += timeout_ms;
}

void https_process(struct https *h)
{
	(void)h;
}

/* An empty world with these tables. */
static void fake_reset(const struct fake_dns *dns, const struct fake_url *url)
{
	fake_dns = dns;
	fake_url = url;
	fake_default = DNS_SECURE;
	fake_now = 1000;
	fake_n_asked = 0;
	dns_known_free(&fake_known);
	assert_int_equal(fake_open, 0);
}

#endif
