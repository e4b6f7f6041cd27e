/* SPDX-License-Identifier: ISC */
#include "wire/lookup.h"

#include <string.h>

#include "wire/codec.h"

static void settings(struct codec *c, struct net_settings *s)
{
	CODEC_FIXED(c, s->resolver);
	CODEC_FIXED(c, s->trust_anchor);
	CODEC_FIXED(c, s->root_hints);
	CODEC_FIXED(c, s->ca_file);
	CODEC_FIXED(c, s->ct_log_list);
	CODEC_FIXED(c, s->proxy);
	CODEC_FIXED(c, s->keyservers);
	codec_u32(c, &s->timeout_ms);
	codec_u32(c, &s->connect_ms);
	codec_u8(c, &s->methods);
	codec_u8(c, &s->verbose);
	codec_u16(c, &s->smtp_port);
}

void net_settings_write(struct wr *w, const struct net_settings *s)
{
	struct codec c = {.w = w};

	/* Written only, nothing is changed. */
	settings(&c, (struct net_settings *)(uintptr_t)s);
}

int64_t talk_ms(uint32_t timeout_ms, size_t n)
{
	return (int64_t)timeout_ms * (1 + (int64_t)(n / TALK_TOGETHER)) + TALK_SLACK_MS;
}

int net_settings_read(struct rd *r, struct net_settings *s, struct err *err)
{
	struct codec c = {.r = r};

	memset(s, 0, sizeof(*s));
	settings(&c, s);
	return rd_end(r, "settings", err);
}

void lookup_request_write(struct wr *w, const struct lookup_request *q)
{
	wr_u32(w, q->id);
	wr_u8(w, q->methods);
	wr_u8(w, q->server);
	wr_str(w, q->addr.text);
}

int lookup_request_read(struct rd *r, struct lookup_request *q, struct err *err)
{
	char text[ADDR_TEXT_MAX + 1];

	memset(q, 0, sizeof(*q));
	q->id = rd_u32(r);
	q->methods = rd_u8(r);
	q->server = rd_u8(r);
	rd_str(r, text, sizeof(text));
	if (rd_end(r, "lookup request", err) < 0)
		return ERR_INTERNAL;
	if (addr_parse(text, &q->addr, err) < 0 || !addr_discoverable(&q->addr))
		return err_set(err, ERR_INTERNAL, "lookup request: not an address to look up");
	return 0;
}

static void code_method(struct codec *c, struct method_result *m)
{
	size_t i;

	CODEC_ENUM(c, m->status, METHOD_FAILED);
	CODEC_ENUM(c, m->method, METHOD_KEYSERVER);
	CODEC_FLAG(c, m->proved);
	CODEC_ENUM(c, m->dnssec, DNS_ERROR);
	CODEC_ENUM(c, m->tls, TLS_WEBPKI_DANE);
	CODEC_ENUM(c, m->control, CONTROL_FAILED);
	CODEC_FLAG(c, m->wildcard);
	CODEC_FLAG(c, m->proxy_down);
	codec_text(c, &m->url, LOOKUP_URL_MAX);
	codec_text(c, &m->reason, LOOKUP_REASON_MAX);
	codec_u32(c, &m->ttl);
	m->n_body = codec_count(c, m->n_body, LOOKUP_BODIES_MAX);
	for (i = 0; i < m->n_body; i++)
		codec_bytes(c, &m->body[i].data, &m->body[i].len, LOOKUP_BODY_MAX);
	/* Found without a body, or a body without found, is inconsistent. */
	if (c->r && (m->status == METHOD_FOUND) != (m->n_body > 0))
		c->r->bad = true;
}

static void code_lookup_reply(struct codec *c, struct lookup_reply *a)
{
	c->octets = true;
	codec_u32(c, &a->id);
	codec_u32(c, &a->ms);
	CODEC_FLAG(c, a->ours);
	code_method(c, &a->wkd);
	code_method(c, &a->dane);
	codec_evidence(c, &(struct codec_evidence){
				  &a->dns, &a->n_dns, &a->url, &a->n_url, LOOKUP_EVIDENCE_MAX});
}

void lookup_reply_write(struct wr *w, const struct lookup_reply *a)
{
	struct codec c = {.w = w};

	code_lookup_reply(&c, (struct lookup_reply *)(uintptr_t)a);
}

int lookup_reply_read(struct rd *r, struct lookup_reply *a, struct err *err)
{
	struct codec c = {.r = r};

	memset(a, 0, sizeof(*a));
	code_lookup_reply(&c, a);
	if (rd_end(r, "lookup reply", err) < 0) {
		lookup_reply_free(a);
		return ERR_INTERNAL;
	}
	return 0;
}

void lookup_reply_free(struct lookup_reply *a)
{
	struct codec c = {0};

	code_lookup_reply(&c, a);
	memset(a, 0, sizeof(*a));
}

const char *lookup_method_name(enum lookup_method m)
{
	static const char *const name[] = {[METHOD_NONE] = NULL,
		[METHOD_WKD_ADVANCED] = "wkd-advanced",
		[METHOD_WKD_DIRECT] = "wkd-direct",
		[METHOD_OPENPGPKEY] = "openpgpkey",
		[METHOD_KEYSERVER] = "keyserver"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == METHOD_KEYSERVER + 1, "a name for each");
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
