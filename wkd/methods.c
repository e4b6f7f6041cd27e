/* SPDX-License-Identifier: ISC */
#include "wkd/methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns_why.h"
#include "wkd/directory.h"
#include "wkd/keyserver.h"
#include "base/wkd_name.h"

/* A lookup while it is under way. */
struct lookup {
	struct methods *m;
	struct net *net; /* NULL if nothing can be asked */
	struct addr addr;
	struct lookup_reply reply;
	struct evidence evidence;
	struct net_watch watch;
	struct timer deadline;
	bool wkd_busy, dane_busy;
	bool expired;                /* the deadline has come */
	struct directory *directory; /* WKD */
	struct keyserver *keyserver; /* instead of the domain's methods; wkd_busy is its */
	char server[ADDR_DOMAIN_MAX + 1];
	/* OPENPGPKEY */
	char owner[WKD_OWNER_MAX + 1];
	struct dns_query *record, *zone;
	uint16_t zone_type; /* what zone asks for */
	struct lookup *prev, *next;
};

/* Sends the reply when both methods have ended; l is gone then. */
static void lookup_finish_if_done(struct lookup *l);

/* Each of the following may end its method at once; none of them finishes the lookup. */

static void record_start(struct lookup *l);
static void record_expire(struct lookup *l, const char *doubt, const char *within);
static void record_stop(struct lookup *l);
static void record_end(struct lookup *l, enum method_status status, const char *reason);

struct methods {
	struct net *net;
	struct methods_settings set;
	struct lookup *first;
	size_t running;
	struct sites sites;
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

static void lookup_free(struct lookup *l)
{
	directory_free(l->directory);
	keyserver_free(l->keyserver);
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

static void lookup_finish_if_done(struct lookup *l)
{
	if (l->wkd_busy || l->dane_busy)
		return;
	l->reply.ms = (uint32_t)(clock_ms() - l->evidence.start);
	l->reply.ours =
		l->m->set.broken || dns_doubt(l->net->dns) || https_untrusting(l->net->https);
	l->m->set.reply(l->m->set.arg, &l->reply);
	lookup_free(l);
}

/* A key server is asked after the domain: both together have one and a half. */
static uint32_t lookup_timeout(const struct lookup *l)
{
	return l->server[0] ? l->m->set.timeout_ms / 2 : l->m->set.timeout_ms;
}

static void on_lookup_deadline(void *arg)
{
	struct lookup *l = arg;
	const char *doubt = dns_doubt(l->net->dns);
	char within[64];

	l->expired = true;
	snprintf(within, sizeof(within), "within %.1f s", lookup_timeout(l) / 1000.0);
	if (l->wkd_busy && l->keyserver)
		keyserver_expire(l->keyserver, within);
	else if (l->wkd_busy)
		directory_expire(l->directory, doubt, within);
	l->wkd_busy = false;
	if (l->dane_busy)
		record_expire(l, doubt, within);
	lookup_finish_if_done(l);
}

static void note_lookup_dns(void *arg, const struct dns_answer *a)
{
	struct lookup *l = arg;

	evidence_dns(&l->evidence, a);
}

static void note_lookup_url(void *arg, const struct https_result *r)
{
	struct lookup *l = arg;

	l->reply.wkd.proxy_down |= r->proxy_down;
	evidence_url(&l->evidence, r);
}

static void on_directory(void *arg)
{
	struct lookup *l = arg;

	l->wkd_busy = false;
	lookup_finish_if_done(l);
}

static void start_directory(struct lookup *l)
{
	const struct directory_request q = {.addr = &l->addr,
		.result = &l->reply.wkd,
		.evidence = &l->evidence,
		.watch = &l->watch,
		.sites = &l->m->sites,
		.done = on_directory,
		.arg = l};

	l->directory = directory_start(l->net, &q);
	if (!l->directory)
		evidence_result(&l->evidence, &l->reply.wkd, METHOD_FAILED, "out of memory");
	l->wkd_busy = l->directory && !directory_ended(l->directory);
}

static void start_keyserver(struct lookup *l)
{
	const struct keyserver_request q = {.host = l->server,
		.addr = &l->addr,
		.result = &l->reply.wkd,
		.evidence = &l->evidence,
		.watch = &l->watch,
		.done = on_directory,
		.arg = l};

	timer_set(&l->net->timers, &l->deadline, l->evidence.start + lookup_timeout(l),
		on_lookup_deadline, l);
	l->keyserver = keyserver_start(l->net, &q);
	if (!l->keyserver)
		evidence_result(&l->evidence, &l->reply.wkd, METHOD_FAILED, "out of memory");
	l->wkd_busy = l->keyserver && !keyserver_ended(l->keyserver);
}

/* One of the settings' key servers, and nobody else. */
static void ask_keyserver(struct lookup *l, unsigned index)
{
	const char *p = l->m->set.keyservers ? l->m->set.keyservers : "",
		   *broken = l->m->set.broken;

	l->reply.wkd.method = METHOD_KEYSERVER;
	for (; index > 0 && *p; index--) {
		p += strcspn(p, " ");
		p += strspn(p, " ");
	}
	if (!broken && (*p == '\0' || strcspn(p, " ") >= sizeof(l->server)))
		broken = "there is no such key server";
	if (!broken && !addr_discoverable(&l->addr))
		broken = "not an address to look up";
	snprintf(l->server, sizeof(l->server), "%.*s", (int)strcspn(p, " "), p);
	if (broken)
		evidence_result(&l->evidence, &l->reply.wkd, METHOD_FAILED, broken);
	else
		start_keyserver(l);
}

static void start_methods(struct lookup *l, uint8_t methods)
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
			evidence_result(&l->evidence, &l->reply.wkd, METHOD_FAILED, broken);
		l->wkd_busy = false;
		if (l->dane_busy)
			record_end(l, METHOD_FAILED, broken);
		return;
	}
	timer_set(&l->net->timers, &l->deadline, l->evidence.start + lookup_timeout(l),
		on_lookup_deadline, l);
	dns_foresee(l->net->dns, l->addr.domain);
	if (l->wkd_busy)
		start_directory(l);
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
	l->watch = (struct net_watch){.dns = note_lookup_dns, .url = note_lookup_url, .arg = l};
	l->next = m->first;
	if (l->next)
		l->next->prev = l;
	m->first = l;
	m->running++;
	if (q->methods == METHOD_VKS)
		ask_keyserver(l, q->server);
	else
		start_methods(l, q->methods & m->set.allowed);
	lookup_finish_if_done(l);
	return 0;
}

/* OPENPGPKEY: whether the zone is signed at all, and if so the record. */

static void record_stop(struct lookup *l)
{
	dns_cancel(l->record);
	dns_cancel(l->zone);
	l->record = l->zone = NULL;
}

static void tell_open_methods(struct lookup *l, const char *note)
{
	struct dns_answer a;

	if (l->record) {
		a = dns_unanswered(l->owner, DNS_OPENPGPKEY, note);
		evidence_dns(&l->evidence, &a);
	}
	if (l->zone) {
		a = dns_unanswered(l->addr.domain, l->zone_type, note);
		evidence_dns(&l->evidence, &a);
	}
}

static void record_end(struct lookup *l, enum method_status status, const char *reason)
{
	tell_open_methods(l, l->expired ? NET_NO_ANSWER : NET_NOT_WAITED);
	record_stop(l);
	l->dane_busy = false;
	evidence_result(&l->evidence, &l->reply.dane, status, reason);
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

static void take_key_records(struct lookup *l, const struct dns_answer *a)
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

static void ask_record(struct lookup *l);
static void ask_zone(struct lookup *l, uint16_t type);

/* The zone's DS tells where it has one, or where nothing above is signed; else its SOA. */
static void on_delegation(void *arg, const struct dns_answer *a)
{
	struct lookup *l = arg;

	l->zone = NULL;
	evidence_dns(&l->evidence, a);
	if (a->state == DNS_SECURE && a->n > 0)
		ask_record(l);
	else if (a->state == DNS_INSECURE && a->canon[0] == '\0')
		end_insecure(l, "");
	else
		ask_zone(l, DNS_SOA);
	lookup_finish_if_done(l);
}

static void on_zone_soa(void *arg, const struct dns_answer *a)
{
	struct lookup *l = arg;

	l->zone = NULL;
	evidence_dns(&l->evidence, a);
	if (a->state > DNS_INSECURE) {
		l->reply.dane.dnssec = a->state;
		end_failed(l, a->note);
	} else if (a->state == DNS_INSECURE && a->canon[0] == '\0') {
		end_insecure(l, "");
	} else {
		/* Also where a CNAME led into an unsigned zone: that says nothing of its own. */
		ask_record(l);
	}
	lookup_finish_if_done(l);
}

/* DNS_DS, which is being asked for anyway (see dns_foresee), or DNS_SOA. */
static void ask_zone(struct lookup *l, uint16_t type)
{
	struct err err = ERR_INIT;

	l->zone_type = type;
	if (dns_ask(l->net->dns, l->addr.domain, type, type == DNS_DS ? on_delegation : on_zone_soa,
		    l, &l->zone, &err) < 0)
		end_failed(l, err.msg);
}

static void on_key_record(void *arg, const struct dns_answer *a)
{
	struct lookup *l = arg;
	struct method_result *r = &l->reply.dane;

	l->record = NULL;
	evidence_dns(&l->evidence, a);
	r->dnssec = a->state;
	r->ttl = a->ttl;
	if (a->state == DNS_SECURE && a->n > 0) {
		take_key_records(l, a);
	} else if (a->state == DNS_SECURE) {
		r->proved = true;
		end_saying(l, METHOD_ABSENT, "the domain publishes no OPENPGPKEY record for it");
	} else if (a->state == DNS_INSECURE) {
		end_insecure(l, a->canon);
	} else {
		end_failed(l, a->note);
	}
	lookup_finish_if_done(l);
}

static void ask_record(struct lookup *l)
{
	struct err err = ERR_INIT;

	if (dns_ask(l->net->dns, l->owner, DNS_OPENPGPKEY, on_key_record, l, &l->record, &err) < 0)
		end_failed(l, err.msg);
}

/* The record's name is a hash of the mailbox: it is asked for only where the answer can count, so
 * whether the zone is signed comes first. That costs no round trip: the Web Key Directory takes
 * four. */
static void record_start(struct lookup *l)
{
	struct method_result *r = &l->reply.dane;
	struct err err = ERR_INIT;

	if (openpgpkey_owner(&l->addr, l->owner, &err) < 0) {
		end_failed(l, err.msg);
		return;
	}
	r->url = strdup(l->owner);
	if (strlen(l->owner) > WKD_DNS_NAME_MAX) {
		r->proved = true;
		r->dnssec = DNS_SECURE;
		end_saying(l, METHOD_ABSENT,
			"the domain name is too long to hold an OPENPGPKEY record");
		return;
	}
	ask_zone(l, DNS_DS);
}

static void record_expire(struct lookup *l, const char *doubt, const char *within)
{
	char why[LOOKUP_REASON_MAX];

	if (doubt)
		snprintf(why, sizeof(why), "%.400s", doubt);
	else
		snprintf(why, sizeof(why), "no answer %s", within);
	end_failed(l, why);
}
