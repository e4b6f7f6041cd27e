/* SPDX-License-Identifier: ISC */
#include "verbs/check/output.h"

#include <string.h>

#include "base/buf.h"
#include "print/output.h"
#include "verbs/check/rows.h"
#include "discovery/evidence.h"
#include "decide/tofu.h"

#define WHAT_COLUMN 13
#define FIX_COLUMN (WHAT_COLUMN + 5)
#define LINE_MAX_BYTES (1u << 20)

static const char *state_or_null(enum dns_state s)
{
	return s ? dns_state_name(s) : NULL;
}

static const char *fact_name(enum check_fact f)
{
	static const char *const word[] = {[FACT_NOT_ASKED] = NULL,
		[FACT_YES] = "yes",
		[FACT_NO] = "no",
		[FACT_UNKNOWN] = "unknown"};

	_Static_assert(sizeof(word) / sizeof(word[0]) == FACT_UNKNOWN + 1, "a word for each");
	return word[f];
}

static void out_http(struct out *o, const struct check_http *h)
{
	out_str(o, "status", check_outcome_name(h->outcome));
	out_int_if(o, "http_status", h->status != 0, h->status);
	out_str(o, "tls", tls_auth_name(h->tls));
	out_str(o, "content_type", h->content_type);
	out_bool(o, "cors", h->cors);
	out_bool(o, "armoured", h->armoured);
	out_str(o, "reason", h->reason);
}

static void wkd_host(struct out *o, const struct check_wkd *w)
{
	out_str(o, "host", w->host);
	out_str(o, "address", check_outcome_name(w->address));
	out_str(o, "dnssec", state_or_null(w->dnssec));
	out_str(o, "wildcard", fact_name(w->wildcard));
	out_str(o, "dane", check_dane_name(w->dane));
	out_str(o, "dane_match", fact_name(w->dane_match));
	out_str(o, "covers", fact_name(w->covers));
	out_str(o, "policy_flags", w->policy_flags);
	out_http(out_object(o, "policy"), &w->policy);
	out_http(out_object(o, "key"), &w->key);
	out_http(out_object(o, "head"), &w->head);
	out_str(o, "reason", w->reason);
}

static void out_wkd(struct out *o, const struct check_reply *r)
{
	const struct check_wkd *used = &r->wkd[r->wkd_method == METHOD_WKD_DIRECT];
	const char *method = r->wkd_outcome == CHECK_FOUND
				     ? (used == r->wkd ? "advanced" : "direct")
			     : r->wkd_outcome == CHECK_NONE      ? "none"
			     : r->wkd_outcome == CHECK_NOT_ASKED ? NULL
								 : "unknown";

	out_str(o, "method", method);
	out_str(o, "policy",
		r->wkd_outcome == CHECK_FOUND ? check_outcome_name(used->policy.outcome) : NULL);
	OUT_LIST(o, "hosts", r->wkd, sizeof(r->wkd) / sizeof(r->wkd[0]), wkd_host);
}

static void out_openpgpkey(struct out *o, const struct check_openpgpkey *k)
{
	out_str(o, "status",
		check_outcome_name(k->record != CHECK_NOT_ASKED ? k->record : k->zone));
	out_str(o, "dnssec", state_or_null(k->dnssec));
	out_str(o, "reason", k->reason);
}

static const char *sts_mode(const struct check_sts *s)
{
	switch (s->policy) {
	case CHECK_FOUND:
		return check_sts_mode_name(s->mode);
	case CHECK_NONE:
	case CHECK_INVALID:
		return "absent";
	case CHECK_UNKNOWN:
		return "unknown";
	case CHECK_NOT_ASKED:
		break;
	}
	return NULL;
}

static void mta_sts(struct out *o, const struct check_sts *s)
{
	bool known = s->policy == CHECK_FOUND;

	out_str(o, "mode", sts_mode(s));
	out_str(o, "id", known ? s->policy_id : NULL);
	out_int_if(o, "max_age", known, s->max_age);
	OUT_TEXTS(o, "mx", s->mx, known ? s->n_mx : 0);
	out_bool(o, "kept", known && s->kept);
	out_time(o, "fetched", known ? s->fetched : 0);
	out_time(o, "expires", known ? s->expires : 0);
	out_str(o, "record", check_outcome_name(s->txt));
	out_str(o, "record_id", s->id);
	out_str(o, "record_reason", s->txt_reason);
	out_str(o, "fetch", check_outcome_name(s->fetch));
	out_int_if(o, "http_status", s->status != 0, s->status);
	out_str(o, "result", check_result_name(s->result));
	out_str(o, "reason", s->fetch_reason);
}

static void out_smtp(struct out *o, const struct check_smtp *s)
{
	static const char *const word[] = {[LIVE_NOT_ASKED] = NULL,
		[LIVE_AUTHENTICATED] = "authenticated",
		[LIVE_ENCRYPTED] = "encrypted",
		[LIVE_FAILED] = "failed",
		[LIVE_UNKNOWN] = "unknown"};

	_Static_assert(sizeof(word) / sizeof(word[0]) == LIVE_UNKNOWN + 1, "a word for each");
	out_str(o, "status", word[s->status]);
	out_str(o, "result", check_result_name(s->result));
	out_str(o, "starttls", fact_name(s->starttls));
	out_str(o, "dane_match", fact_name(s->dane));
	out_str(o, "pkix", fact_name(s->pkix));
	out_str(o, "requiretls", fact_name(s->requiretls));
	out_bool(o, "injected", s->injected);
	out_str(o, "ip", s->ip);
	out_str(o, "tls_version", s->tls);
	out_str(o, "cipher", s->cipher);
	out_str(o, "reason", s->reason);
}

static void out_tlsa(struct out *o, const struct check_tlsa *t)
{
	out_int(o, "usage", t->usage);
	out_int(o, "selector", t->selector);
	out_int(o, "matching", t->matching);
	out_str(o, "data", t->data);
	out_bool(o, "usable", t->usable);
	out_str(o, "reason", t->why);
}

static void out_mx(struct out *o, const struct check_mx *m)
{
	out_str(o, "host", m->host);
	out_str(o, "dane", check_dane_name(m->dane));
	out_str(o, "mta_sts",
		m->sts == FACT_YES  ? "match"
		: m->sts == FACT_NO ? "mismatch"
				    : "none");
	out_int(o, "preference", m->preference);
	out_str(o, "address", check_outcome_name(m->address));
	out_str(o, "dnssec", state_or_null(m->dnssec));
	OUT_TEXTS(o, "ips", m->ip, m->n_ip);
	out_str(o, "tlsa_base", m->tlsa_base);
	OUT_LIST(o, "tlsa", m->tlsa, m->n_tlsa, out_tlsa);
	if (m->live.status != LIVE_NOT_ASKED)
		out_smtp(out_object(o, "live"), &m->live);
	else
		out_null(o, "live");
	out_str(o, "reason", m->reason);
}

static void tlsrpt(struct out *o, const struct check_tlsrpt *t)
{
	out_str(o, "status", check_outcome_name(t->outcome));
	OUT_TEXTS(o, "rua", t->rua, t->n_rua);
	out_str(o, "reason", t->reason);
}

static void out_caa_record(struct out *o, const struct check_caa_record *r)
{
	out_int(o, "flags", r->flags);
	out_str(o, "tag", r->tag);
	out_str(o, "value", r->value);
}

static void out_caa(struct out *o, const struct check_caa *c)
{
	out_str(o, "name", c->name);
	out_str(o, "status", check_outcome_name(c->outcome));
	out_str(o, "dnssec", state_or_null(c->dnssec));
	out_str(o, "found_at", c->found_at);
	OUT_LIST(o, "records", c->record, c->n_record, out_caa_record);
	out_str(o, "reason", c->reason);
}

static void out_ct(struct out *o, const struct check_cert *c)
{
	out_str(o, "name", c->name);
	out_int(o, "port", c->port);
	out_str(o, "subject", c->subject);
	out_str(o, "issuer", c->issuer);
	out_time(o, "not_before", c->not_before);
	out_time(o, "not_after", c->not_after);
	out_str(o, "spki_sha256", c->spki);
	out_str(o, "caa_allows", fact_name(c->caa));
	out_int(o, "scts", (int64_t)c->sct_x509 + c->sct_tls + c->sct_ocsp);
	out_int(o, "scts_valid", c->sct_valid);
	out_int(o, "scts_invalid", c->sct_invalid);
	out_int(o, "scts_unknown_log", c->sct_unknown_log);
	out_str(o, "logged", fact_name(c->ct));
	out_str(o, "reason", c->ct_reason);
}

static void finding(struct out *o, const struct check_line *l)
{
	out_str(o, "level", check_level_name(l->level));
	out_str(o, "what", l->what);
	out_str(o, "mend", l->mend);
	out_str(o, "group", check_group_name(l->group));
	out_str(o, "subject", l->subject);
	out_str(o, "result", check_result_name(l->result));
}

static void key_of(struct out *o, const struct finding *key)
{
	out_str(o, "address", key->addr->name);
	out_str(o, "status", key_status_name(key->status));
	out_str(o, "fingerprint", key->cert.fpr);
	out_str(o, "pin", finding_pin_word(key));
	out_str(o, "reason", key->reason);
}

int check_print_json(FILE *f, const struct check_reply *r, const struct protection *bound,
	const struct check_page *p, const struct finding *key)
{
	struct out *o = out_new();

	out_str(o, "domain", r->domain);
	out_str(o, "protection", protection_name(bound->kind));
	out_str(o, "result", check_result_name(bound->result));
	out_str(o, "reason", bound->reason);
	out_str(o, "dnssec", state_or_null(r->dnssec));
	if (key)
		key_of(out_object(o, "key"), key);
	else
		out_null(o, "key");
	out_wkd(out_object(o, "wkd"), r);
	out_openpgpkey(out_object(o, "openpgpkey"), &r->openpgpkey);
	out_bool(o, "null_mx", r->null_mx);
	out_bool(o, "implicit_mx", r->implicit_mx);
	out_str(o, "mx_dnssec", state_or_null(r->mx_dnssec));
	OUT_LIST(o, "mx", r->mx, r->n_mx, out_mx);
	mta_sts(out_object(o, "mta_sts"), &r->sts);
	tlsrpt(out_object(o, "tlsrpt"), &r->tlsrpt);
	OUT_LIST(o, "caa", r->caa, r->n_caa, out_caa);
	OUT_LIST(o, "ct", r->cert, r->n_cert, out_ct);
	OUT_LIST(o, "findings", p->v, p->n, finding);
	evidence_arrays(out_object(o, "evidence"), r->dns, r->n_dns, r->url, r->n_url, r->ms);
	return out_print(o, f);
}

static const char *headline(const struct check_reply *r, const struct protection *bound)
{
	if (r->exists == CHECK_NONE)
		return "it does not exist";
	switch (bound->kind) {
	case PROTECTION_DANE:
		return "mail to it is protected in transit, by DANE";
	case PROTECTION_MTA_STS:
		return "mail to it is protected in transit, by MTA-STS";
	case PROTECTION_NONE:
		return r->null_mx ? "it accepts no mail" : "mail to it is not protected in transit";
	case PROTECTION_UNKNOWN:
		break;
	}
	return "it is unknown whether mail to it is protected in transit";
}

static bool has_lines(const struct check_page *p, enum check_group g)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (p->v[i].group == g)
			return true;
	}
	return false;
}

/* "    bad      what [result]", and below it what fixes it. */
static void print_line(FILE *f, const struct style *t, const struct check_line *l)
{
	const enum style_tone tone = check_level_tone(l->level);
	struct buf what = BUF_INIT(LINE_MAX_BYTES);

	(void)buf_adds(&what, l->what);
	if (l->result != RESULT_NONE)
		(void)buf_addf(&what, " [%s]", check_result_name(l->result));
	fputs("    ", f);
	style_begin(f, t, tone);
	fprintf(f, "%-7s", check_level_name(l->level));
	style_end(f, t, tone);
	fputs("  ", f);
	term_text(f, t, buf_str(&what), WHAT_COLUMN, WHAT_COLUMN);
	fputc('\n', f);
	if (l->mend[0] != '\0') {
		fprintf(f, "%*sfix: ", WHAT_COLUMN, "");
		term_text(f, t, l->mend, FIX_COLUMN, FIX_COLUMN);
		fputc('\n', f);
	}
	buf_free(&what);
}

void check_print_text(FILE *f, const struct check_reply *r, const struct protection *bound,
	const struct check_page *p)
{
	static const enum check_group order[] = {GROUP_TRANSPORT, GROUP_KEYS, GROUP_CERTIFICATES};
	const struct style t = style_of(f);
	const char *subject;
	size_t i, g;

	out_safe(f, r->domain, 0);
	fputs(": ", f);
	term_text(f, &t, headline(r, bound), (int)strlen(r->domain) + 2, 2);
	fputc('\n', f);
	for (g = 0; g < sizeof(order) / sizeof(order[0]); g++) {
		if (!has_lines(p, order[g]))
			continue;
		fprintf(f, "\n%s\n", check_group_name(order[g]));
		subject = "";
		for (i = 0; i < p->n; i++) {
			const struct check_line *l = &p->v[i];

			if (l->group != order[g])
				continue;
			if (strcmp(subject, l->subject) != 0) {
				fputs("  ", f);
				out_safe(f, l->subject, 0);
				fputc('\n', f);
			}
			subject = l->subject;
			print_line(f, &t, l);
		}
	}
}
