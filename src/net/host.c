/* SPDX-License-Identifier: ISC */
#include "net/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns_why.h"

#define FULL_NAME_MAX (DNS_NAME_MAX + 32)

enum slot { SLOT_A, SLOT_AAAA, SLOT_TLSA_TARGET, SLOT_TLSA, SLOT_CNAME, SLOTS };
enum slot_state { SLOT_UNUSED, SLOT_ASKED, SLOT_ANSWERED };

struct slot_answer {
	struct host *h;
	struct dns_query *query; /* while asked */
	enum slot_state at;
	enum dns_state dnssec;
	size_t n;
	char why[DNS_NOTE_MAX];
};

struct host {
	struct net *net;
	char name[DNS_NAME_MAX + 1];
	char target[DNS_NAME_MAX + 1]; /* of a CNAME chain, or "" */
	char waiting[DNS_NAME_MAX + 40];
	bool own; /* what a wildcard gives does not count */
	const struct net_watch *watch;
	struct slot_answer slot[SLOTS];
	struct tlsa_set tlsa[2]; /* of SLOT_TLSA_TARGET, SLOT_TLSA */
	struct timer patience;
	struct host_answer ans;
	host_done *done;
	void *arg;
};

static const uint16_t slot_type[SLOTS] = {[SLOT_A] = DNS_A,
	[SLOT_AAAA] = DNS_AAAA,
	[SLOT_TLSA_TARGET] = DNS_TLSA,
	[SLOT_TLSA] = DNS_TLSA,
	[SLOT_CNAME] = DNS_CNAME};

static void step_host(struct host *h);

void host_cancel(struct host *h)
{
	size_t i;

	if (!h)
		return;
	timer_stop(&h->net->timers, &h->patience);
	for (i = 0; i < SLOTS; i++)
		dns_cancel(h->slot[i].query);
	free(h);
}

/* The name that a slot's question is about. */
static void full_name(const struct host *h, enum slot which, char *out, size_t size)
{
	snprintf(out, size, "%s%s", slot_type[which] == DNS_TLSA ? "_443._tcp." : "",
		which == SLOT_TLSA_TARGET ? h->target : h->name);
}

static void tell_open_slot(const struct host *h, enum slot which, const char *note)
{
	char name[FULL_NAME_MAX];
	struct dns_answer a;

	if (h->slot[which].at != SLOT_ASKED || !h->watch || !h->watch->dns)
		return;
	full_name(h, which, name, sizeof(name));
	a = dns_unanswered(name, slot_type[which], note);
	h->watch->dns(h->watch->arg, &a);
}

void host_tell_open(const struct host *h, const char *note)
{
	enum slot i;

	for (i = SLOT_A; i < SLOTS; i++)
		tell_open_slot(h, i, note);
}

static void end_host(struct host *h, enum host_status status)
{
	struct host_answer a = h->ans;
	host_done *done = h->done;
	void *arg = h->arg;

	a.status = status;
	host_tell_open(h, NET_NOT_WAITED);
	host_cancel(h);
	done(arg, &a);
}

static void fail_host(struct host *h, enum dns_state state, const char *what, const char *why)
{
	h->ans.dnssec = state;
	snprintf(h->ans.reason, sizeof(h->ans.reason), "%s: %s%s%.200s", h->name, what,
		why[0] ? ": " : "", why);
	end_host(h, HOST_FAILED);
}

/* Of the first n records. */
static void take_host_addresses(struct host *h, const struct dns_answer *a, size_t n)
{
	struct net_ip ip;
	size_t i, mine = 0;

	for (i = 0; i < n && mine < HOST_IPS_MAX / 2; i++) {
		if (!ip_parse(a->data[i], a->len[i], a->type == DNS_AAAA, &ip))
			continue;
		h->ans.ip[h->ans.n_ip++] = ip;
		mine++;
	}
	if (mine > 0 && a->canon[0])
		snprintf(h->target, sizeof(h->target), "%s", a->canon);
	if (h->ans.ttl == 0 || a->ttl < h->ans.ttl)
		h->ans.ttl = a->ttl;
}

static void on_slot_answer(void *arg, const struct dns_answer *a)
{
	struct slot_answer *s = arg;
	struct host *h = s->h;
	size_t i, which = (size_t)(s - h->slot);

	s->query = NULL;
	s->at = SLOT_ANSWERED;
	s->dnssec = a->state;
	s->n = h->own && a->wildcard ? 0 : a->n;
	snprintf(s->why, sizeof(s->why), "%s", a->note);
	if (h->watch && h->watch->dns)
		h->watch->dns(h->watch->arg, a);
	if (which <= SLOT_AAAA)
		take_host_addresses(h, a, s->n);
	for (i = 0; a->type == DNS_TLSA && a->state == DNS_SECURE && i < a->n; i++)
		tlsa_add(&h->tlsa[which - SLOT_TLSA_TARGET], a->data[i], a->len[i]);
	step_host(h);
}

static int ask_slot(struct host *h, enum slot which, struct err *err)
{
	struct slot_answer *s = &h->slot[which];
	char name[FULL_NAME_MAX];
	int rc;

	full_name(h, which, name, sizeof(name));
	/* With the prefix it may be longer than a name can be: then there is nothing at it. */
	if (slot_type[which] == DNS_TLSA && strlen(name) >= DNS_NAME_MAX)
		return 0;
	s->h = h;
	rc = dns_ask(h->net->dns, name, slot_type[which], on_slot_answer, s, &s->query, err);
	if (rc == 0)
		s->at = SLOT_ASKED;
	return rc;
}

/* Those of an alias' target, once that is known. False when they cannot even be asked for. */
static bool ask_target(struct host *h)
{
	struct err err = ERR_INIT;
	int rc = 0;

	if (h->target[0] && h->slot[SLOT_TLSA_TARGET].at == SLOT_UNUSED)
		rc = ask_slot(h, SLOT_TLSA_TARGET, &err);
	if (rc < 0)
		fail_host(h, DNS_ERROR, "its TLSA record cannot be asked for", err.msg);
	return rc == 0;
}

static void impatient(void *arg)
{
	struct host *h = arg;
	size_t i;

	for (i = SLOT_A; i <= SLOT_AAAA; i++) {
		if (h->slot[i].at != SLOT_ASKED)
			continue;
		tell_open_slot(h, i, NET_NOT_WAITED);
		dns_cancel(h->slot[i].query);
		h->slot[i].query = NULL;
		h->slot[i].at = SLOT_ANSWERED;
		h->slot[i].dnssec = DNS_ERROR;
	}
	step_host(h);
}

/* Whether TLSA is settled; ends the whole when it failed. */
static bool tlsa_settled(struct host *h)
{
	size_t i;

	for (i = SLOT_TLSA_TARGET; i <= SLOT_TLSA; i++) {
		const struct slot_answer *s = &h->slot[i];

		if (s->at == SLOT_ASKED)
			return false;
		if (s->at == SLOT_ANSWERED && s->dnssec > DNS_INSECURE) {
			fail_host(h, s->dnssec, "its TLSA record is unknown", s->why);
			return false;
		}
	}
	h->ans.tlsa = h->tlsa[SLOT_TLSA - SLOT_TLSA_TARGET];
	if (h->slot[SLOT_TLSA_TARGET].at == SLOT_ANSWERED && h->slot[SLOT_TLSA_TARGET].n > 0 &&
		h->slot[SLOT_TLSA_TARGET].dnssec == DNS_SECURE)
		h->ans.tlsa = h->tlsa[0];
	return true;
}

/*
 * Of an alias into an unsigned zone: whether the records of its own name are settled, which count
 * if they are Secure (cf. RFC 7672 section 2.2.2). Where that zone is not signed either, which its
 * CNAME tells, they are not waited for. Ends the whole when they failed.
 */
static bool alias_settled(struct host *h)
{
	const struct slot_answer *t = &h->slot[SLOT_TLSA], *c = &h->slot[SLOT_CNAME];

	if (t->at == SLOT_UNUSED || (t->at == SLOT_ANSWERED && t->dnssec <= DNS_INSECURE)) {
		h->ans.tlsa = h->tlsa[SLOT_TLSA - SLOT_TLSA_TARGET];
		return true;
	}
	if (c->at == SLOT_UNUSED && ask_slot(h, SLOT_CNAME, NULL) < 0) {
		fail_host(h, DNS_ERROR, "its alias cannot be asked for", "");
		return false;
	}
	if (c->at == SLOT_ANSWERED && c->dnssec == DNS_INSECURE)
		return true;
	if (t->at == SLOT_ASKED || c->at == SLOT_ASKED)
		return false;
	fail_host(h, t->dnssec, "its TLSA record is unknown", t->why);
	return false;
}

/* There is an address. */
static void step_with_address(
	struct host *h, const struct slot_answer *a, const struct slot_answer *b)
{
	bool insecure =
		(a->n > 0 && a->dnssec == DNS_INSECURE) || (b->n > 0 && b->dnssec == DNS_INSECURE);

	h->ans.dnssec = insecure ? DNS_INSECURE : DNS_SECURE;
	if (!insecure && !ask_target(h))
		return;
	if (a->at != SLOT_ANSWERED || b->at != SLOT_ANSWERED) {
		if (!h->patience.on)
			timer_set(&h->net->timers, &h->patience, clock_ms() + HOST_PATIENCE_MS,
				impatient, h);
		return;
	}
	if (insecure && !h->target[0])
		end_host(h, HOST_FOUND);
	else if (insecure ? alias_settled(h) : tlsa_settled(h))
		end_host(h, HOST_FOUND);
}

static void step_host(struct host *h)
{
	const struct slot_answer *a = &h->slot[SLOT_A], *b = &h->slot[SLOT_AAAA];
	const struct slot_answer *bad = a->dnssec == DNS_BOGUS ? a : b;

	/* One family's validated address is enough: a forged answer for the other is as good as
	 * none. */
	if (bad->dnssec == DNS_BOGUS && a->n + b->n == 0) {
		fail_host(h, DNS_BOGUS, "its address is unknown", bad->why);
		return;
	}
	if (a->n + b->n > 0 && h->ans.n_ip > 0) {
		step_with_address(h, a, b);
		return;
	}
	if (a->at != SLOT_ANSWERED || b->at != SLOT_ANSWERED)
		return;
	bad = a->dnssec == DNS_ERROR ? a : b;
	if (bad->dnssec == DNS_ERROR || a->n + b->n > 0) {
		fail_host(h, DNS_ERROR, "its address is unknown", bad->why);
		return;
	}
	h->ans.dnssec = a->dnssec == DNS_SECURE ? b->dnssec : a->dnssec;
	snprintf(h->ans.reason, sizeof(h->ans.reason), "%s: does not exist", h->name);
	end_host(h, HOST_ABSENT);
}

const char *host_waiting(const struct host *h)
{
	return h->waiting;
}

/* Found, for all that is known here. */
static void leave_to_proxy(void *arg)
{
	end_host(arg, HOST_FOUND);
}

static int resolve(struct net *net, const char *name, bool own, const struct net_watch *watch,
	host_done *done, void *arg, struct host **out, struct err *err)
{
	struct host *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return err_set(err, ERR_TEMP, "out of memory");
	h->net = net;
	snprintf(h->name, sizeof(h->name), "%s", name);
	snprintf(h->waiting, sizeof(h->waiting), "%s: no answer from its name servers", h->name);
	h->own = own;
	h->watch = watch;
	h->done = done;
	h->arg = arg;
	if (net->proxied) {
		timer_set(&net->timers, &h->patience, clock_ms(), leave_to_proxy, h);
		*out = h;
		return 0;
	}
	rc = ask_slot(h, SLOT_A, err);
	if (rc == 0)
		rc = ask_slot(h, SLOT_AAAA, err);
	/* Without knowing yet whether they will count: waiting for that would cost a round trip. */
	if (rc == 0)
		rc = ask_slot(h, SLOT_TLSA, err);
	if (rc < 0) {
		host_cancel(h);
		return rc;
	}
	*out = h;
	return 0;
}

int host_resolve(struct net *net, const char *name, const struct net_watch *watch, host_done *done,
	void *arg, struct host **out, struct err *err)
{
	return resolve(net, name, false, watch, done, arg, out, err);
}

int host_resolve_own(struct net *net, const char *name, const struct net_watch *watch,
	host_done *done, void *arg, struct host **out, struct err *err)
{
	return resolve(net, name, true, watch, done, arg, out, err);
}
