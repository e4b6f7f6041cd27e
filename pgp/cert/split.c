/* SPDX-License-Identifier: ISC */
#include "pgp/cert/split.h"

#include <stdlib.h>
#include <string.h>

#include "pgp/cert/filter.h"
#include "pgp/cert/packet.h"

/* A certificate's packets; the first is its primary key. */
struct packets {
	struct packet *v; /* owned; borrows the octets */
	size_t n;
};

int split_next(const uint8_t **p, size_t *len, const uint8_t **cert, size_t *cert_len)
{
	const uint8_t *at = *p;
	size_t left = *len, count = 0;
	struct packet k;
	int got;

	if (left == 0)
		return 0;
	for (;;) {
		const uint8_t *before = at;
		size_t before_len = left;

		got = packet_next(&at, &left, &k);
		if (got < 0 || (got > 0 && k.partial) ||
			(count == 0 && k.tag != PACKET_PUBLIC_KEY) || count > FILTER_PACKETS_MAX)
			return -1;
		if (got == 0 || (count > 0 && k.tag == PACKET_PUBLIC_KEY)) {
			*cert = *p;
			*cert_len = (size_t)(before - *p);
			*p = before;
			*len = before_len;
			return 1;
		}
		if (k.tag == PACKET_SECRET_KEY || k.tag == PACKET_SECRET_SUBKEY)
			return -1;
		count++;
	}
}

int split_fpr(const uint8_t *cert, size_t len, char *fpr)
{
	struct addr nobody = {.text = ""};
	struct filter f = {.addr = &nobody};
	struct filter_set set;
	struct packet k;
	int rc = -1;

	if (packet_next(&cert, &len, &k) != 1 || k.tag != PACKET_PUBLIC_KEY ||
		(rc = filter_certs(&f, k.raw, k.raw_len, &set, NULL)) < 0)
		return rc == ERR_OS ? ERR_OS : -1;
	rc = -1;
	if (set.n == 1 && set.v[0].fpr[0] != '\0') {
		memcpy(fpr, set.v[0].fpr, sizeof(set.v[0].fpr));
		rc = 0;
	}
	filter_set_free(&set);
	return rc;
}

/* The address of a User ID packet. */
static bool uid_address(const struct packet *k, struct addr *out)
{
	const char *uid;
	char text[ADDR_TEXT_MAX + 1];
	size_t len;

	if (k->body_len == 0 || k->body_len > FILTER_UID_MAX ||
		addr_in_uid((const char *)k->body, k->body_len, &uid, &len) < 0)
		return false;
	if (len == 0 || len >= sizeof(text) || memchr(uid, '\0', len))
		return false;
	memcpy(text, uid, len);
	text[len] = '\0';
	return addr_parse(text, out, NULL) == 0 && out->domain[0] != '\0' &&
	       addr_matches_uid(out, (const char *)k->body, k->body_len, false);
}

size_t split_addresses(const uint8_t *cert, size_t len, struct addr *out)
{
	struct packet k;
	struct addr a;
	size_t i, n = 0;

	while (n < SPLIT_ADDRESSES_MAX && packet_next(&cert, &len, &k) == 1) {
		if (k.tag != PACKET_USER_ID || !uid_address(&k, &a))
			continue;
		for (i = 0; i < n && strcmp(out[i].name, a.name) != 0; i++)
			;
		if (i == n)
			out[n++] = a;
	}
	return n;
}

static int read_all_packets(const uint8_t *p, size_t len, struct packets *out, struct err *err)
{
	size_t cap = 0;
	struct packet k, *grown;
	int got;

	memset(out, 0, sizeof(*out));
	while ((got = packet_next(&p, &len, &k)) == 1) {
		if (k.partial || (out->n == 0) != (k.tag == PACKET_PUBLIC_KEY) ||
			out->n > FILTER_PACKETS_MAX)
			break;
		if (out->n == cap) {
			cap = cap ? 2 * cap : 32;
			grown = reallocarray(out->v, cap, sizeof(*grown));
			if (!grown)
				return err_set(err, ERR_OS, "out of memory");
			out->v = grown;
		}
		out->v[out->n++] = k;
	}
	if (got != 0 || out->n == 0)
		return err_set(err, ERR_DATA, "is not one certificate");
	return 0;
}

/* What signatures and the rest stand behind. */
static bool is_head(const struct packet *k)
{
	return k->tag == PACKET_PUBLIC_KEY || k->tag == PACKET_USER_ID ||
	       k->tag == PACKET_USER_ATTRIBUTE || k->tag == PACKET_PUBLIC_SUBKEY;
}

static size_t part_end(const struct packets *c, size_t head)
{
	size_t i = head + 1;

	while (i < c->n && !is_head(&c->v[i]))
		i++;
	return i;
}

/* The first part of c with this head, c->n if it has none. */
static size_t find_part(const struct packets *c, const struct packet *head)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (is_head(&c->v[i]) && packet_same(&c->v[i], head))
			break;
	}
	return i;
}

static bool part_has(const struct packets *c, size_t head, const struct packet *k)
{
	size_t i, end = part_end(c, head);

	for (i = head + 1; i < end; i++) {
		if (packet_same(&c->v[i], k))
			return true;
	}
	return false;
}

/* gpg's own notes (trust packets) are nothing to hand on. */
static int put_packet(struct buf *out, const struct packet *k)
{
	return k->tag == PACKET_TRUST ? 0 : buf_add(out, k->raw, k->raw_len);
}

/* The part of a at head, and what of b's like parts is new. b may have it more than once. */
static int put_part(const struct packets *a, size_t head, const struct packets *b, struct buf *out)
{
	size_t i, k, end = part_end(a, head);
	int rc = 0;

	for (i = head; i < end; i++)
		rc |= put_packet(out, &a->v[i]);
	if (find_part(a, &a->v[head]) != head)
		return rc; /* a second part of a with this head: what is new stands in the first */
	for (i = 0; i < b->n; i++) {
		if (!is_head(&b->v[i]) || !packet_same(&b->v[i], &a->v[head]))
			continue;
		for (k = i + 1; k < part_end(b, i); k++) {
			if (!part_has(a, head, &b->v[k]))
				rc |= put_packet(out, &b->v[k]);
		}
	}
	return rc;
}

/* Parts of b whose head a has not; subkeys or the others. */
static int put_new(const struct packets *a, const struct packets *b, bool subkeys, struct buf *out)
{
	size_t i, k;
	int rc = 0;

	for (i = 1; i < b->n; i++) {
		if (!is_head(&b->v[i]) || (b->v[i].tag == PACKET_PUBLIC_SUBKEY) != subkeys ||
			find_part(a, &b->v[i]) < a->n)
			continue;
		for (k = i; k < part_end(b, i); k++)
			rc |= put_packet(out, &b->v[k]);
	}
	return rc;
}

static int put_all(const struct packets *a, const struct packets *b, struct buf *out)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < a->n; i = part_end(a, i)) {
		if (a->v[i].tag != PACKET_PUBLIC_SUBKEY)
			rc |= put_part(a, i, b, out);
	}
	rc |= put_new(a, b, false, out);
	for (i = 0; i < a->n; i = part_end(a, i)) {
		if (a->v[i].tag == PACKET_PUBLIC_SUBKEY)
			rc |= put_part(a, i, b, out);
	}
	return rc | put_new(a, b, true, out);
}

int split_merge(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, struct buf *out,
	struct err *err)
{
	struct packets pa = {0}, pb = {0};
	int rc;

	rc = read_all_packets(a, a_len, &pa, err);
	if (rc == 0)
		rc = read_all_packets(b, b_len, &pb, err);
	if (rc == 0 && !packet_same(&pa.v[0], &pb.v[0]))
		rc = err_set(err, ERR_DATA, "is another key");
	if (rc == 0 && put_all(&pa, &pb, out) < 0)
		rc = err_set(err, ERR_OS, "no memory for a certificate of that size");
	free(pa.v);
	free(pb.v);
	return rc;
}
