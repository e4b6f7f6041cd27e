/* detect.c: only what really is encrypted passes for it. */
#include "mime_util.h"

#include "base/base64.h"
#include "pgp/seal/armor.h"
#include "pgp/seal/detect.h"

/* Packets: PKESK v3, SKESK v4, SEIPD v1; bodies are not looked at beyond the version. */
#define PKESK                                                                                      \
	"\xc1\x0c\x03"                                                                             \
	"KEYIDKEY"                                                                                 \
	"\x01"                                                                                     \
	"xy"
#define SKESK "\xc3\x04\x04\x09\x00\x02"
#define SEIPD                                                                                      \
	"\xd2\x05\x01"                                                                             \
	"data"

static void walk(void **state)
{
	static const struct {
		const char *name, *p;
		size_t n;
		int ok;
	} row[] = {
#define ROW(name, text, ok) {name, text, sizeof(text) - 1, ok}
		ROW("one key, data", PKESK SEIPD, 1),
		ROW("two keys, data", PKESK PKESK SEIPD, 1),
		ROW("passphrase, data", SKESK SEIPD, 1),
		ROW("LibrePGP's AEAD packet",
			PKESK "\xd4\x05\x01"
			      "data",
			1),
		ROW("SEIPD version 2",
			PKESK "\xd2\x05\x02"
			      "data",
			1),
		ROW("old format",
			"\x84\x0c\x03"
			"KEYIDKEY"
			"\x01"
			"xy" SEIPD,
			1),
		ROW("five octets of length",
			PKESK "\xd2\xff\0\0\0\x05\x01"
			      "data",
			1),
		ROW("partial, then definite",
			PKESK "\xd2\xe1\x01"
			      "d"
			      "\x03"
			      "ata",
			1),
		ROW("partial, last chunk empty",
			PKESK "\xd2\xe1\x01"
			      "d"
			      "\x00",
			1),
		ROW("nothing", "", 0),
		ROW("data without key", SEIPD, 0),
		ROW("keys only", PKESK, 0),
		ROW("data cut short",
			PKESK "\xd2\x06\x01"
			      "data",
			0),
		ROW("key cut short",
			"\xc1\x0d\x03"
			"KEYIDKEY"
			"\x01",
			0),
		ROW("no last chunk",
			PKESK "\xd2\xe1\x01"
			      "d",
			0),
		ROW("data without content", PKESK "\xd2\x00", 0),
		ROW("unprotected data",
			PKESK "\xc9\x05"
			      "adata",
			0),
		ROW("literal after the data",
			PKESK SEIPD "\xcb\x07"
				    "b\0\0\0\0\0x",
			0),
		ROW("literal only",
			"\xcb\x07"
			"b\0\0\0\0\0x",
			0),
		ROW("literal before",
			"\xcb\x07"
			"b\0\0\0\0\0x" PKESK SEIPD,
			0),
		ROW("compressed",
			"\xc8\x03\x01"
			"xx",
			0),
		ROW("signature before",
			"\xc2\x03\x04"
			"xx" PKESK SEIPD,
			0),
		ROW("marker before", "\xca\x03PGP" PKESK SEIPD, 0),
		ROW("two data packets", PKESK SEIPD SEIPD, 0),
		ROW("key after the data", PKESK SEIPD PKESK, 0),
		ROW("text after", PKESK SEIPD "hello", 0),
		ROW("text", "hello", 0),
		ROW("unknown PKESK",
			"\xc1\x0c\x09"
			"KEYIDKEY"
			"\x01"
			"xy" SEIPD,
			0),
		ROW("unknown SEIPD",
			PKESK "\xd2\x05\x09"
			      "data",
			0),
		ROW("partial key",
			"\xc1\xe1\x03"
			"K"
			"\x01"
			"x" SEIPD,
			0),
		ROW("padding", PKESK SEIPD "\xd5\x01x", 0),
	};
	struct packet_walk w;
	size_t i, step, at;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		for (step = 1; step <= row[i].n + 1; step++) {
			memset(&w, 0, sizeof(w));
			for (at = 0; at < row[i].n; at += step)
				packet_walk_add(&w, (const uint8_t *)row[i].p + at,
					row[i].n - at < step ? row[i].n - at : step);
			assert_int_equal(packet_walk_ok(&w), row[i].ok);
		}
	}
}

static char *armoured(const char *p, size_t n)
{
	struct spool s;
	struct armor a;
	char *text;

	assert_int_equal(spool_open(&s, 100, false, NULL), 0);
	armor_begin(&a, &s);
	armor_add(&a, p, n);
	armor_end(&a);
	assert_int_equal(spool_finish(&s, NULL), 0);
	text = text_of(s.fd, NULL);
	spool_close(&s);
	return text;
}

static bool is_encrypted(const char *text)
{
	struct message m;
	struct source s;
	bool yes;

	source_of(&s, text, strlen(text));
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	yes = m.encrypted;
	message_free(&m);
	source_close(&s);
	return yes;
}

#define TYPE                                                                                       \
	"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "              \
	"boundary=b\n\n"
#define ONE "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n"
#define TWO "--b\nContent-Type: application/octet-stream\n\n"

/* %s stands for the armour. */
static const struct {
	const char *name, *text;
	bool yes;
} mime_row[] = {
	{"PGP/MIME", TYPE ONE TWO "%s\n--b--\n", true},
	{"preamble",
		TYPE "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\n" ONE TWO
		     "%s\n--b--\n",
		true},
	{"no closing delimiter", TYPE ONE TWO "%s", true},
	{"text in the second part", TYPE ONE TWO "secret\n%s\n--b--\n", false},
	{"no armour", TYPE ONE TWO "secret\n--b--\n", false},
	{"first part says more",
		TYPE "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\nsecret\n" TWO
		     "%s\n--b--\n",
		false},
	{"first part is another",
		TYPE "--b\nContent-Type: text/plain\n\nVersion: 1\n\n" TWO "%s\n--b--\n", false},
	{"third part", TYPE ONE TWO "%s\n--b\n\nsecret\n--b--\n", false},
	{"only one part", TYPE TWO "%s\n--b--\n", false},
	{"epilogue", TYPE ONE TWO "%s\n--b--\nsecret\n", false},
	{"wrong order", TYPE TWO "%s\n" ONE "--b--\n", false},
	{"another protocol",
		"Content-Type: multipart/encrypted; protocol=\"x/y\"; boundary=b\n\n" ONE TWO
		"%s\n--b--\n",
		false},
	{"multipart/mixed", "Content-Type: multipart/mixed; boundary=b\n\n" ONE TWO "%s\n--b--\n",
		false},
	{"no boundary",
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"\n\n" ONE
			TWO "%s\n--b--\n",
		false},
	{"inline", "Subject: x\n\n%s", true},
	{"inline, typed", "Content-Type: text/plain; charset=utf-8\n\n\n%s\n", true},
	{"inline with a text above", "Subject: x\n\nhello\n%s", false},
	{"inline with a footer", "Subject: x\n\n%s-- \nme\n", false},
	{"inline, twice", "Subject: x\n\n%s%s", false},
	{"in HTML", "Content-Type: text/html\n\n%s", false},
	{"quoted", "Subject: x\n\n> %s", false},
	{"ordinary", "Subject: x\n\nhello\n", false},
	{"empty", "Subject: x\n\n", false},
};

static void pgp(void **state)
{
	char *good = armoured(PKESK SEIPD, sizeof(PKESK SEIPD) - 1);
	char *bad = armoured("\xcb\x07"
			     "b\0\0\0\0\0x",
		9);
	struct buf b = BUF_INIT(10000);
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(mime_row); i++) {
		const char *p, *hole;
		int way;

		print_message("%s\n", mime_row[i].name);
		for (way = 0; way < 2; way++) { /* bad: armour of what is not encrypted */
			buf_reset(&b);
			for (p = mime_row[i].text; (hole = strstr(p, "%s")) != NULL; p = hole + 2) {
				buf_add(&b, p, (size_t)(hole - p));
				buf_adds(&b, way ? bad : good);
			}
			buf_adds(&b, p);
			assert_int_equal(is_encrypted(buf_str(&b)), mime_row[i].yes && !way);
		}
	}
	buf_free(&b);
	free(good);
	free(bad);
}

#define SMIME(type)                                                                                \
	"Content-Type: application/pkcs7-mime; smime-type=" type                                   \
	"; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n"

/* A ContentInfo: content octets follow head; the length says more, or less, by off. */
static char *content_info(const char *type, const char *oid, size_t oid_len, int off, bool ber)
{
	uint8_t der[200] = {0x30, 0x81, (uint8_t)(150 + off)};
	struct buf b = BUF_INIT(2000);
	char q[5] = "";
	size_t i, n = 153;

	memset(der + 3, 0x55, 150);
	memcpy(der + 3, oid, oid_len);
	if (ber) {
		der[1] = 0x80;
		memmove(der + 2, der + 3, 150);
		der[150] = der[151] = 0;
		n = 152;
	}
	buf_addf(&b, "%s", type);
	for (i = 0; i < n; i += 3) {
		base64_quantum(q, der + i, n - i < 3 ? (unsigned)(n - i) : 3);
		buf_addf(&b, "%s%s", q, i % 57 == 54 ? "\n" : "");
	}
	buf_adds(&b, "\n");
	return (char *)b.p;
}

static void smime(void **state)
{
	static const char enveloped[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
	static const char signed_data[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
	static const char auth[] = "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";
	static const struct {
		const char *name, *type, *oid;
		size_t len;
		int off;
		bool ber, yes;
	} row[] = {
		{"enveloped", SMIME("enveloped-data"), enveloped, 11, 0, false, true},
		{"enveloped, BER", SMIME("Enveloped-Data"), enveloped, 11, 0, true, true},
		{"authenticated", SMIME("authEnveloped-data"), auth, 13, 0, false, true},
		{"label of the other", SMIME("enveloped-data"), auth, 13, 0, false, false},
		{"signed under a false label", SMIME("enveloped-data"), signed_data, 11, 0, false,
			false},
		{"signed", SMIME("signed-data"), signed_data, 11, 0, false, false},
		{"enveloped without the label",
			"Content-Type: application/pkcs7-mime\n"
			"Content-Transfer-Encoding: base64\n\n",
			enveloped, 11, 0, false, false},
		{"something follows", SMIME("enveloped-data"), enveloped, 11, -1, false, false},
		{"cut short", SMIME("enveloped-data"), enveloped, 11, 1, false, false},
	};
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		text = content_info(row[i].type, row[i].oid, row[i].len, row[i].off, row[i].ber);
		assert_int_equal(is_encrypted(text), row[i].yes);
		free(text);
	}
	assert_false(is_encrypted(SMIME("enveloped-data") "secret\n"));
	assert_false(is_encrypted(SMIME("enveloped-data")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk), cmocka_unit_test(pgp), cmocka_unit_test(smime)};

	return cmocka_run_group_tests_name("detect", tests, NULL, NULL);
}
