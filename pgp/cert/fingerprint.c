/* SPDX-License-Identifier: ISC */
#include "pgp/cert/fingerprint.h"

#include <gcrypt.h>

#include "base/digest.h"

#define LEN_V4 20
#define LEN_LATER 32

/* A number, and the length of the body in two bytes or in four. */
size_t key_hash_head(const struct packet *p, uint8_t out[KEY_HASH_HEAD_MAX])
{
	const unsigned version = p->body_len > 0 ? p->body[0] : 0;
	const uint32_t n = (uint32_t)p->body_len;
	size_t i, len = version == 5 || version == 6 ? 4 : 2;

	out[0] = version == 5 ? 0x9a : version == 6 ? 0x9b : 0x99;
	for (i = 0; i < len; i++)
		out[1 + i] = (uint8_t)(n >> 8 * (len - 1 - i));
	return 1 + len;
}

int key_fingerprint(const struct packet *p, char fpr[CERT_FPR_MAX])
{
	const unsigned version = p->body_len > 0 ? p->body[0] : 0;
	uint8_t head[KEY_HASH_HEAD_MAX], digest[LEN_LATER];
	gcry_buffer_t part[2] = {
		{.data = head, .len = key_hash_head(p, head)},
		{.data = (void *)(uintptr_t)p->body, .len = p->body_len},
	};

	fpr[0] = '\0';
	if (version < 4 || version > 6 || p->body_len > (version == 4 ? UINT16_MAX : UINT32_MAX))
		return 0;
	digest_start();
	if (gcry_md_hash_buffers(version == 4 ? GCRY_MD_SHA1 : GCRY_MD_SHA256, 0, digest, part, 2))
		return -1;
	packet_hex(fpr, digest, version == 4 ? LEN_V4 : LEN_LATER);
	return 0;
}

uint64_t key_id(const struct packet *p)
{
	char fpr[CERT_FPR_MAX];

	return key_fingerprint(p, fpr) == 0 ? fpr_keyid(fpr) : 0;
}

bool key_id_in(uint64_t id, const uint64_t *v, size_t n)
{
	size_t i;

	for (i = 0; id != 0 && i < n; i++) {
		if (v[i] == id)
			return true;
	}
	return false;
}
