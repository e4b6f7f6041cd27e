#include "output_check.h"

#include <string.h>

#include "output.h"
#include "output_lookup.h"
#include "pgp/tofu.h"

static const char *state(enum dns_state s)
{
	return s ? dns_state_name(s) : NULL;
}

static const char *fact(enum check_fact f)
{
	static const char *const word[] = {[FACT_NOT_ASKED] = NULL,
		[FACT_YES] = "yes",
		[FACT_NO] = "no",
		[FACT_UNKNOWN] = "unknown"};

	_Static_assert(sizeof(word) / sizeof(word[0]) == FACT_UNKNOWN + 1, "a word for each");
	return word[f];
}

static void http(struct out *o, const struct check_http *h)
{
	out_str(o, "status", check_outcome_name(h->outcome));
	if (h->status != 0)
		out_int(o, "http_status", h->status);
	else
		out_null(o, "http_status");
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
	out_str(o, "dnssec", state(w->dnssec));
	out_str(o, "wildcard", fact(w->wildcard));
	out_str(o, "dane", check_dane_name(w->dane));
	out_str(o, "dane_match", fact(w->dane_match));
	out_str(o, "covers", fact(w->covers));
	out_str(o, "policy_flags", w->policy_flags);
	http(out_object(o, "policy"), &w->policy);
	http(out_object(o, "key"), &w->key);
	http(out_object(o, "head"), &w->head);
	out_str(o, "reason", w->reason);
}

static void wkd(struct out *o, const struct check_reply *r)
{
	const struct check_wkd *used = &r->wkd[r->wkd_method == METHOD_WKD_DIRECT];
	const char *method = r->wkd_outcome == CHECK_FOUND
				     ? (used == r->wkd ? "advanced" : "direct")
			     : r->wkd_outcome == CHECK_NONE      ? "none"
			     : r->wkd_outcome == CHECK_NOT_ASKED ? NULL
								 : "unknown";
	size_t i;

	out_str(o, "method", method);
	out_str(o, "policy",
		r->wkd_outcome == CHECK_FOUND ? check_outcome_name(used->policy.outcome) : NULL);
	out_array(o, "hosts");
	for (i = 0; i < sizeof(r->wkd) / sizeof(r->wkd[0]); i++)
		wkd_host(out_item(o, "hosts"), &r->wkd[i]);
}

static void openpgpkey(struct out *o, const struct check_openpgpkey *k)
{
	out_str(o, "status",
		check_outcome_name(k->record != CHECK_NOT_ASKED ? k->record : k->zone));
	out_str(o, "dnssec", state(k->dnssec));
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
	size_t i;

	out_str(o, "mode", sts_mode(s));
	out_str(o, "id", known ? s->policy_id : NULL);
	if (known)
		out_int(o, "max_age", s->max_age);
	else
		out_null(o, "max_age");
	out_array(o, "mx");
	for (i = 0; known && i < s->n_mx; i++)
		out_item_str(o, "mx", s->mx[i]);
	out_bool(o, "kept", known && s->kept);
	out_time(o, "fetched", known ? s->fetched : 0);
	out_time(o, "expires", known ? s->expires : 0);
	out_str(o, "record", check_outcome_name(s->txt));
	out_str(o, "record_id", s->id);
	out_str(o, "record_reason", s->txt_reason);
	out_str(o, "fetch", check_outcome_name(s->fetch));
	if (s->status != 0)
		out_int(o, "http_status", s->status);
	else
		out_null(o, "http_status");
	out_str(o, "result", check_result_name(s->result));
	out_str(o, "reason", s->fetch_reason);
}

static void smtp(struct out *o, const struct check_smtp *s)
{
	static const char *const word[] = {[LIVE_NOT_ASKED] = NULL,
		[LIVE_AUTHENTICATED] = "authenticated",
		[LIVE_ENCRYPTED] = "encrypted",
		[LIVE_FAILED] = "failed",
		[LIVE_UNKNOWN] = "unknown"};

	_Static_assert(sizeof(word) / sizeof(word[0]) == LIVE_UNKNOWN + 1, "a word for each");
	out_str(o, "status", word[s->status]);
	out_str(o, "result", check_result_name(s->result));
	out_str(o, "starttls", fact(s->starttls));
	out_str(o, "dane_match", fact(s->dane));
	out_str(o, "pkix", fact(s->pkix));
	out_str(o, "requiretls", fact(s->requiretls));
	out_bool(o, "injected", s->injected);
	out_str(o, "ip", s->ip);
	out_str(o, "tls_version", s->tls);
	out_str(o, "cipher", s->cipher);
	out_str(o, "reason", s->reason);
}

static void mx(struct out *o, const struct check_mx *m)
{
	struct out *t;
	size_t i;

	out_str(o, "host", m->host);
	out_str(o, "dane", check_dane_name(m->dane));
	out_str(o, "mta_sts",
		m->sts == FACT_YES  ? "match"
		: m->sts == FACT_NO ? "mismatch"
				    : "none");
	out_int(o, "preference", m->preference);
	out_str(o, "address", check_outcome_name(m->address));
	out_str(o, "dnssec", state(m->dnssec));
	out_array(o, "ips");
	for (i = 0; i < m->n_ip; i++)
		out_item_str(o, "ips", m->ip[i]);
	out_str(o, "tlsa_base", m->tlsa_base);
	out_array(o, "tlsa");
	for (i = 0; i < m->n_tlsa; i++) {
		t = out_item(o, "tlsa");
		out_int(t, "usage", m->tlsa[i].usage);
		out_int(t, "selector", m->tlsa[i].selector);
		out_int(t, "matching", m->tlsa[i].matching);
		out_str(t, "data", m->tlsa[i].data);
		out_bool(t, "usable", m->tlsa[i].usable);
		out_str(t, "reason", m->tlsa[i].why);
	}
	if (m->live.status != LIVE_NOT_ASKED)
		smtp(out_object(o, "live"), &m->live);
	else
		out_null(o, "live");
	out_str(o, "reason", m->reason);
}

static void tlsrpt(struct out *o, const struct check_tlsrpt *t)
{
	size_t i;

	out_str(o, "status", check_outcome_name(t->outcome));
	out_array(o, "rua");
	for (i = 0; i < t->n_rua; i++)
		out_item_str(o, "rua", t->rua[i]);
	out_str(o, "reason", t->reason);
}

static void caa(struct out *o, const struct check_caa *c)
{
	struct out *rec;
	size_t i;

	out_str(o, "name", c->name);
	out_str(o, "status", check_outcome_name(c->outcome));
	out_str(o, "dnssec", state(c->dnssec));
	out_str(o, "found_at", c->found_at);
	out_array(o, "records");
	for (i = 0; i < c->n_record; i++) {
		rec = out_item(o, "records");
		out_int(rec, "flags", c->record[i].flags);
		out_str(rec, "tag", c->record[i].tag);
		out_str(rec, "value", c->record[i].value);
	}
	out_str(o, "reason", c->reason);
}

static void ct(struct out *o, const struct check_cert *c)
{
	out_str(o, "name", c->name);
	out_int(o, "port", c->port);
	out_str(o, "subject", c->subject);
	out_str(o, "issuer", c->issuer);
	out_time(o, "not_before", c->not_before);
	out_time(o, "not_after", c->not_after);
	out_str(o, "spki_sha256", c->spki);
	out_str(o, "caa_allows", fact(c->caa));
	out_int(o, "scts", (int64_t)c->sct_x509 + c->sct_tls + c->sct_ocsp);
	out_int(o, "scts_valid", c->sct_valid);
	out_int(o, "scts_invalid", c->sct_invalid);
	out_int(o, "scts_unknown_log", c->sct_unknown_log);
	out_str(o, "logged", fact(c->ct));
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
	out_str(o, "status", verdict_name(key->status));
	out_str(o, "fingerprint", key->cert.fpr);
	out_str(o, "pin", finding_pin_word(key));
	out_str(o, "reason", key->reason);
}

int check_print_json(
	FILE *f, const struct check_reply *r, const struct check_page *p, const struct finding *key)
{
	struct out *o = out_new();
	size_t i;

	out_str(o, "domain", r->domain);
	out_str(o, "protection", check_protection_name(r->protection));
	out_str(o, "result", check_result_name(r->result));
	out_str(o, "reason", r->failed[0] ? r->failed : r->protection_reason);
	out_str(o, "dnssec", state(r->dnssec));
	if (key)
		key_of(out_object(o, "key"), key);
	else
		out_null(o, "key");
	wkd(out_object(o, "wkd"), r);
	openpgpkey(out_object(o, "openpgpkey"), &r->openpgpkey);
	out_bool(o, "null_mx", r->null_mx);
	out_bool(o, "implicit_mx", r->implicit_mx);
	out_str(o, "mx_dnssec", state(r->mx_dnssec));
	out_array(o, "mx");
	for (i = 0; i < r->n_mx; i++)
		mx(out_item(o, "mx"), &r->mx[i]);
	mta_sts(out_object(o, "mta_sts"), &r->sts);
	tlsrpt(out_object(o, "tlsrpt"), &r->tlsrpt);
	out_array(o, "caa");
	for (i = 0; i < r->n_caa; i++)
		caa(out_item(o, "caa"), &r->caa[i]);
	out_array(o, "ct");
	for (i = 0; i < r->n_cert; i++)
		ct(out_item(o, "ct"), &r->cert[i]);
	out_array(o, "findings");
	for (i = 0; i < p->n; i++)
		finding(out_item(o, "findings"), &p->v[i]);
	evidence_arrays(out_object(o, "evidence"), r->dns, r->n_dns, r->url, r->n_url, r->ms);
	return out_print(o, f);
}

static const char *headline(const struct check_reply *r)
{
	switch (r->failed[0] ? PROTECTION_UNKNOWN : r->protection) {
	case PROTECTION_DANE:
		return "mail to it is protected on its way, by DANE";
	case PROTECTION_MTA_STS:
		return "mail to it is protected on its way, by MTA-STS";
	case PROTECTION_NONE:
		return r->null_mx ? "it takes no mail" : "mail to it is not protected on its way";
	case PROTECTION_UNKNOWN:
		break;
	}
	return "whether mail to it is protected on its way cannot be told";
}

void check_print_text(FILE *f, const struct check_reply *r, const struct check_page *p)
{
	static const enum check_group order[] = {GROUP_TRANSPORT, GROUP_KEYS, GROUP_CERTIFICATES};
	const char *subject;
	size_t i, g;

	out_safe(f, r->domain, 0);
	fprintf(f, ": %s\n", headline(r));
	for (g = 0; g < sizeof(order) / sizeof(order[0]); g++) {
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
			fprintf(f, "    %-7s  ", check_level_name(l->level));
			out_safe(f, l->what, 0);
			if (l->result != RESULT_NONE)
				fprintf(f, " [%s]", check_result_name(l->result));
			fputc('\n', f);
			if (l->mend[0] != '\0') {
				fputs("             mend: ", f);
				out_safe(f, l->mend, 0);
				fputc('\n', f);
			}
		}
	}
}
