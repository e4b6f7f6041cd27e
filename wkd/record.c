/* OPENPGPKEY: the record, and if that fails or takes long, whether the zone is signed at all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns_why.h"
#include "wkd/under_way.h"

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
