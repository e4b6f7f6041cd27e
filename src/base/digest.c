/* SPDX-License-Identifier: ISC */
#include "base/digest.h"

#include <gcrypt.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

#define PARTS_MAX 4

static void end_without_memory(void *arg, int code, const char *text)
{
	static const char why[] = "sealpost: libgcrypt: out of memory\n";

	(void)arg;
	(void)code;
	(void)text;
	if (write(STDERR_FILENO, why, sizeof(why) - 1) < 0)
		_exit(err_exit(ERR_INTERNAL));
	_exit(err_exit(ERR_OS));
}

void digest_start(void)
{
	gcry_set_fatalerror_handler(end_without_memory, NULL);
	if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
		gcry_check_version(NULL);
		gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
		gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	}
}

int digest_sha256(const struct digest_part *part, size_t n, uint8_t out[DIGEST_LEN])
{
	gcry_buffer_t b[PARTS_MAX] = {{0}};
	size_t i;

	if (n > PARTS_MAX)
		return -1;
	digest_start();
	for (i = 0; i < n; i++) {
		b[i].data = (void *)(uintptr_t)part[i].p;
		b[i].len = part[i].len;
	}
	return gcry_md_hash_buffers(GCRY_MD_SHA256, 0, out, b, (int)n) ? -1 : 0;
}

struct digest *digest_begin(void)
{
	gcry_md_hd_t h;

	digest_start();
	return gcry_md_open(&h, GCRY_MD_SHA256, 0) ? NULL : (struct digest *)h;
}

void digest_add(struct digest *d, const void *p, size_t len)
{
	gcry_md_write((gcry_md_hd_t)d, p, len);
}

void digest_end(struct digest *d, uint8_t out[DIGEST_LEN])
{
	memcpy(out, gcry_md_read((gcry_md_hd_t)d, GCRY_MD_SHA256), DIGEST_LEN);
	gcry_md_close((gcry_md_hd_t)d);
}
