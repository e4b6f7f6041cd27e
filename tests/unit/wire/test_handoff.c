/* SPDX-License-Identifier: ISC */
/* wire/handoff.c: the runner's third request and its answer; what does not fit must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/handoff.h"

static void write_raw(
	struct wr *w, const char *sender, const char *fullname, uint32_t n, const char *const *rcpt)
{
	*w = (struct wr)WR_INIT;
	wr_str(w, "work");
	wr_str(w, sender);
	wr_str(w, fullname);
	wr_u8(w, HANDOFF_NOTIFY_DELAY);
	wr_u8(w, HANDOFF_RET_HDRS);
	wr_str(w, "id");
	wr_u32(w, n);
	for (; *rcpt; rcpt++)
		wr_str(w, *rcpt);
	wr_u8(w, 0);
	wr_u8(w, 0);
}

static int read_back(const struct wr *w, size_t len, struct handoff *h)
{
	struct rd r;

	rd_init(&r, w->b.p, len);
	return handoff_read(&r, h, NULL);
}

static void round_trip(void **state)
{
	struct addr rcpt[2];
	struct handoff in = {.identity = "work",
		.sender = "<>",
		.fullname = "Ann Example",
		.dsn = {HANDOFF_NOTIFY_NEVER, HANDOFF_RET_FULL, "-id"},
		.rcpt = rcpt,
		.n_rcpt = 2};
	struct handoff out;
	struct wr w = WR_INIT;

	(void)state;
	assert_int_equal(addr_parse("Ann@Example.ORG", &rcpt[0], NULL), 0);
	assert_int_equal(addr_parse("\"-x\"@example.org", &rcpt[1], NULL), 0);
	handoff_write(&w, &in);
	assert_int_equal(read_back(&w, w.b.len, &out), 0);
	assert_string_equal(out.identity, "work");
	assert_string_equal(out.sender, "<>");
	assert_string_equal(out.fullname, "Ann Example");
	assert_int_equal(out.dsn.notify, HANDOFF_NOTIFY_NEVER);
	assert_int_equal(out.dsn.ret, HANDOFF_RET_FULL);
	assert_string_equal(out.dsn.envid, "-id");
	assert_int_equal(out.n_rcpt, 2);
	assert_string_equal(out.rcpt[0].text, "Ann@example.org");
	assert_string_equal(out.rcpt[1].text, "\"-x\"@example.org");
	handoff_free(&out);
	wr_free(&w);
}

static void refused(void **state)
{
	static const char *const one[] = {"a@b.example", NULL};
	static const struct {
		const char *name, *sender, *fullname;
		uint32_t n;
		const char *rcpt[3];
		int rc;
	} rows[] = {
		{"good", "me@b.example", "Me", 1, {"a@b.example"}, 0},
		{"no recipient", "", "", 0, {NULL}, ERR_INTERNAL},
		{"fewer than said", "", "", 2, {"a@b.example"}, ERR_INTERNAL},
		{"more than said", "", "", 1, {"a@b.example", "c@b.example"}, ERR_INTERNAL},
		{"a number that cannot be", "", "", 0xffffffffu, {"a@b.example"}, ERR_INTERNAL},
		{"option as recipient", "", "", 1, {"-oQ/tmp@b.example"}, ERR_USAGE},
		{"option without domain", "", "", 1, {"-bs"}, ERR_USAGE},
		{"program as recipient", "", "", 1, {"|prog"}, ERR_USAGE},
		{"file as recipient", "", "", 1, {"/tmp/x"}, ERR_USAGE},
		{"quoted user", "", "", 1, {"\"|prog\""}, ERR_USAGE},
		{"percent hack", "", "", 1, {"bob%b.example"}, ERR_USAGE},
		{"percent hack, this host", "", "", 1, {"bob%b.example@localhost"}, ERR_USAGE},
		{"percent hack, quoted", "", "", 1, {"\"bob%b.example\"@localhost"}, ERR_USAGE},
		{"percent hack, by its number", "", "", 1, {"bob%b.example@[127.0.0.1]"},
			ERR_USAGE},
		{"bang path", "", "", 1, {"b.example!bob"}, ERR_USAGE},
		{"empty recipient", "", "", 1, {""}, ERR_INTERNAL},
		{"line end in recipient", "", "", 1, {"a@b.example\nc@d.example"}, ERR_USAGE},
		{"second one is bad", "", "", 2, {"a@b.example", "a b"}, ERR_USAGE},
		{"option as sender", "-bs", "", 1, {"a@b.example"}, ERR_USAGE},
		{"sender that is none", "a b@c", "", 1, {"a@b.example"}, ERR_USAGE},
		{"option as name", "", "-bs", 1, {"a@b.example"}, ERR_USAGE},
		{"line end in name", "", "x\ny", 1, {"a@b.example"}, ERR_USAGE},
	};
	struct handoff h;
	struct wr w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		write_raw(&w, rows[i].sender, rows[i].fullname, rows[i].n, rows[i].rcpt);
		memset(&h, 0xff, sizeof(h));
		assert_int_equal(read_back(&w, w.b.len, &h), rows[i].rc);
		if (rows[i].rc == 0)
			assert_int_equal(h.n_rcpt, 1);
		else
			assert_null(h.rcpt);
		handoff_free(&h);
		wr_free(&w);
	}
	/* a NUL within a string */
	write_raw(&w, "", "name", 1, one);
	((char *)memmem(w.b.p, w.b.len, "name", 4))[1] = '\0';
	assert_int_equal(read_back(&w, w.b.len, &h), ERR_INTERNAL);
	wr_free(&w);
}

static void dsn_refused(void **state)
{
	static const struct {
		uint8_t notify, ret;
		const char *envid;
		int rc;
	} rows[] = {
		{0, 0, "", 0},
		{14, 2, "a=b+20", 0},
		{3, 0, "", ERR_INTERNAL},
		{16, 0, "", ERR_INTERNAL},
		{0, 3, "", ERR_INTERNAL},
		{0, 0, "a b", ERR_INTERNAL},
		{0, 0, "a\n", ERR_INTERNAL},
		{0, 0, "\xe9", ERR_INTERNAL},
	};
	struct handoff h;
	struct wr w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		w = (struct wr)WR_INIT;
		wr_str(&w, "");
		wr_str(&w, "");
		wr_str(&w, "");
		wr_u8(&w, rows[i].notify);
		wr_u8(&w, rows[i].ret);
		wr_str(&w, rows[i].envid);
		wr_u32(&w, 1);
		wr_str(&w, "a@b.example");
		wr_u8(&w, 0);
		wr_u8(&w, 0);
		assert_int_equal(read_back(&w, w.b.len, &h), rows[i].rc);
		handoff_free(&h);
		wr_free(&w);
	}
}

static void damaged(void **state)
{
	static const char *const rcpt[] = {"a@b.example", "c@d.example", NULL};
	struct handoff h;
	struct wr w;
	size_t i;

	(void)state;
	write_raw(&w, "me@b.example", "Me", 2, rcpt);
	for (i = 0; i < w.b.len; i++)
		assert_int_equal(read_back(&w, i, &h), ERR_INTERNAL);
	for (i = 0; i < w.b.len; i++) {
		w.b.p[i] ^= 0xff;
		if (read_back(&w, w.b.len, &h) == 0)
			handoff_free(&h);
		w.b.p[i] ^= 0xff;
	}
	for (i = 1; i <= 2; i++) {      /* SMTPUTF8, REQUIRETLS */
		w.b.p[w.b.len - i] = 2; /* neither yes nor no */
		assert_int_equal(read_back(&w, w.b.len, &h), ERR_INTERNAL);
		w.b.p[w.b.len - i] = 1;
		assert_int_equal(read_back(&w, w.b.len, &h), 0);
		assert_true(i == 1 ? h.smtputf8 && !h.requiretls : h.requiretls);
		handoff_free(&h);
	}
	wr_u8(&w, 0);
	assert_int_equal(read_back(&w, w.b.len, &h), ERR_INTERNAL);
	wr_free(&w);
}

static void too_many(void **state)
{
	struct handoff h;
	struct wr w = WR_INIT;
	unsigned n, i;

	(void)state;
	for (n = HANDOFF_RECIPIENTS_MAX; n <= HANDOFF_RECIPIENTS_MAX + 1; n++) {
		wr_str(&w, "");
		wr_str(&w, "");
		wr_str(&w, "");
		wr_u8(&w, 0);
		wr_u8(&w, 0);
		wr_str(&w, "");
		wr_u32(&w, n);
		for (i = 0; i < n; i++)
			wr_str(&w, "a@b.example");
		wr_u8(&w, 0);
		wr_u8(&w, 0);
		assert_int_equal(
			read_back(&w, w.b.len, &h), n == HANDOFF_RECIPIENTS_MAX ? 0 : ERR_INTERNAL);
		handoff_free(&h);
		wr_free(&w);
	}
}

static void result(void **state)
{
	static const struct {
		const char *name;
		struct handoff_result x;
		int rc;
	} rows[] = {
		{"taken", {.exit = 0, .mta = "/usr/sbin/sendmail"}, 0},
		{"refused", {.exit = 75, .dsn_dropped = true, .mta = "m"}, 0},
		{"killed", {.exit = -1, .signal = 9, .timed_out = true}, 0},
		{"taken and killed", {.exit = 0, .signal = 9}, ERR_INTERNAL},
		{"neither", {.exit = -1}, ERR_INTERNAL},
		{"no such status", {.exit = 256}, ERR_INTERNAL},
		{"no such signal", {.exit = -1, .signal = -9}, ERR_INTERNAL},
	};
	struct handoff_result in, out;
	struct wr w;
	struct rd r;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		in = rows[i].x;
		in.errout = strdup("said\n");
		w = (struct wr)WR_INIT;
		handoff_result_write(&w, &in);
		rd_init(&r, w.b.p, w.b.len);
		assert_int_equal(handoff_result_read(&r, &out, NULL), rows[i].rc);
		if (rows[i].rc == 0) {
			assert_int_equal(out.exit, in.exit);
			assert_int_equal(out.signal, in.signal);
			assert_int_equal(out.timed_out, in.timed_out);
			assert_int_equal(out.dsn_dropped, in.dsn_dropped);
			assert_string_equal(out.mta, in.mta);
			assert_string_equal(out.errout, "said\n");
			handoff_result_free(&out);
		}
		assert_null(out.errout);
		for (k = 0; k < w.b.len; k++) {
			rd_init(&r, w.b.p, k);
			assert_int_equal(handoff_result_read(&r, &out, NULL), ERR_INTERNAL);
		}
		wr_free(&w);
		handoff_result_free(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(round_trip), cmocka_unit_test(refused),
		cmocka_unit_test(dsn_refused), cmocka_unit_test(damaged),
		cmocka_unit_test(too_many), cmocka_unit_test(result)};

	return cmocka_run_group_tests_name("handoff", tests, NULL, NULL);
}
