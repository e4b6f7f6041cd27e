/* SPDX-License-Identifier: ISC */
#include "wire/codec.h"

#include <stdlib.h>
#include <string.h>

#define NOTE_MAX 1024

void codec_u8(struct codec *c, uint8_t *v)
{
	if (c->w)
		wr_u8(c->w, *v);
	else if (c->r)
		*v = rd_u8(c->r);
}

void codec_u32(struct codec *c, uint32_t *v)
{
	if (c->w)
		wr_u32(c->w, *v);
	else if (c->r)
		*v = rd_u32(c->r);
}

void codec_u16(struct codec *c, uint16_t *v)
{
	uint32_t wide = *v;

	codec_u32(c, &wide);
	if (c->r && wide > UINT16_MAX)
		c->r->bad = true;
	*v = (uint16_t)wide;
}

void codec_i64(struct codec *c, int64_t *v)
{
	if (c->w)
		wr_u64(c->w, (uint64_t)*v);
	else if (c->r)
		*v = (int64_t)rd_u64(c->r);
}

unsigned codec_choice(struct codec *c, unsigned v, unsigned last)
{
	uint8_t octet = (uint8_t)v;

	codec_u8(c, &octet);
	if (c->r && octet > last)
		c->r->bad = true;
	return c->r && c->r->bad ? 0 : octet;
}

void codec_fixed(struct codec *c, char *s, size_t cap)
{
	if (c->w)
		wr_str(c->w, s);
	else if (c->r)
		rd_str(c->r, s, cap);
}

void codec_text(struct codec *c, char **s, size_t max)
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

void codec_bytes(struct codec *c, uint8_t **p, size_t *len, size_t max)
{
	const uint8_t *got;

	if (c->w) {
		wr_bytes(c->w, *p, *len);
	} else if (c->r) {
		got = rd_bytes(c->r, max, len);
		*p = got ? malloc(*len + 1) : NULL;
		if (*p) {
			memcpy(*p, got, *len);
		} else {
			c->r->bad = true;
			*len = 0;
		}
	} else {
		free(*p);
		*p = NULL;
		*len = 0;
	}
}

size_t codec_count(struct codec *c, size_t n, size_t max)
{
	uint32_t v = (uint32_t)n;
	uint8_t octet = (uint8_t)n;

	if (c->w && (n > max || (c->octets && n > UINT8_MAX)))
		c->w->bad = true;
	if (c->octets) {
		codec_u8(c, &octet);
		v = c->r ? octet : v;
	} else {
		codec_u32(c, &v);
	}
	if (c->r && v > max)
		c->r->bad = true;
	return c->r && c->r->bad ? 0 : v;
}

void codec_array(struct codec *c, void *p, size_t *n, size_t max, size_t size,
	void (*each)(struct codec *c, void *item))
{
	uint8_t *items;
	size_t i, total = codec_count(c, *n, max);

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
	/* After a read error the remaining elements are empty and can be freed. */
	for (i = 0; i < total; i++)
		each(c, items + i * size);
	if (!c->w && !c->r) {
		free(items);
		memset(p, 0, sizeof(items));
		*n = 0;
	}
}

static void each_dns(struct codec *c, void *item)
{
	struct evidence_dns *d = item;

	codec_text(c, &d->name, NOTE_MAX);
	codec_u16(c, &d->type);
	CODEC_ENUM(c, d->state, DNS_ERROR);
	codec_u8(c, &d->rcode);
	codec_u16(c, &d->answers);
	CODEC_FLAG(c, d->nxdomain);
	codec_u32(c, &d->ms);
	codec_text(c, &d->note, NOTE_MAX);
}

static void each_url(struct codec *c, void *item)
{
	struct evidence_url *u = item;

	codec_text(c, &u->url, LOOKUP_URL_MAX);
	codec_u16(c, &u->status);
	CODEC_ENUM(c, u->tls, TLS_WEBPKI_DANE);
	CODEC_FIXED(c, u->ip);
	CODEC_FIXED(c, u->spki);
	codec_u32(c, &u->ms);
	codec_text(c, &u->note, NOTE_MAX);
}

void codec_evidence(struct codec *c, const struct codec_evidence *e)
{
	codec_array(c, e->dns, e->n_dns, e->max, sizeof(**e->dns), each_dns);
	codec_array(c, e->url, e->n_url, e->max, sizeof(**e->url), each_url);
}
