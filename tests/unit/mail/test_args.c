/* SPDX-License-Identifier: ISC */
/* mail/args.c: how sendmail is really called, and what must not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/args.h"
#include "wire/handoff.h"

#define WORDS 14

struct row {
	const char *name;
	const char *argv[WORDS]; /* after the verb */
	bool t, i;
	const char *sender; /* NULL: none was given */
	const char *fullname;
	const char *rcpt; /* separated by blanks */
};

static const struct row good[] = {
	{"mutt",
		{"-B8BITMIME", "-f", "me@a.example", "-N", "failure", "-R", "hdrs", "--",
			"x@b.example"},
		.sender = "me@a.example", .rcpt = "x@b.example"},
	{"mutt's default", {"-oem", "-oi", "--", "x@b.example"}, .i = true, .rcpt = "x@b.example"},
	{"aerc", {"x@b.example", "y@b.example"}, .rcpt = "x@b.example y@b.example"},
	{"git send-email", {"-f", "me@a.example", "-i", "x@b.example"}, .i = true,
		.sender = "me@a.example", .rcpt = "x@b.example"},
	{"s-nail", {"-i", "--", "x@b.example"}, .i = true, .rcpt = "x@b.example"},
	{"bsd-mailx", {"-i", "-t"}, .t = true, .i = true},
	{"Emacs", {"-oi", "-f", "me@a.example", "-t"}, .t = true, .i = true,
		.sender = "me@a.example"},
	{"cron", {"-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"}, .i = true,
		.fullname = "CronDaemon", .rcpt = "root"},
	{"joined letters", {"-ti"}, .t = true, .i = true},
	{"Exim's oitrue", {"-oitrue", "x@b.example"}, .i = true, .rcpt = "x@b.example"},
	{"separate -o", {"-o", "i", "x@b.example"}, .i = true, .rcpt = "x@b.example"},
	{"-oem is not -oi", {"-oem", "x@b.example"}, .rcpt = "x@b.example"},
	{"letters, then an argument", {"-ifme@a.example", "x@b.example"}, .i = true,
		.sender = "me@a.example", .rcpt = "x@b.example"},
	{"letters, then a separate argument", {"-if", "me@a.example", "x@b.example"}, .i = true,
		.sender = "me@a.example", .rcpt = "x@b.example"},
	{"-r", {"-r", "me@a.example", "x@b.example"}, .sender = "me@a.example",
		.rcpt = "x@b.example"},
	{"null sender", {"-f", "<>", "x@b.example"}, .sender = "", .rcpt = "x@b.example"},
	{"attached null sender", {"-f<>", "x@b.example"}, .sender = "", .rcpt = "x@b.example"},
	{"empty sender", {"-f", "", "x@b.example"}, .sender = "", .rcpt = "x@b.example"},
	{"sender in brackets", {"-f", "<Me@A.Example>", "x@b.example"}, .sender = "Me@a.example",
		.rcpt = "x@b.example"},
	{"sender with a name", {"-f", "Me Myself <me@a.example>", "x@b.example"},
		.sender = "me@a.example", .rcpt = "x@b.example"},
	{"sender with a name in quotes, attached", {"-f\"Me, M.\" <me@a.example>", "x@b.example"},
		.sender = "me@a.example", .rcpt = "x@b.example"},
	{"recipients with names", {"--", "X (x) <x@b.example>", "<y@b.example>"},
		.rcpt = "x@b.example y@b.example"},
	{"cron's MAILTO", {"root,x@b.example"}, .rcpt = "root x@b.example"},
	{"two names in one", {"X <x@b.example>, \"Y, Z\" <y@b.example>", "z@b.example"},
		.rcpt = "x@b.example y@b.example z@b.example"},
	{"a list with one of them twice", {"x@b.example;;X@b.example,"}, .rcpt = "x@b.example"},
	{"a comma in quotes", {"\"x,y\"@b.example"}, .rcpt = "\"x,y\"@b.example"},
	{"dots out of place", {"a..b@c.example"}, .rcpt = "\"a..b\"@c.example"},
	{"full name with blanks", {"-F", "Ann Example", "x@b.example"}, .fullname = "Ann Example",
		.rcpt = "x@b.example"},
	{"argument that looks like --", {"-h", "--", "x@b.example"}, .rcpt = "x@b.example"},
	{"Exim's attached -oMr", {"-oMrsmtp", "x@b.example"}, .rcpt = "x@b.example"},
	{"all of -oe", {"-oee", "-oem", "-oep", "-oeq", "-oew", "-ee", "x@b.example"},
		.rcpt = "x@b.example"},
	{"a pipe before a domain", {"|prog@b.example"}, .rcpt = "|prog@b.example"},
	{"nothing", {NULL}},
	{"-bm", {"-bm", "x@b.example"}, .rcpt = "x@b.example"},
	{"separate -b m", {"-b", "m", "x@b.example"}, .rcpt = "x@b.example"},
	{"those without effect", {"-A", "c", "-Cfile", "-d", "-d8.1", "-em", "-G", "-h", "5",
					 "-Ltag", "-mnU", "-Oopt=val", "-X", "log"}},
	{"how it came", {"-p", "HTTP:web.example", "x@b.example"}, .rcpt = "x@b.example"},
	{"how it came, attached", {"-pHTTP:web.example", "x@b.example"}, .rcpt = "x@b.example"},
	{"Postfix's without effect", {"-cx", "x@b.example"}, .rcpt = "x@b.example"},
	{"duplicates", {"x@b.example", "X@B.example", "y@b.example", "x@b.example"},
		.rcpt = "x@b.example y@b.example"},
	{"recipient after --, in quotes", {"--", "\"-x\"@b.example"}, .rcpt = "\"-x\"@b.example"},
};

static const struct {
	const char *name;
	const char *argv[6];
	const char *says; /* in the message */
	const char *hint; /* part of the hint; "": none; NULL: whatever */
} bad[] = {
	{"-bs", {"-bs"}, "past sealpost"},
	{"-b s", {"-b", "s"}, "past sealpost"},
	{"-bs behind others", {"-tibs"}, "past sealpost"},
	{"-bd", {"-bd"}, "mail server"},
	{"-bp with a recipient", {"-bp", "x@b.example"}, "no recipients"},
	{"-bi with a recipient", {"-bi", "--", "x@b.example"}, "no recipients"},
	{"-bv", {"-bv", "x@b.example"}, "addresses"},
	{"-bz", {"-bz"}, "does not know"},
	{"-bms", {"-bms"}, "does not know"},
	{"-q", {"-q"}, "queue"},
	{"-q30m", {"-q30m"}, "queue"},
	{"-I with a recipient", {"-I", "x@b.example"}, "no recipients"},
	{"-N, no word of it", {"-N", "failure,often"}, "-N"},
	{"-N, never among others", {"-Nnever,delay"}, "combined"},
	{"-N, empty part", {"-Nsuccess,"}, "-N"},
	{"-R", {"-R", "--"}, "-R"},
	{"-V with a blank", {"-V", "a b"}, "-V"},
	{"-V, empty", {"-V", ""}, "-V"},
	{"Exim's -oMr", {"-oMr", "smtp", "x@b.example"}, "depends"},
	{"Exim's -oMm", {"-oMm", "1abcde-000001-AB", "x@b.example"}, "depends"},
	{"separate -o X", {"-o", "X", "x@b.example"}, "depends"},
	{"msmtp's own", {"-a", "work"}, "no such option", "the setting mta"},
	{"msmtp's own, long", {"--account=work"}, "no such option", "the setting mta"},
	{"program", {"|prog"}, "program"},
	{"percent hack", {"bob%b.example"}, "another host"},
	{"bang path", {"b.example!bob"}, "another host"},
	{"file", {"/etc/passwd"}, "program"},
	{"list", {":include:/etc/passwd"}, "recipient"},
	{"quoted user", {"\"|prog\""}, "program"},
	{"-M", {"-M", "x"}, "queue"},
	{"unknown letter", {"-Z", "x@b.example"}, "no such option"},
	{"unknown letter behind others", {"-iZ"}, "no such option"},
	{"unknown long option", {"--oops"}, "no such option"},
	{"byte above ASCII", {"-\xe9"}, "no such option"},
	{"how it came, without a word", {"-p"}, "needs an argument"},
	{"missing argument", {"-t", "-f"}, "needs an argument"},
	{"strange body", {"-BBINARYMIME", "x@b.example"}, "neither"},
	{"option after a recipient", {"x@b.example", "-t"}, "like an option",
		"options come before"},
	{"option after --", {"--", "-t"}, "like an option", ""},
	{"lone dash", {"-"}, "like an option"},
	{"sender with blanks", {"-f", "a b@c.example"}, "sender"},
	{"sender like an option", {"-f", "-bs"}, "sender"},
	{"line end in the sender", {"-f", "a@b.example\nX: y"}, "sender"},
	{"line end in the name", {"-F", "a\nBcc: y"}, "control"},
	{"name like an option", {"-F", "-bs"}, "like an option"},
	{"sender of two addresses", {"-f", "A <a@b.example>, B <c@d.example>"}, "sender"},
	{"sender with a name only", {"-f", "Me <>"}, "sender"},
	{"encoded word", {"=?utf-8?q?x=40b=2Eexample?="}, "encoded word"},
	{"wide @",
		{"x\xef\xbc\xa0"
		 "b.example"},
		"looks like"},
	{"a list with an entry that is no address", {"x@b.example,y@@b.example"},
		"y@@b.example: it"},
	{"a list with an entry like an option", {"x@b.example,-bs"}, "-bs: the address begins"},
	{"a list with a program", {"x@b.example,\"|prog\""}, "program"},
	{"a list of nobody", {" , ;"}, "no address"},
	{"a list with a line end", {"x@b.example,\ny@b.example"}, "recipient"},
	{"empty recipient", {"x@b.example", ""}, "recipient"},
	{"--online alone", {"--online"}, "--explain"},
};

static int parse(
	const char *const *words, size_t max, bool filter, struct send_args *a, struct err *err)
{
	char *argv[WORDS + 2];
	int argc = 1, rc;
	size_t i;

	argv[0] = strdup("send");
	for (i = 0; i < max && words[i]; i++)
		argv[argc++] = strdup(words[i]);
	argv[argc] = NULL;
	rc = send_args_parse(argc, argv, filter, a, err);
	while (argc > 0)
		free(argv[--argc]);
	return rc;
}

static void accepted(void **state)
{
	struct buf rcpt = BUF_INIT(1000);
	struct send_args a;
	struct err err = ERR_INIT;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		print_message("%s\n", good[i].name);
		assert_int_equal(parse(good[i].argv, WORDS, false, &a, &err), 0);
		assert_int_equal(a.from_headers, good[i].t);
		assert_int_equal(a.ignore_dots, good[i].i);
		assert_int_equal(a.have_sender, good[i].sender != NULL);
		assert_string_equal(a.sender, good[i].sender ? good[i].sender : "");
		assert_string_equal(a.fullname, good[i].fullname ? good[i].fullname : "");
		assert_false(a.explain || a.online || a.help);
		buf_reset(&rcpt);
		for (k = 0; k < a.n_rcpt; k++)
			buf_addf(&rcpt, "%s%s", k ? " " : "", a.rcpt[k].text);
		assert_string_equal(buf_str(&rcpt), good[i].rcpt ? good[i].rcpt : "");
		send_args_free(&a);
	}
	buf_free(&rcpt);
}

static void refused(void **state)
{
	struct send_args a;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		print_message("%s\n", bad[i].name);
		err = (struct err)ERR_INIT;
		assert_int_equal(parse(bad[i].argv, 6, false, &a, &err), ERR_USAGE);
		assert_non_null(strstr(err.msg, bad[i].says));
		if (bad[i].hint && bad[i].hint[0] == '\0')
			assert_string_equal(err.hint, "");
		else if (bad[i].hint)
			assert_non_null(strstr(err.hint, bad[i].hint));
		assert_null(a.rcpt);
	}
}

static void delivery_notes(void **state)
{
	static const struct {
		const char *argv[6];
		struct handoff_dsn dsn;
	} rows[] = {
		{{"-N", "failure,delay", "-R", "hdrs"},
			{HANDOFF_NOTIFY_FAILURE | HANDOFF_NOTIFY_DELAY, HANDOFF_RET_HDRS, ""}},
		{{"-NNEVER", "-Rfull", "-Vid+20x"},
			{HANDOFF_NOTIFY_NEVER, HANDOFF_RET_FULL, "id+20x"}},
		{{"-Nsuccess,failure,delay"}, {14, 0, ""}},
		{{"-V", "-bs"}, {0, 0, "-bs"}},
	};
	struct send_args a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].argv[0]);
		assert_int_equal(parse(rows[i].argv, 6, false, &a, NULL), 0);
		assert_int_equal(a.dsn.notify, rows[i].dsn.notify);
		assert_int_equal(a.dsn.ret, rows[i].dsn.ret);
		assert_string_equal(a.dsn.envid, rows[i].dsn.envid);
		send_args_free(&a);
	}
}

static void modes(void **state)
{
	static const struct {
		const char *argv[3];
		enum send_mode mode;
	} rows[] = {
		{{"-bm"}, SEND_MAIL},
		{{"-bp"}, SEND_MAILQ},
		{{"-b", "p"}, SEND_MAILQ},
		{{"-bi"}, SEND_NEWALIASES},
		{{"-I"}, SEND_NEWALIASES},
	};
	struct send_args a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse(rows[i].argv, 3, false, &a, NULL), 0);
		assert_int_equal(a.mode, rows[i].mode);
		send_args_free(&a);
	}
}

static void own_options(void **state)
{
	static const char *const explain[] = {"--explain", "--online", "-vv", "x@b.example", NULL};
	static const char *const help[] = {"--help", "not an address", NULL};
	struct send_args a;

	(void)state;
	assert_int_equal(parse(explain, 4, false, &a, NULL), 0);
	assert_true(a.explain && a.online);
	assert_int_equal(a.verbose, 2);
	send_args_free(&a);
	assert_int_equal(parse(help, 2, false, &a, NULL), 0);
	assert_true(a.help);
	send_args_free(&a);
}

static void rules_for_one_mail(void **state)
{
	static const struct {
		const char *argv[3];
		int rc;
		const char *why;
	} rows[] = {
		{{"--mixed=split", "--encrypt=prefer", "x@b.example"}, 0, NULL},
		{{"--mixed", "split"}, ERR_USAGE, "option --mixed needs =WORD"},
		{{"--mixed=some"}, ERR_USAGE,
			"option --mixed: 'some' is not one of: refuse, split, clear"},
		{{"--public=yes"}, ERR_USAGE, "--public=yes: no such option"},
		{{"--key=0123456789ABCDEF0123456789ABCDEF01234567"}, ERR_USAGE, "--key="},
		{{"--to=x@b.example"}, ERR_USAGE, "--to=x@b.example: no such option"},
		{{"--"}, 0, NULL},
		{{"--="}, ERR_USAGE, "--=: no such option"},
		{{"--mixedx=split"}, ERR_USAGE, "--mixedx=split: no such option"},
		{{"x@b.example", "--mixed=split"}, ERR_USAGE, "recipient --mixed=split"},
	};
	struct send_args a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		print_message("%s\n", rows[i].argv[0]);
		assert_int_equal(parse(rows[i].argv, 3, i % 2 == 1, &a, &err), rows[i].rc);
		if (rows[i].rc < 0)
			assert_int_equal(strncmp(err.msg, rows[i].why, strlen(rows[i].why)), 0);
		if (i == 0) {
			assert_int_equal(a.once.mixed, MIXED_SPLIT);
			assert_int_equal(a.once.encrypt, ENCRYPT_PREFER);
			assert_int_equal(a.n_rcpt, 1);
		}
		send_args_free(&a);
	}
}

static void filter_takes_few(void **state)
{
	static const struct {
		const char *argv[4];
		int rc;
	} rows[] = {
		{{"-t", "-i"}, 0},
		{{"-f", "me@a.example", "x@b.example"}, 0},
		{{"--", "x@b.example"}, 0},
		{{"--help"}, 0},
		{{"-v", "x@b.example"}, ERR_USAGE},
		{{"-oi", "x@b.example"}, ERR_USAGE},
		{{"-bm", "x@b.example"}, ERR_USAGE},
		{{"-bs"}, ERR_USAGE},
		{{"-F", "x", "x@b.example"}, ERR_USAGE},
		{{"--explain"}, ERR_USAGE},
	};
	struct send_args a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].argv[0]);
		assert_int_equal(parse(rows[i].argv, 4, true, &a, NULL), rows[i].rc);
		send_args_free(&a);
	}
}

static void many(void **state)
{
	char **argv = calloc(HANDOFF_RECIPIENTS_MAX + 3, sizeof(*argv));
	struct send_args a;
	int i, extra;

	(void)state;
	assert_non_null(argv);
	argv[0] = strdup("send");
	for (i = 1; i <= HANDOFF_RECIPIENTS_MAX + 1; i++)
		assert_true(asprintf(&argv[i], "u%d@b.example", i) > 0);
	for (extra = 0; extra < 2; extra++) {
		assert_int_equal(
			send_args_parse(HANDOFF_RECIPIENTS_MAX + 1 + extra, argv, false, &a, NULL),
			extra ? ERR_USAGE : 0);
		assert_int_equal(a.n_rcpt, extra ? 0 : HANDOFF_RECIPIENTS_MAX);
		send_args_free(&a);
	}
	for (i = 0; argv[i]; i++)
		free(argv[i]);
	free(argv);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(accepted), cmocka_unit_test(refused),
		cmocka_unit_test(delivery_notes), cmocka_unit_test(modes),
		cmocka_unit_test(own_options), cmocka_unit_test(rules_for_one_mail),
		cmocka_unit_test(filter_takes_few), cmocka_unit_test(many)};

	return cmocka_run_group_tests_name("args", tests, NULL, NULL);
}
