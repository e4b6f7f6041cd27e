/* SPDX-License-Identifier: ISC */
/*
 * make_keys FIRST COUNT DOMAIN FOLDER: certificates for u<N>@DOMAIN in FOLDER/<N>.pgp, as gpg makes
 * them (Ed25519, and a subkey to encrypt to), ten thousand in a few seconds. There is no secret key
 * to them afterwards.
 */
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MADE 1767225600u /* 2026-01-01 */
#define PART_MAX 512

struct bytes {
	uint8_t p[4 * PART_MAX];
	size_t n;
};

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "make_keys: %s failed\n", what);
	exit(1);
}

static void put(struct bytes *b, const void *p, size_t n)
{
	need(n <= sizeof(b->p) - b->n, "room");
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void put_number(struct bytes *b, uint32_t v, unsigned width)
{
	while (width-- > 0)
		put(b, &(uint8_t){(uint8_t)(v >> (8 * width))}, 1);
}

/* RFC 4880 section 3.2. */
static void put_mpi(struct bytes *b, const uint8_t *p, size_t n)
{
	unsigned bits;

	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	for (bits = (unsigned)n * 8; n > 0 && !(*p >> ((bits - 1) % 8)); bits--)
		;
	put_number(b, bits, 2);
	put(b, p, n);
}

static void put_packet(struct bytes *b, unsigned tag, const struct bytes *body)
{
	put_number(b, 0x80 | tag << 2 | 1, 1);
	put_number(b, (uint32_t)body->n, 2);
	put(b, body->p, body->n);
}

static void put_point(struct bytes *b, const uint8_t point[32])
{
	uint8_t native[33] = {0x40};

	memcpy(native + 1, point, 32);
	put_mpi(b, native, sizeof(native));
}

/* What a signature hashes of a key. */
static void put_hashed_key(struct bytes *b, const struct bytes *key)
{
	put_number(b, 0x99, 1);
	put_number(b, (uint32_t)key->n, 2);
	put(b, key->p, key->n);
}

/* over: what is signed, without the signature's own part. */
static void put_signature(struct bytes *out, EVP_PKEY *secret, uint8_t type, uint8_t flags,
	const uint8_t fpr[20], const struct bytes *over)
{
	struct bytes sig = {.n = 0}, hashed = {.n = 0}, all = *over;
	uint8_t digest[32], made[64];
	size_t len = sizeof(made);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	put(&hashed, "\x16\x21\x04", 3);
	put(&hashed, fpr, 20);
	put(&hashed, "\x05\x02", 2);
	put_number(&hashed, MADE, 4);
	put(&hashed, "\x02\x1b", 2);
	put_number(&hashed, flags, 1);
	if (type == 0x13)
		put(&hashed, "\x04\x0b\x09\x08\x07\x03\x15\x0a\x08\x02\x1e\x01", 12);
	put(&sig, (uint8_t[]){4, type, 22, 8}, 4);
	put_number(&sig, (uint32_t)hashed.n, 2);
	put(&sig, hashed.p, hashed.n);
	put(&all, sig.p, sig.n);
	put(&all, "\x04\xff", 2);
	put_number(&all, (uint32_t)sig.n, 4);
	need(EVP_Digest(all.p, all.n, digest, NULL, EVP_sha256(), NULL), "SHA-256");
	need(ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, secret) == 1 &&
			EVP_DigestSign(ctx, made, &len, digest, sizeof(digest)) == 1,
		"signing");
	EVP_MD_CTX_free(ctx);
	put(&sig, "\x00\x0a\x09\x10", 4);
	put(&sig, fpr + 12, 8);
	put(&sig, digest, 2);
	put_mpi(&sig, made, 32);
	put_mpi(&sig, made + 32, 32);
	put_packet(out, 2, &sig);
}

static void make_certificate(struct bytes *out, const char *uid)
{
	static const uint8_t ed25519[] = {9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1};
	static const uint8_t cv25519[] = {10, 0x2b, 6, 1, 4, 1, 0x97, 0x55, 1, 5, 1};
	struct bytes key = {.n = 0}, sub = {.n = 0}, user = {.n = 0}, over = {.n = 0};
	EVP_PKEY *secret = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	uint8_t point[32], fpr[20];
	size_t len = sizeof(point);

	need(secret && EVP_PKEY_get_raw_public_key(secret, point, &len) == 1, "making a key");
	put_number(&key, 4, 1);
	put_number(&key, MADE, 4);
	put_number(&key, 22, 1);
	put(&key, ed25519, sizeof(ed25519));
	put_point(&key, point);
	put_hashed_key(&over, &key);
	need(EVP_Digest(over.p, over.n, fpr, NULL, EVP_sha1(), NULL), "SHA-1");
	put(&user, uid, strlen(uid));
	put_packet(out, 6, &key);
	put_packet(out, 13, &user);
	put_number(&over, 0xb4, 1);
	put_number(&over, (uint32_t)user.n, 4);
	put(&over, user.p, user.n);
	put_signature(out, secret, 0x13, 0x03, fpr, &over);
	/* Whose secret part nobody needs. */
	need(RAND_bytes(point, sizeof(point)), "random");
	put_number(&sub, 4, 1);
	put_number(&sub, MADE, 4);
	put_number(&sub, 18, 1);
	put(&sub, cv25519, sizeof(cv25519));
	put_point(&sub, point);
	put(&sub, "\x03\x01\x08\x07", 4);
	over.n = 0;
	put_hashed_key(&over, &key);
	put_hashed_key(&over, &sub);
	put_packet(out, 14, &sub);
	put_signature(out, secret, 0x18, 0x0c, fpr, &over);
	EVP_PKEY_free(secret);
}

int main(int argc, char **argv)
{
	char uid[256], path[4096];
	unsigned long i, first, count;

	need(argc == 5, "usage: make_keys FIRST COUNT DOMAIN FOLDER;");
	first = strtoul(argv[1], NULL, 10);
	count = strtoul(argv[2], NULL, 10);
	for (i = first; i < first + count; i++) {
		struct bytes cert = {.n = 0};
		FILE *f;

		snprintf(uid, sizeof(uid), "<u%lu@%s>", i, argv[3]);
		snprintf(path, sizeof(path), "%s/%06lu.pgp", argv[4], i);
		make_certificate(&cert, uid);
		f = fopen(path, "wb");
		need(f && fwrite(cert.p, 1, cert.n, f) == cert.n && fclose(f) == 0, path);
	}
	return 0;
}
