/* SPDX-License-Identifier: ISC */
/* mail/envelope.c: who gets a message, and who is hidden. The message is made up here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/envelope.h"
#include "wire/handoff.h"

#define MAX 6

static const struct {
	const char *name;
	bool t;
	const char *named[MAX], *bcc[MAX], *args[MAX];
	bool bad; /* a recipient field does not parse */
	int rc;
	const char *result; /* hidden ones in brackets */
} rows[] = {
	{"arguments only", false, {"a@x.example"}, {NULL}, {"a@x.example"},
		.result = "a@x.example"},
	{"header is not asked without -t", false, {"a@x.example", "b@x.example"}, {"c@x.example"},
		{"a@x.example"}, .result = "a@x.example"},
	{"-t alone", true, {"a@x.example", "b@x.example"}, {NULL}, {NULL},
		.result = "a@x.example b@x.example"},
	{"-t with Bcc", true, {"a@x.example"}, {"c@x.example"}, {NULL},
		.result = "a@x.example (c@x.example)"},
	{"-t with Bcc only", true, {NULL}, {"c@x.example"}, {NULL}, .result = "(c@x.example)"},
	{"-t and arguments", true, {"a@x.example"}, {NULL}, {"d@x.example"},
		.result = "a@x.example (d@x.example)"},
	{"Bcc by argument", false, {"a@x.example"}, {"c@x.example"}, {"a@x.example", "c@x.example"},
		.result = "a@x.example (c@x.example)"},
	{"named in To and in Bcc", true, {"a@x.example"}, {"a@x.example"}, {NULL},
		.result = "a@x.example"},
	{"same mailbox in another case", true, {"Ann@x.example"}, {NULL}, {"ann@X.EXAMPLE"},
		.result = "Ann@x.example"},
	{"named in another case", false, {"Ann@x.example"}, {NULL}, {"ann@x.example"},
		.result = "ann@x.example"},
	{"quoted or not", true, {"\"ann\"@x.example"}, {NULL}, {"ann@x.example"},
		.result = "ann@x.example"},
	{"local", false, {"root"}, {NULL}, {"root"}, .result = "root"},
	{"nobody, with -t", true, {NULL}, {NULL}, {NULL}, .rc = ERR_USAGE},
	{"nobody, without -t", false, {"a@x.example"}, {"c@x.example"}, {NULL}, .rc = ERR_USAGE},
	{"header cannot be read, -t", true, {"a@x.example"}, {NULL}, {"b@x.example"}, .bad = true,
		.rc = ERR_DATA},
	{"header cannot be read, no -t", false, {NULL}, {NULL}, {"b@x.example"}, .bad = true,
		.result = "(b@x.example)"},
	{"some of the header can be read, no -t", false, {"a@x.example"}, {NULL},
		{"a@x.example", "b@x.example"}, .bad = true, .result = "a@x.example (b@x.example)"},
};

static size_t fill(struct addr *v, const char *const *s)
{
	size_t n;

	for (n = 0; n < MAX && s[n]; n++)
		assert_int_equal(addr_parse(s[n], &v[n], NULL), 0);
	return n;
}

static void envelopes(void **state)
{
	struct addr named[MAX], bcc[MAX], rcpt[MAX];
	struct buf got = BUF_INIT(1000);
	struct envelope env;
	struct err err;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct send_args args = {.from_headers = rows[i].t, .rcpt = rcpt};
		struct message msg = {.named = {.v = named},
			.hidden = {.v = bcc},
			.bad_recipients = rows[i].bad,
			.bad_field = "Cc",
			.bad_entry = "a b: it is not a single address"};

		print_message("%s\n", rows[i].name);
		msg.named.n = fill(named, rows[i].named);
		msg.hidden.n = fill(bcc, rows[i].bcc);
		args.n_rcpt = fill(rcpt, rows[i].args);
		err = (struct err)ERR_INIT;
		assert_int_equal(envelope_make(&args, &msg, &env, &err), rows[i].rc);
		buf_reset(&got);
		for (k = 0; k < env.n; k++)
			buf_addf(&got, env.rcpt[k].hidden ? "%s(%s)" : "%s%s", k ? " " : "",
				env.rcpt[k].addr.text);
		assert_string_equal(buf_str(&got), rows[i].result ? rows[i].result : "");
		if (rows[i].rc < 0)
			assert_true(err.hint[0] != '\0');
		if (rows[i].rc == ERR_DATA)
			assert_non_null(
				strstr(err.msg, "Cc field cannot be read as addresses: a b: "));
		envelope_free(&env);
	}
	buf_free(&got);
}

static void no_user(void **state)
{
	static const char *const names[] = {"|prog", "/tmp/file", "\"|prog\"", "\":include:/x\""};
	struct addr a;
	struct message msg = {.named = {.v = &a, .n = 1}};
	struct send_args args = {.from_headers = true};
	struct envelope env;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		print_message("%s\n", names[i]);
		assert_int_equal(addr_parse(names[i], &a, NULL), 0);
		assert_int_equal(envelope_make(&args, &msg, &env, NULL), ERR_DATA);
		assert_null(env.rcpt);
	}
}

static void qualified(void **state)
{
	struct addr named[2], bcc[1], rcpt[2];
	struct send_args args = {.from_headers = true,
		.have_sender = true,
		.sender = "Cron",
		.rcpt = rcpt,
		.n_rcpt = 2};
	struct message msg = {.named = {.v = named, .n = 2}, .hidden = {.v = bcc, .n = 1}};
	struct envelope env;

	(void)state;
	assert_int_equal(addr_parse("Root", &named[0], NULL), 0);
	assert_int_equal(addr_parse("a@x.example", &named[1], NULL), 0);
	assert_int_equal(addr_parse("ann", &bcc[0], NULL), 0);
	assert_int_equal(addr_parse("root@h.example", &rcpt[0], NULL), 0);
	assert_int_equal(addr_parse("\"a b\"", &rcpt[1], NULL), 0);
	assert_int_equal(envelope_qualify(&args, &msg, "", NULL), 0);
	assert_string_equal(named[0].text, "Root");
	assert_string_equal(args.sender, "Cron");
	assert_int_equal(envelope_qualify(&args, &msg, "h.example", NULL), 0);
	assert_string_equal(args.sender, "Cron@h.example");
	assert_string_equal(msg.from.text, "");
	assert_int_equal(envelope_make(&args, &msg, &env, NULL), 0);
	assert_int_equal(env.n, 4);
	assert_string_equal(env.rcpt[0].addr.text, "Root@h.example");
	assert_string_equal(env.rcpt[1].addr.text, "a@x.example");
	assert_string_equal(env.rcpt[2].addr.text, "ann@h.example");
	assert_true(env.rcpt[2].hidden);
	assert_string_equal(env.rcpt[3].addr.text, "\"a b\"@h.example");
	envelope_free(&env);
	/* the null sender stays */
	args.sender[0] = '\0';
	assert_int_equal(envelope_qualify(&args, &msg, "h.example", NULL), 0);
	assert_string_equal(args.sender, "");
}

static void many(void **state)
{
	struct addr *v = calloc(HANDOFF_RECIPIENTS_MAX + 1, sizeof(*v));
	struct message msg = {.named = {.v = v}};
	struct send_args args = {.from_headers = true};
	struct envelope env;
	char text[64];
	size_t i;

	(void)state;
	assert_non_null(v);
	for (i = 0; i <= HANDOFF_RECIPIENTS_MAX; i++) {
		snprintf(text, sizeof(text), "u%zu@b.example", i);
		assert_int_equal(addr_parse(text, &v[i], NULL), 0);
	}
	msg.named.n = HANDOFF_RECIPIENTS_MAX;
	assert_int_equal(envelope_make(&args, &msg, &env, NULL), 0);
	assert_int_equal(env.n, HANDOFF_RECIPIENTS_MAX);
	for (i = 0; i < env.n; i++) {
		assert_string_equal(env.rcpt[i].addr.text, v[i].text);
		assert_false(env.rcpt[i].hidden);
	}
	envelope_free(&env);
	msg.named.n++;
	assert_int_equal(envelope_make(&args, &msg, &env, NULL), ERR_USAGE);
	assert_null(env.rcpt);
	free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(envelopes), cmocka_unit_test(no_user),
		cmocka_unit_test(qualified), cmocka_unit_test(many)};

	return cmocka_run_group_tests_name("recipients", tests, NULL, NULL);
}
