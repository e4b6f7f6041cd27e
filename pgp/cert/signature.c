/* SPDX-License-Identifier: ISC */
#include "pgp/cert/signature.h"

#include <gcrypt.h>
#include <string.h>

#include "base/digest.h"
#include "pgp/cert/fingerprint.h"

enum {
	SUBPACKET_CREATED = 2,
	SUBPACKET_SIG_EXPIRES = 3,
	SUBPACKET_CIPHERS = 11,
	SUBPACKET_ISSUER = 16,
	SUBPACKET_REASON = 29,
	SUBPACKET_EMBEDDED = 32,
	SUBPACKET_ISSUER_FPR = 33,
	SUBPACKET_KEY_BLOCK = 38, /* draft-ietf-openpgp-rfc4880bis-10 section 5.2.3.30 */
};

#define SIGNATURE_NUMBERS_MIN 32 /* bytes: with fewer none is valid */

/* RFC 9580 section 9.3. */
enum { CIPHER_AES128 = 7, CIPHER_AES256 = 9 };
enum { REASON_SUPERSEDED = 1, REASON_RETIRED = 3 };

/* One subpacket: type and n bytes of body. What is not hashed is nobody's word but for the issuer.
 */
static void take_subpacket(
	unsigned type, const uint8_t *body, size_t n, bool hashed, struct signature *s)
{
	size_t i;

	if (type == SUBPACKET_ISSUER && n == 8 && s->keyid == 0)
		s->keyid = packet_be64(body);
	if (type == SUBPACKET_ISSUER_FPR && n == 21 && body[0] == 4 && !s->fpr[0])
		packet_hex(s->fpr, body + 1, 20);
	for (i = 0; hashed && type == SUBPACKET_CIPHERS && i < n; i++)
		s->aes |= body[i] >= CIPHER_AES128 && body[i] <= CIPHER_AES256
				  ? 1u << (body[i] - CIPHER_AES128)
				  : 0;
	if (type == SUBPACKET_KEY_BLOCK && n > 1 && body[0] == 0) {
		s->key_block = body + 1;
		s->key_block_len = n - 1;
	}
	s->expires |= type == SUBPACKET_SIG_EXPIRES;
	if (hashed && type == SUBPACKET_CREATED && n == 4)
		s->made = packet_be32(body);
	if (hashed && type == SUBPACKET_REASON && n >= 1)
		s->reason = body[0];
}

/* Takes the subpacket (RFC 9580 5.2.3.7) at the front of [*p, *p + *len). Its length with its type;
 * 0: there is none. */
static size_t next_subpacket(const uint8_t **p, size_t *len, const uint8_t **sub)
{
	size_t n, head;

	if (*len == 0)
		return 0;
	head = (*p)[0] < 192 ? 1 : (*p)[0] < 255 ? 2 : 5;
	if (*len < head)
		return 0;
	n = head == 1   ? (*p)[0]
	    : head == 2 ? ((size_t)((*p)[0] - 192) << 8) + (*p)[1] + 192
			: packet_be32(*p + 1);
	if (n < 1 || n > *len - head)
		return 0;
	*sub = *p + head;
	*p += head + n;
	*len -= head + n;
	return n;
}

/* The first issuer is kept: the hashed area comes first. */
static void read_subpackets(const uint8_t *p, size_t len, bool hashed, struct signature *s)
{
	const uint8_t *sub;
	size_t n;

	while ((n = next_subpacket(&p, &len, &sub)) > 0)
		take_subpacket(sub[0] & 0x7fu, sub + 1, n - 1, hashed, s);
}

int signature_read(const struct packet *p, struct signature *s)
{
	const uint8_t *b = p->body;
	size_t hashed, unhashed, len = p->body_len;

	memset(s, 0, sizeof(*s));
	s->reason = -1;
	if (len >= 19 && b[0] == 3 && b[1] == 5) {
		s->type = b[2];
		s->made = packet_be32(b + 3);
		s->keyid = packet_be64(b + 7);
		s->hash = b[16];
		return 0;
	}
	if (len < 10 || b[0] != 4)
		return -1;
	s->type = b[1];
	s->hash = b[3];
	hashed = (size_t)b[4] << 8 | b[5];
	if (hashed > len - 10)
		return -1;
	unhashed = (size_t)b[6 + hashed] << 8 | b[7 + hashed];
	if (unhashed > len - 10 - hashed)
		return -1;
	read_subpackets(b + 6, hashed, true, s);
	read_subpackets(b + 8 + hashed, unhashed, false, s);
	s->unhashed = b + 8 + hashed;
	s->unhashed_len = unhashed;
	return 0;
}

/* What is kept of the unsigned subpackets, and the key ID if it is not there. */
static int put_unhashed(const struct signature *s, struct buf *out)
{
	const uint8_t *p = s->unhashed, *sub, *before;
	uint64_t keyid = fpr_keyid(s->fpr);
	size_t len = s->unhashed_len, n;
	const uint8_t issuer[] = {9, SUBPACKET_ISSUER, (uint8_t)(keyid >> 56),
		(uint8_t)(keyid >> 48), (uint8_t)(keyid >> 40), (uint8_t)(keyid >> 32),
		(uint8_t)(keyid >> 24), (uint8_t)(keyid >> 16), (uint8_t)(keyid >> 8),
		(uint8_t)keyid};
	int rc = 0;

	if (s->keyid == 0 && keyid != 0)
		rc = buf_add(out, issuer, sizeof(issuer));
	for (before = p; rc == 0 && (n = next_subpacket(&p, &len, &sub)) > 0; before = p) {
		unsigned type = sub[0] & 0x7fu;

		if (type != SUBPACKET_ISSUER && type != SUBPACKET_ISSUER_FPR &&
			type != SUBPACKET_EMBEDDED)
			continue;
		rc = buf_add(out, before, (size_t)(p - before));
		if (rc == 0 && type == SUBPACKET_ISSUER && n == 9 && keyid != 0)
			memcpy(out->p + out->len - 8, issuer + 2, 8);
	}
	return rc;
}

int signature_put(const struct packet *p, const struct signature *s, struct buf *out)
{
	struct buf kept = BUF_INIT(UINT16_MAX);
	size_t before, behind, body;
	int rc;

	if (!s->unhashed)
		return buf_add(out, p->raw, p->raw_len);
	rc = put_unhashed(s, &kept);
	if (rc == 0 && kept.len == s->unhashed_len &&
		memcmp(buf_str(&kept), s->unhashed, kept.len) == 0) {
		rc = buf_add(out, p->raw, p->raw_len);
	} else if (rc == 0) {
		before = (size_t)(s->unhashed - p->body) - 2;
		behind = p->body_len - before - 2 - s->unhashed_len;
		body = before + 2 + kept.len + behind;
		const uint8_t head[] = {0xc0 | PACKET_SIGNATURE, 0xff, 0, (uint8_t)(body >> 16),
			(uint8_t)(body >> 8), (uint8_t)body};
		const uint8_t size[] = {(uint8_t)(kept.len >> 8), (uint8_t)kept.len};

		rc = buf_add(out, head, sizeof(head)) | buf_add(out, p->body, before) |
		     buf_add(out, size, sizeof(size)) | buf_add(out, buf_str(&kept), kept.len) |
		     buf_add(out, s->unhashed + s->unhashed_len, behind);
	}
	buf_free(&kept);
	return rc;
}

/* A fingerprint decides where there is one; the key ID alone is all that old signatures have. */
bool signature_made_by(const struct signature *s, const char *fpr)
{
	if (s->fpr[0])
		return strcmp(s->fpr, fpr) == 0;
	return s->keyid != 0 && s->keyid == fpr_keyid(fpr);
}

bool signature_certifies(const struct signature *s)
{
	return s->type >= SIG_CERT_GENERIC && s->type <= SIG_CERT_POSITIVE;
}

bool signature_on_user_id(const struct signature *s)
{
	return signature_certifies(s) || s->type == SIG_CERT_REVOCATION;
}

/* What is signed of the packet itself. */
static const uint8_t *signed_part(const struct packet *p, const struct signature *s, size_t *len)
{
	*len = s->unhashed ? (size_t)(s->unhashed - p->body) - 2 : 5;
	return s->unhashed ? p->body : p->body + 2;
}

/* The first two bytes of the hash. The signature's numbers follow. */
static const uint8_t *hash_start(const struct packet *p, const struct signature *s)
{
	return s->unhashed ? s->unhashed + s->unhashed_len : p->body + 17;
}

static gcry_buffer_t part_of_hash(const uint8_t *p, size_t len)
{
	return (gcry_buffer_t){.data = (void *)(uintptr_t)p, .len = len};
}

/* What is hashed before a User ID, attribute or subkey. Returns its length. */
static size_t hash_head(bool version_3, const struct packet *of, uint8_t out[KEY_HASH_HEAD_MAX])
{
	const uint32_t n = (uint32_t)of->body_len;

	if (of->tag == PACKET_PUBLIC_SUBKEY)
		return key_hash_head(of, out);
	out[0] = of->tag == PACKET_USER_ID ? 0xb4 : 0xd1;
	out[1] = (uint8_t)(n >> 24);
	out[2] = (uint8_t)(n >> 16);
	out[3] = (uint8_t)(n >> 8);
	out[4] = (uint8_t)n;
	return version_3 ? 0 : 5;
}

bool signature_fits(const struct packet *p, const struct signature *s, const struct packet *key,
	const struct packet *of)
{
	const bool v3 = !s->unhashed;
	size_t n;
	const uint8_t *from = signed_part(p, s, &n);
	const uint8_t end[] = {
		4, 0xff, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	uint8_t key_head[KEY_HASH_HEAD_MAX], of_head[KEY_HASH_HEAD_MAX], digest[64];
	const gcry_buffer_t part[] = {part_of_hash(key_head, key_hash_head(key, key_head)),
		part_of_hash(key->body, key->body_len),
		part_of_hash(of_head, hash_head(v3, of, of_head)),
		part_of_hash(of->body, of->body_len), part_of_hash(from, n),
		part_of_hash(end, v3 ? 0 : sizeof(end))};

	digest_start();
	/* The numbers are libgcrypt's too, up to those of RFC 9580 that gpg does not know. */
	return s->hash > HASH_SHA224 || gcry_md_get_algo_dlen((int)s->hash) < 2 ||
	       gcry_md_hash_buffers(
		       (int)s->hash, 0, digest, part, sizeof(part) / sizeof(part[0])) ||
	       memcmp(digest, hash_start(p, s), 2) == 0;
}

bool signature_hash_strong(const struct signature *s)
{
	return s->hash == HASH_SHA256 || s->hash == HASH_SHA384 || s->hash == HASH_SHA512 ||
	       s->hash == HASH_SHA3_256 || s->hash == HASH_SHA3_512;
}

bool signature_revokes_later(const struct signature *s, int64_t now)
{
	return (s->type == SIG_KEY_REVOCATION || s->type == SIG_SUBKEY_REVOCATION) &&
	       (s->reason == REASON_SUPERSEDED || s->reason == REASON_RETIRED) && s->made > now;
}

bool signature_twins(const struct packet *a, const struct packet *b)
{
	struct signature s, t;
	const uint8_t *an, *bn;
	size_t an_len, bn_len, a_len, b_len;

	if (signature_read(a, &s) < 0 || signature_read(b, &t) < 0)
		return false;
	an = hash_start(a, &s) + 2;
	bn = hash_start(b, &t) + 2;
	an_len = (size_t)(a->body + a->body_len - an);
	bn_len = (size_t)(b->body + b->body_len - bn);
	if (an_len < SIGNATURE_NUMBERS_MIN || an_len != bn_len || memcmp(an, bn, an_len) != 0)
		return false;
	an = signed_part(a, &s, &a_len);
	bn = signed_part(b, &t, &b_len);
	return a_len != b_len || memcmp(an, bn, a_len) != 0;
}
