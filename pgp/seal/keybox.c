/* SPDX-License-Identifier: ISC */
#include "pgp/seal/keybox.h"

#include <gcrypt.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "pgp/cert/fingerprint.h"
#include "pgp/cert/packet.h"

#define BLOB_HEADER 1
#define BLOB_OPENPGP 2
#define VERSION 1     /* of both: fingerprints of 20 bytes */
#define FOR_OPENPGP 2 /* flag of the header */
#define HEADER_LEN 32
#define FPR_LEN 20
#define KEYID_IN_FPR 12
#define SUM_LEN 20
#define KEYS_AT 20 /* in a blob */
#define KEY_INFO 28
#define UID_INFO 12
#define SIG_INFO 4
#define FIXED_LEN 50 /* of a blob, without these, the certificate and the sum */
/* When gpg last tidied it: so late that it does not want to, until 2106. */
#define TIDIED (UINT32_MAX - 3 * 3600)

struct counts {
	size_t keys, uids, sigs;
};

static int add_number(struct buf *to, size_t octets, size_t v)
{
	uint8_t p[4];
	size_t i;

	for (i = 0; i < octets; i++)
		p[i] = (uint8_t)(v >> 8 * (octets - 1 - i));
	return buf_add(to, p, octets);
}

static int add_numbers(struct buf *to, const size_t (*v)[2], size_t n)
{
	int rc = 0;

	for (; rc == 0 && n > 0; n--, v++)
		rc = add_number(to, (*v)[0], (*v)[1]);
	return rc;
}

#define ADD_NUMBERS(to, ...)                                                                       \
	add_numbers(to, (const size_t[][2])__VA_ARGS__,                                            \
		sizeof((const size_t[][2])__VA_ARGS__) / sizeof(size_t[2]))

static bool holds_key(const struct packet *k)
{
	return k->tag == PACKET_PUBLIC_KEY || k->tag == PACKET_PUBLIC_SUBKEY;
}

bool keybox_takes(const uint8_t *cert, size_t len)
{
	struct packet k;
	char fpr[CERT_FPR_MAX];
	bool any = false;
	int rc;

	while ((rc = packet_next(&cert, &len, &k)) == 1) {
		if (!holds_key(&k))
			continue;
		if (key_fingerprint(&k, fpr) < 0 || strlen(fpr) != 2 * FPR_LEN)
			return false;
		any = true;
	}
	return any && rc == 0;
}

static struct counts count_packets(const uint8_t *cert, size_t len)
{
	struct counts n = {0};
	struct packet k;

	while (packet_next(&cert, &len, &k) == 1) {
		n.keys += holds_key(&k);
		n.uids += k.tag == PACKET_USER_ID;
		n.sigs += k.tag == PACKET_SIGNATURE;
	}
	return n;
}

static int add_header(struct buf *to)
{
	int rc = ADD_NUMBERS(
		to, {{4, HEADER_LEN}, {1, BLOB_HEADER}, {1, VERSION}, {2, FOR_OPENPGP}});

	if (rc == 0)
		rc = buf_add(to, "KBXf", 4);
	return rc == 0 ? ADD_NUMBERS(to, {{4, 0}, {4, TIDIED}, {4, TIDIED}, {4, 0}, {4, 0}}) : rc;
}

/* at: of this one, in the blob. */
static int add_key_info(struct buf *to, const struct packet *k, size_t at)
{
	char hex[CERT_FPR_MAX];
	uint8_t fpr[FPR_LEN];
	int rc;

	if (key_fingerprint(k, hex) < 0 || !text_unhex(hex, fpr, FPR_LEN))
		return -1;
	rc = buf_add(to, fpr, FPR_LEN);
	return rc == 0 ? ADD_NUMBERS(to, {{4, at + KEYID_IN_FPR}, {4, 0}}) : rc;
}

static int add_key_infos(struct buf *to, const uint8_t *cert, size_t len)
{
	size_t at = KEYS_AT;
	struct packet k;
	int rc = 0;

	while (rc == 0 && packet_next(&cert, &len, &k) == 1) {
		if (holds_key(&k)) {
			rc = add_key_info(to, &k, at);
			at += KEY_INFO;
		}
	}
	return rc;
}

/* begin: of the certificate, in the blob. */
static int add_uids(struct buf *to, const uint8_t *cert, size_t len, size_t begin)
{
	const uint8_t *p = cert;
	struct packet k;
	int rc = 0;

	while (rc == 0 && packet_next(&p, &len, &k) == 1) {
		if (k.tag == PACKET_USER_ID)
			rc = ADD_NUMBERS(to,
				{{4, begin + (size_t)(k.body - cert)}, {4, k.body_len}, {4, 0}});
	}
	return rc;
}

static int add_sigs(struct buf *to, size_t n)
{
	int rc = 0;

	while (rc == 0 && n-- > 0)
		rc = add_number(to, SIG_INFO, 0);
	return rc;
}

int keybox_add(struct buf *to, const uint8_t *cert, size_t len)
{
	const struct counts n = count_packets(cert, len);
	const size_t begin = FIXED_LEN + KEY_INFO * n.keys + UID_INFO * n.uids + SIG_INFO * n.sigs;
	int rc = to->len == 0 ? add_header(to) : 0;
	const size_t at = to->len;
	uint8_t sum[SUM_LEN];

	if (rc == 0)
		rc = ADD_NUMBERS(
			to, {{4, begin + len + SUM_LEN}, {1, BLOB_OPENPGP}, {1, VERSION}, {2, 0},
				    {4, begin}, {4, len}, {2, n.keys}, {2, KEY_INFO}});
	if (rc == 0)
		rc = add_key_infos(to, cert, len);
	if (rc == 0) /* a serial number: none */
		rc = ADD_NUMBERS(to, {{2, 0}, {2, n.uids}, {2, UID_INFO}});
	if (rc == 0)
		rc = add_uids(to, cert, len, begin);
	if (rc == 0)
		rc = ADD_NUMBERS(to, {{2, n.sigs}, {2, SIG_INFO}});
	if (rc == 0)
		rc = add_sigs(to, n.sigs);
	if (rc == 0) /* trust, times, room: nothing is said of them */
		rc = ADD_NUMBERS(to, {{4, 0}, {4, 0}, {4, 0}, {4, 0}, {4, 0}});
	if (rc == 0)
		rc = buf_add(to, cert, len);
	if (rc < 0)
		return -1;
	digest_start();
	gcry_md_hash_buffer(GCRY_MD_SHA1, sum, to->p + at, to->len - at);
	return buf_add(to, sum, sizeof(sum));
}
