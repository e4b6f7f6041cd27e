/* SPDX-License-Identifier: ISC */
/* mail/queued: what is kept comes back byte for byte, and nothing else is taken for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/queued.h"

static struct err err;

/* As it comes out of the seal: CRLF. */
static void write_all(struct buf *out, const struct queued *q, const char *text, size_t len)
{
	const struct queued_frame f = {.to = "me@a.example",
		.date = "Mon, 23 Nov 2026 10:00:00 +0000",
		.message_id = "<1@a.example>",
		.intro = "an intro\n"};
	struct buf lf = BUF_INIT(1u << 20);
	size_t i;

	assert_int_equal(queued_write(&lf, &f, q), 0);
	for (i = 0; i < len; i += QUEUED_LINE) {
		char line[QUEUED_LINE * 2];
		size_t n = len - i < QUEUED_LINE ? len - i : QUEUED_LINE;

		n = base64_line(line, (const uint8_t *)text + i, n);
		assert_int_equal(buf_add(&lf, line, n), 0);
		assert_int_equal(buf_addc(&lf, '\n'), 0);
	}
	assert_int_equal(queued_write_end(&lf), 0);
	for (i = 0; i < lf.len; i++) {
		if (lf.p[i] == '\n')
			assert_int_equal(buf_addc(out, '\r'), 0);
		assert_int_equal(buf_addc(out, (char)lf.p[i]), 0);
	}
	buf_free(&lf);
}

/* In pieces of that many bytes. */
static int read_all(const struct buf *plain, size_t piece, struct queued *q, struct buf *original)
{
	struct queued_reader r = QUEUED_READER(q, original);
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < plain->len; i += piece)
		rc = queued_reader_add(
			&r, plain->p + i, plain->len - i < piece ? plain->len - i : piece, &err);
	if (rc == 0)
		rc = queued_reader_end(&r, &err);
	queued_reader_free(&r);
	return rc;
}

static struct queued_rcpt rcpt(const char *address, bool seal)
{
	struct queued_rcpt r = {.seal = seal, .why = "no answer"};

	assert_int_equal(addr_parse(address, &r.addr, NULL), 0);
	return r;
}

static void the_original_comes_back(void **state)
{
	static const struct {
		const char *name, *text;
		size_t len;
	} table[] = {
#define ROW(name, text) {name, text, sizeof(text) - 1}
		ROW("one line", "To: x@b.example\n\nx\n"),
		ROW("no line end", "To: x@b.example\n\nx"),
		ROW("CRLF", "To: x@b.example\r\n\r\nx\r\n"),
		ROW("lone CR and NUL", "a\rb\0c\n"),
		ROW("all of a line", "123456789012345678901234567890123456789012345678901234567"),
		ROW("a line and one", "1234567890123456789012345678901234567890123456789012345678"),
		ROW("our own delimiter", "\n--=_sealpost-queue--\n"),
		ROW("beyond ASCII", "\xff\xfe\x80\n"),
	};
	struct queued_rcpt r = rcpt("x@b.example", false);
	struct queued q = {.rcpt = &r, .n_rcpt = 1}, got = {.rcpt = NULL};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf plain = BUF_INIT(1u << 20), original = BUF_INIT(1u << 20);

		write_all(&plain, &q, table[i].text, table[i].len);
		if (read_all(&plain, 1 + i % 90, &got, &original) != 0)
			fail_msg("%s: %s", table[i].name, err.msg);
		if (original.len != table[i].len ||
			memcmp(original.p, table[i].text, table[i].len) != 0)
			fail_msg("%s: another text", table[i].name);
		queued_free(&got);
		buf_free(&plain);
		buf_free(&original);
	}
}

static void the_envelope_comes_back(void **state)
{
	struct queued_rcpt r[2] = {rcpt("x@b.example", false), rcpt("\"a b\"@c.example", true)};
	struct queued q = {.rcpt = r, .n_rcpt = 2}, got = {.rcpt = NULL};
	struct buf plain = BUF_INIT(1u << 20), original = BUF_INIT(1u << 20);

	(void)state;
	q.args.have_sender = true;
	snprintf(q.args.sender, sizeof(q.args.sender), "me@a.example");
	snprintf(q.args.fullname, sizeof(q.args.fullname), "My Name");
	q.args.dsn = (struct handoff_dsn){.notify = 6, .ret = 1, .envid = "id"};
	q.args.once.encrypt = ENCRYPT_REQUIRE;
	q.args.once.mixed = MIXED_SPLIT;
	q.args.once.replies = REPLIES_PREFER;
	write_all(&plain, &q, "x", 1);
	assert_int_equal(read_all(&plain, 7, &got, &original), 0);
	assert_true(got.args.have_sender);
	assert_string_equal(got.args.sender, "me@a.example");
	assert_string_equal(got.args.fullname, "My Name");
	assert_int_equal(got.args.dsn.notify, 6);
	assert_int_equal(got.args.dsn.ret, 1);
	assert_string_equal(got.args.dsn.envid, "id");
	assert_int_equal(got.args.once.encrypt, ENCRYPT_REQUIRE);
	assert_int_equal(got.args.once.mixed, MIXED_SPLIT);
	assert_int_equal(got.args.once.replies, REPLIES_PREFER);
	assert_int_equal(got.args.once.tls, TRANSPORT_UNSET);
	assert_int_equal(got.n_rcpt, 2);
	assert_string_equal(got.rcpt[0].addr.name, "x@b.example");
	assert_string_equal(got.rcpt[1].addr.name, r[1].addr.name);
	assert_false(got.rcpt[0].seal);
	assert_true(got.rcpt[1].seal);
	queued_free(&got);
	buf_free(&plain);
	buf_free(&original);
}

static void the_null_sender_comes_back(void **state)
{
	struct queued_rcpt r = rcpt("x@b.example", false);
	struct queued q = {.rcpt = &r, .n_rcpt = 1, .args = {.have_sender = true}},
		      got = {.rcpt = NULL};
	struct buf plain = BUF_INIT(1u << 20), original = BUF_INIT(1u << 20);

	(void)state;
	write_all(&plain, &q, "x", 1);
	assert_int_equal(read_all(&plain, 7, &got, &original), 0);
	assert_true(got.args.have_sender);
	assert_string_equal(got.args.sender, "");
	queued_free(&got);
	buf_free(&plain);
	buf_free(&original);
}

#define PART(body) "--=_sealpost-queue\r\nA: b\r\n\r\n" body "\r\n"
#define END "--=_sealpost-queue--\r\n"
#define HEAD "c2VhbHBvc3QgcXVldWUgMQo="                    /* "sealpost queue 1\n" */
#define FOR "c2VhbHBvc3QgcXVldWUgMQp0byB4QGIuZXhhbXBsZQo=" /* the same, and "to x@b.example\n" */

static void nothing_else_is_taken_for_it(void **state)
{
	static const struct {
		const char *name, *plain, *why; /* NULL: it is taken */
	} table[] = {
		{"as it should be", "H: x\r\n\r\n" PART("x") PART(FOR) PART("eA==") END, NULL},
		{"empty", "", "no parts"},
		{"another mail", "Subject: x\r\n\r\nx\r\n", "no parts"},
		{"one part", PART("x") END, "does not end"},
		{"cut within the envelope", PART("x") PART(FOR), "does not end"},
		{"cut within the mail",
			PART("x") PART(FOR) "--=_sealpost-queue\r\nA: b\r\n\r\neA==",
			"does not end"},
		{"no recipient", PART("x") PART(HEAD) PART("eA==") END, "no recipient"},
		{"no version", PART("x") PART("eA==") PART("eA==") END, "version"},
		{"not base64", PART("x") PART("c2V$") PART("eA==") END, "damaged"},
		{"half a byte", PART("x") PART(FOR) PART("eA=") END, "damaged"},
		{"a very long line", "", "too long"},
		{"an empty mail", PART("x") PART(FOR) PART("") END, "empty"},
		{"no header of a part",
			PART("x") "--=_sealpost-queue\r\n" FOR "\r\n--=_sealpost-queue\r\n" END,
			"no header"},
		/* "sealpost queue 1\nto -x@b.example\n" */
		{"a recipient like an option",
			PART("x") PART("c2VhbHBvc3QgcXVldWUgMQp0byB8c2gK") PART("eA==") END,
			"a recipient"},
		/* "sealpost queue 1\nwhat x\nto x@b.example\n" */
		{"an unknown line",
			PART("x") PART("c2VhbHBvc3QgcXVldWUgMQp3aGF0IHgKdG8geEBiLmV4YW1wbGUK")
				PART("eA==") END,
			"unknown line"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf plain = BUF_INIT(1u << 20), original = BUF_INIT(1u << 20);
		struct queued got = {.rcpt = NULL};
		int rc;

		memset(&err, 0, sizeof(err));
		assert_int_equal(buf_adds(&plain, table[i].plain), 0);
		while (strstr(table[i].name, "long line") && plain.len < 2 * QUEUED_LINE_MAX)
			assert_int_equal(buf_addc(&plain, 'x'), 0);
		rc = read_all(&plain, 1 + i % 90, &got, &original);
		if ((rc == 0) != (table[i].why == NULL) ||
			(table[i].why && !strstr(err.msg, table[i].why)))
			fail_msg("%s: %d %s", table[i].name, rc, err.msg);
		if (rc < 0)
			assert_int_equal(rc, ERR_DATA);
		queued_free(&got);
		buf_free(&plain);
		buf_free(&original);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_original_comes_back),
		cmocka_unit_test(the_envelope_comes_back),
		cmocka_unit_test(the_null_sender_comes_back),
		cmocka_unit_test(nothing_else_is_taken_for_it)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
