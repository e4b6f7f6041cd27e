#include "wire/lookup.h"

#include <stdlib.h>
#include <string.h>

#define NOTE_MAX 1024

void net_settings_write(struct wr *w, const struct net_settings *s)
{
	wr_str(w, s->resolver);
	wr_str(w, s->trust_anchor);
	wr_str(w, s->root_hints);
	wr_str(w, s->ca_file);
	wr_str(w, s->ct_log_list);
	wr_str(w, s->proxy);
	wr_u32(w, s->timeout_ms);
	wr_u32(w, s->connect_ms);
	wr_u8(w, s->methods);
	wr_u8(w, s->verbose);
	wr_u32(w, s->smtp_port);
}

int net_settings_read(struct rd *r, struct net_settings *s, struct err *err)
{
	memset(s, 0, sizeof(*s));
	rd_str(r, s->resolver, sizeof(s->resolver));
	rd_str(r, s->trust_anchor, sizeof(s->trust_anchor));
	rd_str(r, s->root_hints, sizeof(s->root_hints));
	rd_str(r, s->ca_file, sizeof(s->ca_file));
	rd_str(r, s->ct_log_list, sizeof(s->ct_log_list));
	rd_str(r, s->proxy, sizeof(s->proxy));
	s->timeout_ms = rd_u32(r);
	s->connect_ms = rd_u32(r);
	s->methods = rd_u8(r);
	s->verbose = rd_u8(r);
	s->smtp_port = rd_port(r);
	return rd_end(r, "settings", err);
}

void lookup_request_write(struct wr *w, const struct lookup_request *q)
{
	wr_u32(w, q->id);
	wr_u8(w, q->methods);
	wr_str(w, q->addr.text);
}

int lookup_request_read(struct rd *r, struct lookup_request *q, struct err *err)
{
	char text[ADDR_TEXT_MAX + 1];

	memset(q, 0, sizeof(*q));
	q->id = rd_u32(r);
	q->methods = rd_u8(r);
	rd_str(r, text, sizeof(text));
	if (rd_end(r, "lookup request", err) < 0)
		return ERR_INTERNAL;
	if (addr_parse(text, &q->addr, err) < 0 || !addr_discoverable(&q->addr))
		return err_set(err, ERR_INTERNAL, "lookup request: not an address to look up");
	return 0;
}

static void method_write(struct wr *w, const struct method_result *m)
{
	size_t i;

	wr_u8(w, (uint8_t)m->status);
	wr_u8(w, (uint8_t)m->method);
	wr_u8(w, m->proved);
	wr_u8(w, (uint8_t)m->dnssec);
	wr_u8(w, (uint8_t)m->tls);
	wr_str(w, m->url);
	wr_str(w, m->reason);
	wr_u32(w, m->ttl);
	wr_u8(w, (uint8_t)m->n_body);
	for (i = 0; i < m->n_body; i++)
		wr_bytes(w, m->body[i].data, m->body[i].len);
}

void lookup_reply_write(struct wr *w, const struct lookup_reply *a)
{
	size_t i;

	wr_u32(w, a->id);
	wr_u32(w, a->ms);
	method_write(w, &a->wkd);
	method_write(w, &a->dane);
	wr_u8(w, (uint8_t)a->n_dns);
	for (i = 0; i < a->n_dns; i++) {
		const struct evidence_dns *d = &a->dns[i];

		wr_str(w, d->name);
		wr_u32(w, d->type);
		wr_u8(w, d->state);
		wr_u8(w, d->rcode);
		wr_u32(w, d->answers);
		wr_u8(w, d->nxdomain);
		wr_u32(w, d->ms);
		wr_str(w, d->note);
	}
	wr_u8(w, (uint8_t)a->n_url);
	for (i = 0; i < a->n_url; i++) {
		const struct evidence_url *u = &a->url[i];

		wr_str(w, u->url);
		wr_u32(w, u->status);
		wr_u8(w, u->tls);
		wr_str(w, u->ip);
		wr_str(w, u->spki);
		wr_u32(w, u->ms);
		wr_str(w, u->note);
	}
}

/* An enumeration's value, at most last. */
static unsigned rd_enum(struct rd *r, unsigned last)
{
	unsigned v = rd_u8(r);

	if (v > last)
		r->bad = true;
	return r->bad ? 0 : v;
}

static void method_read(struct rd *r, struct method_result *m)
{
	const uint8_t *p;
	size_t n, len;

	m->status = rd_enum(r, METHOD_FAILED);
	m->method = rd_enum(r, METHOD_OPENPGPKEY);
	m->proved = rd_enum(r, 1);
	m->dnssec = rd_enum(r, DNS_ERROR);
	m->tls = rd_enum(r, TLS_WEBPKI_DANE);
	m->url = rd_strdup(r, LOOKUP_URL_MAX);
	m->reason = rd_strdup(r, LOOKUP_REASON_MAX);
	m->ttl = rd_u32(r);
	n = rd_enum(r, LOOKUP_BODIES_MAX);
	while (m->n_body < n) {
		p = rd_bytes(r, LOOKUP_BODY_MAX, &len);
		m->body[m->n_body].data = p ? malloc(len + 1) : NULL;
		if (!m->body[m->n_body].data) {
			r->bad = true;
			return;
		}
		memcpy(m->body[m->n_body].data, p, len);
		m->body[m->n_body++].len = len;
	}
	/* A found without a body, or a body without a found, would be a verdict made of nothing. */
	if ((m->status == METHOD_FOUND) != (m->n_body > 0))
		r->bad = true;
}

static void evidence_read(struct rd *r, struct lookup_reply *a)
{
	size_t n = rd_enum(r, LOOKUP_EVIDENCE_MAX);

	a->dns = calloc(n + 1, sizeof(*a->dns));
	while (a->dns && a->n_dns < n && !r->bad) {
		struct evidence_dns *d = &a->dns[a->n_dns++];

		d->name = rd_strdup(r, NOTE_MAX);
		d->type = (uint16_t)rd_u32(r);
		d->state = (uint8_t)rd_enum(r, DNS_ERROR);
		d->rcode = rd_u8(r);
		d->answers = (uint16_t)rd_u32(r);
		d->nxdomain = rd_enum(r, 1);
		d->ms = rd_u32(r);
		d->note = rd_strdup(r, NOTE_MAX);
	}
	n = rd_enum(r, LOOKUP_EVIDENCE_MAX);
	a->url = calloc(n + 1, sizeof(*a->url));
	while (a->url && a->n_url < n && !r->bad) {
		struct evidence_url *u = &a->url[a->n_url++];

		u->url = rd_strdup(r, LOOKUP_URL_MAX);
		u->status = (uint16_t)rd_u32(r);
		u->tls = (uint8_t)rd_enum(r, TLS_WEBPKI_DANE);
		rd_str(r, u->ip, sizeof(u->ip));
		rd_str(r, u->spki, sizeof(u->spki));
		u->ms = rd_u32(r);
		u->note = rd_strdup(r, NOTE_MAX);
	}
	if (!a->dns || !a->url)
		r->bad = true;
}

int lookup_reply_read(struct rd *r, struct lookup_reply *a, struct err *err)
{
	memset(a, 0, sizeof(*a));
	a->id = rd_u32(r);
	a->ms = rd_u32(r);
	method_read(r, &a->wkd);
	method_read(r, &a->dane);
	evidence_read(r, a);
	if (rd_end(r, "lookup reply", err) < 0) {
		lookup_reply_free(a);
		return ERR_INTERNAL;
	}
	return 0;
}

static void method_free(struct method_result *m)
{
	while (m->n_body > 0)
		free(m->body[--m->n_body].data);
	free(m->url);
	free(m->reason);
}

void lookup_reply_free(struct lookup_reply *a)
{
	size_t i;

	method_free(&a->wkd);
	method_free(&a->dane);
	for (i = 0; i < a->n_dns; i++) {
		free(a->dns[i].name);
		free(a->dns[i].note);
	}
	for (i = 0; i < a->n_url; i++) {
		free(a->url[i].url);
		free(a->url[i].note);
	}
	free(a->dns);
	free(a->url);
	memset(a, 0, sizeof(*a));
}

const char *lookup_method_name(enum lookup_method m)
{
	static const char *const name[] = {[METHOD_NONE] = NULL,
		[METHOD_WKD_ADVANCED] = "wkd-advanced",
		[METHOD_WKD_DIRECT] = "wkd-direct",
		[METHOD_OPENPGPKEY] = "openpgpkey"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == METHOD_OPENPGPKEY + 1, "a name for each");
	return name[m];
}

const char *dns_state_name(enum dns_state s)
{
	static const char *const name[] = {[DNS_SECURE] = "secure",
		[DNS_INSECURE] = "insecure",
		[DNS_BOGUS] = "bogus",
		[DNS_ERROR] = "error"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == DNS_ERROR + 1, "a name for each");
	return name[s];
}

const char *tls_auth_name(enum tls_auth t)
{
	static const char *const name[] = {
		[TLS_NONE] = NULL, [TLS_WEBPKI] = "webpki", [TLS_WEBPKI_DANE] = "webpki+dane"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == TLS_WEBPKI_DANE + 1, "a name for each");
	return name[t];
}
