/* SPDX-License-Identifier: ISC */
/* armour.c: armoured messages, written and taken apart; their checksum. */
#include "mime_util.h"

#include "base/base64.h"
#include "pgp/cert/armour.h"

#define BEGIN "-----BEGIN PGP MESSAGE-----\n"
#define END "-----END PGP MESSAGE-----\n"

/* As RFC 9580 section 6.1.1 has it: bit by bit. */
static uint32_t crc24_bits(uint32_t crc, const uint8_t *p, size_t n)
{
	int i;

	while (n-- > 0) {
		crc ^= (uint32_t)*p++ << 16;
		for (i = 0; i < 8; i++)
			crc = crc & 0x800000 ? (crc << 1 ^ 0x864cfb) & 0xffffff : crc << 1;
	}
	return crc;
}

static void checksum(void **state)
{
	uint8_t in[64];
	char out[100], quanta[100];
	size_t i, n;

	(void)state;
	assert_int_equal(crc24(CRC24_INIT, (const uint8_t *)"123456789", 9), 0x21cf02);
	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 167 + 91);
	for (n = 0; n <= sizeof(in); n++) {
		assert_int_equal(crc24(CRC24_INIT, in, n), crc24_bits(CRC24_INIT, in, n));
		assert_int_equal(crc24(crc24(CRC24_INIT, in, n / 3), in + n / 3, n - n / 3),
			crc24(CRC24_INIT, in, n));
		for (i = 0; i < n; i += 3)
			base64_quantum(
				quanta + i / 3 * 4, in + i, n - i < 3 ? (unsigned)(n - i) : 3);
		assert_int_equal(base64_line(out, in, n), (n + 2) / 3 * 4);
		assert_memory_equal(out, quanta, (n + 2) / 3 * 4);
	}
}

struct got {
	uint8_t p[1024];
	size_t n;
};

static void take(void *arg, const uint8_t *p, size_t n)
{
	struct got *g = arg;

	assert_true(g->n + n <= sizeof(g->p));
	memcpy(g->p + g->n, p, n);
	g->n += n;
}

/* step: octets a time, so that every state is entered with a part of a line. */
static bool undo(const char *text, size_t n, size_t step, struct got *g)
{
	struct armour_reader d;
	size_t i;

	g->n = 0;
	armour_read_begin(&d, take, g);
	for (i = 0; i < n; i += step)
		armour_read_add(&d, (const uint8_t *)text + i, n - i < step ? n - i : step);
	return armour_read_end(&d);
}

static void there_and_back(void **state)
{
	uint8_t in[300];
	struct spool s;
	struct armour_writer a;
	struct got g;
	char *text, *line;
	size_t len, i, n, footers;

	(void)state;
	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(i * 7);
	for (n = 1; n < sizeof(in); n++) {
		assert_int_equal(spool_open(&s, 1000, false, NULL), 0);
		armour_begin(&a, &s);
		armour_add(&a, in, n / 3);
		armour_add(&a, in + n / 3, n - n / 3);
		armour_end(&a);
		assert_int_equal(spool_finish(&s, NULL), 0);
		text = text_of(s.fd, &len);
		assert_memory_equal(text, BEGIN "\n", strlen(BEGIN) + 1);
		assert_string_equal(text + len - strlen(END), END);
		assert_true(undo(text, len, n % 9 + 1, &g));
		assert_int_equal(g.n, n);
		assert_memory_equal(g.p, in, n);
		footers = 0;
		for (line = text; *line; line += strcspn(line, "\n") + 1) {
			assert_true(strcspn(line, "\n") <= 76);
			footers += line[0] == '=';
		}
		assert_int_equal(footers, n % 3 == 0);
		free(text);
		spool_close(&s);
	}
}

/* The check value of CRC-24/OPENPGP. */
static void crc(void **state)
{
	struct spool s;
	struct armour_writer a;
	char *text;

	(void)state;
	assert_int_equal(spool_open(&s, 1000, false, NULL), 0);
	armour_begin(&a, &s);
	armour_add(&a, "123456789", 9);
	armour_end(&a);
	assert_int_equal(spool_finish(&s, NULL), 0);
	text = text_of(s.fd, NULL);
	assert_string_equal(text, BEGIN "\nMTIzNDU2Nzg5\n=Ic8C\n" END); /* 21CF02 */
	free(text);
	spool_close(&s);
}

static void strict(void **state)
{
	static const struct {
		const char *name, *in;
		const char *out; /* NULL: refused */
	} row[] = {
		{"plain", BEGIN "\nZm9v\n" END, "foo"},
		{"CRLF", "-----BEGIN PGP MESSAGE-----\r\n\r\nZm9v\r\n-----END PGP MESSAGE-----\r\n",
			"foo"},
		{"blank lines around", "\n \n" BEGIN "\nZm9v\n" END "\n\t\n", "foo"},
		{"fields of the program, checksum",
			BEGIN "Version: GnuPG v2\nCharset: utf-8\n\nZm9v\n=abcd\n" END, "foo"},
		{"padding 1", BEGIN "\nZm8=\n" END, "fo"},
		{"padding 2", BEGIN "\nZg==\n" END, "f"},
		{"quantum over two lines", BEGIN "\nZ\nm9v\n" END, "foo"},
		{"padding on a line of its own", BEGIN "\nZm8\n=\n" END, "fo"},
		{"last line without end", BEGIN "\nZm9v\n-----END PGP MESSAGE-----", "foo"},
		{"nothing", "", NULL},
		{"text before", "secret\n" BEGIN "\nZm9v\n" END, NULL},
		{"text after", BEGIN "\nZm9v\n" END "secret\n", NULL},
		{"two of them", BEGIN "\nZm9v\n" END BEGIN "\nZm9v\n" END, NULL},
		{"Comment holds text", BEGIN "Comment: secret\n\nZm9v\n" END, NULL},
		{"MessageID holds text", BEGIN "MessageID: secret\n\nZm9v\n" END, NULL},
		{"Hash is of signed text", BEGIN "Hash: SHA256\n\nZm9v\n" END, NULL},
		{"Version twice", BEGIN "Version: a\nVersion: b\n\nZm9v\n" END, NULL},
		{"Version that is a text",
			BEGIN "Version: we meet at noon behind the old mill, bring the papers and "
			      "nobody else\n\nZm9v\n" END,
			NULL},
		{"Version, 8-bit", BEGIN "Version: \xc3\xa4\n\nZm9v\n" END, NULL},
		{"Version in lower case", BEGIN "version: a\n\nZm9v\n" END, NULL},
		{"unknown header", BEGIN "Secret: x\n\nZm9v\n" END, NULL},
		{"no blank line", BEGIN "Zm9v\n" END, NULL},
		{"no end", BEGIN "\nZm9v\n", NULL},
		{"a key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nZm9v\n", NULL},
		{"cut quantum", BEGIN "\nZm9\n" END, NULL},
		{"not base64", BEGIN "\nZm9v!\n" END, NULL},
		{"words", BEGIN "\nsome words in clear\n" END, NULL},
		{"after padding", BEGIN "\nZg==Zm9v\n" END, NULL},
		{"text behind the padding", BEGIN "\nZg==secret\n" END, NULL},
		{"text on the line behind the padding", BEGIN "\nZg==\nsecr\n" END, NULL},
		{"more padding on a line of its own", BEGIN "\nZg==\n==\n" END, NULL},
		{"bits behind the end", BEGIN "\nZh==\n" END, NULL},
		{"blank within a line", BEGIN "\nZm 9v\n" END, NULL},
		{"text as checksum", BEGIN "\nZm9v\n=a!cd\n" END, NULL},
		{"too much padding", BEGIN "\nZ===\n" END, NULL},
		{"blank line within", BEGIN "\nZm9v\n\nZm9v\n" END, NULL},
		{"data after CRC", BEGIN "\nZm9v\n=abcd\nZm9v\n" END, NULL},
		{"quoted", "> " BEGIN "> \n> Zm9v\n> " END, NULL},
	};
	struct got g;
	size_t i, step;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		for (step = 1; step < 40; step += 6) {
			assert_int_equal(
				undo(row[i].in, strlen(row[i].in), step, &g), row[i].out != NULL);
			if (!row[i].out)
				continue;
			assert_int_equal(g.n, strlen(row[i].out));
			assert_memory_equal(g.p, row[i].out, g.n);
		}
	}
}

static void long_line(void **state)
{
	char text[4096];
	struct got g;

	(void)state;
	memset(text, 'A', sizeof(text));
	memcpy(text, BEGIN "\n", strlen(BEGIN) + 1);
	assert_false(undo(text, sizeof(text), 100, &g));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(checksum),
		cmocka_unit_test(there_and_back), cmocka_unit_test(crc), cmocka_unit_test(strict),
		cmocka_unit_test(long_line)};

	return cmocka_run_group_tests_name("armoured messages", tests, NULL, NULL);
}
