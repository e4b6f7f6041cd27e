/* SPDX-License-Identifier: ISC */
/* Packets written by hand: nothing in them is a real key or signature. */
#ifndef TESTS_PACKETS_UTIL_H
#define TESTS_PACKETS_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <gcrypt.h>

#include "base/buf.h"
#include "pgp/cert/filter.h"
#include "pgp/cert/packet.h"

#define NOW 1700000000 /* 2023-11-14 */

static const uint8_t pin_fpr[20] = {2};

/* The last primary key, and the last User ID, attribute or subkey, as signatures have them. */
static uint8_t key_octets[128], head_octets[FILTER_HASHED_MAX / 32 + 128];
static size_t key_len, head_len;

static size_t note_octets(
	uint8_t *out, size_t max, uint8_t first, size_t n_len, const void *body, size_t len)
{
	size_t i;

	if (1 + n_len + len > max)
		return 0;
	out[0] = first;
	for (i = 0; i < n_len; i++)
		out[1 + i] = (uint8_t)(len >> 8 * (n_len - 1 - i));
	memcpy(out + 1 + n_len, body, len);
	return 1 + n_len + len;
}

static void note(unsigned tag, const uint8_t *body, size_t len)
{
	const bool later = len > 0 && body[0] >= 5;

	if (tag == PACKET_PUBLIC_KEY)
		key_len = note_octets(key_octets, sizeof(key_octets), 0x99, 2, body, len);
	else if (tag == PACKET_PUBLIC_SUBKEY)
		head_len = note_octets(head_octets, sizeof(head_octets),
			!later         ? 0x99
			: body[0] == 5 ? 0x9a
				       : 0x9b,
			later ? 4 : 2, body, len);
	else if (tag == PACKET_USER_ID || tag == PACKET_USER_ATTRIBUTE)
		head_len = note_octets(head_octets, sizeof(head_octets),
			tag == PACKET_USER_ID ? 0xb4 : 0xd1, 4, body, len);
}

static void add(struct buf *b, unsigned tag, const void *body, size_t len)
{
	uint8_t head[6] = {(uint8_t)(0xc0 | tag), 0xff, (uint8_t)(len >> 24), (uint8_t)(len >> 16),
		(uint8_t)(len >> 8), (uint8_t)len};

	assert_int_equal(buf_add(b, head, sizeof(head)), 0);
	assert_int_equal(buf_add(b, body, len), 0);
	note(tag, body, len);
}

/* A signature of which n bytes from body + at are signed, with the first two bytes of the hash at
 * body + to: it is for what was added last. */
static void add_fitting(struct buf *b, uint8_t *body, size_t len, size_t at, size_t n, size_t to)
{
	const bool v3 = body[0] == 3;
	const uint8_t end[] = {4, 0xff, 0, 0, 0, (uint8_t)n};
	uint8_t digest[64];
	gcry_md_hd_t h;
	int algo = v3 ? body[16] : body[3];

	if (gcry_md_test_algo(algo) == 0 && gcry_md_open(&h, algo, 0) == 0) {
		gcry_md_write(h, key_octets, key_len);
		if (v3)
			gcry_md_write(h, head_octets + 5, head_len - 5);
		else
			gcry_md_write(h, head_octets, head_len);
		gcry_md_write(h, body + at, n);
		if (!v3)
			gcry_md_write(h, end, sizeof(end));
		memcpy(digest, gcry_md_read(h, algo), 2);
		gcry_md_close(h);
		memcpy(body + to, digest, 2);
	}
	add(b, PACKET_SIGNATURE, body, len);
}

static void add_key(struct buf *b, unsigned tag, unsigned version, const char *material)
{
	uint8_t body[64] = {(uint8_t)version, 0x5f, 0, 0, 0, 22};

	memcpy(body + 6, material, strlen(material));
	add(b, tag, body, 6 + strlen(material));
}

__attribute__((unused)) static void add_uid(struct buf *b, const char *uid)
{
	add(b, PACKET_USER_ID, uid, strlen(uid));
}

/* A version 4 signature with the issuer's fingerprint (hashed) or, if old, only its key ID
 * (unhashed). */
static void add_sig(struct buf *b, unsigned type, const uint8_t *fpr, bool old)
{
	uint8_t with_fpr[] = {
		4, (uint8_t)type, 22, 8, 0, 23, 22, 33, 4, [29] = 0, 0, 0xab, 0xcd, 0, 9};
	uint8_t with_id[] = {4, (uint8_t)type, 22, 8, 0, 0, 0, 10, 9, 16, [18] = 0xab, 0xcd, 0, 9};

	memcpy(with_fpr + 9, fpr, 20);
	memcpy(with_id + 10, fpr + 12, 8);
	if (old)
		add_fitting(b, with_id, sizeof(with_id), 0, 6, 18);
	else
		add_fitting(b, with_fpr, sizeof(with_fpr), 0, 29, 31);
}

/* The same for something else than what was added last. */
static void add_misplaced(struct buf *b, unsigned type, const uint8_t *fpr)
{
	add_sig(b, type, fpr, false);
	b->p[b->len - 4] ^= 1;
}

/* The same with a hash, a time and, unless it is -1, a reason for revocation. */
__attribute__((unused)) static void add_dated(
	struct buf *b, unsigned type, const uint8_t *fpr, unsigned hash, uint32_t made, int reason)
{
	uint8_t body[64] = {4, (uint8_t)type, 22, (uint8_t)hash, 0, 29, 22, 33, 4};
	size_t n = 35;

	memcpy(body + 9, fpr, 20);
	body[29] = 5;
	body[30] = 2;
	body[31] = (uint8_t)(made >> 24);
	body[32] = (uint8_t)(made >> 16);
	body[33] = (uint8_t)(made >> 8);
	body[34] = (uint8_t)made;
	if (reason >= 0) {
		body[5] = 32;
		body[n++] = 2;
		body[n++] = 29;
		body[n++] = (uint8_t)reason;
	}
	body[n + 5] = 9; /* nothing unhashed, the hash, a number */
	add_fitting(b, body, n + 6, 0, n, n + 2);
}

__attribute__((unused)) static void add_sig3(struct buf *b, unsigned type, const uint8_t *fpr)
{
	uint8_t body[] = {3, 5, (uint8_t)type, 0, 0, 0, 1, [15] = 22, 8, 0xab, 0xcd, 0, 1, 1};

	memcpy(body + 7, fpr + 12, 8);
	add_fitting(b, body, sizeof(body), 2, 5, 17);
}

static void unhex(const char *hex, uint8_t *out)
{
	char two[3] = "";
	size_t i;

	for (i = 0; hex[2 * i]; i++) {
		memcpy(two, hex + 2 * i, 2);
		out[i] = (uint8_t)strtoul(two, NULL, 16);
	}
}

static const char pin_hex[] = "0200000000000000000000000000000000000000";

static int run(const char *addr, const struct buf *in, struct filter_set *set)
{
	static struct addr a;
	struct filter f = {.addr = &a, .pinned_fpr = pin_hex, .now = NOW};
	struct err err = ERR_INIT;

	assert_int_equal(addr_parse(addr, &a, &err), 0);
	return filter_certs(&f, in->p, in->len, set, &err);
}

/* Tags in order, and the types of signatures: "#6 1f #13 13". */
static const char *shape(const uint8_t *p, size_t len)
{
	static char text[512];
	struct packet k;
	size_t n = 0;

	text[0] = '\0';
	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag == PACKET_SIGNATURE)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%02x", n ? " " : "",
				k.body[0] == 3 ? k.body[2] : k.body[1]);
		else
			n += (size_t)snprintf(
				text + n, sizeof(text) - n, "%s#%u", n ? " " : "", k.tag);
	}
	return text;
}

/* Packets of a kind in the first certificate. */
static size_t keys_of(const struct filter_set *set, unsigned tag)
{
	const uint8_t *p = set->v[0].data;
	size_t len = set->v[0].len, n = 0;
	struct packet k;

	while (packet_next(&p, &len, &k) == 1)
		n += k.tag == tag;
	return n;
}

/* The fingerprint of the key that add_key writes with "self", to sign with. */
static void own_fpr(uint8_t *fpr)
{
	struct buf b = BUF_INIT(4096);
	struct filter_set set;

	add_key(&b, PACKET_PUBLIC_KEY, 4, "self");
	assert_int_equal(run("me@example.org", &b, &set), 0);
	assert_int_equal(set.n, 1);
	assert_int_equal(strlen(set.v[0].fpr), 40);
	unhex(set.v[0].fpr, fpr);
	filter_set_free(&set);
	buf_free(&b);
}

#endif
