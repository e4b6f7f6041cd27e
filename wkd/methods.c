#include "wkd/methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h> /* getentropy, where sys/random.h has none */

#include "net/dns_why.h"
#include "net/fetch.h"
#include "wkd/name.h"

/* A lookup while it is under way. */
struct lookup {
	struct methods *m;
	struct net *net; /* NULL if nothing can be asked */
	struct addr addr;
	struct lookup_reply reply;
	struct evidence evidence;
	struct net_watch watch;
	struct timer deadline, patience;
	bool wkd_busy, dane_busy;
	bool expired; /* the deadline has come */
	/* WKD */
	struct host *host;
	struct fetch *fetch;
	char host_name[WKD_HOST_MAX + 1];
	enum dns_state denial;          /* of openpgpkey.DOMAIN, when the direct method is used */
	struct net_ip ip[HOST_IPS_MAX]; /* of openpgpkey.DOMAIN */
	size_t n_ip;
	char *failed;  /* owned: why the advanced method failed, while it is found out whether a
			  wildcard is to blame */
	bool wildcard; /* it is */
	/* OPENPGPKEY */
	char owner[WKD_OWNER_MAX + 1];
	struct dns_query *record, *soa;
	bool zone_known, zone_insecure; /* what became of soa */
	struct lookup *prev, *next;
};

/* Sends the reply when both methods have ended; l is gone then. */
void lookup_finish_if_done(struct lookup *l);

/* One method has ended, for the reason given. Without memory for the reason it has failed. */
void lookup_set_result(
	struct lookup *l, struct method_result *r, enum method_status status, const char *reason);

/* Each of the following may end its method at once; none of them finishes the lookup. */

void directory_start(struct lookup *l);
/* The deadline has come: within says when, doubt what is wrong with the resolver (or NULL). */
void directory_expire(struct lookup *l, const char *doubt, const char *within);
/* Forgets what is being asked. */
void directory_stop(struct lookup *l);
/* Ends the method. */
void directory_end(struct lookup *l, enum method_status status, const char *reason);

void record_start(struct lookup *l);
void record_expire(struct lookup *l, const char *doubt, const char *within);
void record_stop(struct lookup *l);
void record_end(struct lookup *l, enum method_status status, const char *reason);

struct methods {
	struct net *net;
	struct methods_settings set;
	struct lookup *first;
	size_t running;
};

struct methods *methods_new(struct net *net, const struct methods_settings *s)
{
	struct methods *m = calloc(1, sizeof(*m));

	if (m) {
		m->net = net;
		m->set = *s;
	}
	return m;
}

size_t methods_running(const struct methods *m)
{
	return m->running;
}

/* The newest come first. */
size_t methods_young(const struct methods *m)
{
	int64_t since = clock_ms() - METHODS_YOUNG_MS;
	const struct lookup *l;
	size_t n = 0;

	for (l = m->first; l && l->evidence.start > since; l = l->next)
		n++;
	return n;
}

static void lookup_free(struct lookup *l)
{
	directory_stop(l);
	record_stop(l);
	if (l->net)
		timer_stop(&l->net->timers, &l->deadline);
	if (l->prev)
		l->prev->next = l->next;
	else
		l->m->first = l->next;
	if (l->next)
		l->next->prev = l->prev;
	l->m->running--;
	lookup_reply_free(&l->reply);
	free(l->failed);
	free(l);
}

void methods_free(struct methods *m)
{
	if (!m)
		return;
	while (m->first)
		lookup_free(m->first);
	free(m);
}

void lookup_finish_if_done(struct lookup *l)
{
	if (l->wkd_busy || l->dane_busy)
		return;
	l->reply.ms = (uint32_t)(clock_ms() - l->evidence.start);
	l->m->set.reply(l->m->set.arg, &l->reply);
	lookup_free(l);
}

static const char *status_name(enum method_status s)
{
	static const char *const name[] = {[METHOD_NOT_ASKED] = "not asked",
		[METHOD_FOUND] = "found",
		[METHOD_ABSENT] = "absent",
		[METHOD_FAILED] = "failed"};

	return name[s];
}

void lookup_set_result(
	struct lookup *l, struct method_result *r, enum method_status status, const char *reason)
{
	free(r->reason);
	r->status = status;
	r->reason = evidence_text(reason, LOOKUP_REASON_MAX - 1);
	if (status != METHOD_FOUND || !r->reason) {
		while (r->n_body > 0)
			free(r->body[--r->n_body].data);
	}
	if (!r->reason)
		r->status = METHOD_FAILED;
	if (r->status != METHOD_ABSENT)
		r->proved = false;
	evidence_trace(&l->evidence, "%s: %s%s%s", r == &l->reply.wkd ? "WKD" : "OPENPGPKEY",
		status_name(r->status), reason[0] ? ": " : "", reason);
}

static void on_deadline(void *arg)
{
	struct lookup *l = arg;
	const char *doubt = dns_doubt(l->net->dns);
	char within[64];

	l->expired = true;
	snprintf(within, sizeof(within), "within %.1f s", l->m->set.timeout_ms / 1000.0);
	if (l->wkd_busy)
		directory_expire(l, doubt, within);
	if (l->dane_busy)
		record_expire(l, doubt, within);
	lookup_finish_if_done(l);
}

static void watch_dns(void *arg, const struct dns_answer *a)
{
	struct lookup *l = arg;

	evidence_dns(&l->evidence, a);
}

static void watch_url(void *arg, const struct https_result *r)
{
	struct lookup *l = arg;

	evidence_url(&l->evidence, r);
}

static void start(struct lookup *l, uint8_t methods)
{
	const char *broken = l->m->set.broken;

	if (methods & METHOD_WKD)
		l->reply.wkd.method = METHOD_WKD_ADVANCED;
	if (methods & METHOD_DANE)
		l->reply.dane.method = METHOD_OPENPGPKEY;
	l->wkd_busy = methods & METHOD_WKD;
	l->dane_busy = methods & METHOD_DANE;
	if (!broken && !addr_discoverable(&l->addr))
		broken = "not an address to look up";
	if (broken) {
		if (l->wkd_busy)
			directory_end(l, METHOD_FAILED, broken);
		if (l->dane_busy)
			record_end(l, METHOD_FAILED, broken);
		return;
	}
	timer_set(&l->net->timers, &l->deadline, l->evidence.start + l->m->set.timeout_ms,
		on_deadline, l);
	dns_foresee(l->net->dns, l->addr.domain);
	if (l->wkd_busy)
		directory_start(l);
	if (l->dane_busy)
		record_start(l);
}

int methods_start(struct methods *m, const struct lookup_request *q, struct err *err)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return err_set(err, ERR_OS, "out of memory");
	l->m = m;
	l->net = m->net;
	l->addr = q->addr;
	l->reply.id = q->id;
	l->evidence = (struct evidence){.reply = &l->reply,
		.start = clock_ms(),
		.queries = m->set.verbose,
		.trace = m->set.trace,
		.arg = m->set.arg};
	l->watch = (struct net_watch){.dns = watch_dns, .url = watch_url, .arg = l};
	l->next = m->first;
	if (l->next)
		l->next->prev = l;
	m->first = l;
	m->running++;
	start(l, q->methods & m->set.allowed);
	lookup_finish_if_done(l);
	return 0;
}

/*
 * The Web Key Directory: openpgpkey.DOMAIN or, if that does not exist, DOMAIN; then the document.
 *
 * Where a domain answers for every name, openpgpkey.DOMAIN resolves though nobody made it. In a
 * signed zone DNSSEC tells, and it counts as absent. In an unsigned one it shows when the
 * certificate there is for another name, and a name made up at random resolves alike: then the
 * direct method may still find a key, but what it does not find is not known absent.
 */

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

/* OPENPGPKEY: the record, and if that fails or takes long, whether the zone is signed at all. */

void record_stop(struct lookup *l)
{
	if (l->net)
		timer_stop(&l->net->timers, &l->patience);
	dns_cancel(l->record);
	dns_cancel(l->soa);
	l->record = l->soa = NULL;
}

static void tell_open(struct lookup *l, const char *note)
{
	struct dns_answer a;

	if (l->record) {
		a = dns_unanswered(l->owner, DNS_OPENPGPKEY, note);
		evidence_dns(&l->evidence, &a);
	}
	if (l->soa) {
		a = dns_unanswered(l->addr.domain, DNS_SOA, note);
		evidence_dns(&l->evidence, &a);
	}
}

void record_end(struct lookup *l, enum method_status status, const char *reason)
{
	tell_open(l, l->expired ? NET_NO_ANSWER : NET_NOT_WAITED);
	record_stop(l);
	l->dane_busy = false;
	lookup_set_result(l, &l->reply.dane, status, reason);
}

/* Ends it with a sentence that begins with the domain. */
static void end_saying(struct lookup *l, enum method_status status, const char *what)
{
	char why[LOOKUP_REASON_MAX];

	snprintf(why, sizeof(why), "%s: %.240s", l->addr.domain, what);
	record_end(l, status, why);
}

/* alias: where a CNAME led from the record's name, or "". */
static void end_insecure(struct lookup *l, const char *alias)
{
	char what[LOOKUP_REASON_MAX];

	l->reply.dane.dnssec = DNS_INSECURE;
	if (alias[0])
		snprintf(what, sizeof(what),
			"its OPENPGPKEY record lies in a zone that is not signed, at %.64s, so it "
			"does not count",
			alias);
	else
		snprintf(what, sizeof(what),
			"the zone is not signed, so no OPENPGPKEY record counts");
	end_saying(l, METHOD_ABSENT, what);
}

static void end_failed(struct lookup *l, const char *what)
{
	char why[LOOKUP_REASON_MAX];

	snprintf(why, sizeof(why), "OPENPGPKEY record: %.200s", what);
	end_saying(l, METHOD_FAILED, why);
}

static void take_records(struct lookup *l, const struct dns_answer *a)
{
	struct method_result *r = &l->reply.dane;
	size_t i, total = 0;

	for (i = 0; i < a->n; i++)
		total += a->len[i];
	if (a->n > LOOKUP_BODIES_MAX || total > LOOKUP_BODY_MAX) {
		end_saying(l, METHOD_FAILED, "more OPENPGPKEY records than can be looked at");
		return;
	}
	for (i = 0; i < a->n; i++) {
		r->body[i].data = malloc(a->len[i] + 1);
		if (!r->body[i].data) {
			end_failed(l, "out of memory");
			return;
		}
		memcpy(r->body[i].data, a->data[i], a->len[i]);
		r->body[i].len = a->len[i];
		r->n_body++;
	}
	record_end(l, METHOD_FOUND, "");
}

static void on_soa(void *arg, const struct dns_answer *a)
{
	struct lookup *l = arg;

	l->soa = NULL;
	evidence_dns(&l->evidence, a);
	l->zone_known = true;
	/* A CNAME would tell about the zone it leads to. */
	l->zone_insecure = a->state == DNS_INSECURE && a->canon[0] == '\0';
	if (l->zone_insecure)
		end_insecure(l, "");
	else if (!l->record)
		end_failed(l, l->reply.dane.reason ? l->reply.dane.reason : "no answer");
	lookup_finish_if_done(l);
}

/* False if it cannot be asked. */
static bool ask_soa(struct lookup *l)
{
	if (l->soa)
		return true;
	return !l->zone_known &&
	       dns_ask(l->net->dns, l->addr.domain, DNS_SOA, on_soa, l, &l->soa, NULL) == 0;
}

static void on_patience(void *arg)
{
	struct lookup *l = arg;

	(void)ask_soa(l);
}

static void on_record(void *arg, const struct dns_answer *a)
{
	struct lookup *l = arg;
	struct method_result *r = &l->reply.dane;

	l->record = NULL;
	evidence_dns(&l->evidence, a);
	r->dnssec = a->state;
	r->ttl = a->ttl;
	if (a->state == DNS_SECURE && a->n > 0) {
		take_records(l, a);
	} else if (a->state == DNS_SECURE) {
		r->proved = true;
		end_saying(l, METHOD_ABSENT, "the domain publishes no OPENPGPKEY record for it");
	} else if (a->state == DNS_INSECURE) {
		end_insecure(l, a->canon);
	} else if (ask_soa(l)) {
		/* Kept for the case that the zone is signed. */
		free(r->reason);
		r->reason = evidence_text(a->note, LOOKUP_REASON_MAX - 1);
	} else {
		end_failed(l, a->note);
	}
	lookup_finish_if_done(l);
}

void record_start(struct lookup *l)
{
	struct method_result *r = &l->reply.dane;
	struct err err = ERR_INIT;

	openpgpkey_owner(&l->addr, l->owner);
	r->url = strdup(l->owner);
	if (strlen(l->owner) > WKD_DNS_NAME_MAX) {
		r->proved = true;
		r->dnssec = DNS_SECURE;
		end_saying(l, METHOD_ABSENT,
			"the domain name is too long to hold an OPENPGPKEY record");
		return;
	}
	if (dns_ask(l->net->dns, l->owner, DNS_OPENPGPKEY, on_record, l, &l->record, &err) < 0) {
		end_failed(l, err.msg);
		return;
	}
	timer_set(&l->net->timers, &l->patience, l->evidence.start + METHODS_PATIENCE_MS,
		on_patience, l);
}

void record_expire(struct lookup *l, const char *doubt, const char *within)
{
	char why[LOOKUP_REASON_MAX];

	if (doubt)
		snprintf(why, sizeof(why), "%.400s", doubt);
	else
		snprintf(why, sizeof(why), "no answer %s", within);
	end_failed(l, why);
}
