/* SPDX-License-Identifier: ISC */
/* legacy.c: the hidden fields as first lines, in each encoding; what may not be changed
 * is not. */
#include "mime_util.h"

#include <gmime/gmime.h>

#include "mime/mime.h"
#include "pgp/seal/payload.h"

#define FROM                                                                                       \
	"From: A <a@x.example>\nTo: B <b@x.example>\nDate: Wed, 11 Jan 2023 16:08:43 -0500\n"      \
	"Message-ID: <m@x.example>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= & <more>\n"
#define PLAIN                                                                                      \
	"Subject: Gr\xc3\xbc\xc3\x9f"                                                              \
	"e & <more>\n\n"
static char *payload_of(const char *in, enum legacy_display legacy, enum hcp hcp)
{
	struct outgoing h = {.legacy = legacy, .hcp = hcp};
	struct buf got = BUF_INIT(1 << 20);
	struct source s;
	struct message m;
	struct payload p;
	char chunk[4096];
	ssize_t n;

	source_of(&s, in, strlen(in));
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	assert_int_equal(outgoing_make(&h, &m, NULL), 0);
	assert_int_equal(payload_open(&p, &m, &h, NULL), 0);
	while ((n = payload_read(&p, chunk, sizeof(chunk), NULL)) > 0)
		assert_int_equal(buf_add(&got, chunk, (size_t)n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(buf_addc(&got, '\0'), 0);
	payload_close(&p);
	outgoing_free(&h);
	message_free(&m);
	source_close(&s);
	return (char *)got.p;
}

/* The text of the nth text part, in UTF-8 with LF, base64's blanks for alignment gone; NULL: no
 * such part. *marked: it is said to hold such lines. */
static char *text_part(const char *payload, int nth, bool *marked)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(payload, strlen(payload));
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeObject *root = g_mime_parser_construct_part(parser, NULL), *o;
	GMimePartIter *it = g_mime_part_iter_new(root);
	char *text = NULL, *r, *w;

	do {
		o = g_mime_part_iter_get_current(it);
		if (!GMIME_IS_TEXT_PART(o) || nth-- > 0)
			continue;
		text = g_mime_text_part_get_text(GMIME_TEXT_PART(o));
		r = (char *)(uintptr_t)g_mime_object_get_content_type_parameter(
			o, "hp-legacy-display");
		*marked = r && strcmp(r, "1") == 0;
		break;
	} while (g_mime_part_iter_next(it));
	for (r = w = text; r && *r; r++) {
		if (*r != '\r')
			*w++ = *r;
	}
	if (w)
		*w = '\0';
	g_mime_part_iter_free(it);
	g_object_unref(root);
	g_object_unref(parser);
	g_object_unref(stream);
	return text;
}

static const struct {
	const char *name, *mime; /* what follows FROM */
	int part;
	const char *want; /* its text */
	bool marked;
} row[] = {
	{"no type", "\nhello\n", 0, PLAIN "hello\n", true},
	{"ASCII", "Content-Type: text/plain; charset=us-ascii\n\nhello\n", 0, PLAIN "hello\n",
		true},
	{"8-bit UTF-8", "Content-Type: text/plain; charset=utf-8\n\nh\xc3\xa4 \n", 0,
		PLAIN "h\xc3\xa4 \n", true},
	{"7-bit UTF-8", "Content-Type: text/plain; charset=utf-8\n\nhello\n", 0, PLAIN "hello\n",
		true},
	{"quoted-printable",
		"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
		"quoted-printable\n\n"
		"h=C3=A4=\nx\n",
		0, PLAIN "h\xc3\xa4x\n", true},
	{"base64",
		"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
		"base64\n\naMOkCg==\n",
		0,
		"Subject:  Gr\xc3\xbc\xc3\x9f"
		"e & <more>\n\nh\xc3\xa4\n",
		true},
	{"empty", "Content-Type: text/plain; charset=utf-8\n\n", 0, PLAIN, true},
	{"base64, several lines",
		"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
		"base64\n\nYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\n"
		"YmIK\n",
		0,
		"Subject:  Gr\xc3\xbc\xc3\x9f"
		"e & <more>\n\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabb\n",
		true},
	{"no type, 8-bit UTF-8", "\nh\xc3\xa4\n", 0, PLAIN "h\xc3\xa4\n", true},
	{"no type, 8-bit of an unknown charset", "\nh\xe4\n", 0, NULL, false},
	{"no charset, 8-bit", "Content-Type: text/plain\n\nh\xc3\xa4\n", 0, NULL, false},
	{"said to be ASCII, 8-bit", "Content-Type: text/plain; charset=us-ascii\n\nh\xc3\xa4\n", 0,
		NULL, false},
	{"said to be ASCII, base64",
		"Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: "
		"base64\n\naMOkCg==\n",
		0, NULL, false},
	{"charset in capitals", "Content-Type: TEXT/PLAIN; CHARSET=\"UTF-8\"\n\nx\n", 0,
		PLAIN "x\n", true},
	{"charset in pieces", "Content-Type: text/plain; charset*0=iso-8859; charset*1=-1\n\nx\n",
		0, NULL, false},
	{"Latin-1", "Content-Type: text/plain; charset=iso-8859-1\n\nh\xe4\n", 0, NULL, false},
	{"HTML", "Content-Type: text/html\n\n<body class='>'><p>x</p></body>\n", 0,
		"<body class='>'><p>x</p></body>\n", false},
	{"HTML with a script", "Content-Type: text/html\n\n<script>'<body>'</script><body>x\n", 0,
		"<script>'<body>'</script><body>x\n", false},
	{"a part within, 8-bit without a type",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nh\xe4\n--b--\n", 0, NULL,
		false},
	{"a part whose header is cut",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
		"text/plain\n--b--\n",
		0, "", false},
	{"a part whose header is cut at the end",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain", 0, "",
		false},
	{"an empty part",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
		"text/plain\n\n--b--\n",
		0,
		"Subject: Gr\xc3\xbc\xc3\x9f"
		"e & <more>\n",
		true},
	{"alternative, text",
		"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b\nX: "
		"y\nContent-Type:\n"
		" text/html\nContent-Language: de\n\n<body>x\n--b--\n",
		0, PLAIN "x", true},
	{"alternative, HTML",
		"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nx\n--b\nX: "
		"y\nContent-Type:\n"
		" text/html\nContent-Language: de\n\n<body>x\n--b--\n",
		1, "<body>x", false},
	{"mixed, first",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
		"text/plain\n\nx\n--b\n\ny\n--b--\n",
		0, PLAIN "x", true},
	{"mixed, second",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: "
		"text/plain\n\nx\n--b\n\ny\n--b--\n",
		1, "y", false},
	{"attachment", "Content-Type: text/plain\nContent-Disposition: attachment\n\nx\n", 0, "x\n",
		false},
	{"attached first",
		"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n"
		"Content-Disposition: attachment; filename=x\n\nx\n--b--\n",
		0, "x", false},
	{"digest",
		"Content-Type: multipart/digest; boundary=b\n\n--b\nContent-Type: "
		"text/plain\n\nx\n--b--\n",
		0, "x", false},
	{"other text", "Content-Type: text/calendar\n\nx\n", 0, "x\n", false},
	{"signed",
		"Content-Type: multipart/signed; boundary=b; "
		"protocol=\"application/pgp-signature\"\n\n"
		"--b\nContent-Type: text/plain\n\nx\n--b\nContent-Type: "
		"application/pgp-signature\n\ns\n--b--\n",
		0, "x", false},
	{"unknown charset", "Content-Type: text/plain; charset=x-none\n\nx\n", 0, NULL, false},
	{"UTF-16",
		"Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: "
		"base64\n\neAA=\n",
		0, NULL, false},
};

static void parts(void **state)
{
	size_t i;

	(void)state;
	g_mime_init();
	for (i = 0; i < N_OF(row); i++) {
		struct buf in = BUF_INIT(65536);
		bool marked = false;
		char *payload, *text;

		print_message("%zu %s\n", i + 1, row[i].name);
		assert_int_equal(buf_addf(&in, FROM "%s", row[i].mime), 0);
		payload = payload_of(buf_str(&in), LEGACY_YES, HCP_BASELINE);
		text = text_part(payload, row[i].part, &marked);
		assert_non_null(text);
		assert_int_equal(marked, row[i].marked);
		if (row[i].want)
			assert_string_equal(text, row[i].want);
		g_free(text);
		free(payload);
		buf_free(&in);
	}
}

/* RFC 9788 appendix D.1.2.1, with the older scheme's mark besides. */
static void rfc9788_example(void **state)
{
	char *got =
		payload_of("Date: Wed, 11 Jan 2023 16:08:43 -0500\nFrom: Bob <bob@example.net>\n"
			   "To: Alice <alice@example.net>\nSubject: Handling the Jones contract\n"
			   "Message-ID: <20230111T210843Z.1234@lhp.example>\n"
			   "Content-Type: text/plain; charset=\"us-ascii\"\nMIME-Version: 1.0\n\n"
			   "Please review\n",
			LEGACY_YES, HCP_BASELINE);
	char *want = crlf_of(
		"Content-Type: text/plain; charset=\"us-ascii\"; hp-legacy-display=\"1\";\n"
		" hp=\"cipher\"; protected-headers=\"v1\"\nMIME-Version: 1.0\n"
		"HP-Outer: Date: Wed, 11 Jan 2023 16:08:43 -0500\n"
		"HP-Outer: From: Bob <bob@example.net>\nHP-Outer: To: Alice <alice@example.net>\n"
		"HP-Outer: Subject: [...]\nHP-Outer: Message-ID: "
		"<20230111T210843Z.1234@lhp.example>\n\n"
		"Subject: Handling the Jones contract\n\nPlease review\n");

	(void)state;
	assert_string_equal(strstr(got, "Content-Type:"), want);
	free(got);
	free(want);
}

/* When: never, where readers need it, always; and never where nothing is hidden. */
static void when(void **state)
{
	static const struct {
		enum legacy_display legacy;
		enum hcp hcp;
		const char *want;
	} r[] = {
		{LEGACY_NO, HCP_BASELINE, "x\n"},
		{LEGACY_NO, HCP_SHY, "x\n"},
		{LEGACY_AUTO, HCP_BASELINE, "x\n"},
		{LEGACY_AUTO, HCP_SHY,
			"From: A <a@x.example>\nTo: B <b@x.example>\n"
			"Date: Wed, 11 Jan 2023 16:08:43 -0500\n" PLAIN "x\n"},
		{LEGACY_YES, HCP_BASELINE, PLAIN "x\n"},
		{LEGACY_YES, HCP_OFF, "x\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(r); i++) {
		bool marked = false;
		char *payload = payload_of(FROM "Content-Type: text/plain; charset=utf-8\n\nx\n",
			r[i].legacy, r[i].hcp);
		char *text = text_part(payload, 0, &marked);

		assert_string_equal(text, r[i].want);
		assert_int_equal(marked, strcmp(r[i].want, "x\n") != 0);
		g_free(text);
		free(payload);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts), cmocka_unit_test(rfc9788_example), cmocka_unit_test(when)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
