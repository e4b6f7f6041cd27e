/* SPDX-License-Identifier: ISC */
#include "pgp/seal/cms.h"

#include <string.h>

#define CONSTRUCTED 0x20
#define ENCRYPTED_MIN 32 /* bytes; a MIME header alone takes more */

enum {
	INTEGER = 0x02,
	OCTETS = 0x04,
	OID = 0x06,
	SEQUENCE = 0x30,
	SET = 0x31,
	CONTEXT_0 = 0x80,
	CONTEXT_0_CONSTRUCTED = 0xa0,
	CONTEXT_4_CONSTRUCTED = 0xa4,
};

/* Nesting depths; the ContentInfo is at 0. */
enum { AT_CONTENT_INFO, AT_TYPE, AT_ENVELOPED, AT_FIELD, AT_WITHIN_FIELD, AT_CONTENT };

/* Fields of enveloped data, in order (RFC 5652 section 6.1). Optional fields that could hold
 * clear text (originatorInfo, attributes) are refused. */
enum { FIELD_VERSION, FIELD_RECIPIENTS, FIELD_CONTENT, FIELD_MAC, FIELD_END };

static const uint8_t oid_enveloped[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 3};
static const uint8_t oid_auth_enveloped[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, 16, 1, 23};

/* Whether the element is the next field of the enveloped data. */
static bool field_fits(struct cms_walk *w)
{
	static const uint8_t tags[] = {[FIELD_VERSION] = INTEGER,
		[FIELD_RECIPIENTS] = SET,
		[FIELD_CONTENT] = SEQUENCE,
		[FIELD_MAC] = OCTETS};
	const unsigned end = w->auth ? FIELD_END : FIELD_MAC;

	return w->field < end && w->tag == tags[w->field++];
}

/* Whether the current element is within EncryptedContentInfo (RFC 5652). */
static bool in_content(const struct cms_walk *w)
{
	return w->depth >= AT_WITHIN_FIELD && w->level[AT_FIELD].tag == SEQUENCE;
}

/* Whether the element fits as the child-th one of a field. */
static bool within_field_fits(const struct cms_walk *w, unsigned child)
{
	if (!in_content(w))
		return w->tag == SEQUENCE ||
		       (w->tag > CONTEXT_0_CONSTRUCTED && w->tag <= CONTEXT_4_CONSTRUCTED);
	return child == 0   ? w->tag == OID
	       : child == 1 ? w->tag == SEQUENCE
	       : child == 2 ? w->tag == CONTEXT_0 || w->tag == CONTEXT_0_CONSTRUCTED
			    : false;
}

/* Whether an element with this tag is allowed here. */
static bool element_fits(struct cms_walk *w)
{
	const unsigned child = w->depth ? w->level[w->depth - 1].n_child++ : 0;

	switch (w->depth) {
	case AT_CONTENT_INFO:
		return w->tag == SEQUENCE;
	case AT_TYPE:
		return (child == 0 && w->tag == OID) ||
		       (child == 1 && w->tag == CONTEXT_0_CONSTRUCTED);
	case AT_ENVELOPED:
		return child == 0 && w->tag == SEQUENCE;
	case AT_FIELD:
		return field_fits(w);
	case AT_WITHIN_FIELD:
		return within_field_fits(w, child);
	case AT_CONTENT:
		if (in_content(w) && w->level[AT_WITHIN_FIELD].tag == CONTEXT_0_CONSTRUCTED)
			return w->tag == OCTETS;
		return !in_content(w) || child > 0 || w->tag == OID;
	default:
		return true;
	}
}

/* Whether the primitive values that matter are the expected ones. */
static bool value_fits(const struct cms_walk *w)
{
	const uint8_t *oid = w->auth ? oid_auth_enveloped : oid_enveloped;
	const size_t len = w->auth ? sizeof(oid_auth_enveloped) : sizeof(oid_enveloped);

	if (w->depth == AT_TYPE)
		return w->n_small == len && memcmp(w->small, oid, len) == 0;
	if (w->depth == AT_FIELD && w->tag == INTEGER)
		return w->n_small == 1 && w->small[0] <= 4;
	return true;
}

/* Whether a constructed element that ends here is complete. */
static bool level_is_whole(const struct cms_walk *w, const struct cms_level *l)
{
	switch (w->depth) { /* its own */
	case AT_CONTENT_INFO:
		return l->n_child == 2;
	case AT_TYPE:
		return l->n_child == 1;
	case AT_ENVELOPED:
		return w->field == (w->auth ? FIELD_END : FIELD_MAC);
	case AT_FIELD:
		return l->tag == SEQUENCE ? l->n_child == 3 : l->n_child > 0;
	default:
		return true;
	}
}

static void close_level(struct cms_walk *w)
{
	const struct cms_level *l = &w->level[--w->depth];

	w->bad |= !level_is_whole(w, l);
	w->done = w->depth == 0;
}

/* Ends an element, and the enclosing ones that end with it. */
static void end_element(struct cms_walk *w)
{
	const struct cms_level *l;

	w->state = CMS_TAG;
	while (w->depth > 0 && !w->bad) {
		l = &w->level[w->depth - 1];
		if (l->endless || l->left > 0)
			return;
		close_level(w);
	}
}

static void end_value(struct cms_walk *w)
{
	w->bad |= !value_fits(w);
	end_element(w);
}

/* Handles a complete element header. */
static void enter_element(struct cms_walk *w, bool endless)
{
	const struct cms_level *around = w->depth ? &w->level[w->depth - 1] : NULL;

	if (w->tag == 0) { /* end of contents */
		w->bad |= !around || !around->endless || endless || w->left > 0;
		if (!w->bad) {
			close_level(w);
			end_element(w);
		}
		return;
	}
	w->bad |= (w->tag & 0x1f) == 0x1f || !element_fits(w) || w->depth == CMS_DEPTH_MAX ||
		  (around && !around->endless && (endless || w->left > around->left)) ||
		  (endless && !(w->tag & CONSTRUCTED));
	if (w->bad)
		return;
	w->n_small = 0;
	if (!(w->tag & CONSTRUCTED)) {
		w->state = CMS_VALUE;
		if (w->left == 0)
			end_value(w);
		return;
	}
	w->level[w->depth++] =
		(struct cms_level){.tag = w->tag, .endless = endless, .left = w->left};
	if (!endless && w->left == 0)
		close_level(w);
	end_element(w);
}

static void take_length(struct cms_walk *w, uint8_t c)
{
	w->left = 0;
	if (c < 0x80) {
		w->left = c;
		enter_element(w, false);
	} else if (c == 0x80) {
		enter_element(w, true);
	} else if (c - 0x80 > (int)sizeof(w->left)) {
		w->bad = true;
	} else {
		w->n_length = c - 0x80;
		w->state = CMS_LENGTH_MORE;
	}
}

static size_t take_value(struct cms_walk *w, const uint8_t *p, size_t n)
{
	size_t step = w->left < n ? (size_t)w->left : n, i;
	bool content =
		in_content(w) &&
		(w->depth == AT_CONTENT || (w->depth == AT_WITHIN_FIELD && w->tag == CONTEXT_0));

	if (content && w->depth == AT_CONTENT)
		content = w->level[AT_WITHIN_FIELD].tag == CONTEXT_0_CONSTRUCTED;
	for (i = 0; i < step && w->n_small < CMS_SMALL_MAX; i++)
		w->small[w->n_small++] = p[i];
	for (i = 0; content && i < step && !w->high; i++)
		w->high = p[i] >= 0x80;
	if (content)
		w->content += step;
	w->left -= step;
	return step;
}

/* Subtracts n bytes from all open elements of definite length. */
static void count_down(struct cms_walk *w, size_t n)
{
	unsigned i;

	for (i = 0; i < w->depth; i++) {
		if (w->level[i].endless)
			continue;
		if (w->level[i].left < n)
			w->bad = true;
		else
			w->level[i].left -= n;
	}
}

void cms_walk_add(struct cms_walk *w, const uint8_t *p, size_t n)
{
	size_t step;

	for (; n > 0 && !w->bad; p += step, n -= step) {
		if (w->done) {
			w->bad = true;
			return;
		}
		step = w->state == CMS_VALUE ? take_value(w, p, n) : 1;
		count_down(w, step);
		if (w->bad)
			return;
		if (w->state == CMS_TAG) {
			w->tag = *p;
			w->state = CMS_LENGTH;
		} else if (w->state == CMS_LENGTH) {
			take_length(w, *p);
		} else if (w->state == CMS_LENGTH_MORE) {
			w->left = w->left << 8 | *p;
			if (--w->n_length == 0)
				enter_element(w, false);
		} else if (w->left == 0) {
			end_value(w);
		}
	}
}

bool cms_walk_ok(const struct cms_walk *w)
{
	return w->done && !w->bad && w->content >= ENCRYPTED_MIN && w->high;
}
