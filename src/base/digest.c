/* SPDX-License-Identifier: ISC */
#include "base/digest.h"

#include <gcrypt.h>

#define PARTS_MAX 4

int digest_sha256(const struct digest_part *part, size_t n, uint8_t out[DIGEST_LEN])
{
	gcry_buffer_t b[PARTS_MAX] = {{0}};
	size_t i;

	if (n > PARTS_MAX)
		return -1;
	if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
		gcry_check_version(NULL);
		gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
		gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	}
	for (i = 0; i < n; i++) {
		b[i].data = (void *)(uintptr_t)part[i].p;
		b[i].len = part[i].len;
	}
	return gcry_md_hash_buffers(GCRY_MD_SHA256, 0, out, b, (int)n) ? -1 : 0;
}
