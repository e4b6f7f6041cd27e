/* SPDX-License-Identifier: ISC */
/* Pins as text: what is written is read again, and what is wrong is named with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "verbs/pins/file.h"

#define FPR "AAAA0123456789ABCDEF0123456789ABCDEF0123"
#define CERT                                                                                       \
	"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEawS1\n-----END PGP PUBLIC KEY BLOCK-----\n"
#define KEY "pin: a@example.org\nstate: tofu\nfingerprint: " FPR "\n"
#define HEAD "sealpost-pins: 1\n"

struct seen {
	char text[2048]; /* "address state fpr;" for each */
	struct pins_block last;
	char cert[512];
	int stop;
};

static int on_block(const struct pins_block *b, void *arg)
{
	struct seen *s = arg;
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof(s->text) - n, "%s %s%s%s%s%s %s%s;", b->address,
		b->held     ? "held"
		: b->learnt ? "learnt"
			    : pin_state_name(b->state),
		b->revoked ? "!" : "", b->mutual ? " mutual" : "", b->evidence.len > 0 ? " " : "",
		buf_str(&b->evidence), b->fpr[0] ? "F" : "-", b->cert.len ? "C" : "-");
	s->last = *b;
	snprintf(s->cert, sizeof(s->cert), "%s", buf_str(&b->cert));
	return s->stop;
}

static int read_text(const char *text, size_t len, struct seen *s, struct err *err)
{
	struct pins_reader r = {.block = on_block, .arg = s};
	uint8_t *exact = malloc(len + 1); /* of the very size, for the sanitizer */
	int rc;

	assert_non_null(exact);
	memcpy(exact, text, len);
	rc = pins_file_read(&r, exact, len, err);
	free(exact);
	return rc;
}

static void test_good(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} row[] = {
		{"only the head", HEAD, ""},
		{"a byte order mark", "\xef\xbb\xbf" HEAD, ""},
		{"a key", HEAD "\n" KEY CERT "\n", "a@example.org tofu FC;"},
		{"without an empty line at the end", HEAD KEY CERT, "a@example.org tofu FC;"},
		{"without a newline at the end", HEAD "pin: x@example.org\nstate: clear",
			"x@example.org clear --;"},
		{"two, with nothing between", HEAD KEY CERT "pin: b@example.org\nstate: clear\n",
			"a@example.org tofu FC;b@example.org clear --;"},
		{"two files, joined", HEAD "pin: c@d.example\nstate: clear\n" HEAD KEY CERT,
			"c@d.example clear --;a@example.org tofu FC;"},
		{"comments and CRLF",
			"# mine\r\n\r\n" HEAD
			"# more\r\npin: c@d.example\r\n# here too\r\nstate: clear\r\n",
			"c@d.example clear --;"},
		{"a domain", HEAD "pin: Example.ORG\nstate: clear\n", "example.org clear --;"},
		{"a local recipient", HEAD "pin: root\nstate: clear\n", "root clear --;"},
		{"case and IDN are one pin",
			HEAD "pin: A@B\xc3\xbc"
			     "cher.example\nstate: clear\n",
			"a@xn--bcher-kva.example clear --;"},
		{"all fields, in another order",
			HEAD
			"pin: a@example.org\nmethod: wkd-direct\nrevoked: yes\nexpires: never\n"
			"last-seen: 2026-02-02T00:00:00Z\nfirst-seen: 2026-01-01T00:00:00Z\n"
			"fingerprint: " FPR "\nstate: verified\n" CERT,
			"a@example.org verified! FC;"},
		{"a later version", "sealpost-pins: 2\n" KEY CERT, "a@example.org tofu FC;"},
		{"held", HEAD "pin: a@example.org\nstate: held\nfingerprint: " FPR "\n" CERT,
			"a@example.org held FC;"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct seen s = {.stop = 0};
		struct err err = ERR_INIT;

		assert_true(pins_file_looks((const uint8_t *)row[i].text, strlen(row[i].text)));
		if (read_text(row[i].text, strlen(row[i].text), &s, &err) != 0 ||
			strcmp(s.text, row[i].want) != 0)
			fail_msg("%s: %s: %s", row[i].name, s.text, err.msg);
	}
}

static void test_bad(void **state)
{
	static const struct {
		const char *name, *text, *want;
	} row[] = {
		{"empty", "", "is not a file of pins"},
		{"no head", KEY CERT, "line 1: the line \"sealpost-pins: 2\" is not"},
		{"indented", " " HEAD " pin: a@b.example\n", "line 1: the line"},
		{"quoted", "> " HEAD, "line 1: the line"},
		{"a later version", "sealpost-pins: 3\n", "line 1: is of another version"},
		{"a field that is not known", HEAD "pin: a@b.example\ntrust: full\n",
			"line 3: is not"},
		{"evidence that is no object", HEAD "pin: a@b.example\nevidence: x\n",
			"line 3: a value"},
		{"a preference that is none", HEAD "pin: a@b.example\nprefer-encrypt: no\n",
			"line 3: a value"},
		{"learnt without certificate", HEAD "pin: a@b.example\nstate: learnt\n",
			"line 2: the pin"},
		{"a field twice", HEAD "pin: a@b.example\nstate: clear\nstate: clear\n",
			"line 4: a field"},
		{"a field before the pin", HEAD "state: clear\n", "line 2: a field before"},
		{"no state", HEAD "pin: a@b.example\n", "line 2: the pin"},
		{"no certificate", HEAD KEY, "line 2: the pin"},
		{"no fingerprint", HEAD "pin: a@b.example\nstate: tofu\n" CERT, "line 2: the pin"},
		{"held without certificate", HEAD "pin: a@b.example\nstate: held\n",
			"line 2: the pin"},
		{"clear with a key",
			HEAD "pin: a@b.example\nstate: clear\nfingerprint: " FPR "\n" CERT,
			"line 2: the pin"},
		{"a domain with a key",
			HEAD "pin: b.example\nstate: tofu\nfingerprint: " FPR "\n" CERT,
			"line 2: a domain"},
		{"no pin", HEAD "pin: a@b.example\nstate: none\n", "line 3: a value"},
		{"an address that is none", HEAD "pin: a@@b\nstate: clear\n", "line 2: a value"},
		{"an empty address", HEAD "pin:\nstate: clear\n", "line 2: a value"},
		{"lower-case fingerprint",
			HEAD "pin: a@b.example\nstate: tofu\n"
			     "fingerprint: aaaa0123456789abcdef0123456789abcdef0123\n" CERT,
			"line 4: a value"},
		{"a short fingerprint",
			HEAD "pin: a@b.example\nstate: tofu\nfingerprint: AAAA\n" CERT,
			"line 4: a value"},
		{"a date that is none", HEAD "pin: a@b.example\nfirst-seen: 2026-02-30T00:00:00Z\n",
			"line 3: a value"},
		{"a date of another form",
			HEAD "pin: a@b.example\nlast-seen: 2026-02-03 00:00:00\n",
			"line 3: a value"},
		{"neither yes nor no", HEAD "pin: a@b.example\nrevoked: maybe\n",
			"line 3: a value"},
		{"a method with blanks", HEAD "pin: a@b.example\nmethod: by hand\n",
			"line 3: a value"},
		{"a long method", HEAD "pin: a@b.example\nmethod: abcdefghijklmnop\n",
			"line 3: a value"},
		{"a certificate cut short",
			HEAD KEY "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n",
			"line 7: a certificate is cut short"},
		{"two certificates", HEAD KEY CERT CERT, "line 9: a certificate where"},
		{"a certificate alone", HEAD CERT, "line 2: a certificate where"},
		{"a secret key", HEAD KEY "-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
			"line 5: is not"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct seen s = {.stop = 0};
		struct err err = ERR_INIT;

		if (read_text(row[i].text, strlen(row[i].text), &s, &err) != ERR_DATA ||
			strncmp(err.msg, row[i].want, strlen(row[i].want)) != 0)
			fail_msg("%s: %s", row[i].name, err.msg);
	}
}

static void test_hostile(void **state)
{
	static const char nul[] = HEAD "pin: a@b.example\0\nstate: clear\n";
	static char big[PINS_FILE_LINE_MAX + 64] = HEAD "# ";
	struct seen s = {.stop = 0};
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(read_text(nul, sizeof(nul) - 1, &s, &err), ERR_DATA);
	memset(big + strlen(HEAD) + 2, 'x', PINS_FILE_LINE_MAX);
	assert_int_equal(read_text(big, sizeof(big), &s, &err), ERR_DATA);
	assert_non_null(strstr(err.msg, "too long"));
	/* Cut anywhere: an error, or a block less; never half of one. */
	for (i = 0; i < strlen(HEAD KEY CERT); i++) {
		s = (struct seen){.stop = 0};
		(void)read_text(HEAD KEY CERT, i, &s, &err);
		assert_true(s.text[0] == '\0' || i == strlen(HEAD KEY CERT) - 1);
	}
}

static void test_looks(void **state)
{
	static const struct {
		const char *name, *text;
		size_t len;
		bool looks;
	} row[] = {
		{"a page", "<html>\n", 7, false},
		{"nothing", "", 0, false},
		{"comments", "# only\n\n", 8, false},
		{"a certificate", CERT, sizeof(CERT) - 1, false},
		{"a certificate behind text", "my key:\n" CERT, sizeof("my key:\n" CERT) - 1,
			false},
		{"a packet, and such a line in it", "\x99\n" HEAD, sizeof("\x99\n" HEAD) - 1,
			false},
		{"a block without the head", KEY CERT, sizeof(KEY CERT) - 1, true},
		{"a head behind text", "this is it:\n" HEAD, sizeof("this is it:\n" HEAD) - 1,
			true},
		{"quoted in a mail", "> > " HEAD, sizeof("> > " HEAD) - 1, true},
		{"a byte order mark", "\xef\xbb\xbf" HEAD, sizeof("\xef\xbb\xbf" HEAD) - 1, true},
		{"UTF-16, little end first", "\xff\xfep\0i\0n\0:\0 \0", 12, true},
		{"UTF-16, big end first", "\xfe\xff\0p\0i\0n\0: ", 11, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s\n", row[i].name);
		assert_int_equal(
			pins_file_looks((const uint8_t *)row[i].text, row[i].len), row[i].looks);
	}
}

static void test_stop(void **state)
{
	struct seen s = {.stop = -5};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		read_text(HEAD KEY CERT KEY CERT, strlen(HEAD KEY CERT KEY CERT), &s, &err), -5);
	assert_string_equal(s.text, "a@example.org tofu FC;");
}

/* What is written is read again. */
static void test_round_trip(void **state)
{
	static uint8_t data[300];
	static struct pin p = {.address = "\"a b\"@example.org",
		.state = PIN_VERIFIED,
		.fpr = FPR,
		.cert = data,
		.cert_len = sizeof(data),
		.first_seen = 1000000,
		.last_seen = 2000000,
		.expires = 3000000,
		.revoked = true,
		.method = "wkd-advanced"};
	static struct pin clear = {.address = "example.org", .state = PIN_CLEAR, .first_seen = 5};
	static struct held h = {.fpr = FPR, .cert = data, .cert_len = 3};
	static char said[] = "{\"date\": \"d\"}";
	static struct candidate c = {.address = "l@example.org",
		.fpr = FPR,
		.cert = data,
		.cert_len = 3,
		.seen = {{"autocrypt", 1000, 3000000, true, said}},
		.n_seen = 1};
	struct seen s = {.stop = 0};
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_non_null(f);
	pins_file_head(f);
	assert_int_equal(pins_file_pin(f, &clear, ""), 0);
	assert_int_equal(pins_file_held(f, "h@example.org", &h), 0);
	assert_int_equal(pins_file_learnt(f, &c, &c.seen[0]), 0);
	assert_int_equal(pins_file_pin(f, &p, "{\"of\": \"p\"}"), 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(read_text(text, len, &s, &err), 0);
	assert_string_equal(s.text,
		"example.org clear --;h@example.org held FC;l@example.org learnt mutual {\"date\": "
		"\"d\"} FC;\"a b\"@example.org verified! {\"of\": \"p\"} FC;");
	assert_int_equal(s.last.first_seen, 1000000);
	assert_int_equal(s.last.last_seen, 2000000);
	assert_string_equal(s.last.method, "wkd-advanced");
	assert_non_null(strstr(s.cert, "-----END PGP PUBLIC KEY BLOCK-----\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
