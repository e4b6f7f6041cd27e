/* SPDX-License-Identifier: ISC */
/* wire/world.c: what may be asked of the world, and what comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/world.h"

static int read_request(const struct world_request *q, struct world_request *out)
{
	struct wr w = WR_INIT;
	struct rd r;
	int rc;

	world_request_write(&w, q);
	assert_false(w.bad);
	rd_init(&r, w.b.p, w.b.len);
	rc = world_request_read(&r, out, NULL);
	wr_free(&w);
	return rc;
}

static void requests(void **state)
{
	static const struct {
		int number;
		const char *name, *host, *at, *path;
		int rc;
	} row[] = {
		{1, "_mta-sts.a.example", "a.example", "", "/x", 0},
		{2, "a", "a.example", "192.0.2.1", "/.well-known/openpgpkey/policy", 0},
		{3, "a.example", "a.example", "2001:db8::1", "/x?l=a%2Bb", 0},
		{4, "a.example", "a.example", "b.example", "/", 0},
		{5, "", "a.example", "", "/", ERR_INTERNAL},
		{6, "a..example", "a.example", "", "/", ERR_INTERNAL},
		{7, "A.example", "a.example", "", "/", ERR_INTERNAL},
		{8, "a b.example", "a.example", "", "/", ERR_INTERNAL},
		{9, "a.example.", "a.example", "", "/", ERR_INTERNAL},
		{10, "a.example", "A.example", "", "/", ERR_INTERNAL},
		{11, "a.example", "a.example/", "", "/", ERR_INTERNAL},
		{12, "a.example", "a.example:1", "", "/", ERR_INTERNAL},
		{13, "a.example", "192.0.2.1", "", "/", ERR_INTERNAL},
		{14, "a.example", "a.example", "x y", "/", ERR_INTERNAL},
		{15, "a.example", "a.example", "", "", ERR_INTERNAL},
		{16, "a.example", "a.example", "", "x", ERR_INTERNAL},
		{17, "a.example", "a.example", "", "/\r\nHost: b", ERR_INTERNAL},
		{18, "a.example", "a.example", "", "/ x", ERR_INTERNAL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct world_set set = {(char *)(uintptr_t)row[i].name, 1};
		struct world_file file = {(char *)(uintptr_t)row[i].host,
			(char *)(uintptr_t)row[i].at, (char *)(uintptr_t)row[i].path, 0};
		struct world_request q = {
			.id = 7, .set = &set, .n_set = 1, .file = &file, .n_file = 1};
		struct world_request out;

		print_message("%d %s %s\n", row[i].number, row[i].name, row[i].path);
		assert_int_equal(read_request(&q, &out), row[i].rc);
		if (row[i].rc == 0) {
			assert_int_equal(out.id, 7);
			assert_string_equal(out.set[0].name, row[i].name);
			assert_string_equal(out.file[0].path, row[i].path);
			world_request_free(&out);
		}
	}
}

static void replies(void **state)
{
	uint8_t rdata[] = {4, 't', 'e', 'x', 't'}, digest[DIGEST_LEN] = {1};
	struct world_rdata record = {rdata, sizeof(rdata)};
	char none[] = "", note[] = "note";
	struct world_answer answer = {.state = DNS_SECURE,
		.canon = none,
		.record = &record,
		.n_record = 1,
		.ttl = 300,
		.note = note};
	struct world_got got = {.status = 200,
		.no_host = 1,
		.refused = 1,
		.complete = 1,
		.content_type = none,
		.location = none,
		.len = 3,
		.digest = digest,
		.digest_len = DIGEST_LEN,
		.issuer = none,
		.subject = none,
		.reason = note};
	struct world_reply a = {.id = 3, .answer = &answer, .n_answer = 1, .got = &got, .n_got = 1};
	struct world_reply out;
	struct wr w = WR_INIT;
	struct rd r;
	size_t len;

	(void)state;
	world_reply_write(&w, &a);
	rd_init(&r, w.b.p, w.b.len);
	assert_int_equal(world_reply_read(&r, &out, NULL), 0);
	assert_int_equal(out.answer[0].state, DNS_SECURE);
	assert_memory_equal(out.answer[0].record[0].data, rdata, sizeof(rdata));
	assert_int_equal(out.got[0].no_host, 1);
	assert_int_equal(out.got[0].refused, 1);
	assert_memory_equal(out.got[0].digest, digest, DIGEST_LEN);
	world_reply_free(&out);
	/* Cut anywhere, it is refused. */
	for (len = 0; len < w.b.len; len++) {
		rd_init(&r, w.b.p, len);
		assert_int_equal(world_reply_read(&r, &out, NULL), ERR_INTERNAL);
	}
	wr_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(requests), cmocka_unit_test(replies)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
