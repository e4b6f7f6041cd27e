/* SPDX-License-Identifier: ISC */
/* One received mail, read for keys: what is found in it, and what is left out, and why. gpg is not
 * run; what it says of signatures is for test_learn.c. */
#include "mime_util.h"

#include "verbs/learn/gossip.h"
#include "verbs/learn/read.h"

#define NOW ((int64_t)1700000000)
#define AT ((int64_t)1600000000)
#define DATE "Date: Sun, 13 Sep 2020 12:26:40 +0000\n"
#define FROM "From: A <a@b.example>\nTo: me@x.example\n" DATE
#define FIELD "Autocrypt: addr=a@b.example; keydata=a2V5\n"
#define MUTUAL "Autocrypt: addr=a@b.example; prefer-encrypt=mutual; keydata=a2V5\n"
#define OTHERS "Autocrypt: addr=c@b.example; keydata=a2V5\n"
#define TEXT "\nhello\n"
#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"
#define KEY_PART "--b\nContent-Type: application/pgp-keys\n\nkey\n"
#define BASE64_PART                                                                                \
	"--b\nContent-Type: application/pgp-keys; name=x\n"                                        \
	"Content-Transfer-Encoding: base64\n\na2V5\n"
#define SEALED                                                                                     \
	"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "              \
	"boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n"             \
	"--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\n"           \
	"wQwDS0VZSUSRgvMBeHnSKQGaMTIzNDU2Nzg5IDEyMzQ1Njc4OSAxMjM0NTY3ODkgMTIzNDU2Nzg5\n=pWZd\n"    \
	"-----END PGP MESSAGE-----\n--b--\n"
#define SIGNED                                                                                     \
	"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "                 \
	"boundary=b\n\n--b\n\nhello\n--b\n"
#define SIGNED_BY_S                                                                                \
	"Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; "                 \
	"boundary=s\n\n--s\n"
#define SIGNED_MIXED SIGNED_BY_S MIXED
#define SIGNED_KEY SIGNED_BY_S "Content-Type: application/pgp-keys\n\nkey\n"
/* By the key 0102...14. */
#define SIGNATURE SIGNATURE_OF("b")
#define SIGNATURE_OF(boundary)                                                                     \
	"Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n\n"             \
	"wigEABYKABoWIQQBAgMEBQYHCAkKCwwNDg8QERITFAImAAAAAQIAAQEA\n-----END PGP "                  \
	"SIGNATURE-----\n--" boundary "--\n"
#define SIGNER "0102030405060708090A0B0C0D0E0F1011121314"
#define GOSSIP(who) "Autocrypt-Gossip: addr=" who "; keydata=a2V5\n"

/* What those who are told heard, and what they answer. */
struct heard {
	char found[2000], left[2000], signer[CERT_FPR_MAX + ADDR_TEXT_MAX + 2];
	size_t n_found;
	const char *inner; /* the header within; NULL: it does not open */
	int fails;         /* what each of them returns; 0: they do not */
	bool wants;
};

static void add_text(char *to, size_t cap, const char *text)
{
	size_t n = strlen(to);

	assert_true(n + strlen(text) < cap);
	memcpy(to + n, text, strlen(text) + 1);
}

static int note_found(void *arg, struct learn_find *f, struct err *err)
{
	struct heard *h = arg;
	char text[600];

	(void)err;
	snprintf(text, sizeof(text), "%s %s%s %.*s;", learnt_how_name(f->how), f->addr.name,
		f->mutual ? " mutual" : "", (int)f->key.len, (const char *)f->key.p);
	if (h->n_found++ < 10)
		add_text(h->found, sizeof(h->found), text);
	assert_string_equal(f->path, "mail");
	assert_non_null(strstr(f->evidence, "\"date\""));
	assert_true((strstr(f->evidence, "\"from\"") != NULL) == (f->how == LEARNT_GOSSIP));
	return h->fails;
}

static int note_signer(
	void *arg, const char *address, const char *signer, struct buf *certs, struct err *err)
{
	struct heard *h = arg;

	(void)certs;
	(void)err;
	snprintf(h->signer, sizeof(h->signer), "%s %s", address, signer);
	return h->fails < 0 ? h->fails : h->wants;
}

static int open_inner(
	void *arg, const struct source *src, struct buf *header, const char **why, struct err *err)
{
	struct heard *h = arg;

	(void)src;
	(void)err;
	*why = "it is closed";
	if (h->fails < 0)
		return h->fails;
	if (!h->inner)
		return 0;
	assert_int_equal(buf_adds(header, h->inner), 0);
	return 1;
}

static void note_left_out(void *arg, const char *path, const char *address, const char *why)
{
	struct heard *h = arg;
	char text[400];

	assert_string_equal(path, "mail");
	snprintf(text, sizeof(text), "%s: %s;", address, why);
	if (strlen(h->left) + strlen(text) < sizeof(h->left))
		add_text(h->left, sizeof(h->left), text);
}

/* Reads a mail; m's id is to be freed. */
static int read_text(struct learn_mail *m, struct heard *h, const char *text, bool opens)
{
	struct source src;
	int rc;

	*m = (struct learn_mail){.path = "mail",
		.trusted = "mx.x.example",
		.now = NOW,
		.found = note_found,
		.wants_signature = note_signer,
		.open = opens ? open_inner : NULL,
		.left_out = note_left_out,
		.arg = h};
	source_of(&src, text, strlen(text));
	rc = learn_read(m, &src, NULL);
	source_close(&src);
	return rc;
}

static void what_is_found(void **state)
{
	static const struct {
		const char *name, *mail;
		const char *found, *left; /* left: a part; "": nothing is left out */
	} row[] = {
		{"no key", FROM TEXT, "", ""},
		{"Autocrypt", FROM FIELD TEXT, "autocrypt a@b.example key;", ""},
		{"mutual", FROM MUTUAL TEXT, "autocrypt a@b.example mutual key;", ""},
		{"two fields", FROM FIELD MUTUAL TEXT, "", "Autocrypt: there are several"},
		{"three fields", FROM FIELD FIELD MUTUAL TEXT, "", "Autocrypt: there are several"},
		{"one of somebody else", FROM OTHERS TEXT, "", "for another address than From"},
		{"and one of the sender's", FROM OTHERS MUTUAL TEXT,
			"autocrypt a@b.example mutual key;", "for another address than From"},
		{"no key in it", FROM "Autocrypt: addr=a@b.example\n" TEXT, "", "Autocrypt: "},
		{"attached", FROM MIXED KEY_PART "--b--\n", "attached a@b.example key;", ""},
		{"attached, base64", FROM MIXED BASE64_PART "--b--\n", "attached a@b.example key;",
			""},
		{"base64 that is none",
			FROM MIXED "--b\nContent-Type: application/pgp-keys\n"
				   "Content-Transfer-Encoding: base64\n\na2V*\n--b--\n",
			"", "a@b.example: "},
		{"an empty one", FROM MIXED "--b\nContent-Type: application/pgp-keys\n\n\n--b--\n",
			"", ""},
		{"two of them", FROM MIXED KEY_PART BASE64_PART "--b--\n",
			"attached a@b.example key;attached a@b.example key;", ""},
		{"as many as are looked at",
			FROM MIXED KEY_PART KEY_PART KEY_PART KEY_PART KEY_PART KEY_PART KEY_PART
				KEY_PART "--b--\n",
			"attached a@b.example key;attached a@b.example key;attached a@b.example "
			"key;"
			"attached a@b.example key;attached a@b.example key;attached a@b.example "
			"key;"
			"attached a@b.example key;attached a@b.example key;",
			""},
		{"one more than that",
			FROM MIXED KEY_PART KEY_PART KEY_PART KEY_PART KEY_PART KEY_PART KEY_PART
				KEY_PART KEY_PART "--b--\n",
			NULL, "it has too many keys attached"},
		{"in a part of a part",
			FROM "Content-Type: multipart/related; boundary=a\n\n--a\n" MIXED KEY_PART
			     "--b--\n--a--\n",
			"attached a@b.example key;", ""},
		{"within what is signed",
			FROM SIGNED_MIXED KEY_PART "--b--\n--s\n" SIGNATURE_OF("s"),
			"attached a@b.example key;", ""},
		{"it is all that is signed", FROM SIGNED_KEY "--s\n" SIGNATURE_OF("s"),
			"attached a@b.example key;", ""},
		{"signed by another kind of key",
			FROM "Content-Type: multipart/signed; boundary=s; "
			     "protocol=\"application/pkcs7-signature\"\n\n--s\n" MIXED KEY_PART
			     "--b--\n--s\n" SIGNATURE_OF("s"),
			"", ""},
		{"the whole mail", FROM "Content-Type: application/pgp-keys\n\nkey\n",
			"attached a@b.example key\n;", ""},
		{"a part that only names it",
			FROM MIXED "--b\nContent-Type: text/plain; name=application/pgp-keys\n\n"
				   "key\n--b--\n",
			"", ""},
		{"by both ways", FROM FIELD MIXED KEY_PART "--b--\n",
			"autocrypt a@b.example key;attached a@b.example key;", ""},
		{"two in From", "From: a@b.example, c@b.example\n" FIELD TEXT, "",
			": From is not exactly one address"},
		{"no From", DATE FIELD TEXT, "", "From is not exactly one address"},
		{"no domain in From", "From: root\n" FIELD TEXT, "", "not exactly one address"},
		{"an address of IP in From", "From: a@[192.0.2.1]\n" FIELD TEXT, "",
			"not exactly one address"},
		{"a report", FROM FIELD "Content-Type: multipart/report; boundary=b\n" TEXT, "",
			"a report says nothing"},
		{"resent", FROM FIELD "Resent-From: c@b.example\nResent-To: me@x.example\n" TEXT,
			"", "resent by somebody else"},
		{"by a list that leaves From", FROM FIELD "List-Id: <l.b.example>\n" TEXT,
			"autocrypt a@b.example key;", ""},
		{"a list stands in From",
			FROM FIELD "List-Post: <mailto:A@B.example>, <mailto:a@b.example>\n" TEXT,
			"", "a mailing list has rewritten From"},
		{"a list says who it was",
			FROM FIELD "List-Id: <l.b.example>\nX-Original-From: c@b.example\n" TEXT,
			"", "mailing list"},
		{"in the other field",
			FROM FIELD "List-Id: <l.b.example>\nX-Original-Sender: c@b.example\n" TEXT,
			"", "mailing list"},
		{"who it was is who it is",
			FROM FIELD "List-Id: <l.b.example>\nX-Original-From: a@b.example\n" TEXT,
			"autocrypt a@b.example key;", ""},
		{"without a list nobody rewrote it",
			FROM FIELD "X-Original-From: c@b.example\n" TEXT,
			"autocrypt a@b.example key;", ""},
		{"via a list",
			"From: C via L <a@b.example>\nList-Id: <l.b.example>\n" DATE FIELD TEXT, "",
			"mailing list"},
		{"via in the address is no list's",
			"From: <a@b.example> (x via y)\nList-Id: <l.b.example>\n" DATE FIELD TEXT,
			"autocrypt a@b.example key;", ""},
		{"confirmed",
			"Authentication-Results: mx.x.example; dkim=pass header.d=b.example\n" FROM
				FIELD TEXT,
			"autocrypt a@b.example key;", ""},
		{"denied",
			"Authentication-Results: mx.x.example; dkim=fail header.d=b.example\n" FROM
				FIELD TEXT,
			"", "does not confirm"},
		{"denied by whom nobody believes",
			"Authentication-Results: mx.y.example; dkim=fail header.d=b.example\n" FROM
				FIELD TEXT,
			"autocrypt a@b.example key;", ""},
		{"a signature that is none",
			FROM SIGNED "Content-Type: application/pgp-signature\n\nx\n--b--\n", "",
			"its signature cannot be read"},
		{"no second part", FROM SIGNED_BY_S "\nhello\n--s--\n", "",
			"it is not signed as RFC 3156 has it"},
		{"gossip stays closed", FROM SEALED, "", ""},
	};
	struct learn_mail m;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct heard h = {.inner = NULL};
		int rc = read_text(&m, &h, row[i].mail, false);

		if (rc != 0 || (row[i].found && strcmp(h.found, row[i].found) != 0) ||
			(row[i].left[0] ? !strstr(h.left, row[i].left) : h.left[0] != '\0'))
			fail_msg("%s: %d: found %s: left out %s", row[i].name, rc, h.found, h.left);
		free(m.id);
	}
}

static void gossip(void **state)
{
	static const struct {
		const char *name, *mail, *inner;
		const char *found, *left;
	} row[] = {
		{"of somebody who got it", FROM "Cc: d@e.example\n" SEALED,
			GOSSIP("d@e.example") "\n", "gossip d@e.example key;", ""},
		{"of somebody who did not", FROM SEALED, GOSSIP("d@e.example") "\n", "",
			"to whom the mail did not go"},
		{"of the address to answer to", FROM "Reply-To: d@e.example\n" SEALED,
			GOSSIP("d@e.example") "\n", "gossip d@e.example key;", ""},
		{"of two, one of which got it", FROM "Cc: d@e.example\n" SEALED,
			GOSSIP("f@e.example") GOSSIP("d@e.example") "\n", "gossip d@e.example key;",
			"to whom the mail did not go"},
		{"the outer one does not count",
			FROM "Cc: d@e.example\n" GOSSIP("d@e.example") SEALED, "Subject: x\n\n", "",
			""},
		{"nor does an inner Autocrypt", FROM SEALED, MUTUAL "\n", "", ""},
		{"a field that is none", FROM SEALED, "Autocrypt-Gossip: addr=d@e.example\n\n", "",
			"Autocrypt-Gossip: "},
		{"it does not open", FROM SEALED, NULL, "", "it is closed"},
		{"no header within", FROM SEALED, "\001\002\n", "",
			"the header within cannot be read"},
		{"not sealed", FROM TEXT, GOSSIP("me@x.example") "\n", "", ""},
	};
	struct learn_mail m;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct heard h = {.inner = row[i].inner};
		int rc = read_text(&m, &h, row[i].mail, true);

		if (rc != 0 || strcmp(h.found, row[i].found) != 0 ||
			(row[i].left[0] ? !strstr(h.left, row[i].left) : h.left[0] != '\0'))
			fail_msg("%s: %d: found %s: left out %s", row[i].name, rc, h.found, h.left);
		assert_int_equal(m.sealed, strstr(row[i].mail, "multipart/encrypted") != NULL);
		free(m.id);
	}
}

/* Fields are looked at up to a number, whatever is in them. */
static void much_gossip(void **state)
{
	struct heard h = {.inner = NULL};
	struct buf inner = BUF_INIT(GOSSIP_HEADER_MAX);
	struct learn_mail m;
	size_t i;

	(void)state;
	for (i = 0; i < LEARN_GOSSIP_MAX + 5; i++)
		assert_int_equal(buf_adds(&inner, GOSSIP("me@x.example")), 0);
	assert_int_equal(buf_adds(&inner, "\n"), 0);
	h.inner = buf_str(&inner);
	assert_int_equal(read_text(&m, &h, FROM SEALED, true), 0);
	assert_int_equal(h.n_found, LEARN_GOSSIP_MAX);
	free(m.id);
	buf_free(&inner);
}

static void whose_mail_and_when(void **state)
{
	static const struct {
		const char *name, *mail, *from, *id;
		int64_t date;
	} row[] = {
		{"by Date", FROM TEXT, "a@b.example", NULL, AT},
		{"an ID", FROM "Message-ID: <x@b.example>\n" TEXT, "a@b.example", "<x@b.example>",
			AT},
		{"no Date", "From: a@b.example\n" TEXT, "a@b.example", NULL, NOW},
		{"a Date of the future",
			"From: a@b.example\nDate: Mon, 1 Jan 2035 00:00:00 +0000\n" TEXT,
			"a@b.example", NULL, NOW},
		{"received before its Date",
			"Received: by x; Sun, 13 Sep 2020 12:26:40 +0000\nFrom: a@b.example\n"
			"Date: Fri, 1 Jan 2021 00:00:00 +0000\n" TEXT,
			"a@b.example", NULL, AT},
		{"received, no Date",
			"Received: by x; Sun, 13 Sep 2020 12:26:40 +0000\nFrom: a@b.example\n" TEXT,
			"a@b.example", NULL, AT},
		{"not a date", "Received: by x; then\nFrom: a@b.example\nDate: then\n" TEXT,
			"a@b.example", NULL, NOW},
		{"nobody's",
			"From: a@b.example, c@b.example\nMessage-ID: <x@b.example>\n" DATE TEXT, "",
			"<x@b.example>", AT},
	};
	struct learn_mail m;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct heard h = {.inner = NULL};

		assert_int_equal(read_text(&m, &h, row[i].mail, false), 0);
		if (strcmp(m.from, row[i].from) != 0 || m.date != row[i].date ||
			(row[i].id ? !m.id || strcmp(m.id, row[i].id) != 0 : m.id != NULL))
			fail_msg("%s: %s %lld %s", row[i].name, m.from, (long long)m.date, m.id);
		free(m.id);
	}
}

static void signers(void **state)
{
	static const struct {
		const char *name, *mail, *signer;
		bool wants;
	} row[] = {
		{"not signed", FROM TEXT, "", false},
		{"known already", FROM SIGNED SIGNATURE, "a@b.example " SIGNER, false},
		{"no certificate at hand", FROM SIGNED SIGNATURE, "a@b.example " SIGNER, true},
		{"one that is no key", FROM FIELD SIGNED SIGNATURE, "a@b.example " SIGNER, true},
		{"nobody's", "From: a@b.example, c@b.example\n" SIGNED SIGNATURE, "", true},
	};
	struct learn_mail m;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct heard h = {.wants = row[i].wants};
		int rc = read_text(&m, &h, row[i].mail, false);

		if (rc != 0 || strcmp(h.signer, row[i].signer) != 0 || strstr(h.found, "signature"))
			fail_msg("%s: %d %s %s", row[i].name, rc, h.signer, h.found);
		free(m.id);
	}
}

/* What concerns all of them ends the reading; what is in one mail does not. */
static void failures(void **state)
{
	static const struct {
		const char *name, *mail;
		int fails, want;
	} row[] = {
		{"no mail", "\001\002\n", 0, ERR_DATA},
		{"two of From", "From: a@b.example\nFrom: c@b.example\n" TEXT, 0, ERR_DATA},
		{"the store, of a field", FROM FIELD TEXT, ERR_IO, ERR_IO},
		{"the store, of what is attached", FROM MIXED KEY_PART "--b--\n", ERR_IO, ERR_IO},
		{"the store, of a signature", FROM SIGNED SIGNATURE, ERR_IO, ERR_IO},
		{"no memory to open it", FROM SEALED, ERR_OS, ERR_OS},
		{"nobody is asked", FROM TEXT, ERR_IO, 0},
	};
	struct learn_mail m;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct heard h = {.fails = row[i].fails};
		int rc = read_text(&m, &h, row[i].mail, true);

		if (rc != row[i].want)
			fail_msg("%s: %d", row[i].name, rc);
		free(m.id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_found),
		cmocka_unit_test(gossip),
		cmocka_unit_test(much_gossip),
		cmocka_unit_test(whose_mail_and_when),
		cmocka_unit_test(signers),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests_name("learn_read", tests, NULL, NULL);
}
