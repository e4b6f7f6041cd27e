/* SPDX-License-Identifier: ISC */
/* How mail travels, in lines: the domain, its mail servers, TLS reports. */
#include "verbs/check/page.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

PAGE_KINDS(GROUP_TRANSPORT);
static const struct check_line unsigned_answer = {
	.group = GROUP_TRANSPORT, .level = LEVEL_UNKNOWN, .result = RESULT_DNSSEC_INVALID};

/* A policy is in force that says which servers may be used. */
static bool sts_enforced(const struct check_reply *r)
{
	return r->sts.policy == CHECK_FOUND && r->sts.mode == STS_MODE_ENFORCE;
}

static void page_protection(
	struct check_page *p, const struct check_reply *r, const struct protection *bound)
{
	struct check_line l = {.group = GROUP_TRANSPORT, .result = bound->result};
	const char *mend = NULL;

	switch (bound->kind) {
	case PROTECTION_DANE:
	case PROTECTION_MTA_STS:
		l.level = LEVEL_OK;
		break;
	case PROTECTION_NONE:
		l.level = r->null_mx ? LEVEL_NOTE : LEVEL_BAD;
		mend = r->null_mx ? NULL
				  : "publish TLSA records for every mail server in signed zones, "
				    "or an MTA-STS policy with "
				    "mode: enforce that names every mail server";
		break;
	case PROTECTION_UNKNOWN:
		l.level = LEVEL_UNKNOWN;
		break;
	}
	page_add(p, &l, "protection", mend, "%s: %s", protection_name(bound->kind), bound->reason);
}

static void page_zone(struct check_page *p, const struct check_reply *r)
{
	switch (r->dnssec) {
	case DNS_SECURE:
		page_add(p, &ok, "DNSSEC", NULL, "%s is signed", r->domain);
		break;
	case DNS_INSECURE:
		page_add(p, &warn, "DNSSEC",
			"sign the zone: without it neither DANE nor the absence of a key can be "
			"proved",
			"%s is not signed", r->domain);
		break;
	case DNS_BOGUS:
	case DNS_ERROR:
		page_add(p, r->dnssec == DNS_BOGUS ? &unsigned_answer : &unknown, "DNSSEC",
			r->dnssec == DNS_BOGUS
				? "fix the zone's signatures, or its DS record in the zone above"
				: NULL,
			"%s", r->dnssec_reason);
		break;
	}
}

bool page_cause(struct check_page *p, const struct check_reply *r)
{
	if (r->exists == CHECK_NONE)
		page_add(p, &bad, "DNS", "look for a typing mistake: no mail can be sent there",
			"%s does not exist", r->domain);
	else if (r->dnssec == DNS_BOGUS)
		page_zone(p, r);
	else if (r->exists == CHECK_UNKNOWN && r->dnssec == DNS_ERROR)
		page_add(p, &unknown, "DNS",
			"if other domains fail too, it is this machine: sealpost doctor --online",
			"%s", r->dnssec_reason);
	else
		return false;
	return true;
}

static void mx_set(struct check_page *p, const struct check_reply *r)
{
	const char *state = r->mx_dnssec == DNS_SECURE ? "signed" : "not signed";

	if (r->null_mx) {
		page_add(p, &note, "MX", NULL, "null MX, %s: the domain accepts no mail", state);
	} else if (r->mx_outcome == CHECK_UNKNOWN) {
		page_add(p, r->mx_dnssec == DNS_BOGUS ? &unsigned_answer : &unknown, "MX", NULL,
			"%s", r->mx_reason);
	} else if (r->mx_outcome == CHECK_INVALID) {
		page_add(p, &bad, "MX", "name a host in each MX record", "%s", r->mx_reason);
	} else if (r->implicit_mx) {
		page_add(p, &note, "MX", "publish an MX record",
			"no MX record, %s: mail goes to the addresses of the domain itself", state);
	} else if (r->mx_outcome == CHECK_FOUND) {
		page_add(p, r->mx_dnssec == DNS_SECURE ? &ok : &note, "MX", NULL,
			"%zu mail server%s, %s%s%s%s%s", r->n_mx, r->n_mx == 1 ? "" : "s", state,
			r->mx_alias[0] ? ", under the alias " : "", r->mx_alias,
			r->mx_reason[0] ? "; " : "", r->mx_reason);
	} else {
		page_add(p, &bad, "MX",
			"publish an MX record; a domain without mail should have the null MX (RFC "
			"7505)",
			"no mail server%s%s", r->mx_reason[0] ? ": " : "", r->mx_reason);
	}
	if (r->mx_left_off > 0)
		page_add(p, &warn, "MX", "publish fewer MX records",
			"%u more mail servers were not checked", r->mx_left_off);
}

static void tlsa_records(struct check_page *p, const struct check_mx *m)
{
	size_t i;

	for (i = 0; i < m->n_tlsa; i++) {
		const struct check_tlsa *t = &m->tlsa[i];

		if (t->why[0] != '\0')
			page_add(p, t->usable ? &note : &warn, m->host,
				t->usable ? NULL
					  : "use TLSA 3 1 1 (or 2 0 1), as RFC 7672 section 3.1 "
					    "wants",
				"TLSA %u %u %u %s", t->usage, t->selector, t->matching, t->why);
	}
}

/* "3 1 1, 2 0 1" */
static void usable_kinds(const struct check_mx *m, char *out, size_t cap)
{
	struct buf b = BUF_INIT(4096);
	size_t i;

	for (i = 0; i < m->n_tlsa; i++) {
		if (m->tlsa[i].usable)
			(void)buf_addf(&b, "%s%u %u %u", b.len ? ", " : "", m->tlsa[i].usage,
				m->tlsa[i].selector, m->tlsa[i].matching);
	}
	snprintf(out, cap, "%s", buf_str(&b));
	buf_free(&b);
}

static void page_dane(struct check_page *p, const struct check_reply *r, const struct check_mx *m)
{
	static const struct check_line tlsa_bad = {
		.group = GROUP_TRANSPORT, .level = LEVEL_BAD, .result = RESULT_TLSA_INVALID};
	const struct check_line *lack = sts_enforced(r) ? &note : &warn;
	char kinds[256], mend[ADDR_DOMAIN_MAX + 128];

	snprintf(mend, sizeof(mend),
		"publish _25._tcp.%s TLSA 3 1 1 with the SHA-256 of its public key", m->host);
	switch (m->dane) {
	case DANE_USABLE:
		usable_kinds(m, kinds, sizeof(kinds));
		if (r->mx_dnssec == DNS_SECURE)
			page_add(p, &ok, m->host, NULL, "DANE: TLSA %s", kinds);
		else
			page_add(p, lack, m->host, "sign the domain's zone",
				"DANE: TLSA %s, for this host only: who names it, the MX record, "
				"is not signed",
				kinds);
		break;
	case DANE_UNUSABLE:
		page_add(p, &tlsa_bad, m->host, mend,
			"DANE: no TLSA record can be used: TLS is demanded, and nobody is "
			"authenticated");
		break;
	case DANE_INSECURE:
		page_add(p, lack, m->host, "sign the zone of the mail server, or use another",
			"DANE: its zone is not signed");
		break;
	case DANE_NONE:
		page_add(p, lack, m->host, r->mx_dnssec == DNS_SECURE ? mend : NULL,
			"DANE: no TLSA record");
		break;
	case DANE_UNKNOWN:
		page_add(p,
			m->dnssec == DNS_BOGUS || m->tlsa_dnssec == DNS_BOGUS ? &unsigned_answer
									      : &unknown,
			m->host,
			"fix the zone, or its name servers: senders that use DANE cannot deliver "
			"here",
			"DANE: %s", m->reason);
		break;
	case DANE_NOT_ASKED:
		break;
	}
	tlsa_records(p, m);
}

static void address(struct check_page *p, const struct check_mx *m)
{
	struct buf ips = BUF_INIT(4096);
	size_t i;

	for (i = 0; i < m->n_ip; i++)
		(void)buf_addf(&ips, "%s%s", i ? ", " : "", m->ip[i]);
	switch (m->address) {
	case CHECK_FOUND:
		page_add(p, &ok, m->host, NULL, "preference %u; %s", m->preference, buf_str(&ips));
		break;
	case CHECK_INVALID:
		page_add(p, &warn, m->host, "name the host itself in the MX record",
			"preference %u; %s; it is an alias%s%s", m->preference, buf_str(&ips),
			m->reason[0] ? ": " : "", m->reason);
		break;
	case CHECK_NONE:
		page_add(p, &bad, m->host, "give it an address, or remove its MX record",
			"preference %u; it has no address", m->preference);
		break;
	case CHECK_UNKNOWN:
	case CHECK_NOT_ASKED:
		page_add(p, &unknown, m->host, NULL, "preference %u; its addresses: %s",
			m->preference, m->reason);
		break;
	}
	buf_free(&ips);
}

static void page_live(struct check_page *p, const struct check_mx *m)
{
	const struct check_smtp *s = &m->live;
	struct check_line failed = {
		.group = GROUP_TRANSPORT, .level = LEVEL_BAD, .result = s->result};

	switch (s->status) {
	case LIVE_NOT_ASKED:
		break;
	case LIVE_AUTHENTICATED:
		page_add(p, &ok, m->host, NULL,
			"SMTP at %s: %s, and the certificate is as %s wants%s%s", s->ip, s->tls,
			s->dane == FACT_YES ? "DANE" : "MTA-STS", s->reason[0] ? "; " : "",
			s->reason);
		break;
	case LIVE_ENCRYPTED:
		page_add(p, &ok, m->host, NULL, "SMTP at %s: %s%s%s%s", s->ip, s->tls,
			s->pkix == FACT_YES ? ", and the certificate is the host's" : "",
			s->reason[0] ? "; " : "", s->reason);
		break;
	case LIVE_FAILED:
		page_add(p, &failed, m->host,
			s->starttls == FACT_NO ? "offer STARTTLS"
					       : "renew the certificate, or publish what fits it: "
						 "senders that keep to it cannot deliver",
			"SMTP at %s: %s", s->ip, s->reason);
		break;
	case LIVE_UNKNOWN:
		page_add(p, &unknown, m->host, NULL, "SMTP%s%s: %s", s->ip[0] ? " at " : "", s->ip,
			s->reason);
		break;
	}
	if (s->injected)
		page_add(p, &bad, m->host, "update the mail server's software",
			"SMTP: text came after the reply to STARTTLS, before TLS (CVE-2011-0411)");
}

static void add_mx(struct check_page *p, const struct check_reply *r, const struct check_mx *m)
{
	static const struct check_line mismatch = {
		.group = GROUP_TRANSPORT, .level = LEVEL_BAD, .result = RESULT_VALIDATION_FAILURE};
	char mend[ADDR_DOMAIN_MAX + 64];

	address(p, m);
	if (m->address != CHECK_NONE)
		page_dane(p, r, m);
	if (m->sts == FACT_YES)
		page_add(p, &ok, m->host, NULL, "MTA-STS: named by the policy");
	if (m->sts == FACT_NO) {
		snprintf(mend, sizeof(mend),
			"add \"mx: %s\" to the policy, and change the record's id", m->host);
		page_add(p, &mismatch, m->host, mend, "MTA-STS: the policy does not name it");
	}
	page_live(p, m);
}

void page_transport(
	struct check_page *p, const struct check_reply *r, const struct protection *bound)
{
	size_t i;

	if (r->failed[0] != '\0') {
		page_add(p, &unknown, "protection", NULL, "unknown: %s", r->failed);
		return;
	}
	page_protection(p, r, bound);
	page_zone(p, r);
	mx_set(p, r);
	for (i = 0; i < r->n_mx; i++)
		add_mx(p, r, &r->mx[i]);
	page_sts(p, r, bound);
	page_tlsrpt(p, r);
}
