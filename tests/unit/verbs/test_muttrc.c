/* SPDX-License-Identifier: ISC */
/* verbs/doctor/muttrc.c: from what mutt and neomutt write to the findings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "verbs/doctor/muttrc.h"

static struct muttrc m;
static struct muttrc_report report;

/* "BAD sendmail;" and so on; of what is well nothing. */
static const char *judged(void)
{
	static struct buf told = BUF_INIT(10000);
	size_t i;

	muttrc_judge(&m, "muttrc", "/home/me", &report);
	buf_reset(&told);
	for (i = 0; i < report.n; i++) {
		const struct muttrc_finding *f = &report.finding[i];

		assert_int_equal(f->level == DOCTOR_OK, f->fix[0] == '\0');
		assert_true(f->text[0] != '\0');
		if (f->level != DOCTOR_OK)
			assert_int_equal(buf_addf(&told, "%s %s;",
						 f->level == DOCTOR_BAD ? "BAD" : "WARN", f->what),
				0);
	}
	return buf_str(&told);
}

static const struct muttrc_finding *finding(const char *what)
{
	size_t i;

	for (i = 0; i < report.n; i++) {
		if (strcmp(report.finding[i].what, what) == 0)
			return &report.finding[i];
	}
	fail_msg("nothing is told of %s", what);
	return NULL;
}

/* All variables of a good muttrc, as each of the two writes them. */
#define MUTT                                                                                       \
	"sendmail=\"/usr/bin/sealpost send -oi\"\nsendmail_wait=0\nsmtp_url=\"\"\nrecord=\"\"\n"   \
	"folder=\"~/Mail\"\ncopy=yes\nsave_name is unset\nforce_name is unset\n"                   \
	"crypt_autoencrypt is unset\ncrypt_opportunistic_encrypt is unset\n"
#define NEOMUTT                                                                                    \
	"set sendmail = \"/usr/bin/sealpost send -oi\"\nset sendmail_wait = 0\n"                   \
	"set smtp_url = \"\"\nset record = \"\"\nset folder = \"/home/me/Mail\"\n"                 \
	"set copy = yes\nset save_name = no\nset force_name = no\n"                                \
	"set crypt_auto_encrypt = no\nset crypt_opportunistic_encrypt = no\n"

static void hear(const char *answers, const char *errors)
{
	memset(&m, 0, sizeof(m));
	snprintf(m.program, sizeof(m.program), "/usr/bin/mutt");
	muttrc_take_answers(&m, answers);
	muttrc_take_errors(&m, errors);
}

static void findings(void **state)
{
	static const struct {
		const char *name, *answers, *errors, *told;
	} rows[] = {
		{"1 mutt, good", MUTT, "", ""},
		{"2 neomutt, good", NEOMUTT, "", ""},
		{"3 the program's default", MUTT "sendmail=\"/usr/sbin/sendmail -oem -oi\"\n", "",
			"BAD sendmail;"},
		{"4 not set at all", MUTT "sendmail=\"\"\n", "", "BAD sendmail;"},
		{"5 for programs that take only a path",
			MUTT "sendmail=\"/usr/libexec/sealpost/sendmail -oi\"\n", "", ""},
		{"6 another sendmail in such a folder", MUTT "sendmail=\"/x/sendmail -oi\"\n", "",
			"BAD sendmail;"},
		{"7 without the verb", MUTT "sendmail=\"sealpost -oi\"\n", "", "BAD sendmail;"},
		{"8 another program of the like name", MUTT "sendmail=\"sealposter send -oi\"\n",
			"", "BAD sendmail;"},
		{"9 options before the verb", MUTT "sendmail=\"sealpost -C x -v send -oi\"\n", "",
			""},
		{"10 mutt does not wait", MUTT "sendmail_wait=-1\n", "", "BAD sendmail_wait;"},
		{"11 neomutt does not", NEOMUTT "set sendmail_wait = -1\n", "",
			"BAD sendmail_wait;"},
		{"12 waits too short", MUTT "sendmail_wait=30\n", "", "WARN sendmail_wait;"},
		{"13 not a number", MUTT "sendmail_wait=x\n", "", "WARN sendmail_wait;"},
		{"14 SMTP", MUTT "smtp_url=\"smtp://x\"\n", "", "BAD smtp_url;"},
		{"15 SMTP, neomutt", NEOMUTT "set smtp_url = \"no\"\n", "", "BAD smtp_url;"},
		{"16 clear copies", MUTT "record=\"~/sent\"\n", "", "WARN record;"},
		{"17 thrown away", NEOMUTT "set record = \"/dev/null\"\n", "", ""},
		{"18 the same, as mutt in /dev shortens it", MUTT "record=\"null\"\n", "", ""},
		{"19 no copies", MUTT "record=\"~/sent\"\ncopy=no\n", "", ""},
		{"20 copies if asked for", MUTT "record=\"~/sent\"\ncopy=ask-no\n", "",
			"WARN record;"},
		{"21 copies by name", MUTT "save_name is set\n", "", "WARN record;"},
		{"22 always by name", NEOMUTT "set force_name = yes\n", "", "WARN record;"},
		{"23 mutt encrypts", MUTT "crypt_autoencrypt is set\n", "",
			"WARN encryption by mutt;"},
		{"24 neomutt encrypts", NEOMUTT "set crypt_auto_encrypt = yes\n", "",
			"WARN encryption by mutt;"},
		{"25 where it can", MUTT "crypt_opportunistic_encrypt is set\n", "",
			"WARN encryption by mutt;"},
		{"26 what a command in the file wrote before",
			"sendmail_wait=-1\nset record = \"x\"\nhello\n" MUTT, "", ""},
		{"27 longer and shorter names", MUTT "sendmail_wait_x=-1\nset =\n=\nset \nset\nx",
			"", ""},
		{"28 an error in the file", MUTT,
			"Error in /x/muttrc, line 2: x: unknown variable\n", "WARN muttrc;"},
		{"29 another message", NEOMUTT, "GPGME: CMS protocol not available\n", ""},
		{"30 silence", "", "", "WARN muttrc;"},
		{"31 it could not start", "", "mutt: error while loading\n", "WARN muttrc;"},
		{"32 an error in the file, neomutt since 2025", NEOMUTT,
			"/x/neomuttrc:12: Can't use prefix when setting a variable\n",
			"WARN muttrc;"},
		{"33 a path without a line", NEOMUTT, "/x/neomuttrc: read: 12: y\n", ""},
		{"34 a line without a path", NEOMUTT, "gpg:12: y\n", ""},
		{"35 a number without an end", NEOMUTT, "/x:12\n", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		hear(rows[i].answers, rows[i].errors);
		assert_string_equal(judged(), rows[i].told);
	}
}

/* A variable that mutt does not have is not set; one it says nothing of is not known, and then
 * nothing is called well. */
static void absent_and_unknown(void **state)
{
	static const struct {
		const char *name, *errors;
		bool known;
	} rows[] = {
		{"1 mutt's words", "smtp_url: unknown variable\n", true},
		{"2 neomutt's", "No such variable: smtp_url\n", true},
		{"3 neomutt's since 2023", "Unknown option smtp_url\n", true},
		{"4 of another", "smtp_pass: unknown variable\n", false},
		{"5 nothing", "", false},
		{"6 an error in the file", "Error in x, line 1: smtp_url: unknown variable\n",
			false},
	};
	size_t i;
	char *gone;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[] = MUTT;

		print_message("%s\n", rows[i].name);
		gone = strstr(text, "smtp_url");
		*gone = 'x';
		hear(text, rows[i].errors);
		assert_string_equal(judged(), rows[i].known ? "" : "WARN muttrc;");
	}
	hear("copy=yes\nrecord=\"\"\n", "");
	assert_string_equal(judged(), "WARN muttrc;");
	assert_int_equal(report.n, 1); /* no word of copies: save_name is not known */
	hear("copy=no\n", "");
	(void)judged();
	assert_int_equal(finding("record")->level, DOCTOR_OK);
	memset(&m, 0, sizeof(m));
	assert_string_equal(judged(), "WARN muttrc;");
	assert_non_null(strstr(finding("muttrc")->text, "neither"));
}

/* Whether sealpost sends with the words that follow the program, and what tells it that a lone dot
 * is text. */
static void options_of_send(void **state)
{
	static const struct {
		const char *words, *told;
	} rows[] = {
		{"send -oi", ""},
		{"send -i", ""},
		{"send -ti", ""},
		{"send -it", ""},
		{"send -oem -oi", ""},
		{"send  -oi  -f a", ""},
		{"send -oitrue", ""},
		{"send -f a@b.example -i --", ""},
		{"send -oi -- archive@b.example", ""},
		{"send -oi --encrypt=require", ""},
		{"send", "WARN sendmail;"},
		{"send -oem", "WARN sendmail;"},
		{"send --mixed=split", "WARN sendmail;"},
		{"send -f a -- ", "WARN sendmail;"},
		{"send -bm", "WARN sendmail;"},
		{"send -bs -oi", "BAD sendmail;"},
		{"send -oi -bd", "BAD sendmail;"},
		{"send -oi -bp", "BAD sendmail;"},
		{"send -oi -bi", "BAD sendmail;"},
		{"send -oi -q", "BAD sendmail;"},
		{"send -oi -C x", ""},
		{"send -oi --nosuch", "BAD sendmail;"},
		{"send -oi --encrypt=perhaps", "BAD sendmail;"},
		{"send -oi --explain", "BAD sendmail;"},
		{"send -oi --help", "BAD sendmail;"},
		{"send -oi archive@b.example", "BAD sendmail;"},
		{"send -oi -- -x", "BAD sendmail;"},
		{"send -f -- -oi", "BAD sendmail;"},
		{"send -oi -", "BAD sendmail;"},
		{"send oi", "BAD sendmail;"},
		{"sender -oi", "BAD sendmail;"},
	};
	char answers[2000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%zu %s\n", i + 1, rows[i].words);
		snprintf(
			answers, sizeof(answers), MUTT "sendmail=\"sealpost %s\"\n", rows[i].words);
		hear(answers, "");
		assert_string_equal(judged(), rows[i].told);
	}
	/* The fix keeps the other options; after "--" there are none. */
	hear(MUTT "sendmail=\"/x/sealpost send --mixed=split\"\n", "");
	(void)judged();
	assert_string_equal(
		finding("sendmail")->fix, "set sendmail=\"/x/sealpost send --mixed=split -oi\"");
	hear(MUTT "sendmail=\"/x/sealpost send --\"\n", "");
	(void)judged();
	assert_string_equal(finding("sendmail")->fix, "set sendmail=\"sealpost send -oi\"");
}

/* Which program has to be there, and what is told if it is not. */
static void program_of_sendmail(void **state)
{
	static const struct {
		const char *value, *home, *program; /* NULL: none */
	} rows[] = {
		{"sealpost send -oi", "/home/me", "sealpost"},
		{"/x/sealpost send", "/home/me", "/x/sealpost"},
		{"~/bin/sealpost send", "/home/me", "/home/me/bin/sealpost"},
		{"~/bin/sealpost send", "", "~/bin/sealpost"},
		{"~me/bin/sealpost", "/home/me", "~me/bin/sealpost"},
		{"/x/sealpost/sendmail", "/home/me", "/x/sealpost/sendmail"},
		{"", "/home/me", NULL},
	};
	char out[FILE_PATH_MAX], answers[4096];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%zu %s\n", i + 1, rows[i].value);
		snprintf(answers, sizeof(answers), MUTT "sendmail=\"%s\"\n", rows[i].value);
		hear(answers, "");
		assert_int_equal(muttrc_sendmail(&m, rows[i].home, out), rows[i].program ? 0 : -1);
		if (rows[i].program)
			assert_string_equal(out, rows[i].program);
	}
	hear(MUTT, "");
	m.sendmail_lacks = true;
	assert_string_equal(judged(), "BAD sendmail;");
	assert_non_null(strstr(finding("sendmail")->text, "no such program"));
}

static void folders(void **state)
{
	static const struct {
		const char *answers, *folder;
	} rows[] = {
		{"record=\"~/sent\"\n", "/home/me/sent"},
		{"record=\"~\"\n", "/home/me"},
		{"record=\"~you/sent\"\n", "~you/sent"},
		{"record=\"=sent\"\n", "/home/me/Mail/sent"},
		{"record=\"+a/b\"\nfolder=\"/var/mail\"\n", "/var/mail/a/b"},
		{"record=\"=sent\"\nfolder=\"\"\n", "=sent"},
		{"record=\"imaps://me@x/Sent\"\n", "imaps://me@x/Sent"},
		{"set record = \"/a \\\"b\\\\c\\td\"\n", "/a \"b\\c d"},
		{"set record = /bare\n", "/bare"},
		{"record=\"not closed\n", "not closed"},
	};
	char answers[2000], want[200];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%zu %s\n", i + 1, rows[i].folder);
		snprintf(answers, sizeof(answers), "%s%s", MUTT, rows[i].answers);
		hear(answers, "");
		assert_string_equal(judged(), "WARN record;");
		snprintf(want, sizeof(want), "muttrc: copies of sent mail are kept in clear in %s",
			rows[i].folder);
		assert_string_equal(finding("record")->text, want);
	}
}

/* Longer than what is kept of them, and without a line's end. */
static void long_lines(void **state)
{
	static const char *const begin[] = {
		"sendmail=\"", "sendmail=", "set record = \"", "x=", "Error in ", "\\"};
	char *text = malloc(20000);
	size_t i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < sizeof(begin) / sizeof(begin[0]); i++) {
		memset(text, i % 2 ? 'x' : '\\', 20000);
		memcpy(text, begin[i], strlen(begin[i]));
		text[19999] = '\0';
		hear(text, text);
		(void)judged();
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(findings),
		cmocka_unit_test(absent_and_unknown), cmocka_unit_test(options_of_send),
		cmocka_unit_test(program_of_sendmail), cmocka_unit_test(folders),
		cmocka_unit_test(long_lines)};

	return cmocka_run_group_tests_name("muttrc", tests, NULL, NULL);
}
