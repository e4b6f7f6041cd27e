/* SPDX-License-Identifier: ISC */
#include "net/packet.h"

#include <string.h>

#define NAME_OCTETS_MAX 255 /* RFC 1035 section 2.3.4 */
#define LABEL_MAX 63
#define POINTER 0xc0
#define HEAD_LEN 12
#define RRSIG_FIXED 18 /* octets before the signer's name; RFC 4034 section 3.1 */
#define RRSIG_LABELS 3
#define TYPE_CNAME 5
#define TYPE_RRSIG 46
#define CLASS_IN 1

/* What is still to be read. Once bad, everything read is 0. */
struct reader {
	const uint8_t *p;
	size_t len, at;
	bool bad;
};

/* Uncompressed and in lower case, with the root's empty label. */
struct name {
	uint8_t b[NAME_OCTETS_MAX];
	size_t len, labels; /* labels: without the root and a leading "*" */
};

struct record {
	struct name owner;
	uint16_t type, class;
	const uint8_t *data;
	size_t len;
};

/* A view of the next n octets; NULL, and bad, if there are not so many. */
static const uint8_t *take_octets(struct reader *r, size_t n)
{
	const uint8_t *p = r->p + r->at;

	if (r->bad || n > r->len - r->at) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	return p;
}

static uint16_t take16(struct reader *r)
{
	const uint8_t *p = take_octets(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static void add_label(struct name *name, const uint8_t *p, size_t len)
{
	size_t i;

	if (name->len > 0 || len != 1 || p[0] != '*')
		name->labels++;
	name->b[name->len++] = (uint8_t)len;
	for (i = 0; i < len; i++)
		name->b[name->len++] = p[i] >= 'A' && p[i] <= 'Z' ? p[i] | 0x20 : p[i];
}

/* A pointer leads to before the part of the name that it ends, so that there is no circle, and not
 * into the header. */
static void take_name(struct reader *r, struct name *out)
{
	struct reader part = *r;
	size_t start = r->at, end = 0;
	const uint8_t *p;

	out->len = out->labels = 0;
	while ((p = take_octets(&part, 1)) && p[0] != 0) {
		if ((p[0] & POINTER) == POINTER) {
			part.at--;
			end = end ? end : part.at + 2;
			part.at = take16(&part) & 0x3fff;
			part.bad |= part.at >= start || part.at < HEAD_LEN;
			start = part.at;
			continue;
		}
		part.bad |= p[0] > LABEL_MAX || out->len + 1 + p[0] >= NAME_OCTETS_MAX;
		p = take_octets(&part, part.bad ? 0 : p[0]);
		if (!p)
			break;
		add_label(out, p, p[-1]);
	}
	if (!part.bad)
		out->b[out->len++] = 0;
	r->bad |= part.bad;
	r->at = end ? end : part.at;
}

static void take_rr(struct reader *r, struct record *out)
{
	take_name(r, &out->owner);
	out->type = take16(r);
	out->class = take16(r);
	(void)take_octets(r, 4); /* TTL */
	out->len = take16(r);
	out->data = take_octets(r, out->len);
}

static bool same_name(const struct name *a, const struct name *b)
{
	return a->len == b->len && memcmp(a->b, b->b, a->len) == 0;
}

/* Whether it is a signature over the answer to the question, or over the CNAME that stands there.
 */
static bool signs_answer(const struct record *rr, const struct name *name, uint16_t type)
{
	uint16_t covered;

	if (rr->type != TYPE_RRSIG || rr->class != CLASS_IN || rr->len < RRSIG_FIXED ||
		!same_name(&rr->owner, name))
		return false;
	covered = (uint16_t)(rr->data[0] << 8 | rr->data[1]);
	return covered == type || covered == TYPE_CNAME;
}

/* Counts the signatures of an answer, and those of a wildcard among them. 0, or -1: it is no whole
 * answer to one question. */
static int count_signatures(const uint8_t *packet, size_t len, size_t *all, size_t *wildcards)
{
	struct reader r = {.p = packet, .len = len};
	struct name name;
	struct record rr;
	unsigned questions, answers;
	uint16_t type;

	*all = *wildcards = 0;

	(void)take_octets(&r, 4);
	questions = take16(&r);
	answers = take16(&r);
	(void)take_octets(&r, HEAD_LEN - 8);
	take_name(&r, &name);
	type = take16(&r);
	if (take16(&r) != CLASS_IN || questions != 1)
		return -1;
	for (; answers > 0; answers--) {
		take_rr(&r, &rr);
		if (r.bad)
			return -1;
		if (!signs_answer(&rr, &name, type))
			continue;
		++*all;
		*wildcards += rr.data[RRSIG_LABELS] < name.labels;
	}
	return 0;
}

bool dns_packet_wildcard(const uint8_t *packet, size_t len)
{
	size_t all, wildcards;

	return count_signatures(packet, len, &all, &wildcards) == 0 && all > 0 && wildcards == all;
}

bool dns_packet_signed(const uint8_t *packet, size_t len)
{
	size_t all, wildcards;

	return count_signatures(packet, len, &all, &wildcards) == 0 && all > 0;
}
