/* SPDX-License-Identifier: ISC */
#include "pgp/cert/fingerprint.h"

#include <gcrypt.h>

#include "base/digest.h"

#define LEN_V4 20
#define LEN_LATER 32

int key_fingerprint(const struct packet *p, char fpr[CERT_FPR_MAX])
{
	const unsigned version = p->body_len > 0 ? p->body[0] : 0;
	const uint32_t n = (uint32_t)p->body_len;
	/* What is hashed before the body: a number, and its length in two bytes or in four. */
	const uint8_t v4[] = {0x99, (uint8_t)(n >> 8), (uint8_t)n};
	const uint8_t later[] = {version == 5 ? 0x9a : 0x9b, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
		(uint8_t)(n >> 8), (uint8_t)n};
	gcry_buffer_t part[2] = {
		{.data = (void *)(uintptr_t)(version == 4 ? v4 : later),
			.len = version == 4 ? sizeof(v4) : sizeof(later)},
		{.data = (void *)(uintptr_t)p->body, .len = p->body_len},
	};
	uint8_t digest[LEN_LATER];

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
