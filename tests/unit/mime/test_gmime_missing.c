/* A machine without GMime: what can be read without it is; all else is an error, never a mail with
 * less in it. */
#include "mime_util.h"

#include "mime/gmime_late.h"
#include "pgp/seal/detect.h"
#include "pgp/seal/hcp.h"
#include "pgp/seal/outgoing.h"
#include "pgp/seal/payload.h"

static int asked;

const struct gmime *gmime_load(struct err *err)
{
	asked++;
	err_set(err, ERR_CONFIG, "there is no GMime");
	err_hint(err, "get it");
	return NULL;
}

static void check_err(const struct err *err)
{
	assert_int_equal(err->code, ERR_CONFIG);
	assert_string_equal(err->msg, "there is no GMime");
	assert_string_equal(err->hint, "get it");
}

#define F "From: Me <me@x.example>\n"
#define PGP                                                                                        \
	"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "              \
	"boundary=b\n\n--b\n"                                                                      \
	"Content-Type: application/pgp-encrypted\n"
#define DATA "--b\nContent-Type: application/octet-stream\n"

static void messages(void **state)
{
	static const struct {
		const char *name, *in;
	} row[] = {
		{"plain", F "To: Al B <a@x.example>,\n b@x.example\nCc: c@x.example\nBcc: "
			    "<d@x.example>\n\ntext\n"},
		{"8bit", F "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
			   "8bit\n\n\xc3\xa4\n"},
		{"nobody", "Subject: s\n\n"},
		{"blanks and commas", F "To: ,\n ,\n\n"},
		{"bracket that does not end", F "To: <a@x.example\n\n"},
		{"base64 attachment",
			F "Content-Type: multipart/mixed; "
			  "boundary=b\n\n--b\n\nx\n--b\nContent-Type: application/octet-stream\n"
			  "Content-Transfer-Encoding: base64\n\nAAAA\n--b--\n"},
		{"PGP/MIME", F PGP
			"\nVersion: 1\n" DATA
			"\n-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n--b--\n"},
		{"unknown encoding", F "Content-Transfer-Encoding: x-base64\n\nAAAA\n"},
		{"name in quotes", F "To: \"A. B.\" <a@x.example>\n\n"},
		{"dot in a name", F "To: A. B <a@x.example>\n\n"},
		{"group", F "To: g: a@x.example;\n\n"},
		{"comment", F "To: a@x.example (A)\n\n"},
		{"encoded word", F "Cc: =?utf-8?q?A?= <a@x.example>\n\n"},
		{"international", F "Cc: a@\xc3\xa4.example\n\n"},
		{"local", F "Bcc: root\n\n"},
		{"empty item", F "Bcc: a@x.example,,b@x.example\n\n"},
		{"what is no list", F "To: a b\n\n"},
		{"From", "From: \"M. E.\" <me@x.example>\nTo: a@x.example\n\n"},
		{"Sender", "From: a@x.example, b@x.example\nSender: \"M. E.\" <me@x.example>\n\n"},
		{"Resent-To", F "Resent-To: \"A. B.\" <a@x.example>\n\n"},
		{"Resent-From",
			F "Resent-To: a@x.example\nResent-From: \"A. B.\" <a@x.example>\n\n"},
		{"base64 text", F "Content-Transfer-Encoding: base64\n\neAo=\n"},
		{"quoted-printable text", F "Content-Transfer-Encoding: quoted-printable\n\nx\n"},
		{"S/MIME", F "Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n"
			     "Content-Transfer-Encoding: base64\n\nAAAA\n"},
		{"PGP/MIME, version encoded",
			F PGP "Content-Transfer-Encoding: base64\n\nVmVyc2lvbjogMQ==\n" DATA
			      "\nx\n--b--\n"},
		{"PGP/MIME, data encoded",
			F PGP "\nVersion: 1\n" DATA
			      "Content-Transfer-Encoding: quoted-printable\n\nx\n--b--\n"},
	};
	struct message m;
	struct source s;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		bool encrypted;

		print_message("%s\n", row[i].name);
		asked = 0;
		source_of(&s, row[i].in, strlen(row[i].in));
		assert_int_equal(message_parse(&m, &s, NULL), 0);
		assert_int_equal(detect_encrypted(&m, &encrypted, NULL), 0);
		assert_int_equal(asked, 0);
		message_free(&m);
		source_close(&s);
	}
}

/* What is shown outside, and the first lines of the text. */
static void headers(void **state)
{
	static const char plain[] = F "To: a@x.example\nDate: Wed, 11 Jan 2023 16:08:43 "
				      "-0500\nMessage-ID: <m@x.example>\n"
				      "Subject: s\n\nx\n";
	static const struct {
		enum hcp hcp;
		enum legacy_display legacy;
		int made, opened;
	} row[] = {
		{HCP_BASELINE, LEGACY_AUTO, 0, 0},
		{HCP_BASELINE, LEGACY_YES, 0, ERR_CONFIG},
		{HCP_SHY, LEGACY_NO, 0, 0},
	};
	struct payload p;
	struct message m;
	struct source s;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		struct outgoing h = {.hcp = row[i].hcp, .legacy = row[i].legacy};

		err = (struct err)ERR_INIT;
		source_of(&s, plain, strlen(plain));
		assert_int_equal(message_parse(&m, &s, NULL), 0);
		assert_int_equal(outgoing_make(&h, &m, &err), row[i].made);
		if (row[i].made == 0) {
			assert_int_equal(payload_open(&p, &m, &h, &err), row[i].opened);
			if (row[i].opened == 0)
				payload_close(&p);
		}
		if (row[i].made < 0 || row[i].opened < 0)
			check_err(&err);
		outgoing_free(&h);
		message_free(&m);
		source_close(&s);
	}
}

static void policies(void **state)
{
	static const struct {
		const char *name, *value;
		int rc;
	} row[] = {
		{"To", "A <a@x.example>", 0},
		{"To", "\"A\" <a@x.example>", 0},
		{"From", "\"A\" <a@x.example>", 0},
		{"Date", "Wed, 11 Jan 2023 16:08:43 -0500", 0},
		{"Subject", "s", 0},
	};
	struct err err;
	const char *out;
	char *own;
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(row); i++) {
		print_message("%s: %s\n", row[i].name, row[i].value);
		err = (struct err)ERR_INIT;
		assert_int_equal(
			hcp_apply(HCP_SHY, row[i].name, row[i].value, &own, &out, &err), row[i].rc);
		if (row[i].rc < 0)
			check_err(&err);
		free(own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages), cmocka_unit_test(policies), cmocka_unit_test(headers)};

	return cmocka_run_group_tests_name("gmime_missing", tests, NULL, NULL);
}
