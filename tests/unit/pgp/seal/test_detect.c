/* SPDX-License-Identifier: ISC */
/* detect.c: only what really is encrypted passes for it. */
#include "mime_util.h"

#include <sys/resource.h>
#include <sys/wait.h>

#include "base/base64.h"
#include "mime/ctype.h"
#include "pgp/cert/armour.h"
#include "pgp/seal/cms.h"
#include "pgp/seal/detect.h"
#include "pgp/seal/packet_walk.h"

/* Packets: PKESK v3, SKESK v4, SEIPD v1, with what is random in them. */
#define KEY_ID "KEYID\x91\x82\xf3"
#define PKESK                                                                                      \
	"\xc1\x0c\x03" KEY_ID "\x01"                                                               \
	"xy"
#define SKESK "\xc3\x04\x04\x09\x00\x02"
#define RANDOM40                                                                                   \
	"\x9a"                                                                                     \
	"123456789 123456789 123456789 123456789"
#define TEXT40 "we meet at noon behind the old mill, you"
#define SEIPD "\xd2\x29\x01" RANDOM40

static void walk(void **state)
{
	static const struct {
		const char *name, *p;
		size_t n;
		int ok;
	} row[] = {
#define ROW(name, text, ok) {name, text, sizeof(text) - 1, ok}
		ROW("1 one key, data", PKESK SEIPD, 1),
		ROW("2 two keys, data", PKESK PKESK SEIPD, 1),
		ROW("3 passphrase, data", SKESK SEIPD, 1),
		ROW("4 LibrePGP's AEAD packet", PKESK "\xd4\x29\x01" RANDOM40, 1),
		ROW("5 SEIPD version 2", PKESK "\xd2\x29\x02" RANDOM40, 1),
		ROW("6 old format",
			"\x84\x0c\x03" KEY_ID "\x01"
			"xy" SEIPD,
			1),
		ROW("7 five bytes of length", PKESK "\xd2\xff\0\0\0\x29\x01" RANDOM40, 1),
		ROW("8 partial, then definite",
			PKESK "\xd2\xe1\x01"
			      "d"
			      "\x28" RANDOM40,
			1),
		ROW("9 partial, last chunk empty", PKESK "\xd2\xe5" RANDOM40 "\x00", 0),
		ROW("10 partial, last chunk empty, long enough",
			PKESK "\xd2\xe6\x01" RANDOM40 "12345678901234567890123"
			      "\x00",
			1),
		ROW("11 old format to the end", PKESK "\xcb\x01", 0),
		ROW("12 old format to the end, data", PKESK "\x84\x00", 0),
		ROW("13 nothing", "", 0),
		ROW("14 data without key", SEIPD, 0),
		ROW("15 keys only", PKESK, 0),
		ROW("16 data cut short", PKESK "\xd2\x2a\x01" RANDOM40, 0),
		ROW("17 key cut short", "\xc1\x0d\x03" KEY_ID "\x01", 0),
		ROW("18 no last chunk",
			PKESK "\xd2\xe1\x01"
			      "d",
			0),
		ROW("19 data without content", PKESK "\xd2\x00", 0),
		ROW("20 unprotected data",
			PKESK "\xc9\x29"
			      "a" RANDOM40,
			0),
		ROW("21 literal after the data",
			PKESK SEIPD "\xcb\x07"
				    "b\0\0\0\0\0x",
			0),
		ROW("22 literal only",
			"\xcb\x07"
			"b\0\0\0\0\0x",
			0),
		ROW("23 literal before",
			"\xcb\x07"
			"b\0\0\0\0\0x" PKESK SEIPD,
			0),
		ROW("24 compressed",
			"\xc8\x03\x01"
			"xx",
			0),
		ROW("25 signature before",
			"\xc2\x03\x04"
			"xx" PKESK SEIPD,
			0),
		ROW("26 marker before", "\xca\x03PGP" PKESK SEIPD, 0),
		ROW("27 two data packets", PKESK SEIPD SEIPD, 0),
		ROW("28 key after the data", PKESK SEIPD PKESK, 0),
		ROW("29 text after", PKESK SEIPD "hello", 0),
		ROW("30 text", "hello", 0),
		ROW("31 unknown PKESK",
			"\xc1\x0c\x09" KEY_ID "\x01"
			"xy" SEIPD,
			0),
		ROW("32 unknown SEIPD", PKESK "\xd2\x29\x09" RANDOM40, 0),
		ROW("33 partial key",
			"\xc1\xe3\x03"
			"KEY\x91"
			"xyz"
			"\x01"
			"x" SEIPD,
			0),
		ROW("34 padding", PKESK SEIPD "\xd5\x01x", 0),
		ROW("35 text for the data", PKESK "\xd2\x29\x01" TEXT40, 0),
		ROW("36 text for the data, partial",
			PKESK "\xd2\xe1\x01"
			      "d"
			      "\x28" TEXT40,
			0),
		ROW("37 text for a key", "\xc1\x2a\x03" TEXT40 "x" SEIPD, 0),
		ROW("38 key of no algorithm that encrypts",
			"\xc1\x0c\x03" KEY_ID "\x11"
			"xy" SEIPD,
			0),
		ROW("39 data too short to be any",
			PKESK "\xd2\x05\x01"
			      "\x9a"
			      "ata",
			0),
		ROW("40 key packet too short", "\xc1\x03\x03\x91\x01" SEIPD, 0),
		ROW("41 old format to the end", PKESK "\x93", 0),
		ROW("42 SKESK of a text",
			"\xc3\xc0\x48\x04" TEXT40 TEXT40 TEXT40 TEXT40 TEXT40 TEXT40 TEXT40
			"123456789012345678901234567890" SEIPD,
			0),
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
	struct armour_writer a;
	char *text;

	assert_int_equal(spool_open(&s, 100, false, NULL), 0);
	armour_begin(&a, &s);
	armour_add(&a, p, n);
	armour_end(&a);
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
	assert_int_equal(detect_encrypted(&m, &yes, NULL), 0);
	message_free(&m);
	source_close(&s);
	return yes;
}

#define TYPE                                                                                       \
	"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "              \
	"boundary=b\n\n"
#define ONE "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n"
#define TWO "--b\nContent-Type: application/octet-stream\n\n"

#define SECOND TWO "%s\n--b--\n"
#define PARAMS "multipart/encrypted; protocol=\"application/pgp-encrypted\"; "

/* %s stands for the armour. */
static const struct {
	const char *name, *text;
	bool yes;
} mime_row[] = {
	{"1 PGP/MIME", TYPE ONE SECOND, true},
	{"2 preamble of a program",
		TYPE "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\n" ONE SECOND,
		true},
	{"3 no closing delimiter", TYPE ONE TWO "%s", true},
	{"4 text in the second part", TYPE ONE TWO "secret\n%s\n--b--\n", false},
	{"5 no armour", TYPE ONE TWO "secret\n--b--\n", false},
	{"6 first part says more",
		TYPE "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\nsecret\n" SECOND,
		false},
	{"7 first part is another", TYPE "--b\nContent-Type: text/plain\n\nVersion: 1\n\n" SECOND,
		false},
	{"8 third part", TYPE ONE TWO "%s\n--b\n\nsecret\n--b--\n", false},
	{"9 only one part", TYPE SECOND, false},
	{"10 epilogue", TYPE ONE SECOND "secret\n", false},
	{"11 wrong order", TYPE TWO "%s\n" ONE "--b--\n", false},
	{"12 another protocol",
		"Content-Type: multipart/encrypted; protocol=\"x/y\"; boundary=b\n\n" ONE SECOND,
		false},
	{"13 multipart/mixed", "Content-Type: multipart/mixed; boundary=b\n\n" ONE SECOND, false},
	{"14 no boundary",
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"\n\n" ONE
			SECOND,
		false},
	{"15 inline", "Subject: x\n\n%s", true},
	{"16 inline, typed", "Content-Type: text/plain; charset=utf-8\n\n\n%s\n", true},
	{"17 inline with a text above", "Subject: x\n\nhello\n%s", false},
	{"18 inline with a footer", "Subject: x\n\n%s-- \nme\n", false},
	{"19 inline, twice", "Subject: x\n\n%s%s", false},
	{"20 in HTML", "Content-Type: text/html\n\n%s", false},
	{"21 quoted", "Subject: x\n\n> %s", false},
	{"22 ordinary", "Subject: x\n\nhello\n", false},
	{"23 empty", "Subject: x\n\n", false},
	{"24 text in the preamble", TYPE "secret\n" ONE SECOND, false},
	{"25 text behind a preamble of a program",
		TYPE "This is a multi-part message in MIME format. secret\n" ONE SECOND, false},
	{"26 text in a field of the first part",
		TYPE "--b\nContent-Type: application/pgp-encrypted\nX-Note: "
		     "secret\n\nVersion: 1\n\n" SECOND,
		false},
	{"27 text in a field of the second part",
		TYPE ONE "--b\nContent-Type: application/octet-stream\nSubject: "
			 "secret\n\n%s\n--b--\n",
		false},
	{"28 Content- field that MIME does not have",
		TYPE ONE "--b\nContent-Type: application/octet-stream\nContent-Secret: "
			 "secret\n\n%s\n--b--\n",
		false},
	{"29 fields as programs write them",
		TYPE "--b\nContent-Type: application/pgp-encrypted\n"
		     "Content-Description: PGP/MIME version identification\n\nVersion: 1\n\n"
		     "--b\nContent-Type: application/octet-stream;\n name=\"encrypted.asc\"\n"
		     "Content-Description: OpenPGP encrypted message\n"
		     "Content-Disposition: inline;\n filename=\"encrypted.asc\"\n"
		     "Content-Transfer-Encoding: 7bit\n\n%s\n--b--\n",
		true},
	{"30 a line that is no field in a part's header",
		TYPE ONE "--b\nContent-Type: application/octet-stream\nsecret\n\n%s\n--b--\n",
		false},
	{"31 continuation before any field",
		TYPE ONE "--b\n secret\nContent-Type: application/octet-stream\n\n%s\n--b--\n",
		false},
	{"32 part with two types",
		TYPE ONE "--b\nContent-Type: application/octet-stream\nContent-Type: "
			 "text/plain\n\n%s\n--b--\n",
		false},
	{"33 part that is a multipart",
		TYPE ONE "--b\nContent-Type: multipart/mixed; boundary=c\n\n%s\n--b--\n", false},
	{"34 part that is HTML", TYPE ONE "--b\nContent-Type: text/html\n\n%s\n--b--\n", false},
	{"35 part without a type", TYPE ONE "--b\n\n%s\n--b--\n", false},
	{"36 another boundary in RFC 2231 pieces",
		"Content-Type: " PARAMS "boundary=\"b\"; boundary*0=c\n\n" ONE SECOND, false},
	{"37 boundary in pieces only", "Content-Type: " PARAMS "boundary*0=b\n\n" ONE SECOND,
		false},
	{"38 extended boundary",
		"Content-Type: " PARAMS "boundary=b; boundary*=us-ascii''c\n\n" ONE SECOND, false},
	{"39 two boundaries", "Content-Type: " PARAMS "boundary=b; boundary=c\n\n" ONE SECOND,
		false},
	{"40 boundary in a comment",
		"Content-Type: " PARAMS "(boundary=c) boundary=b\n\n" ONE SECOND, false},
	{"41 quoted pair", "Content-Type: " PARAMS "boundary=\"\\b\"\n\n" ONE SECOND, false},
	{"42 lone CR", TYPE "This is a message in MIME format.\r\r\n" ONE SECOND, false},
	{"43 text behind a lone CR in a field",
		TYPE ONE "--b\nContent-Type: application/octet-stream\rsecret\n\n%s\n--b--\n",
		false},
	{"44 text behind a delimiter", TYPE ONE "--b secret\n" SECOND, false},
	{"45 epilogue of blank lines", TYPE ONE SECOND "\n \n\n", true},
	{"46 closed before the second part", TYPE ONE "--b--\n" SECOND, false},
	{"47 unknown transfer encoding",
		TYPE ONE "--b\nContent-Type: application/octet-stream\nContent-Transfer-Encoding: "
			 "x-y\n\n%s\n--b--\n",
		false},
	{"48 parts without a blank line",
		TYPE "--b\nContent-Type: application/pgp-encrypted\n" SECOND, false},
	{"49 inline, quoted-printable with a broken escape",
		"Content-Transfer-Encoding: quoted-printable\n\n%s=ZZ\n", false},
	{"50 inline in an attached message", "Content-Type: message/rfc822\n\n%s", false},
	{"51 inline under a type that cannot be read", "Content-Type: text\n\n%s", false},
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

/* Appends an element around what body holds; in BER, where it is constructed, without a length. */
static void put_element(struct buf *out, uint8_t tag, const void *body, size_t n, bool ber)
{
	const uint8_t head[] = {tag, 0x82, (uint8_t)(n >> 8), (uint8_t)n};

	if (ber && tag & 0x20) {
		buf_addc(out, (char)tag);
		buf_addc(out, (char)0x80);
		buf_add(out, body, n);
		buf_add(out, "\0\0", 2);
		return;
	}
	if (n < 128) {
		buf_addc(out, (char)tag);
		buf_addc(out, (char)n);
	} else {
		buf_add(out, head, sizeof(head));
	}
	buf_add(out, body, n);
}

static const char oid_enveloped[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03";
static const char oid_signed[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
static const char oid_auth[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17";
static const char oid_data[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";

enum cms_twist { /* what of the message is not as it should be */
	PLAIN,
	TEXT_FOR_ALL,     /* behind the OID there is text */
	TEXT_FOR_CONTENT, /* where the encrypted content should be */
	TEXT_FOR_RECIPIENTS,
	NO_RECIPIENT,
	ORIGINATOR, /* originatorInfo, which could hold text */
	ATTRIBUTES, /* unprotected ones behind the content */
	NO_CONTENT,
	NO_CIPHER,
	BEHIND,   /* something behind the outermost element */
	TOO_LONG, /* the outermost length says more */
	NO_VERSION,
	SECOND_IN_WRAP,     /* a further element beside the enveloped data */
	CONSTRUCTED_PIECES, /* content in pieces */
	NO_MAC,
	VERSION_9,
};

static void cms_content(struct buf *out, enum cms_twist t, bool ber)
{
	struct buf b = BUF_INIT(4096), pieces = BUF_INIT(4096);
	const char *text = t == TEXT_FOR_CONTENT ? TEXT40 : RANDOM40;

	put_element(&b, 6, oid_data, 9, ber);
	if (t != NO_CIPHER)
		put_element(&b, 0x30, "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a", 11, ber);
	if (t == CONSTRUCTED_PIECES || ber) {
		put_element(&pieces, 4, text, 20, ber);
		put_element(&pieces, 4, text + 20, 20, ber);
		put_element(&b, 0xa0, pieces.p, pieces.len, ber);
	} else if (t != NO_CONTENT) {
		put_element(&b, 0x80, text, 40, ber);
	}
	put_element(out, 0x30, b.p, b.len, ber);
	buf_free(&b);
	buf_free(&pieces);
}

static void cms_enveloped(struct buf *out, enum cms_twist t, bool auth, bool ber)
{
	struct buf rid = BUF_INIT(4096), set = BUF_INIT(4096);

	if (t != NO_VERSION)
		put_element(out, 2, t == VERSION_9 ? "\x09" : "\0", 1, ber);
	if (t == ORIGINATOR)
		put_element(out, 0xa0, "\x0c\x06secret", 8, ber);
	put_element(&rid, 2, "\0", 1, ber);
	put_element(&rid, 4, RANDOM40, 40, ber);
	put_element(&set, t == TEXT_FOR_RECIPIENTS ? 0x0c : 0x30, rid.p, rid.len, ber);
	put_element(out, 0x31, set.p, t == NO_RECIPIENT ? 0 : set.len, ber);
	cms_content(out, t, ber);
	if (auth && t != NO_MAC)
		put_element(out, 4, RANDOM40, 16, ber);
	if (t == ATTRIBUTES)
		put_element(out, 0xa1, "\x0c\x06secret", 8, ber);
	buf_free(&rid);
	buf_free(&set);
}

/* The message, base64; the caller frees it. */
static char *cms_message(const char *type, const char *oid, enum cms_twist t, bool auth, bool ber)
{
	struct buf in = BUF_INIT(4096), wrap = BUF_INIT(4096), info = BUF_INIT(4096),
		   all = BUF_INIT(4096), b = BUF_INIT(8192);
	char q[5] = "";
	size_t i;

	cms_enveloped(&in, t, auth, ber);
	put_element(&wrap, 0x30, in.p, in.len, ber);
	if (t == SECOND_IN_WRAP)
		put_element(&wrap, 0x0c, "secret", 6, ber);
	put_element(&info, 6, oid, strlen(oid), ber);
	if (t == TEXT_FOR_ALL)
		buf_adds(&info, TEXT40 TEXT40 TEXT40);
	else
		put_element(&info, 0xa0, wrap.p, wrap.len, ber);
	put_element(&all, 0x30, info.p, info.len, ber);
	if (t == TOO_LONG)
		all.p[3]++;
	if (t == BEHIND)
		buf_adds(&all, "secret");
	buf_adds(&b, type);
	for (i = 0; i < all.len; i += 3) {
		base64_quantum(q, all.p + i, all.len - i < 3 ? (unsigned)(all.len - i) : 3);
		buf_addf(&b, "%s%s", q, i % 57 == 54 ? "\n" : "");
	}
	buf_adds(&b, "\n");
	buf_free(&in);
	buf_free(&wrap);
	buf_free(&info);
	buf_free(&all);
	return (char *)b.p;
}

static void smime(void **state)
{
	static const struct {
		const char *name, *type, *oid;
		enum cms_twist twist;
		bool auth, ber, yes;
	} row[] = {
#define ENVELOPED SMIME("enveloped-data"), oid_enveloped
#define AUTH SMIME("authEnveloped-data"), oid_auth
		{"1 enveloped", ENVELOPED, PLAIN, false, false, true},
		{"2 enveloped, BER", SMIME("Enveloped-Data"), oid_enveloped, PLAIN, false, true,
			true},
		{"3 authenticated", AUTH, PLAIN, true, false, true},
		{"4 authenticated, BER", AUTH, PLAIN, true, true, true},
		{"5 content in pieces", ENVELOPED, CONSTRUCTED_PIECES, false, false, true},
		{"6 label of the other", SMIME("enveloped-data"), oid_auth, PLAIN, true, false,
			false},
		{"7 signed under a false label", SMIME("enveloped-data"), oid_signed, PLAIN, false,
			false, false},
		{"8 signed", SMIME("signed-data"), oid_signed, PLAIN, false, false, false},
		{"9 without the label",
			"Content-Type: application/pkcs7-mime\n"
			"Content-Transfer-Encoding: base64\n\n",
			oid_enveloped, PLAIN, false, false, false},
		{"10 something follows", ENVELOPED, BEHIND, false, false, false},
		{"11 something follows, BER", ENVELOPED, BEHIND, false, true, false},
		{"12 cut short", ENVELOPED, TOO_LONG, false, false, false},
		{"13 text behind the OID", ENVELOPED, TEXT_FOR_ALL, false, false, false},
		{"14 text behind the OID, BER", ENVELOPED, TEXT_FOR_ALL, false, true, false},
		{"15 text for the content", ENVELOPED, TEXT_FOR_CONTENT, false, false, false},
		{"16 text for the content, BER", ENVELOPED, TEXT_FOR_CONTENT, false, true, false},
		{"17 text for the recipients", ENVELOPED, TEXT_FOR_RECIPIENTS, false, false, false},
		{"18 nobody can open it", ENVELOPED, NO_RECIPIENT, false, false, false},
		{"19 text in originatorInfo", ENVELOPED, ORIGINATOR, false, false, false},
		{"20 text in attributes", ENVELOPED, ATTRIBUTES, false, false, false},
		{"21 no content", ENVELOPED, NO_CONTENT, false, false, false},
		{"22 no cipher", ENVELOPED, NO_CIPHER, false, false, false},
		{"23 no version", ENVELOPED, NO_VERSION, false, false, false},
		{"24 unknown version", ENVELOPED, VERSION_9, false, false, false},
		{"25 text beside the data", ENVELOPED, SECOND_IN_WRAP, false, false, false},
		{"26 authenticated without a MAC", AUTH, NO_MAC, true, false, false},
		{"27 enveloped with a MAC", ENVELOPED, PLAIN, true, false, false},
	};
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		text = cms_message(row[i].type, row[i].oid, row[i].twist, row[i].auth, row[i].ber);
		assert_int_equal(is_encrypted(text), row[i].yes);
		free(text);
	}
	assert_false(is_encrypted(SMIME("enveloped-data") "secret\n"));
	assert_false(is_encrypted(SMIME("enveloped-data")));
}

/* Text that the transfer encoding would hide: a reader that stops at the padding does not see it,
 * and one that goes on does. */
static void smime_padding(void **state)
{
	static const char *const behind[] = {
		"secret\n", "\nsecret\n", "c2VjcmV0\n", "=c2Vj\n", "-\n"};
	char *good = cms_message(ENVELOPED, PLAIN, false, false);
	struct buf b = BUF_INIT(8192);
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(behind); i++) {
		buf_reset(&b);
		buf_add(&b, good, strlen(good) - 1);
		buf_adds(&b, behind[i]);
		assert_false(is_encrypted(buf_str(&b)));
	}
	buf_reset(&b);
	buf_addf(&b, "%s\n \n", good);
	assert_true(is_encrypted(buf_str(&b)));
	buf_free(&b);
	free(good);
}

/* Every cut of a whole message is none, and no step of reading it matters. */
static void cms_steps(void **state)
{
	struct buf in = BUF_INIT(4096), wrap = BUF_INIT(4096), info = BUF_INIT(4096),
		   all = BUF_INIT(4096);
	size_t at, step;
	int ber;

	(void)state;
	for (ber = 0; ber < 2; ber++) {
		buf_reset(&in);
		buf_reset(&wrap);
		buf_reset(&info);
		buf_reset(&all);
		cms_enveloped(&in, PLAIN, false, ber);
		put_element(&wrap, 0x30, in.p, in.len, ber);
		put_element(&info, 6, oid_enveloped, 9, ber);
		put_element(&info, 0xa0, wrap.p, wrap.len, ber);
		put_element(&all, 0x30, info.p, info.len, ber);
		for (step = 1; step <= all.len; step++) {
			struct cms_walk w = {.auth = false}, cut = {.auth = false};

			for (at = 0; at < all.len; at += step)
				cms_walk_add(
					&w, all.p + at, all.len - at < step ? all.len - at : step);
			assert_true(cms_walk_ok(&w));
			cms_walk_add(&cut, all.p, step - 1);
			assert_false(cms_walk_ok(&cut));
		}
	}
	buf_free(&in);
	buf_free(&wrap);
	buf_free(&info);
	buf_free(&all);
}

/* Leaves this process without any memory. */
static void exhaust_memory(void)
{
	const struct rlimit none = {0, 0};
	void *volatile taken; /* a compiler may leave out what nobody looks at */
	size_t size;

	if (setrlimit(RLIMIT_DATA, &none) < 0)
		_exit(100);
	for (size = 65536; size > 0; size /= 2) {
		do
			taken = malloc(size);
		while (taken);
	}
}

/* What it says of m in a process of its own: its error, or 1 or 0. */
static int answer_of(int (*ask)(const struct message *, bool *, struct err *),
	const struct message *m, bool without_memory)
{
	int status, rc;
	bool yes = false;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (without_memory)
			exhaust_memory();
		rc = ask(m, &yes, NULL);
		_exit(rc < 0 ? -rc : yes);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int reads_type(const struct message *m, bool *as_it_is, struct err *err)
{
	struct buf fixed = BUF_INIT(1000);
	struct ctype ct;
	int rc = ctype_read(message_field(m, "Content-Type"), &ct, &fixed);

	(void)err;
	*as_it_is = rc == 0;
	return rc;
}

static void type_without_memory(void **state)
{
	static const struct {
		const char *name, *text;
		int answer;
	} row[] = {
		{"1 as it is", "Content-Type: multipart/signed; boundary=b\n\n", true},
		{"2 read leniently", "Content-Type: multipart/signed; boundary=b c\n\n", -ERR_OS},
	};
	struct message m;
	struct source s;
	size_t i;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* it ends the process */
#endif
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s\n", row[i].name);
		source_of(&s, row[i].text, strlen(row[i].text));
		assert_int_equal(message_parse(&m, &s, NULL), 0);
		assert_int_equal(answer_of(reads_type, &m, true), row[i].answer);
		message_free(&m);
		source_close(&s);
	}
}

/* The first piece of memory that is wanted: for lines, or for the armour. */
static void no_memory(void **state)
{
	static const char *const text[] = {
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "
		"boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n",
		"Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\n"};
	struct message m;
	struct source s;
	size_t i;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* it ends the process */
#endif
	for (i = 0; i < N_OF(text); i++) {
		print_message("%zu\n", i);
		source_of(&s, text[i], strlen(text[i]));
		assert_int_equal(message_parse(&m, &s, NULL), 0);
		assert_int_equal(answer_of(detect_encrypted, &m, true), -ERR_OS);
		message_free(&m);
		source_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(walk), cmocka_unit_test(pgp),
		cmocka_unit_test(smime), cmocka_unit_test(smime_padding),
		cmocka_unit_test(cms_steps), cmocka_unit_test(type_without_memory),
		cmocka_unit_test(no_memory)};

	return cmocka_run_group_tests_name("detect", tests, NULL, NULL);
}
