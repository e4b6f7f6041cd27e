/* SPDX-License-Identifier: ISC */
#include "wire/check.h"

#include <stdlib.h>
#include <string.h>

#include "wire/codec.h"

#define OUTCOME(c, field) CODEC_ENUM(c, field, CHECK_UNKNOWN)
#define FACT(c, field) CODEC_ENUM(c, field, FACT_UNKNOWN)
#define STATE(c, field) CODEC_ENUM(c, field, DNS_ERROR)

static void code_line(struct codec *c, char **s)
{
	codec_text(c, s, CHECK_TEXT_MAX);
}

static void each_line(struct codec *c, void *item)
{
	code_line(c, item);
}

static void each_tlsa(struct codec *c, void *item)
{
	struct check_tlsa *t = item;

	codec_u8(c, &t->usage);
	codec_u8(c, &t->selector);
	codec_u8(c, &t->matching);
	CODEC_FLAG(c, t->usable);
	code_line(c, &t->data);
	code_line(c, &t->why);
}

static void code_smtp(struct codec *c, struct check_smtp *s)
{
	CODEC_ENUM(c, s->status, LIVE_UNKNOWN);
	CODEC_ENUM(c, s->result, RESULT_STS_WEBPKI_INVALID);
	FACT(c, s->starttls);
	FACT(c, s->dane);
	FACT(c, s->pkix);
	FACT(c, s->requiretls);
	CODEC_FLAG(c, s->injected);
	CODEC_FIXED(c, s->ip);
	CODEC_FIXED(c, s->tls);
	CODEC_FIXED(c, s->cipher);
	code_line(c, &s->reason);
}

static void each_mx(struct codec *c, void *item)
{
	struct check_mx *m = item;
	size_t i;

	code_line(c, &m->host);
	codec_u16(c, &m->preference);
	OUTCOME(c, m->address);
	code_line(c, &m->alias);
	STATE(c, m->dnssec);
	m->n_ip = codec_count(c, m->n_ip, CHECK_IPS_MAX);
	for (i = 0; i < m->n_ip; i++)
		CODEC_FIXED(c, m->ip[i]);
	CODEC_ENUM(c, m->dane, DANE_UNKNOWN);
	STATE(c, m->tlsa_dnssec);
	code_line(c, &m->tlsa_base);
	codec_array(c, &m->tlsa, &m->n_tlsa, CHECK_TLSA_MAX, sizeof(*m->tlsa), each_tlsa);
	code_line(c, &m->reason);
	FACT(c, m->sts);
	code_smtp(c, &m->live);
}

static void code_sts(struct codec *c, struct check_sts *s)
{
	OUTCOME(c, s->txt);
	STATE(c, s->txt_dnssec);
	code_line(c, &s->txt_reason);
	CODEC_FIXED(c, s->id);
	OUTCOME(c, s->fetch);
	CODEC_ENUM(c, s->result, RESULT_STS_WEBPKI_INVALID);
	codec_u16(c, &s->status);
	CODEC_ENUM(c, s->tls, TLS_WEBPKI_DANE);
	code_line(c, &s->content_type);
	code_line(c, &s->fetch_reason);
	OUTCOME(c, s->policy);
	CODEC_FLAG(c, s->kept);
	CODEC_ENUM(c, s->mode, STS_MODE_ENFORCE);
	CODEC_FIXED(c, s->policy_id);
	codec_u32(c, &s->max_age);
	codec_i64(c, &s->fetched);
	codec_i64(c, &s->expires);
	codec_array(c, &s->mx, &s->n_mx, CHECK_PATTERNS_MAX, sizeof(*s->mx), each_line);
	codec_text(c, &s->text, CHECK_POLICY_MAX);
}

static void code_tlsrpt(struct codec *c, struct check_tlsrpt *t)
{
	OUTCOME(c, t->outcome);
	STATE(c, t->dnssec);
	codec_array(c, &t->rua, &t->n_rua, CHECK_RUA_MAX, sizeof(*t->rua), each_line);
	code_line(c, &t->reason);
}

static void each_caa_record(struct codec *c, void *item)
{
	struct check_caa_record *x = item;

	codec_u8(c, &x->flags);
	code_line(c, &x->tag);
	code_line(c, &x->value);
	code_line(c, &x->issuer);
	code_line(c, &x->params);
}

static void each_caa(struct codec *c, void *item)
{
	struct check_caa *x = item;

	code_line(c, &x->name);
	OUTCOME(c, x->outcome);
	STATE(c, x->dnssec);
	code_line(c, &x->found_at);
	CODEC_FLAG(c, x->forbidden);
	CODEC_FLAG(c, x->restricts);
	codec_array(
		c, &x->record, &x->n_record, CHECK_CAA_MAX, sizeof(*x->record), each_caa_record);
	code_line(c, &x->reason);
}

static void code_cert(struct codec *c, void *item)
{
	struct check_cert *x = item;

	code_line(c, &x->name);
	codec_u16(c, &x->port);
	code_line(c, &x->subject);
	code_line(c, &x->issuer);
	codec_i64(c, &x->not_before);
	codec_i64(c, &x->not_after);
	CODEC_FIXED(c, x->spki);
	FACT(c, x->caa);
	codec_u8(c, &x->sct_x509);
	codec_u8(c, &x->sct_tls);
	codec_u8(c, &x->sct_ocsp);
	codec_u8(c, &x->sct_valid);
	codec_u8(c, &x->sct_invalid);
	codec_u8(c, &x->sct_unknown_log);
	FACT(c, x->ct);
	code_line(c, &x->ct_reason);
}

static void code_http(struct codec *c, struct check_http *h)
{
	OUTCOME(c, h->outcome);
	codec_u16(c, &h->status);
	CODEC_ENUM(c, h->tls, TLS_WEBPKI_DANE);
	CODEC_FLAG(c, h->cors);
	CODEC_FLAG(c, h->armoured);
	CODEC_FLAG(c, h->openpgp);
	CODEC_FLAG(c, h->html);
	codec_u32(c, &h->length);
	code_line(c, &h->content_type);
	code_line(c, &h->reason);
}

static void code_check_wkd(struct codec *c, struct check_wkd *k)
{
	code_line(c, &k->host);
	OUTCOME(c, k->address);
	STATE(c, k->dnssec);
	FACT(c, k->wildcard);
	CODEC_ENUM(c, k->dane, DANE_UNKNOWN);
	FACT(c, k->dane_match);
	FACT(c, k->covers);
	code_http(c, &k->policy);
	CODEC_FLAG(c, k->policy_bad);
	code_line(c, &k->policy_flags);
	code_http(c, &k->key);
	code_http(c, &k->head);
	code_line(c, &k->reason);
}

static void transport(struct codec *c, struct check_reply *a)
{
	OUTCOME(c, a->mx_outcome);
	STATE(c, a->mx_dnssec);
	CODEC_FLAG(c, a->null_mx);
	CODEC_FLAG(c, a->implicit_mx);
	code_line(c, &a->mx_alias);
	code_line(c, &a->mx_reason);
	codec_array(c, &a->mx, &a->n_mx, CHECK_MX_MAX, sizeof(*a->mx), each_mx);
	codec_u32(c, &a->mx_left_off);
	code_sts(c, &a->sts);
}

static void code_check_reply(struct codec *c, struct check_reply *a)
{
	size_t i;

	codec_u32(c, &a->id);
	codec_u8(c, &a->want);
	code_line(c, &a->domain);
	code_line(c, &a->failed);
	OUTCOME(c, a->exists);
	STATE(c, a->dnssec);
	code_line(c, &a->dnssec_reason);
	transport(c, a);
	code_tlsrpt(c, &a->tlsrpt);
	codec_array(c, &a->caa, &a->n_caa, CHECK_CAA_NAMES_MAX, sizeof(*a->caa), each_caa);
	codec_array(c, &a->cert, &a->n_cert, CHECK_CERTS_MAX, sizeof(*a->cert), code_cert);
	CODEC_ENUM(c, a->wkd_method, METHOD_OPENPGPKEY);
	OUTCOME(c, a->wkd_outcome);
	for (i = 0; i < 2; i++)
		code_check_wkd(c, &a->wkd[i]);
	OUTCOME(c, a->openpgpkey.zone);
	STATE(c, a->openpgpkey.dnssec);
	OUTCOME(c, a->openpgpkey.record);
	code_line(c, &a->openpgpkey.reason);
	codec_evidence(
		c, &(struct codec_evidence){&a->dns, &a->n_dns, &a->url, &a->n_url, CHECK_DNS_MAX});
	codec_u32(c, &a->ms);
}

void check_reply_write(struct wr *w, const struct check_reply *a)
{
	struct codec c = {.w = w};

	/* Written only, nothing is changed. */
	code_check_reply(&c, (struct check_reply *)(uintptr_t)a);
}

int check_reply_read(struct rd *r, struct check_reply *a, struct err *err)
{
	struct codec c = {.r = r};

	memset(a, 0, sizeof(*a));
	code_check_reply(&c, a);
	if (rd_end(r, "check reply", err) < 0) {
		check_reply_free(a);
		return ERR_INTERNAL;
	}
	return 0;
}

void check_reply_free(struct check_reply *a)
{
	struct codec c = {0};

	code_check_reply(&c, a);
	memset(a, 0, sizeof(*a));
}

static void code_check_request(struct codec *c, struct check_request *q)
{
	codec_u32(c, &q->id);
	codec_u8(c, &q->want);
	CODEC_FIXED(c, q->domain);
	CODEC_FLAG(c, q->host_only);
	CODEC_FIXED(c, q->address);
	codec_u16(c, &q->port);
	CODEC_FIXED(c, q->sts_id);
	codec_i64(c, &q->sts_fetched);
	codec_text(c, &q->sts_text, CHECK_POLICY_MAX);
}

void check_request_write(struct wr *w, const struct check_request *q)
{
	struct codec c = {.w = w};

	code_check_request(&c, (struct check_request *)(uintptr_t)q);
}

static bool names_agree(const struct check_request *q)
{
	char domain[ADDR_DOMAIN_MAX + 1];
	struct addr a;

	if (addr_domain(q->domain, domain, NULL) < 0 || strcmp(domain, q->domain) != 0)
		return false;
	if (!q->address[0])
		return true;
	return addr_parse(q->address, &a, NULL) == 0 && strcmp(a.domain, q->domain) == 0;
}

int check_request_read(struct rd *r, struct check_request *q, struct err *err)
{
	struct codec c = {.r = r};

	memset(q, 0, sizeof(*q));
	code_check_request(&c, q);
	if (rd_end(r, "check request", err) == 0) {
		if (names_agree(q))
			return 0;
		err_set(err, ERR_INTERNAL, "check request: not a domain to check");
	}
	check_request_free(q);
	return ERR_INTERNAL;
}

void check_request_free(struct check_request *q)
{
	free(q->sts_text);
	memset(q, 0, sizeof(*q));
}
