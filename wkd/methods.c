#include "wkd/methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/fetch.h"
#include "wkd/name.h"

struct lookup {
	struct methods *m;
	struct addr addr;
	struct lookup_reply reply;
	struct evidence evidence;
	struct net_watch watch;
	struct timer deadline, patience;
	bool wkd_busy, dane_busy;
	/* WKD */
	struct host *host;
	struct fetch *fetch;
	char host_name[WKD_HOST_MAX + 1];
	enum dns_state denial; /* of openpgpkey.DOMAIN, when the direct method is used */
	/* OPENPGPKEY */
	char owner[WKD_OWNER_MAX + 1];
	struct dns_query *record, *soa;
	bool zone_known, zone_insecure; /* what became of soa */
	struct lookup *prev, *next;
};

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

static void stop_wkd(struct lookup *l)
{
	host_cancel(l->host);
	fetch_cancel(l->fetch);
	l->host = NULL;
	l->fetch = NULL;
}

static void stop_dane(struct lookup *l)
{
	if (l->m->net)
		timer_stop(&l->m->net->timers, &l->patience);
	dns_cancel(l->record);
	dns_cancel(l->soa);
	l->record = l->soa = NULL;
}

static void lookup_free(struct lookup *l)
{
	stop_wkd(l);
	stop_dane(l);
	if (l->m->net)
		timer_stop(&l->m->net->timers, &l->deadline);
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

/* The reply goes out when both methods have ended; l is gone then. */
static void finish_if_done(struct lookup *l)
{
	if (l->wkd_busy || l->dane_busy)
		return;
	l->reply.ms = (uint32_t)(net_now() - l->evidence.start);
	l->m->set.reply(l->m->set.arg, &l->reply);
	lookup_free(l);
}

static const char *status_name(enum method_status s)
{
	static const char *const name[] = {[METHOD_NOT_ASKED] = "not asked", [METHOD_FOUND] = "found",
		[METHOD_ABSENT] = "absent", [METHOD_FAILED] = "failed"};

	return name[s];
}

/* One method has ended, for the reason given ("" when found). Without memory for the reason it has failed. */
static void set_result(struct lookup *l, struct method_result *r, enum method_status status,
	const char *reason)
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

static void end_wkd(struct lookup *l, enum method_status status, const char *reason)
{
	stop_wkd(l);
	l->wkd_busy = false;
	set_result(l, &l->reply.wkd, status, reason);
}

static void end_dane(struct lookup *l, enum method_status status, const char *reason)
{
	stop_dane(l);
	l->dane_busy = false;
	set_result(l, &l->reply.dane, status, reason);
}

/* WKD: openpgpkey.DOMAIN, or DOMAIN, then the document. */

static void set_url(struct lookup *l, const char *url)
{
	free(l->reply.wkd.url);
	l->reply.wkd.url = evidence_url_text(url, false);
}

static void on_fetched(void *arg, struct fetch_result *f)
{
	struct lookup *l = arg;
	struct method_result *r = &l->reply.wkd;

	l->fetch = NULL;
	r->tls = f->tls;
	set_url(l, f->url);
	switch (f->status) {
	case FETCH_OK:
		if (buf_reserve(f->body, 0) < 0) {
			end_wkd(l, METHOD_FAILED, "out of memory");
			break;
		}
		r->body[0].data = f->body->p;
		r->body[0].len = f->body->len;
		r->n_body = 1;
		*f->body = (struct buf)BUF_INIT(0);
		end_wkd(l, METHOD_FOUND, "");
		break;
	case FETCH_GONE:
		/* A forged denial of openpgpkey.DOMAIN would have led to the wrong server. */
		r->proved = r->method == METHOD_WKD_ADVANCED || l->denial == DNS_SECURE;
		end_wkd(l, METHOD_ABSENT, f->reason);
		break;
	case FETCH_FAILED:
		end_wkd(l, METHOD_FAILED, f->reason);
		break;
	}
	finish_if_done(l);
}

static void fetch(struct lookup *l, const struct host_answer *at)
{
	char url[WKD_URL_MAX];
	struct fetch_request q = {.url = url, .host = l->host_name, .at = at, .hops = FETCH_HOPS_MAX,
		.max_body = LOOKUP_BODY_MAX};
	struct err err = ERR_INIT;

	wkd_url(&l->addr, l->reply.wkd.method == METHOD_WKD_ADVANCED, url);
	set_url(l, url);
	if (fetch_start(l->m->net, &q, &l->watch, on_fetched, l, &l->fetch, &err) < 0)
		end_wkd(l, METHOD_FAILED, err.msg);
}

static void start_host(struct lookup *l, enum lookup_method method);

static void on_host(void *arg, const struct host_answer *a)
{
	struct lookup *l = arg;
	struct method_result *r = &l->reply.wkd;
	bool advanced = r->method == METHOD_WKD_ADVANCED;

	l->host = NULL;
	/* For the direct method it is the denial that chose it. */
	if (advanced)
		r->dnssec = a->dnssec;
	switch (a->status) {
	case HOST_FOUND:
		fetch(l, a);
		break;
	case HOST_FAILED:
		/* Whatever goes wrong with the first host never leads to the second. */
		end_wkd(l, METHOD_FAILED, a->reason);
		break;
	case HOST_ABSENT:
		if (advanced) {
			l->denial = a->dnssec;
			start_host(l, METHOD_WKD_DIRECT);
		} else {
			r->proved = l->denial == DNS_SECURE && a->dnssec == DNS_SECURE;
			r->ttl = a->ttl;
			end_wkd(l, METHOD_ABSENT, "the domain has no key host");
		}
		break;
	}
	finish_if_done(l);
}

static void start_host(struct lookup *l, enum lookup_method method)
{
	struct err err = ERR_INIT;

	l->reply.wkd.method = method;
	wkd_host(&l->addr, method == METHOD_WKD_ADVANCED, l->host_name);
	if (method == METHOD_WKD_ADVANCED && strlen(l->host_name) > WKD_DNS_NAME_MAX) {
		/* Too long a name cannot exist. */
		l->denial = l->reply.wkd.dnssec = DNS_SECURE;
		start_host(l, METHOD_WKD_DIRECT);
		return;
	}
	if (host_resolve(l->m->net, l->host_name, &l->watch, on_host, l, &l->host, &err) < 0)
		end_wkd(l, METHOD_FAILED, err.msg);
}

/* OPENPGPKEY: the record, and if that fails or takes long, whether the zone is signed at all. */

static void take_records(struct lookup *l, const struct dns_answer *a)
{
	struct method_result *r = &l->reply.dane;
	size_t i, total = 0;

	for (i = 0; i < a->n; i++)
		total += a->len[i];
	if (a->n > LOOKUP_BODIES_MAX || total > LOOKUP_BODY_MAX) {
		end_dane(l, METHOD_FAILED, "more OPENPGPKEY records than can be looked at");
		return;
	}
	for (i = 0; i < a->n; i++) {
		r->body[i].data = malloc(a->len[i] + 1);
		if (!r->body[i].data) {
			end_dane(l, METHOD_FAILED, "out of memory");
			return;
		}
		memcpy(r->body[i].data, a->data[i], a->len[i]);
		r->body[i].len = a->len[i];
		r->n_body++;
	}
	end_dane(l, METHOD_FOUND, "");
}

static void end_dane_insecure(struct lookup *l)
{
	char why[LOOKUP_REASON_MAX];

	l->reply.dane.dnssec = DNS_INSECURE;
	snprintf(why, sizeof(why), "%s: the zone is not signed, so no OPENPGPKEY record counts",
		l->addr.domain);
	end_dane(l, METHOD_ABSENT, why);
}

static void end_dane_failed(struct lookup *l, const char *what)
{
	char why[LOOKUP_REASON_MAX];

	snprintf(why, sizeof(why), "%s: OPENPGPKEY record: %.200s", l->addr.domain, what);
	end_dane(l, METHOD_FAILED, why);
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
		end_dane_insecure(l);
	else if (!l->record)
		end_dane_failed(l, l->reply.dane.reason ? l->reply.dane.reason : "no answer");
	finish_if_done(l);
}

/* False if it cannot be asked. */
static bool ask_soa(struct lookup *l)
{
	if (l->soa)
		return true;
	return !l->zone_known && dns_ask(l->m->net->dns, l->addr.domain, DNS_SOA, on_soa, l, &l->soa,
					 NULL) == 0;
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
		end_dane(l, METHOD_ABSENT, "the domain publishes no OPENPGPKEY record for it");
	} else if (a->state == DNS_INSECURE) {
		end_dane_insecure(l);
	} else if (ask_soa(l)) {
		/* Kept for the case that the zone is signed. */
		free(r->reason);
		r->reason = evidence_text(a->note, LOOKUP_REASON_MAX - 1);
	} else {
		end_dane_failed(l, a->note);
	}
	finish_if_done(l);
}

static void start_dane(struct lookup *l)
{
	struct method_result *r = &l->reply.dane;
	struct err err = ERR_INIT;

	openpgpkey_owner(&l->addr, l->owner);
	r->url = strdup(l->owner);
	if (strlen(l->owner) > WKD_DNS_NAME_MAX) {
		r->proved = true;
		r->dnssec = DNS_SECURE;
		end_dane(l, METHOD_ABSENT, "the domain name is too long to hold an OPENPGPKEY record");
		return;
	}
	if (dns_ask(l->m->net->dns, l->owner, DNS_OPENPGPKEY, on_record, l, &l->record, &err) < 0) {
		end_dane_failed(l, err.msg);
		return;
	}
	timer_set(&l->m->net->timers, &l->patience, l->evidence.start + METHODS_PATIENCE_MS,
		on_patience, l);
}

static void on_deadline(void *arg)
{
	struct lookup *l = arg;
	const char *doubt = dns_doubt(l->m->net->dns);
	char why[LOOKUP_REASON_MAX], within[64];

	snprintf(within, sizeof(within), "within %.1f s", l->m->set.timeout_ms / 1000.0);
	if (l->wkd_busy) {
		snprintf(why, sizeof(why), "%.400s %s", doubt ? doubt
			: l->host ? host_waiting(l->host)
			: l->fetch ? fetch_waiting(l->fetch) : "no answer", within);
		if (l->fetch)
			set_url(l, fetch_url(l->fetch));
		end_wkd(l, METHOD_FAILED, why);
	}
	if (l->dane_busy) {
		snprintf(why, sizeof(why), "%.400s %s", doubt ? doubt : "no answer", within);
		end_dane_failed(l, why);
	}
	finish_if_done(l);
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

static void start(struct lookup *l, const struct lookup_request *q)
{
	const char *broken = l->m->set.broken;

	if (q->methods & METHOD_WKD)
		l->reply.wkd.method = METHOD_WKD_ADVANCED;
	if (q->methods & METHOD_DANE)
		l->reply.dane.method = METHOD_OPENPGPKEY;
	l->wkd_busy = q->methods & METHOD_WKD;
	l->dane_busy = q->methods & METHOD_DANE;
	if (!broken && !addr_discoverable(&l->addr))
		broken = "not an address to look up";
	if (broken) {
		if (l->wkd_busy)
			end_wkd(l, METHOD_FAILED, broken);
		if (l->dane_busy)
			end_dane(l, METHOD_FAILED, broken);
		return;
	}
	timer_set(&l->m->net->timers, &l->deadline, l->evidence.start + l->m->set.timeout_ms,
		on_deadline, l);
	if (l->wkd_busy)
		start_host(l, METHOD_WKD_ADVANCED);
	if (l->dane_busy)
		start_dane(l);
}

int methods_start(struct methods *m, const struct lookup_request *q, struct err *err)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l)
		return err_set(err, ERR_OS, "out of memory");
	l->m = m;
	l->addr = q->addr;
	l->reply.id = q->id;
	l->evidence = (struct evidence){.reply = &l->reply, .start = net_now(),
		.queries = m->set.verbose, .trace = m->set.trace, .arg = m->set.arg};
	l->watch = (struct net_watch){.dns = watch_dns, .url = watch_url, .arg = l};
	l->next = m->first;
	if (l->next)
		l->next->prev = l;
	m->first = l;
	m->running++;
	start(l, q);
	finish_if_done(l);
	return 0;
}
