/* doctor_muttrc.c and doctor_anchor.c: what they read in files; the telling is faked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "verbs/doctor/doctor.h"

static struct buf told = BUF_INIT(10000);

/* "BAD sendmail " and so on; of what is well nothing. */
void doctor_say(struct doctor *d, enum doctor_level level, const char *what, const char *mend,
	const char *fmt, ...)
{
	(void)d;
	(void)fmt;
	assert_int_equal(level == DOCTOR_OK, mend == NULL);
	if (level != DOCTOR_OK)
		assert_int_equal(
			buf_addf(&told, "%s %s;", level == DOCTOR_BAD ? "BAD" : "WARN", what), 0);
}

void doctor_err(struct doctor *d, enum doctor_level level, const char *what, const struct err *err)
{
	doctor_say(d, level, what, err->hint, "%s", err->msg);
}

#define GOOD "set sendmail=\"/usr/bin/sealpost send\"\nunset record\n"

static void muttrc(void **state)
{
	static const struct {
		const char *name, *text, *told;
	} rows[] = {
		{"good", GOOD, ""},
		{"empty", "", "BAD sendmail;WARN record;"},
		{"path for programs that take only one",
			"set sendmail=/usr/libexec/sealpost/sendmail record=''", ""},
		{"another sendmail in such a folder", "set sendmail=/x/sendmail record=''",
			"BAD sendmail;"},
		{"without the verb", "set sendmail=/usr/bin/sealpost record=''", "BAD sendmail;"},
		{"another program of the like name",
			"set sendmail='/usr/bin/sealposter send' record=''", "BAD sendmail;"},
		{"wrapped", "set sendmail='/usr/bin/sealpost -C x -v send' record=''", ""},
		{"blanks around =", "set sendmail = 'sealpost send' record = ''", ""},
		{"backslash", "set sendmail=sealpost\\ send record=", ""},
		{"does not wait", GOOD "set sendmail_wait=-1", "BAD sendmail_wait;"},
		{"waits too short", GOOD "set sendmail_wait=30", "WARN sendmail_wait;"},
		{"waits", GOOD "set sendmail_wait=0", ""},
		{"the last one counts", GOOD "set sendmail_wait=-1; set sendmail_wait=0", ""},
		{"in a comment",
			GOOD "# set sendmail_wait=-1\nset editor=vi # set sendmail_wait=-1\n", ""},
		{"in a macro", GOOD "macro index x 'set sendmail_wait=-1; set smtp_url=y'\n", ""},
		{"after a quote that is not closed", "bind x 'y\n" GOOD "set sendmail_wait=-1",
			"BAD sendmail_wait;"},
		{"continued", GOOD "set \\\n sendmail_wait\\\n=-1", "BAD sendmail_wait;"},
		{"several in a line", GOOD "set nobeep sendmail_wait=-1 x=y", "BAD sendmail_wait;"},
		{"SMTP", GOOD "set smtp_url=smtp://x", "BAD smtp_url;"},
		{"SMTP taken back", GOOD "set smtp_url=smtp://x\nunset smtp_url", ""},
		{"clear copies", "set sendmail='sealpost send' record=+sent", "WARN record;"},
		{"clear copies by default", "set sendmail='sealpost send'", "WARN record;"},
		{"default again", GOOD "reset record", "WARN record;"},
		{"no copies", "set sendmail='sealpost send' copy=no", ""},
		{"no copies, the other way", "set sendmail='sealpost send' nocopy", ""},
		{"copies by name", GOOD "set save_name", "WARN record;"},
		{"mutt encrypts", GOOD "set crypt_autoencrypt", "WARN encryption by mutt;"},
		{"by its old name", GOOD "set pgp_autoencrypt=yes", "WARN encryption by mutt;"},
		{"does not", GOOD "set nocrypt_autoencrypt crypt_opportunistic_encrypt=no", ""},
		{"stray signs", GOOD "set ==; ;; = \\", ""},
	};
	struct doctor d = {0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		buf_reset(&told);
		doctor_muttrc(&d, "muttrc", rows[i].text);
		assert_string_equal(buf_str(&told), rows[i].told);
	}
	buf_free(&told);
}

static void long_words(void **state)
{
	struct doctor d = {0};
	char *text = malloc(20000);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 20000);
	memcpy(text, "set sendmail=", 13);
	text[19999] = '\0';
	doctor_muttrc(&d, "muttrc", text);
	memset(text, 'x', 19999);
	memcpy(text + 10000, "=", 1);
	doctor_muttrc(&d, "muttrc", text);
	free(text);
	buf_free(&told);
}

/* The root's keys as IANA publishes them. */
#define KSK_2017                                                                                   \
	"AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/"                               \
	"4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXg"                                                      \
	"nLh4+"                                                                                    \
	"B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EW" \
	"gvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/"        \
	"ilBmSVIzuDWf"                                                                             \
	"dRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU="
#define DS_2024 "38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"

static void anchors(void **state)
{
	static const struct {
		const char *name, *text;
		size_t n;
		unsigned tag[2];
	} rows[] = {
		{"DNSKEY", ". IN DNSKEY 257 3 8 " KSK_2017 "\n", 1, {20326}},
		{"with TTL, a comment and CR",
			". 172800 IN DNSKEY 257 3 8 " KSK_2017 " ;{id = 1}\r\n", 1, {20326}},
		{"without class", ". DNSKEY 257 3 8 " KSK_2017, 1, {20326}},
		{"key in two words", ". IN DNSKEY 257 3 8 AwEA Aaz/", 1, {0}},
		{"DS", ". IN DS " DS_2024 "\n", 1, {38696}},
		{"both", "; root\n\n. IN DNSKEY 257 3 8 " KSK_2017 "\n. IN DS " DS_2024 "\n", 2,
			{20326, 38696}},
		{"another name", "example. IN DS " DS_2024 "\n", 0, {0}},
		{"in a comment", "; . IN DS " DS_2024 "\n", 0, {0}},
		{"not base64", ". IN DNSKEY 257 3 8 AwEA*\n", 0, {0}},
		{"not a number", ". IN DNSKEY x 3 8 AwEA\n", 0, {0}},
		{"number too large", ". IN DS 65536 8 2 00\n", 0, {0}},
		{"cut short", ". IN DS 38696\n. IN DNSKEY 257 3\n. IN\n.\n", 0, {0}},
		{"nothing", "", 0, {0}},
	};
	unsigned tag[2];
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(anchor_tags(rows[i].text, tag, 2), rows[i].n);
		for (k = 0; k < rows[i].n; k++) {
			if (rows[i].tag[k] != 0)
				assert_int_equal(tag[k], rows[i].tag[k]);
		}
	}
}

/* A key that is larger than any, and a line that is longer. */
static void anchors_too_large(void **state)
{
	char *text = malloc(20000);
	unsigned tag[1];

	(void)state;
	assert_non_null(text);
	memset(text, 'A', 20000);
	memcpy(text, ". IN DNSKEY 257 3 8 ", 20);
	text[4000] = '\0';
	assert_int_equal(anchor_tags(text, tag, 1), 0);
	text[4000] = 'A';
	text[19999] = '\0';
	assert_int_equal(anchor_tags(text, tag, 1), 0);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(muttrc), cmocka_unit_test(long_words),
		cmocka_unit_test(anchors), cmocka_unit_test(anchors_too_large)};

	return cmocka_run_group_tests_name("doctor", tests, NULL, NULL);
}
