/* SPDX-License-Identifier: ISC */
#include "wkd/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h> /* getentropy, where sys/random.h has none */

#include "net/fetch.h"
#include "wkd/absence.h"
#include "wkd/policy_file.h"

#define SIBLING_LETTERS 16

struct directory {
	struct net *net;
	struct directory_request q;
	bool ended;
	struct host *host;
	struct fetch *fetch;
	char host_name[WKD_HOST_MAX + 1];
	struct host_answer at; /* of host_name */
	enum dns_state denial; /* of openpgpkey.DOMAIN, when the direct method is used */
	char *failed;          /* owned: why the advanced method failed, while it is found out
				  whether a wildcard is to blame */
	bool wildcard;         /* it is */
	struct buf body;       /* an answer that is judged by a control */
	struct absence_facts absence; /* of one that a web server told */
	bool policy_asked;
	char *gone; /* owned: why there is no key, while it is found out whether that is proved */
};

static void directory_stop(struct directory *d)
{
	host_cancel(d->host);
	fetch_cancel(d->fetch);
	d->host = NULL;
	d->fetch = NULL;
}

void directory_free(struct directory *d)
{
	if (!d)
		return;
	directory_stop(d);
	free(d->failed);
	free(d->gone);
	buf_free(&d->body);
	free(d);
}

bool directory_ended(const struct directory *d)
{
	return d->ended;
}

static void directory_end(struct directory *d, enum method_status status, const char *reason)
{
	directory_stop(d);
	d->ended = true;
	evidence_result(d->q.evidence, d->q.result, status, reason);
}

/* The end of each callback. */
static void tell_if_ended(struct directory *d)
{
	if (d->ended)
		d->q.done(d->q.arg);
}

static bool is_advanced(const struct directory *d)
{
	return d->q.result->method == METHOD_WKD_ADVANCED;
}

static void set_url(struct directory *d, const char *url)
{
	free(d->q.result->url);
	d->q.result->url = evidence_url_text(url, false);
}

/* Why the advanced method failed, and what is known about it. */
static void failed_text(const struct directory *d, char *out, size_t size)
{
	snprintf(out, size, "%.400s%s", d->failed,
		d->wildcard ? "; the domain answers for every name (wildcard)" : "");
}

/* What was asked beyond the advanced method gave no key: it is that one's failure that stays. */
static void fail_as_advanced(struct directory *d)
{
	struct method_result *r = d->q.result;
	char why[LOOKUP_REASON_MAX], url[WKD_URL_MAX];

	r->method = METHOD_WKD_ADVANCED;
	r->tls = TLS_NONE;
	r->ttl = 0;
	wkd_url(d->q.addr, true, url);
	set_url(d, url);
	failed_text(d, why, sizeof(why));
	directory_end(d, METHOD_FAILED, why);
}

static void fail_directory(struct directory *d, const char *reason)
{
	if (d->failed)
		fail_as_advanced(d);
	else
		directory_end(d, METHOD_FAILED, reason);
}

/* Takes d's body for what is published; control is what is known of the server. */
static void take_body(struct directory *d, enum control control)
{
	struct method_result *r = d->q.result;
	char why[LOOKUP_REASON_MAX] = "";

	if (buf_reserve(&d->body, 0) < 0) {
		fail_directory(d, "out of memory");
		return;
	}
	r->body[0].data = d->body.p;
	r->body[0].len = d->body.len;
	r->n_body = 1;
	r->control = control;
	r->wildcard = d->failed != NULL;
	d->body = (struct buf)BUF_INIT(0);
	if (d->failed)
		failed_text(d, why, sizeof(why));
	directory_end(d, METHOD_FOUND, why);
}

/* What else is asked of the host that was asked for the key: its policy, or a name that nobody has
 * published. */
static int ask_beside(struct directory *d, const char *url, fetch_done *done, struct err *err)
{
	const struct fetch_request q = {.url = url,
		.host = d->host_name,
		.at = &d->at,
		.hops = FETCH_HOPS_MAX,
		.max_body = LOOKUP_BODY_MAX};

	return fetch_start(d->net, &q, d->q.watch, done, d, &d->fetch, err);
}

static struct site_facts *site_of(const struct directory *d)
{
	return sites_of(d->q.sites, d->host_name, clock_ms());
}

/* The answer, seen beside the one to a name that nobody has published. */
static void judge_by_control(struct directory *d)
{
	const struct site_facts *s = site_of(d);
	struct control_page page;
	char url[WKD_URL_MAX];
	bool alike = false;

	if (s->control == SITE_PAGE) {
		wkd_url(d->q.addr, is_advanced(d), url);
		if (control_read(d->body.p, d->body.len, url, &page) < 0) {
			fail_directory(d, "out of memory");
			return;
		}
		alike = control_alike(&page, &s->page);
	}
	evidence_trace(d->q.evidence, "WKD: %s answers %s to a name that nobody has published",
		d->host_name, alike ? "alike" : "otherwise");
	take_body(d, alike ? CONTROL_ALIKE : CONTROL_OTHER);
}

static void on_control(void *arg, struct fetch_result *f)
{
	struct directory *d = arg;
	struct site_facts *s = site_of(d);

	d->fetch = NULL;
	if (f->status == FETCH_OK &&
		control_read(f->body->p, f->body->len, f->asked, &s->page) == 0)
		s->control = SITE_PAGE;
	else if (f->status == FETCH_GONE)
		s->control = SITE_NONE;
	if (s->control != SITE_NOT_ASKED)
		judge_by_control(d);
	else
		take_body(d, CONTROL_FAILED);
	tell_if_ended(d);
}

static void ask_control(struct directory *d)
{
	uint8_t random[WKD_DIGEST_LEN];
	char url[WKD_URL_MAX];

	if (site_of(d)->control != SITE_NOT_ASKED) {
		judge_by_control(d);
		return;
	}
	if (getentropy(random, sizeof(random)) < 0) {
		take_body(d, CONTROL_FAILED);
		return;
	}
	wkd_control_url(d->q.addr, is_advanced(d), random, url);
	evidence_trace(d->q.evidence, "WKD: %s: does it answer so to every name?", d->host_name);
	if (ask_beside(d, url, on_control, NULL) < 0)
		take_body(d, CONTROL_FAILED);
}

static void ask_sibling(struct directory *d);

/* There is an answer, whatever it is. */
static void judge_body(struct directory *d, struct buf *body)
{
	d->body = *body;
	*body = (struct buf)BUF_INIT(0);
	if (d->failed || !control_needed(d->body.p, d->body.len))
		take_body(d, CONTROL_NONE);
	else if (!is_advanced(d))
		ask_control(d);
	else if (d->q.result->dnssec == DNS_INSECURE && !d->net->proxied)
		ask_sibling(d);
	else
		take_body(d, CONTROL_NONE);
}

static void judge_failure(struct directory *d, const struct fetch_result *f)
{
	char why[LOOKUP_REASON_MAX];

	if (f->wrong_name && is_advanced(d) && d->q.result->dnssec == DNS_INSECURE) {
		d->failed = strdup(f->reason);
		if (d->failed)
			ask_sibling(d);
		else
			directory_end(d, METHOD_FAILED, f->reason);
	} else if (d->net->proxied && f->tls == TLS_NONE) {
		snprintf(why, sizeof(why),
			"%.400s; whether that host exists is unknown behind a proxy", f->reason);
		fail_directory(d, why);
	} else {
		fail_directory(d, f->reason);
	}
}

static void on_policy(void *arg, struct fetch_result *f);

/* There is none, the server says; on asking for its policy, where that proves it. */
static void judge_gone(struct directory *d)
{
	enum absence_proof proof;
	char url[WKD_URL_MAX];

	d->absence.policy = site_of(d)->policy;
	proof = absence_proof(&d->absence);
	if (proof == ABSENCE_ASK_POLICY && !d->policy_asked) {
		d->policy_asked = true;
		evidence_trace(d->q.evidence, "WKD: %s: is it a key host?", d->host_name);
		wkd_policy_url(d->q.addr->domain, is_advanced(d), url);
		if (ask_beside(d, url, on_policy, NULL) == 0)
			return;
	}
	d->q.result->proved = proof == ABSENCE_PROVED;
	directory_end(d, METHOD_ABSENT, d->gone);
}

static void on_policy(void *arg, struct fetch_result *f)
{
	struct directory *d = arg;
	struct buf said = BUF_INIT(LOOKUP_REASON_MAX);

	d->fetch = NULL;
	if (f->status == FETCH_OK)
		site_of(d)->policy = policy_file_read(buf_str(f->body), f->body->len, &said)
					     ? POLICY_VALID
					     : POLICY_NOT_VALID;
	else if (f->status == FETCH_GONE)
		site_of(d)->policy = POLICY_NOT_VALID;
	buf_free(&said);
	judge_gone(d);
	tell_if_ended(d);
}

static void take_gone(struct directory *d, const struct fetch_result *f)
{
	char why[LOOKUP_REASON_MAX];

	snprintf(why, sizeof(why), "%.400s%s", f->reason,
		d->net->proxied ? "; the name was resolved by the proxy, so that proves nothing"
				: "");
	d->absence = (struct absence_facts){.proxied = d->net->proxied,
		.advanced = is_advanced(d),
		.denial = d->denial,
		.first = f->first,
		.weakest = f->weakest};
	d->gone = strdup(why);
	if (d->gone)
		judge_gone(d);
	else
		directory_end(d, METHOD_FAILED, "out of memory");
}

static void on_key_fetched(void *arg, struct fetch_result *f)
{
	struct directory *d = arg;

	d->fetch = NULL;
	d->q.result->tls = f->tls;
	set_url(d, f->url);
	if (f->status == FETCH_OK)
		judge_body(d, f->body);
	else if (f->status == FETCH_GONE && !d->failed)
		take_gone(d, f);
	else
		judge_failure(d, f);
	tell_if_ended(d);
}

static void fetch_key(struct directory *d, const struct host_answer *at)
{
	char url[WKD_URL_MAX];
	struct err err = ERR_INIT;

	d->at = *at;
	wkd_url(d->q.addr, is_advanced(d), url);
	set_url(d, url);
	if (ask_beside(d, url, on_key_fetched, &err) < 0)
		fail_directory(d, err.msg);
}

static void start_direct(struct directory *d);

static void on_advanced_host(void *arg, const struct host_answer *a)
{
	struct directory *d = arg;

	d->host = NULL;
	d->q.result->dnssec = a->dnssec;
	switch (a->status) {
	case HOST_FOUND:
		fetch_key(d, a);
		break;
	case HOST_FAILED:
		/* Whatever goes wrong with the first host never leads to the second. */
		fail_directory(d, a->reason);
		break;
	case HOST_ABSENT:
		d->denial = a->dnssec;
		start_direct(d);
		break;
	}
	tell_if_ended(d);
}

/* dnssec stays that of the denial, which chose this method. */
static void on_direct_host(void *arg, const struct host_answer *a)
{
	struct directory *d = arg;
	struct method_result *r = d->q.result;
	char why[LOOKUP_REASON_MAX];

	d->host = NULL;
	if (a->status == HOST_FOUND) {
		fetch_key(d, a);
	} else if (a->status == HOST_ABSENT && !d->failed) {
		r->proved = d->denial == DNS_SECURE && a->dnssec == DNS_SECURE;
		r->ttl = a->ttl;
		snprintf(why, sizeof(why), "%s: the domain has no key host", d->q.addr->domain);
		directory_end(d, METHOD_ABSENT, why);
	} else {
		fail_directory(d, a->reason);
	}
	tell_if_ended(d);
}

static void start_direct(struct directory *d)
{
	struct err err = ERR_INIT;

	d->q.result->method = METHOD_WKD_DIRECT;
	wkd_host(d->q.addr, false, d->host_name);
	if (host_resolve(d->net, d->host_name, d->q.watch, on_direct_host, d, &d->host, &err) < 0)
		fail_directory(d, err.msg);
}

static bool has_ip(const struct host_answer *a, const struct net_ip *ip)
{
	size_t i, len = ip->v6 ? 16 : 4;

	for (i = 0; i < a->n_ip; i++) {
		if (a->ip[i].v6 == ip->v6 && memcmp(a->ip[i].b, ip->b, len) == 0)
			return true;
	}
	return false;
}

/* The same set of addresses. */
static bool resolve_alike(const struct host_answer *a, const struct host_answer *b)
{
	size_t i;

	if (b->status != HOST_FOUND || b->dnssec != DNS_INSECURE)
		return false;
	for (i = 0; i < b->n_ip; i++) {
		if (!has_ip(a, &b->ip[i]))
			return false;
	}
	for (i = 0; i < a->n_ip; i++) {
		if (!has_ip(b, &a->ip[i]))
			return false;
	}
	return true;
}

/* After a certificate for another name the domain itself is asked; after an answer that is no key
 * it may only excuse that. */
static void on_sibling_host(void *arg, const struct host_answer *a)
{
	struct directory *d = arg;

	d->host = NULL;
	d->wildcard = resolve_alike(&d->at, a);
	if (!d->failed && d->wildcard) {
		ask_control(d);
	} else if (!d->failed) {
		take_body(d, CONTROL_NONE);
	} else if (d->wildcard) {
		evidence_trace(d->q.evidence,
			"WKD: %s: answers for every name (wildcard): asking it directly, too",
			d->q.addr->domain);
		start_direct(d);
	} else {
		fail_as_advanced(d);
	}
	tell_if_ended(d);
}

/* A name beside openpgpkey.DOMAIN that nobody will have made. False if there is no such name. */
static bool sibling_name(const struct directory *d, char *out, size_t size)
{
	uint8_t random[SIBLING_LETTERS];
	char label[SIBLING_LETTERS + 1] = "";
	size_t i;

	if (getentropy(random, sizeof(random)) < 0)
		return false;
	for (i = 0; i < SIBLING_LETTERS; i++)
		label[i] = (char)('a' + random[i] % 26);
	return snprintf(out, size, "%s.%s", label, d->q.addr->domain) <= WKD_DNS_NAME_MAX;
}

/* Whether openpgpkey.DOMAIN is there, or every name is. */
static void ask_sibling(struct directory *d)
{
	char name[SIBLING_LETTERS + 1 + ADDR_DOMAIN_MAX + 1];
	bool asked = sibling_name(d, name, sizeof(name));

	if (asked)
		evidence_trace(d->q.evidence, "WKD: %s: does it answer for every name?",
			d->q.addr->domain);
	asked = asked &&
		host_resolve(d->net, name, d->q.watch, on_sibling_host, d, &d->host, NULL) == 0;
	if (!asked && d->failed)
		fail_as_advanced(d);
	else if (!asked)
		take_body(d, CONTROL_NONE);
}

void directory_expire(struct directory *d, const char *doubt, const char *within)
{
	char why[LOOKUP_REASON_MAX];

	if (doubt)
		snprintf(why, sizeof(why), "%s: %.400s", d->host_name, doubt);
	else
		snprintf(why, sizeof(why), "%.400s %s",
			d->host    ? host_waiting(d->host)
			: d->fetch ? fetch_waiting(d->fetch)
				   : "no answer",
			within);
	if (d->host)
		host_tell_open(d->host, NET_NO_ANSWER);
	if (d->fetch)
		fetch_tell_open(d->fetch, NET_NO_ANSWER);
	if (d->body.len > 0 && !d->failed) { /* only the control is missing */
		take_body(d, CONTROL_FAILED);
		return;
	}
	if (d->gone) { /* only the proof is */
		directory_end(d, METHOD_ABSENT, d->gone);
		return;
	}
	if (d->fetch)
		set_url(d, fetch_url(d->fetch));
	fail_directory(d, why);
}

struct directory *directory_start(struct net *net, const struct directory_request *q)
{
	struct directory *d = calloc(1, sizeof(*d));
	struct err err = ERR_INIT;

	if (!d)
		return NULL;
	d->net = net;
	d->q = *q;
	q->result->method = METHOD_WKD_ADVANCED;
	wkd_host(q->addr, true, d->host_name);
	if (strlen(d->host_name) > WKD_DNS_NAME_MAX) {
		/* Too long a name cannot exist. */
		d->denial = q->result->dnssec = DNS_SECURE;
		start_direct(d);
	} else if (host_resolve_own(
			   net, d->host_name, q->watch, on_advanced_host, d, &d->host, &err) < 0) {
		fail_directory(d, err.msg);
	}
	return d;
}
