/* SPDX-License-Identifier: ISC */
/* wire/gpg_job.c: numbers of recipients that nobody writes, but somebody may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/gpg_job.h"

static void put_u32(uint8_t *p, uint32_t v)
{
	const uint8_t octets[4] = {
		(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	memcpy(p, octets, sizeof(octets));
}

static void counts(void **state)
{
	static const struct {
		const char *name;
		uint32_t n_file, n_to;
		int rc;
	} rows[] = {
		{"one file", 1, 0, 0},
		{"the most files", GPG_JOB_FILES_MAX, 0, 0},
		{"one file too many", GPG_JOB_FILES_MAX + 1, 0, ERR_INTERNAL},
		{"far too many files", UINT32_MAX, 0, ERR_INTERNAL},
		{"recipients that do not follow", 1, GPG_JOB_RING_MAX, ERR_INTERNAL},
		{"too many recipients", 1, GPG_JOB_RING_MAX + 1, ERR_INTERNAL},
		{"far too many recipients", 1, UINT32_MAX, ERR_INTERNAL},
	};
	const struct gpg_job job = {.home = "AAAAAA", .n_file = 1};
	struct gpg_job got;
	struct wr w = WR_INIT;
	struct rd r;
	size_t i;

	/* Without recipients in the keyring it ends with both numbers. */
	(void)state;
	gpg_job_write(&w, &job);
	assert_false(w.bad);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		put_u32(w.b.p + w.b.len - 8, rows[i].n_file);
		put_u32(w.b.p + w.b.len - 4, rows[i].n_to);
		rd_init(&r, w.b.p, w.b.len);
		assert_int_equal(gpg_job_read(&r, &got, NULL), rows[i].rc);
		if (rows[i].rc == 0) {
			assert_int_equal(got.n_file, rows[i].n_file);
			gpg_job_free(&got);
		}
	}
	wr_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(counts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
