/* SPDX-License-Identifier: ISC */
#include "mx/smtp_dane.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mx/text.h"
#include "net/ip.h"

static void end_dane_host(struct dane_host *h, enum check_dane dane, const char *why)
{
	h->mx->dane = dane;
	if (why)
		mx_say(&h->mx->reason, "%s: %s", h->mx->host, why);
	h->done(h->arg);
}

static void end_unknown(struct dane_host *h, const char *what, const char *note)
{
	char why[CHECK_TEXT_MAX];

	snprintf(why, sizeof(why), "%s: %s", what, note[0] ? note : "no answer");
	end_dane_host(h, DANE_UNKNOWN, why);
}

static void hex_of(const uint8_t *p, size_t n, char *out)
{
	size_t i;

	out[0] = '\0';
	for (i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", p[i]);
}

/* Shows one record, usable or not; those that a stronger digest supersedes are marked at the end.
 */
static void show_record(struct check_mx *mx, const uint8_t *p, size_t len, const char *why,
	const struct tlsa *parsed)
{
	char data[2 * TLSA_DIGEST_MAX + 1];
	struct check_tlsa *t;

	if (mx->n_tlsa == CHECK_TLSA_MAX)
		return;
	t = &mx->tlsa[mx->n_tlsa++];
	t->usage = len > 0 ? p[0] : 0;
	t->selector = len > 1 ? p[1] : 0;
	t->matching = len > 2 ? p[2] : 0;
	t->usable = !why;
	if (parsed)
		hex_of(parsed->digest, parsed->matching == 2 ? 64 : 32, data);
	else
		hex_of(p + 3,
			len < 3                     ? 0
			: len - 3 < TLSA_DIGEST_MAX ? len - 3
						    : TLSA_DIGEST_MAX,
			data);
	mx_say(&t->data, "%s", data);
	mx_say(&t->why, "%s", why ? why : "");
}

static void mark_superseded(struct dane_host *h)
{
	size_t i, at = 0;

	for (i = 0; i < h->mx->n_tlsa; i++) {
		struct check_tlsa *t = &h->mx->tlsa[i];

		if (t->usable && at < h->usable.n &&
			tlsa_superseded(&h->usable, &h->usable.v[at++]))
			mx_say(&t->why, "a stronger digest of the same counts instead");
	}
}

static const char *take_tlsa_records(struct dane_host *h, const struct dns_answer *a)
{
	struct check_mx *mx = h->mx;
	size_t i, n = h->usable.n;

	mx->tlsa = calloc(CHECK_TLSA_MAX, sizeof(*mx->tlsa));
	if (!mx->tlsa)
		return "out of memory";
	for (i = 0; i < a->n; i++) {
		const char *why = tlsa_why_unusable_smtp(a->data[i], a->len[i]);

		if (!why)
			tlsa_add(&h->usable, a->data[i], a->len[i]);
		show_record(
			mx, a->data[i], a->len[i], why, h->usable.n > n ? &h->usable.v[n] : NULL);
		n = h->usable.n;
	}
	mark_superseded(h);
	return NULL;
}

static void ask_tlsa(struct dane_host *h, const char *base);

static void on_tlsa(void *arg, const struct dns_answer *a)
{
	struct dane_host *h = arg;
	const char *why;

	h->mx->tlsa_dnssec = a->state;
	if (a->state > DNS_INSECURE) {
		end_unknown(h, "its TLSA records are unknown", a->note);
	} else if (a->n > 0 && a->state == DNS_SECURE) {
		why = take_tlsa_records(h, a);
		if (why)
			end_unknown(h, "its TLSA records are unknown", why);
		else if (h->usable.n > 0)
			end_dane_host(h, DANE_USABLE, NULL);
		else
			end_dane_host(h, DANE_UNUSABLE, "none of its TLSA records can be used");
	} else if (h->original[0]) {
		/* Section 2.2.2: first the expanded name, then the original one. */
		char base[DNS_NAME_MAX + 1];

		memcpy(base, h->original, sizeof(base));
		h->original[0] = '\0';
		ask_tlsa(h, base);
	} else if (a->n > 0) {
		end_dane_host(h, DANE_INSECURE,
			"its TLSA records lead to a zone that is not signed, and do not count");
	} else {
		/* An insecure denial behind secure addresses: a zone of its own, unsigned, or
		 * opt-out. */
		end_dane_host(h, a->state == DNS_SECURE ? DANE_NONE : DANE_INSECURE, NULL);
	}
}

static void ask_tlsa(struct dane_host *h, const char *base)
{
	char name[DNS_NAME_MAX + 16];

	mx_say(&h->mx->tlsa_base, "%s", base);
	snprintf(name, sizeof(name), "_%u._tcp.%s", h->port, base);
	asks_put(h->asks, name, DNS_TLSA, on_tlsa, h);
}

static bool records_found(const struct dane_host *h)
{
	return h->a.n + h->aaaa.n > 0;
}

/* Of what there is; of the two denials. */
static enum dns_state addresses_state(const struct dane_host *h)
{
	if (records_found(h))
		return (h->a.n > 0 && h->a.state == DNS_INSECURE) ||
				       (h->aaaa.n > 0 && h->aaaa.state == DNS_INSECURE)
			       ? DNS_INSECURE
			       : DNS_SECURE;
	return h->a.state > h->aaaa.state ? h->a.state : h->aaaa.state;
}

/* There are addresses. */
static void step_found(struct dane_host *h)
{
	bool alias = h->expanded[0] != '\0';

	h->mx->address = CHECK_FOUND;
	if (alias)
		mx_say(&h->mx->alias, "%s", h->expanded);
	if (h->mx->dnssec == DNS_SECURE) {
		if (alias)
			memcpy(h->original, h->mx->host, strlen(h->mx->host) + 1);
		ask_tlsa(h, alias ? h->expanded : h->mx->host);
	} else if (!alias || h->cname.state == DNS_INSECURE) {
		end_dane_host(h, DANE_INSECURE, NULL);
	} else if (h->cname.state > DNS_INSECURE) {
		end_unknown(h, "whether its alias is secure cannot be told", h->cname.why);
	} else {
		/* A secure alias to an insecure name: the original name may have records
		 * (section 2.2.2). */
		ask_tlsa(h, h->mx->host);
	}
}

static void step_dane(struct dane_host *h)
{
	const char *why;

	if (!h->a.answered || !h->aaaa.answered || !h->cname.answered)
		return;
	h->mx->dnssec = addresses_state(h);
	/* One family's validated address is enough: a forged answer for the other is as good as
	 * none. */
	if (records_found(h)) {
		step_found(h);
	} else if (h->mx->dnssec > DNS_INSECURE) {
		why = h->a.state == h->mx->dnssec ? h->a.why : h->aaaa.why;
		h->mx->address = CHECK_UNKNOWN;
		end_unknown(h, "its address is unknown", why);
	} else {
		h->mx->address = CHECK_NONE;
		end_dane_host(h, h->mx->dnssec == DNS_SECURE ? DANE_NONE : DANE_INSECURE,
			"it has no address");
	}
}

static void take_addresses(struct dane_host *h, const struct dns_answer *a)
{
	struct check_mx *mx = h->mx;
	struct net_ip ip;
	size_t i, mine = 0;

	for (i = 0; i < a->n && mine < CHECK_IPS_MAX / 2; i++) {
		if (ip_parse(a->data[i], a->len[i], a->type == DNS_AAAA, &ip)) {
			ip_text(&ip, mx->ip[mx->n_ip++]);
			mine++;
		}
	}
	if (a->n > 0 && a->canon[0])
		snprintf(h->expanded, sizeof(h->expanded), "%s", a->canon);
}

static void on_address(void *arg, const struct dns_answer *a)
{
	struct dane_host *h = arg;

	if (a->type == DNS_A) {
		h->a.answered = true;
		h->a.state = a->state;
		h->a.n = a->n;
		snprintf(h->a.why, sizeof(h->a.why), "%s", a->note);
	} else {
		h->aaaa.answered = true;
		h->aaaa.state = a->state;
		h->aaaa.n = a->n;
		snprintf(h->aaaa.why, sizeof(h->aaaa.why), "%s", a->note);
	}
	take_addresses(h, a);
	step_dane(h);
}

static void on_cname(void *arg, const struct dns_answer *a)
{
	struct dane_host *h = arg;

	h->cname.answered = true;
	h->cname.state = a->state;
	snprintf(h->cname.why, sizeof(h->cname.why), "%s", a->note);
	step_dane(h);
}

void dane_host_start(struct dane_host *h, struct asks *asks, struct check_mx *mx, uint16_t port,
	void (*done)(void *arg), void *arg)
{
	memset(h, 0, sizeof(*h));
	h->asks = asks;
	h->mx = mx;
	h->port = port;
	h->done = done;
	h->arg = arg;
	/* An address's answer tells of the whole chain; of its first link only the CNAME's own. */
	asks_put(asks, mx->host, DNS_A, on_address, h);
	asks_put(asks, mx->host, DNS_AAAA, on_address, h);
	asks_put(asks, mx->host, DNS_CNAME, on_cname, h);
}
