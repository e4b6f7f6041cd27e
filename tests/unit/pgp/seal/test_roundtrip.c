/* SPDX-License-Identifier: ISC */
/*
 * The corpus there and back: everything decodes to exactly what was written, part by part and field
 * by field. All of it as gpg is given it, and again sealed by the real gpg and opened by another.
 */
#include "gpg_keys.h"
#include "direct_agent.h"
#include "corpus_head.h"

#include <fcntl.h>
#include <gmime/gmime.h>
#include <sys/stat.h>

#include "pgp/gpg/home.h"
#include "mime/mime.h"
#include "pgp/seal/detect.h"
#include "pgp/seal/payload.h"
#include "pgp/seal/seal.h"

#define PAYLOADS 1500 /* as gpg is given them */
#define SEALED 300    /* by the real gpg; all of these are opened by one more */

static const struct source_opts large_pipe = {.max = CORPUS_TEXT_MAX};

/* --- parts --- */

static void drop_cr(struct buf *b)
{
	size_t i, w = 0;

	for (i = 0; i < b->len; i++) {
		if (!(b->p[i] == '\r' && i + 1 < b->len && b->p[i + 1] == '\n'))
			b->p[w++] = b->p[i];
	}
	b->len = w;
}

static void check_octets(const struct buf *got, const struct buf *want)
{
	size_t i, n = got->len < want->len ? got->len : want->len;

	for (i = 0; i < n && got->p[i] == want->p[i]; i++)
		;
	if (i < n || got->len != want->len)
		fail_msg("differs at byte %zu of %zu, %zu wanted: \"%.40s\" for \"%.40s\"", i,
			got->len, want->len, i < got->len ? (const char *)got->p + i : "",
			i < want->len ? (const char *)want->p + i : "");
}

static void check_leaf(GMimeObject *o, const struct corpus_node *n)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	GMimeDataWrapper *w;
	struct buf got = BUF_INIT(CORPUS_TEXT_MAX);
	GByteArray *a;

	assert_true(GMIME_IS_PART(o));
	w = g_mime_part_get_content(GMIME_PART(o));
	if (w)
		g_mime_data_wrapper_write_to_stream(w, stream);
	a = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	corpus_add(&got, a->data, a->len);
	if (n->kind == NODE_LINES)
		drop_cr(&got);
	check_octets(&got, &n->want);
	buf_free(&got);
	g_object_unref(stream);
}

static void drop_blanks(struct buf *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->len; i++) {
		if (!strchr(" \t\r\n", b->p[i]))
			b->p[n++] = b->p[i];
	}
	b->len = n;
	if (b->p)
		b->p[n] = '\0';
}

/* Raw 8-bit in a file name goes out as RFC 2231 has it. */
static bool add_ascii_head(struct buf *b, const char *head)
{
	static const char raw[] = "filename=\"\xc3\xa4.txt\"";
	const char *at = strstr(head, raw);

	if (at) {
		corpus_add(b, head, (size_t)(at - head));
		corpus_adds(b, "filename*=utf-8''%C3%A4.txt");
		head = at + strlen(raw);
	}
	corpus_adds(b, head);
	return at != NULL;
}

/* The fields of a part within, but for the encoding. root: it was the message's own body. */
static void check_part_head(GMimeObject *o, const struct corpus_node *n, bool root)
{
	GMimeHeaderList *l = g_mime_object_get_header_list(o);
	struct buf got = BUF_INIT(65536), want = BUF_INIT(65536);
	int i;

	for (i = 0; i < g_mime_header_list_get_count(l); i++) {
		GMimeHeader *h = g_mime_header_list_get_header_at(l, i);

		if (strcasecmp(g_mime_header_get_name(h), "Content-Transfer-Encoding") != 0 &&
			(!root || is_root_field(g_mime_header_get_name(h))))
			buf_addf(&got, "%s:%s", g_mime_header_get_name(h),
				g_mime_header_get_raw_value(h));
	}
	if (add_ascii_head(&want, buf_str(&n->head)) || root) { /* its fields are written anew */
		drop_blanks(&got);
		drop_blanks(&want);
	}
	assert_string_equal(
		got.p ? collapse((char *)got.p) : "", want.p ? collapse((char *)want.p) : "");
	buf_free(&got);
	buf_free(&want);
}

/* What may not be touched stands in the payload as it was, once. */
static void check_opaque(const struct buf *payload, const struct corpus_node *n)
{
	struct buf text = BUF_INIT(CORPUS_TEXT_MAX);
	const uint8_t *at;
	size_t i;

	for (i = 0; i < n->want.len; i++) {
		if (n->want.p[i] == '\n')
			corpus_add(&text, "\r", 1);
		corpus_add(&text, n->want.p + i, 1);
	}
	at = memmem(payload->p, payload->len, text.p, text.len);
	assert_non_null(at);
	assert_null(memmem(at + 1, payload->len - (size_t)(at + 1 - payload->p), text.p, text.len));
	buf_free(&text);
}

static void check_parts(
	const struct corpus *c, GMimeObject *o, size_t *next, const struct buf *payload)
{
	const struct corpus_node *n = &c->node[*next];
	int i, count;

	assert_true(*next < c->n_node);
	if (*next > 0 || is_wrapped(c))
		check_part_head(o, n, *next == 0);
	++*next;
	if (n->kind == NODE_OPAQUE) {
		check_opaque(payload, n);
	} else if (n->kind != NODE_MULTIPART) {
		check_leaf(o, n);
	} else {
		assert_true(GMIME_IS_MULTIPART(o));
		count = g_mime_multipart_get_count(GMIME_MULTIPART(o));
		assert_int_equal(count, n->children);
		for (i = 0; i < count; i++)
			check_parts(
				c, g_mime_multipart_get_part(GMIME_MULTIPART(o), i), next, payload);
	}
}

/* Canonical (RFC 3156 section 3): but for headers and what is opaque, all of it. */
static void check_canonical(const struct corpus *c, const struct buf *payload, const char *body)
{
	const char *p = body, *end = (const char *)payload->p + payload->len, *lf;
	bool opaque = false;
	size_t i, k;

	for (i = 0; i < c->n_node; i++)
		opaque |= c->node[i].kind == NODE_OPAQUE;
	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (!lf) { /* the last line has no end where the message's has none */
			assert_null(memchr(p, '\r', (size_t)(end - p)));
			break;
		}
		assert_true(lf > p && lf[-1] == '\r');
		assert_null(memchr(p, '\r', (size_t)(lf - 1 - p)));
		if (opaque)
			continue;
		assert_true(lf - 1 - p <= 998);
		assert_null(memchr(p, '\0', (size_t)(lf - p)));
		assert_false(lf - p > 1 && (lf[-2] == ' ' || lf[-2] == '\t'));
		assert_false(lf - p >= 6 && memcmp(p, "From ", 5) == 0);
		for (k = 0; p + k < lf && (unsigned char)p[k] < 128; k++)
			;
		assert_true(p + k == lf);
	}
}

/* outside: with LF line ends, ends with a blank line. */
static void check_all(const struct corpus *c, const struct buf *payload, const char *outside)
{
	struct head in = {.n = 0}, out = {.n = 0};
	GMimeStream *stream = g_mime_stream_mem_new();
	GMimeParser *parser;
	GMimeMessage *m;
	GMimeObject *root;
	size_t next = 0, i;

	g_mime_stream_write(stream, (const char *)payload->p, payload->len);
	/* GMime takes a delimiter that the message ends with for content. */
	if (c->node[0].kind == NODE_MULTIPART)
		g_mime_stream_write(stream, "\r\n", 2);
	g_mime_stream_reset(stream);
	parser = g_mime_parser_new_with_stream(stream);
	m = g_mime_parser_construct_message(parser, NULL);

	head_read(&out, outside, "\n");
	check_canonical(c, payload, head_read(&in, buf_str(payload), "\r\n"));
	check_headers(c, &in, &out);
	for (i = 0; i < in.n; i++)
		assert_null(strstr(in.v[i].value, "hidden"));
	assert_non_null(m);
	root = g_mime_message_get_mime_part(m);
	if (is_wrapped(c)) {
		assert_int_equal(g_mime_multipart_get_count(GMIME_MULTIPART(root)), 1);
		root = g_mime_multipart_get_part(GMIME_MULTIPART(root), 0);
	}
	check_parts(c, root, &next, payload);
	assert_int_equal(next, c->n_node);
	g_object_unref(m);
	g_object_unref(parser);
	g_object_unref(stream);
	head_free(&in);
	head_free(&out);
}

/* --- there and back --- */

struct opened { /* one of the corpus as the product reads it */
	struct corpus *c;
	struct source src;
	struct message msg;
	int fd;
};

static void name_mail(const struct corpus *c, unsigned seed)
{
	static const char *const eol[] = {"LF", "CRLF", "LF and CRLF"};

	print_message("%u: %s, %s, %zu parts, %zu bytes\n", seed, corpus_kind_name[c->root],
		eol[c->eol], c->n_node, c->text.len);
	if (getenv("SHOW"))
		fwrite(c->text.p, 1, c->text.len, stderr);
}

static void open_mail(struct opened *x, unsigned seed)
{
	struct err err = ERR_INIT;
	bool encrypted;

	x->c = corpus_make(seed);
	name_mail(x->c, seed);
	x->fd = (seed & 1 && x->c->text.len <= 65536 ? pipe_of : file_of)(
		x->c->text.p, x->c->text.len);
	assert_int_equal(source_open(&x->src, x->fd, &large_pipe, NULL), 0);
	if (message_parse(&x->msg, &x->src, &err) != 0)
		fail_msg("%s", err.msg);
	assert_int_equal(detect_encrypted(&x->msg, &encrypted, NULL), 0);
	assert_false(encrypted);
}

static void close_mail(struct opened *x)
{
	message_free(&x->msg);
	source_close(&x->src);
	close(x->fd);
	corpus_free(x->c);
}

static void payloads(void **state)
{
	const char *one = getenv("SEED");
	unsigned seed = one ? (unsigned)strtoul(one, NULL, 10) : 0, end = one ? seed + 1 : PAYLOADS;

	(void)state;
	for (; seed < end; seed++) {
		struct buf got = BUF_INIT(4 * CORPUS_TEXT_MAX), outside = BUF_INIT(OUTGOING_MAX);
		struct outgoing h = {NULL, 0};
		struct opened x;
		struct payload p;
		uint8_t chunk[8192];
		ssize_t n;

		open_mail(&x, seed);
		assert_int_equal(outgoing_make(&h, &x.msg, NULL), 0);
		assert_int_equal(payload_open(&p, &x.msg, &h, NULL), 0);
		while ((n = payload_read(&p, chunk, 1 + seed * 37 % sizeof(chunk), NULL)) > 0)
			corpus_add(&got, chunk, (size_t)n);
		assert_int_equal(n, 0);
		payload_close(&p);
		assert_int_equal(outgoing_outside(&h, &outside, NULL), 0);
		corpus_adds(&outside, "\n");
		check_all(x.c, &got, buf_str(&outside));
		outgoing_free(&h);
		close_mail(&x);
		buf_free(&got);
		buf_free(&outside);
	}
}

static struct cert_set alice;
static char agent[FILE_PATH_MAX];

/* Seals one into FILE.asc in the keys' folder and keeps what is before the armour. */
static char *seal_one(const struct opened *x, unsigned seed)
{
	const struct cert *a = &alice.v[0];
	const struct seal_cert to = {a->data, a->len, a->enc_keyid, a->n_enc};
	const struct seal s = {
		.msg = &x->msg, .to = &to, .n_to = 1, .signer = a, .daemons = agent_at(agent)};
	struct err err = ERR_INIT;
	struct spool out;
	char path[FILE_PATH_MAX], *text, *begin, *end;
	int fd;

	if (seal_message(&s, &out, &err) != 0)
		fail_msg("%s", err.msg);
	text = text_of(out.fd, NULL);
	spool_close(&out);
	begin = strstr(text, "-----BEGIN PGP MESSAGE-----");
	end = strstr(text, "-----END PGP MESSAGE-----\n");
	assert_true(begin && end);
	snprintf(path, sizeof(path), "%s/%u.asc", keys_home, seed);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, begin, (size_t)(end - begin) + 26), 0);
	close(fd);
	begin = strstr(text, "MIME-Version: 1.0\nContent-Type: multipart/encrypted;");
	assert_non_null(begin);
	*begin++ = '\n'; /* where check_all wants the header to end */
	*begin = '\0';
	return text;
}

static size_t count(const struct buf *b, const char *what)
{
	const char *p = buf_str(b);
	size_t n = 0;

	for (; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static void sealed(void **state)
{
	static char *outside[SEALED];
	const char *argv[] = {"gpg", "--homedir", keys_home, "--batch", "--no-tty", "--trust-model",
		"always", "--status-fd", "1", "--decrypt-files", NULL};
	struct buf names = BUF_INIT(1 << 20), status = BUF_INIT(8 << 20);
	char path[FILE_PATH_MAX], valid[CERT_FPR_MAX + 32];
	struct opened x;
	unsigned i;

	(void)state;
	for (i = 0; i < SEALED; i++) {
		open_mail(&x, PAYLOADS + i);
		outside[i] = seal_one(&x, i);
		close_mail(&x);
		buf_addf(&names, "%s/%u.asc\n", keys_home, i);
	}
	assert_int_equal(keys_run(argv, &names, &status), 0);
	snprintf(valid, sizeof(valid), "[GNUPG:] VALIDSIG %s ", alice.v[0].fpr);
	assert_int_equal(count(&status, "[GNUPG:] ENC_TO "), SEALED);
	assert_int_equal(count(&status, "[GNUPG:] GOODMDC"), SEALED);
	assert_int_equal(count(&status, "[GNUPG:] DECRYPTION_OKAY"), SEALED);
	assert_int_equal(count(&status, "[GNUPG:] GOODSIG "), SEALED);
	assert_int_equal(count(&status, valid), SEALED);
	for (i = 0; i < SEALED; i++) {
		struct buf payload = BUF_INIT(4 * CORPUS_TEXT_MAX);

		open_mail(&x, PAYLOADS + i);
		snprintf(path, sizeof(path), "%s/%u", keys_home, i);
		assert_int_equal(file_read(path, &payload, ERR_IO, NULL), 0);
		check_all(x.c, &payload, outside[i]);
		close_mail(&x);
		buf_free(&payload);
		free(outside[i]);
	}
	buf_free(&names);
	buf_free(&status);
}

static int start(void **state)
{
	char fpr[CERT_FPR_MAX];
	struct err err = ERR_INIT;

	(void)state;
	g_mime_init();
	keys_start();
	assert_int_equal(gpg_init(&err), 0);
	keys_make("Alice <alice@x.example>", NULL, "0", true, fpr);
	keys_cert(fpr, "alice@x.example", &alice);
	keys_agent(agent);
	return 0;
}

static int end_group(void **state)
{
	(void)state;
	cert_set_free(&alice);
	keys_stop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(payloads), cmocka_unit_test(sealed)};

	return cmocka_run_group_tests_name("roundtrip", tests, start, end_group);
}
