#include "wire/check.h"

#include <stdlib.h>
#include <string.h>

/*
 * One description of each struct serves all three ways: it is written, read, or freed, field by field. Whichever pointer is
 * set says which.
 */
struct codec {
	struct wr *w;
	struct rd *r;
	/* neither: free */
};

static void num8(struct codec *c, uint8_t *v)
{
	if (c->w)
		wr_u8(c->w, *v);
	else if (c->r)
		*v = rd_u8(c->r);
}

static void num32(struct codec *c, uint32_t *v)
{
	if (c->w)
		wr_u32(c->w, *v);
	else if (c->r)
		*v = rd_u32(c->r);
}

static void num16(struct codec *c, uint16_t *v)
{
	uint32_t wide = *v;

	num32(c, &wide);
	if (c->r && wide > UINT16_MAX)
		c->r->bad = true;
	*v = (uint16_t)wide;
}

static void stamp(struct codec *c, int64_t *v)
{
	if (c->w)
		wr_u64(c->w, (uint64_t)*v);
	else if (c->r)
		*v = (int64_t)rd_u64(c->r);
}

/* An enumeration's value, at most last; to be assigned. */
static unsigned choice(struct codec *c, unsigned v, unsigned last)
{
	uint8_t octet = (uint8_t)v;

	num8(c, &octet);
	if (c->r && octet > last)
		c->r->bad = true;
	return c->r && c->r->bad ? 0 : octet;
}

#define ENUM(c, field, last) ((field) = choice(c, (unsigned)(field), last))
#define FLAG(c, field) ENUM(c, field, 1)
#define OUTCOME(c, field) ENUM(c, field, CHECK_UNKNOWN)
#define FACT(c, field) ENUM(c, field, FACT_UNKNOWN)
#define STATE(c, field) ENUM(c, field, DNS_ERROR)
#define FIXED(c, field) fixed(c, field, sizeof(field))

static void fixed(struct codec *c, char *s, size_t cap)
{
	if (c->w)
		wr_str(c->w, s);
	else if (c->r)
		rd_str(c->r, s, cap);
}

static void text(struct codec *c, char **s, size_t max)
{
	if (c->w) {
		wr_str(c->w, *s);
	} else if (c->r) {
		*s = rd_strdup(c->r, max);
	} else {
		free(*s);
		*s = NULL;
	}
}

static void line(struct codec *c, char **s)
{
	text(c, s, CHECK_TEXT_MAX);
}

static size_t count(struct codec *c, size_t n, size_t max)
{
	uint32_t v = (uint32_t)n;

	if (c->w && n > max)
		c->w->bad = true;
	num32(c, &v);
	if (c->r && v > max)
		c->r->bad = true;
	return c->r && c->r->bad ? 0 : v;
}

/* An array of n structs of the given size, at *p. */
static void array(struct codec *c, void *p, size_t *n, size_t max, size_t size,
	void (*each)(struct codec *c, void *item))
{
	uint8_t *items;
	size_t i, total = count(c, *n, max);

	memcpy(&items, p, sizeof(items));
	if (c->r) {
		items = calloc(total + 1, size);
		if (!items) {
			c->r->bad = true;
			return;
		}
		memcpy(p, &items, sizeof(items));
		*n = total;
	}
	/* Where reading goes wrong, what follows is empty, and can be freed. */
	for (i = 0; i < total; i++)
		each(c, items + i * size);
	if (!c->w && !c->r) {
		free(items);
		memset(p, 0, sizeof(items));
		*n = 0;
	}
}

static void each_line(struct codec *c, void *item)
{
	line(c, item);
}

static void each_tlsa(struct codec *c, void *item)
{
	struct check_tlsa *t = item;

	num8(c, &t->usage);
	num8(c, &t->selector);
	num8(c, &t->matching);
	FLAG(c, t->usable);
	line(c, &t->data);
	line(c, &t->why);
}

static void smtp(struct codec *c, struct check_smtp *s)
{
	ENUM(c, s->status, LIVE_UNKNOWN);
	ENUM(c, s->result, RESULT_STS_WEBPKI_INVALID);
	FACT(c, s->starttls);
	FACT(c, s->dane);
	FACT(c, s->pkix);
	FACT(c, s->requiretls);
	FLAG(c, s->injected);
	FIXED(c, s->ip);
	FIXED(c, s->tls);
	FIXED(c, s->cipher);
	line(c, &s->reason);
}

static void each_mx(struct codec *c, void *item)
{
	struct check_mx *m = item;
	size_t i;

	line(c, &m->host);
	num16(c, &m->preference);
	OUTCOME(c, m->address);
	line(c, &m->alias);
	STATE(c, m->dnssec);
	m->n_ip = count(c, m->n_ip, CHECK_IPS_MAX);
	for (i = 0; i < m->n_ip; i++)
		FIXED(c, m->ip[i]);
	ENUM(c, m->dane, DANE_UNKNOWN);
	STATE(c, m->tlsa_dnssec);
	line(c, &m->tlsa_base);
	array(c, &m->tlsa, &m->n_tlsa, CHECK_TLSA_MAX, sizeof(*m->tlsa), each_tlsa);
	line(c, &m->reason);
	FACT(c, m->sts);
	smtp(c, &m->live);
}

static void sts(struct codec *c, struct check_sts *s)
{
	OUTCOME(c, s->txt);
	STATE(c, s->txt_dnssec);
	line(c, &s->txt_reason);
	FIXED(c, s->id);
	OUTCOME(c, s->fetch);
	ENUM(c, s->result, RESULT_STS_WEBPKI_INVALID);
	num16(c, &s->status);
	ENUM(c, s->tls, TLS_WEBPKI_DANE);
	line(c, &s->content_type);
	line(c, &s->fetch_reason);
	OUTCOME(c, s->policy);
	FLAG(c, s->kept);
	ENUM(c, s->mode, STS_MODE_ENFORCE);
	FIXED(c, s->policy_id);
	num32(c, &s->max_age);
	stamp(c, &s->fetched);
	stamp(c, &s->expires);
	array(c, &s->mx, &s->n_mx, CHECK_PATTERNS_MAX, sizeof(*s->mx), each_line);
	text(c, &s->text, CHECK_POLICY_MAX);
}

static void tlsrpt(struct codec *c, struct check_tlsrpt *t)
{
	OUTCOME(c, t->outcome);
	STATE(c, t->dnssec);
	array(c, &t->rua, &t->n_rua, CHECK_RUA_MAX, sizeof(*t->rua), each_line);
	line(c, &t->reason);
}

static void each_caa_record(struct codec *c, void *item)
{
	struct check_caa_record *x = item;

	num8(c, &x->flags);
	line(c, &x->tag);
	line(c, &x->value);
	line(c, &x->issuer);
	line(c, &x->params);
}

static void each_caa(struct codec *c, void *item)
{
	struct check_caa *x = item;

	line(c, &x->name);
	OUTCOME(c, x->outcome);
	STATE(c, x->dnssec);
	line(c, &x->found_at);
	FLAG(c, x->forbidden);
	FLAG(c, x->restricts);
	array(c, &x->record, &x->n_record, CHECK_CAA_MAX, sizeof(*x->record), each_caa_record);
	line(c, &x->reason);
}

static void each_cert(struct codec *c, void *item)
{
	struct check_cert *x = item;

	line(c, &x->name);
	num16(c, &x->port);
	line(c, &x->subject);
	line(c, &x->issuer);
	stamp(c, &x->not_before);
	stamp(c, &x->not_after);
	FIXED(c, x->spki);
	FACT(c, x->caa);
	num8(c, &x->sct_x509);
	num8(c, &x->sct_tls);
	num8(c, &x->sct_ocsp);
	num8(c, &x->sct_valid);
	num8(c, &x->sct_invalid);
	num8(c, &x->sct_unknown_log);
	FACT(c, x->ct);
	line(c, &x->ct_reason);
}

static void http(struct codec *c, struct check_http *h)
{
	OUTCOME(c, h->outcome);
	num16(c, &h->status);
	ENUM(c, h->tls, TLS_WEBPKI_DANE);
	FLAG(c, h->cors);
	FLAG(c, h->armoured);
	FLAG(c, h->openpgp);
	FLAG(c, h->html);
	num32(c, &h->length);
	line(c, &h->content_type);
	line(c, &h->reason);
}

static void wkd(struct codec *c, struct check_wkd *k)
{
	line(c, &k->host);
	OUTCOME(c, k->address);
	STATE(c, k->dnssec);
	FACT(c, k->wildcard);
	ENUM(c, k->dane, DANE_UNKNOWN);
	FACT(c, k->dane_match);
	FACT(c, k->covers);
	http(c, &k->policy);
	FLAG(c, k->policy_bad);
	line(c, &k->policy_flags);
	http(c, &k->key);
	http(c, &k->head);
	line(c, &k->reason);
}

static void each_dns(struct codec *c, void *item)
{
	struct evidence_dns *d = item;

	line(c, &d->name);
	num16(c, &d->type);
	ENUM(c, d->state, DNS_ERROR);
	num8(c, &d->rcode);
	num16(c, &d->answers);
	FLAG(c, d->nxdomain);
	num32(c, &d->ms);
	line(c, &d->note);
}

static void each_url(struct codec *c, void *item)
{
	struct evidence_url *u = item;

	text(c, &u->url, LOOKUP_URL_MAX);
	num16(c, &u->status);
	ENUM(c, u->tls, TLS_WEBPKI_DANE);
	FIXED(c, u->ip);
	FIXED(c, u->spki);
	num32(c, &u->ms);
	line(c, &u->note);
}

static void transport(struct codec *c, struct check_reply *a)
{
	OUTCOME(c, a->mx_outcome);
	STATE(c, a->mx_dnssec);
	FLAG(c, a->null_mx);
	FLAG(c, a->implicit_mx);
	line(c, &a->mx_alias);
	line(c, &a->mx_reason);
	array(c, &a->mx, &a->n_mx, CHECK_MX_MAX, sizeof(*a->mx), each_mx);
	num32(c, &a->mx_left_off);
	sts(c, &a->sts);
	ENUM(c, a->protection, PROTECTION_UNKNOWN);
	ENUM(c, a->result, RESULT_STS_WEBPKI_INVALID);
	line(c, &a->protection_reason);
}

static void reply(struct codec *c, struct check_reply *a)
{
	size_t i;

	num32(c, &a->id);
	num8(c, &a->want);
	line(c, &a->domain);
	line(c, &a->failed);
	OUTCOME(c, a->exists);
	STATE(c, a->dnssec);
	line(c, &a->dnssec_reason);
	transport(c, a);
	tlsrpt(c, &a->tlsrpt);
	array(c, &a->caa, &a->n_caa, CHECK_CAA_NAMES_MAX, sizeof(*a->caa), each_caa);
	array(c, &a->cert, &a->n_cert, CHECK_CERTS_MAX, sizeof(*a->cert), each_cert);
	ENUM(c, a->wkd_method, METHOD_OPENPGPKEY);
	OUTCOME(c, a->wkd_outcome);
	for (i = 0; i < 2; i++)
		wkd(c, &a->wkd[i]);
	OUTCOME(c, a->openpgpkey.zone);
	STATE(c, a->openpgpkey.dnssec);
	OUTCOME(c, a->openpgpkey.record);
	line(c, &a->openpgpkey.reason);
	array(c, &a->dns, &a->n_dns, CHECK_DNS_MAX, sizeof(*a->dns), each_dns);
	array(c, &a->url, &a->n_url, CHECK_URLS_MAX, sizeof(*a->url), each_url);
	num32(c, &a->ms);
}

void check_reply_write(struct wr *w, const struct check_reply *a)
{
	struct codec c = {.w = w};

	/* Written only, nothing is changed. */
	reply(&c, (struct check_reply *)(uintptr_t)a);
}

/* A host that nobody can reach, and nobody can forge into reach. */
static bool out_of_reach(const struct check_mx *m)
{
	return m->address == CHECK_NONE && m->dnssec == DNS_SECURE;
}

/* A verdict made of nothing: protection that none of the facts bears out. */
static bool contradicts(const struct check_reply *a)
{
	size_t i, bound = 0;

	if (a->protection != PROTECTION_DANE && a->protection != PROTECTION_MTA_STS)
		return false;
	for (i = 0; i < a->n_mx; i++) {
		const struct check_mx *m = &a->mx[i];

		if (a->protection == PROTECTION_DANE && out_of_reach(m))
			continue;
		if (a->protection == PROTECTION_DANE ? m->dane != DANE_USABLE : m->sts != FACT_YES)
			return true;
		bound++;
	}
	if (bound == 0 || a->mx_left_off > 0)
		return true;
	return a->protection == PROTECTION_DANE
		? a->mx_dnssec != DNS_SECURE
		: a->sts.policy != CHECK_FOUND || a->sts.mode != STS_MODE_ENFORCE;
}

int check_reply_read(struct rd *r, struct check_reply *a, struct err *err)
{
	struct codec c = {.r = r};

	memset(a, 0, sizeof(*a));
	reply(&c, a);
	if (!r->bad && contradicts(a))
		r->bad = true;
	if (rd_end(r, "check reply", err) < 0) {
		check_reply_free(a);
		return ERR_INTERNAL;
	}
	return 0;
}

void check_reply_free(struct check_reply *a)
{
	struct codec c = {0};

	reply(&c, a);
	memset(a, 0, sizeof(*a));
}

static void request(struct codec *c, struct check_request *q)
{
	num32(c, &q->id);
	num8(c, &q->want);
	FIXED(c, q->domain);
	FLAG(c, q->host_only);
	FIXED(c, q->address);
	num16(c, &q->port);
	FIXED(c, q->sts_id);
	stamp(c, &q->sts_fetched);
	text(c, &q->sts_text, CHECK_POLICY_MAX);
}

void check_request_write(struct wr *w, const struct check_request *q)
{
	struct codec c = {.w = w};

	request(&c, (struct check_request *)(uintptr_t)q);
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
	request(&c, q);
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
