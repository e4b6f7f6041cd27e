/*
 * The Web Key Directory: openpgpkey.DOMAIN or, if that does not exist, DOMAIN; then the document.
 *
 * Where a domain answers for every name, openpgpkey.DOMAIN resolves though nobody made it. In a
 * signed zone DNSSEC tells, and it counts as absent. In an unsigned one it shows when the
 * certificate there is for another name, and a name made up at random resolves alike: then the
 * direct method may still find a key, but what it does not find is not known absent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "wkd/under_way.h"

#define SIBLING_LETTERS 16

void directory_stop(struct lookup *l)
{
	host_cancel(l->host);
	fetch_cancel(l->fetch);
	l->host = NULL;
	l->fetch = NULL;
}

void directory_end(struct lookup *l, enum method_status status, const char *reason)
{
	directory_stop(l);
	l->wkd_busy = false;
	lookup_set_result(l, &l->reply.wkd, status, reason);
}

static void set_url(struct lookup *l, const char *url)
{
	free(l->reply.wkd.url);
	l->reply.wkd.url = evidence_url_text(url, false);
}

/* Why the advanced method failed, and what is known about it. */
static void failed_text(const struct lookup *l, char *out, size_t size)
{
	snprintf(out, size, "%.400s%s", l->failed,
		l->wildcard ? "; the domain answers for every name (wildcard)" : "");
}

/* What was asked beyond the advanced method gave no key: it is that one's failure that stays. */
static void fail_as_advanced(struct lookup *l)
{
	struct method_result *r = &l->reply.wkd;
	char why[LOOKUP_REASON_MAX], url[WKD_URL_MAX];

	r->method = METHOD_WKD_ADVANCED;
	r->tls = TLS_NONE;
	r->ttl = 0;
	wkd_url(&l->addr, true, url);
	set_url(l, url);
	failed_text(l, why, sizeof(why));
	directory_end(l, METHOD_FAILED, why);
}

static void fail(struct lookup *l, const char *reason)
{
	if (l->failed)
		fail_as_advanced(l);
	else
		directory_end(l, METHOD_FAILED, reason);
}

static void take_body(struct lookup *l, struct buf *body)
{
	struct method_result *r = &l->reply.wkd;
	char why[LOOKUP_REASON_MAX] = "";

	if (buf_reserve(body, 0) < 0) {
		fail(l, "out of memory");
		return;
	}
	r->body[0].data = body->p;
	r->body[0].len = body->len;
	r->n_body = 1;
	*body = (struct buf)BUF_INIT(0);
	if (l->failed)
		failed_text(l, why, sizeof(why));
	directory_end(l, METHOD_FOUND, why);
}

static void ask_sibling(struct lookup *l, const char *reason);

static void on_fetched(void *arg, struct fetch_result *f)
{
	struct lookup *l = arg;
	struct method_result *r = &l->reply.wkd;
	char why[LOOKUP_REASON_MAX];

	l->fetch = NULL;
	r->tls = f->tls;
	set_url(l, f->url);
	if (f->status == FETCH_OK) {
		take_body(l, f->body);
	} else if (f->status == FETCH_GONE && !l->failed) {
		snprintf(why, sizeof(why), "%.400s%s", f->reason,
			l->net->proxied
				? "; the name was resolved by the proxy, so that proves nothing"
				: "");
		/* A forged denial of openpgpkey.DOMAIN would have led to the wrong server. */
		r->proved = !l->net->proxied &&
			    (r->method == METHOD_WKD_ADVANCED || l->denial == DNS_SECURE);
		directory_end(l, METHOD_ABSENT, why);
	} else if (f->wrong_name && r->method == METHOD_WKD_ADVANCED && r->dnssec == DNS_INSECURE) {
		ask_sibling(l, f->reason);
	} else if (l->net->proxied && f->tls == TLS_NONE) {
		snprintf(why, sizeof(why),
			"%.400s; whether that host exists cannot be told through a proxy",
			f->reason);
		fail(l, why);
	} else {
		fail(l, f->reason);
	}
	lookup_finish_if_done(l);
}

static void fetch(struct lookup *l, const struct host_answer *at)
{
	char url[WKD_URL_MAX];
	struct fetch_request q = {.url = url,
		.host = l->host_name,
		.at = at,
		.hops = FETCH_HOPS_MAX,
		.max_body = LOOKUP_BODY_MAX};
	struct err err = ERR_INIT;

	wkd_url(&l->addr, l->reply.wkd.method == METHOD_WKD_ADVANCED, url);
	set_url(l, url);
	if (fetch_start(l->net, &q, &l->watch, on_fetched, l, &l->fetch, &err) < 0)
		fail(l, err.msg);
}

static void start_direct(struct lookup *l);

static void on_advanced_host(void *arg, const struct host_answer *a)
{
	struct lookup *l = arg;

	l->host = NULL;
	l->reply.wkd.dnssec = a->dnssec;
	switch (a->status) {
	case HOST_FOUND:
		memcpy(l->ip, a->ip, sizeof(l->ip));
		l->n_ip = a->n_ip;
		fetch(l, a);
		break;
	case HOST_FAILED:
		/* Whatever goes wrong with the first host never leads to the second. */
		fail(l, a->reason);
		break;
	case HOST_ABSENT:
		l->denial = a->dnssec;
		start_direct(l);
		break;
	}
	lookup_finish_if_done(l);
}

/* dnssec stays that of the denial, which chose this method. */
static void on_direct_host(void *arg, const struct host_answer *a)
{
	struct lookup *l = arg;
	struct method_result *r = &l->reply.wkd;
	char why[LOOKUP_REASON_MAX];

	l->host = NULL;
	if (a->status == HOST_FOUND) {
		fetch(l, a);
	} else if (a->status == HOST_ABSENT && !l->failed) {
		r->proved = l->denial == DNS_SECURE && a->dnssec == DNS_SECURE;
		r->ttl = a->ttl;
		snprintf(why, sizeof(why), "%s: the domain has no key host", l->addr.domain);
		directory_end(l, METHOD_ABSENT, why);
	} else {
		fail(l, a->reason);
	}
	lookup_finish_if_done(l);
}

static void start_direct(struct lookup *l)
{
	struct err err = ERR_INIT;

	l->reply.wkd.method = METHOD_WKD_DIRECT;
	wkd_host(&l->addr, false, l->host_name);
	if (host_resolve(l->net, l->host_name, &l->watch, on_direct_host, l, &l->host, &err) < 0)
		fail(l, err.msg);
}

static bool has_ip(const struct net_ip *all, size_t n, const struct net_ip *ip)
{
	size_t i, len = ip->v6 ? 16 : 4;

	for (i = 0; i < n; i++) {
		if (all[i].v6 == ip->v6 && memcmp(all[i].b, ip->b, len) == 0)
			return true;
	}
	return false;
}

/* The same set of addresses. */
static bool alike(const struct lookup *l, const struct host_answer *a)
{
	size_t i;

	if (a->status != HOST_FOUND || a->dnssec != DNS_INSECURE)
		return false;
	for (i = 0; i < a->n_ip; i++) {
		if (!has_ip(l->ip, l->n_ip, &a->ip[i]))
			return false;
	}
	for (i = 0; i < l->n_ip; i++) {
		if (!has_ip(a->ip, a->n_ip, &l->ip[i]))
			return false;
	}
	return true;
}

static void on_sibling(void *arg, const struct host_answer *a)
{
	struct lookup *l = arg;

	l->host = NULL;
	l->wildcard = alike(l, a);
	if (l->wildcard) {
		evidence_trace(&l->evidence,
			"WKD: %s: answers for every name (wildcard): asking it directly, too",
			l->addr.domain);
		start_direct(l);
	} else {
		fail_as_advanced(l);
	}
	lookup_finish_if_done(l);
}

/* A name beside openpgpkey.DOMAIN that nobody will have made. False if there is no such name. */
static bool sibling_name(const struct lookup *l, char *out, size_t size)
{
	uint8_t random[SIBLING_LETTERS];
	char label[SIBLING_LETTERS + 1] = "";
	size_t i;

	if (getentropy(random, sizeof(random)) < 0)
		return false;
	for (i = 0; i < SIBLING_LETTERS; i++)
		label[i] = (char)('a' + random[i] % 26);
	return snprintf(out, size, "%s.%s", label, l->addr.domain) <= WKD_DNS_NAME_MAX;
}

/* The advanced method has failed: is it because of a wildcard? */
static void ask_sibling(struct lookup *l, const char *reason)
{
	char name[SIBLING_LETTERS + 1 + ADDR_DOMAIN_MAX + 1];

	l->failed = strdup(reason);
	if (!l->failed) {
		directory_end(l, METHOD_FAILED, reason);
		return;
	}
	if (!sibling_name(l, name, sizeof(name))) {
		fail_as_advanced(l);
		return;
	}
	evidence_trace(&l->evidence, "WKD: %s: does it answer for every name?", l->addr.domain);
	if (host_resolve(l->net, name, &l->watch, on_sibling, l, &l->host, NULL) < 0)
		fail_as_advanced(l);
}

void directory_expire(struct lookup *l, const char *doubt, const char *within)
{
	char why[LOOKUP_REASON_MAX];

	if (doubt)
		snprintf(why, sizeof(why), "%s: %.400s", l->host_name, doubt);
	else
		snprintf(why, sizeof(why), "%.400s %s",
			l->host    ? host_waiting(l->host)
			: l->fetch ? fetch_waiting(l->fetch)
				   : "no answer",
			within);
	if (l->host)
		host_tell_open(l->host, NET_NO_ANSWER);
	if (l->fetch) {
		fetch_tell_open(l->fetch, NET_NO_ANSWER);
		set_url(l, fetch_url(l->fetch));
	}
	fail(l, why);
}

void directory_start(struct lookup *l)
{
	struct err err = ERR_INIT;

	l->reply.wkd.method = METHOD_WKD_ADVANCED;
	wkd_host(&l->addr, true, l->host_name);
	if (strlen(l->host_name) > WKD_DNS_NAME_MAX) {
		/* Too long a name cannot exist. */
		l->denial = l->reply.wkd.dnssec = DNS_SECURE;
		start_direct(l);
	} else if (host_resolve_own(l->net, l->host_name, &l->watch, on_advanced_host, l, &l->host,
			   &err) < 0) {
		fail(l, err.msg);
	}
}
