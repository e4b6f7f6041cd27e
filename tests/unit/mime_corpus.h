/* SPDX-License-Identifier: ISC */
/*
 * Messages of every kind, made from a number: the same number makes the same message. What each
 * part holds is known from how it was made, no parser is asked. Behind cmocka.h's includes.
 */
#ifndef SEALPOST_TEST_MIME_CORPUS_H
#define SEALPOST_TEST_MIME_CORPUS_H

#include "mime_util.h"

#define CORPUS_NODES_MAX 400
#define CORPUS_FIELDS_MAX 60
#define CORPUS_DEPTH 4
#define CORPUS_TEXT_MAX (8u << 20)

enum corpus_kind { /* of the root; all but the last few also of what is within */
	K_TEXT,
	K_BINARY,
	K_CALENDAR,
	K_RFC822,
	K_PARTIAL,
	K_EXTERNAL,
	K_STATUS,
	K_UNKNOWN,
	K_MIXED,
	K_ALTERNATIVE,
	K_RELATED,
	K_PARALLEL,
	K_REPORT,
	K_DIGEST,
	K_SIGNED,
	K_SHELL,
	K_NO_PARTS,
	K_UNTYPED,
	K_HEADER_ONLY,
	K_N
};
static const char *const corpus_kind_name[K_N] = {"text", "binary", "calendar", "message/rfc822",
	"message/partial", "message/external-body", "message/delivery-status", "unknown type",
	"mixed", "alternative", "related", "parallel", "report", "digest", "signed",
	"encrypted, not really", "multipart without parts", "untyped", "header only"};

struct corpus_node { /* a part, in the order of the message, a multipart before what is in it */
	enum { NODE_LINES, NODE_EXACT, NODE_OPAQUE, NODE_MULTIPART } kind;
	struct buf head; /* its fields but for Content-Transfer-Encoding, as "NAME:VALUE\n", LF */
	struct buf want; /* its content; LF line ends but for NODE_EXACT; OPAQUE: its raw body */
	size_t children; /* of a multipart */
};

struct corpus_field {
	char name[80];
	char *value; /* owned; LF line ends */
};

struct corpus {
	uint64_t rng;
	enum { EOL_LF, EOL_CRLF, EOL_MIXED } eol;
	bool labelled_8bit; /* something in it is, so that the multiparts around it say 8bit */
	struct buf text;
	struct corpus_node node[CORPUS_NODES_MAX];
	size_t n_node;
	struct corpus_field
		field[CORPUS_FIELDS_MAX]; /* of the header, but for the root's own; in order */
	size_t n_field;
	enum corpus_kind root;
	unsigned serial;
};

static uint32_t corpus_draw(struct corpus *c, uint32_t n) /* splitmix64 */
{
	uint64_t z = (c->rng += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) % n);
}

#define corpus_pick(c, table) ((table)[corpus_draw((c), N_OF(table))])

static void corpus_add(struct buf *b, const void *p, size_t n)
{
	assert_int_equal(buf_add(b, p, n), 0);
}

static void corpus_adds(struct buf *b, const char *s)
{
	corpus_add(b, s, strlen(s));
}

static void corpus_nl(struct corpus *c)
{
	bool cr = c->eol == EOL_CRLF || (c->eol == EOL_MIXED && corpus_draw(c, 2));

	corpus_adds(&c->text, cr ? "\r\n" : "\n");
}

/* Octets with LF line ends; they get the message's. */
static void corpus_lines(struct corpus *c, const void *data, size_t n)
{
	const char *p = data, *lf;

	if (n == 0)
		return;
	for (; (lf = memchr(p, '\n', n)) != NULL; n -= (size_t)(lf - p) + 1, p = lf + 1) {
		corpus_add(&c->text, p, (size_t)(lf - p));
		corpus_nl(c);
	}
	corpus_add(&c->text, p, n);
}

static void corpus_puts(struct corpus *c, const char *s)
{
	corpus_lines(c, s, strlen(s));
}

static struct corpus_node *corpus_node(struct corpus *c, int kind)
{
	struct corpus_node *n = &c->node[c->n_node++];

	assert_true(c->n_node <= CORPUS_NODES_MAX);
	*n = (struct corpus_node){
		.kind = kind, .head = BUF_INIT(65536), .want = BUF_INIT(CORPUS_TEXT_MAX)};
	return n;
}

/* A field of a part's header, value with LF line ends; odd spellings that mean the same. */
static void corpus_head(
	struct corpus *c, struct corpus_node *n, const char *name, const char *value)
{
	static const char *const gap[] = {": ", ": ", ": ", ":", ":\t", ":   ", ":\n "};
	const char *sep = corpus_pick(c, gap);

	corpus_puts(c, name);
	corpus_puts(c, sep);
	corpus_puts(c, value);
	corpus_nl(c);
	if (n && strcasecmp(name, "Content-Transfer-Encoding") != 0)
		assert_int_equal(buf_addf(&n->head, "%s%s%s\n", name, sep, value), 0);
}

/* --- what texts hold --- */

static const struct corpus_charset {
	const char *name, *sample;
	bool eight;
} corpus_charset[] = {
	{"us-ascii", "plain words, =3D, 100 %", false},
	{"utf-8",
		"Gr\xc3\xbc\xc3\x9f"
		"e \xe2\x82\xac \xf0\x9f\x94\x91",
		true},
	{"UTF-8", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82 \xe6\x97\xa5\xe6\x9c\xac",
		true},
	{"iso-8859-1",
		"Gr\xfc\xdf"
		"e\xa0",
		true},
	{"\"iso-8859-15\"", "\xa4 100", true},
	{"windows-1252", "\x80 \x93quoted\x94", true},
	{"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", true},
	{"shift_jis", "\x93\xfa\x96{ \\", true},
	{"iso-2022-jp", "\x1b$BF|K\\\x1b(B", false},
	{"big5", "\xa4\xa4\xa4\xe5", true},
	{"gb18030", "\xd6\xd0\xce\xc4\x81\x30\x84\x36", true},
	{"utf-7", "Hi +AOQ-", false},
	{"unknown-8bit", "\xff\xfe\xfd", true},
};

static void corpus_fill(struct buf *b, const char *sample, size_t n)
{
	while (n > 0) {
		size_t step = strlen(sample) < n ? strlen(sample) : n;

		corpus_add(b, sample, step);
		n -= step;
	}
}

/* Some lines of text that are hard on somebody. */
static void corpus_shape(struct corpus *c, struct buf *b, const char *w)
{
	static const size_t length[] = {75, 76, 77, 997, 998, 999, 1000, 5000};

	switch (corpus_draw(c, 16)) {
	case 0:
		buf_addf(b, "%s trailing blank \n%s  \nand tab\t\n \n", w, w);
		break;
	case 1:
		buf_addf(b, "From %s\n>From x\nFrom\nFrom \n from x\n", w);
		break;
	case 2:
		buf_addf(b, ".\n..\n.%s\n-- \n--\n--%s\n---\n", w, w);
		break;
	case 3:
	case 4:
		corpus_fill(b, w, corpus_pick(c, length));
		corpus_adds(b, "\n");
		break;
	case 5:
		corpus_adds(b, "\n\n\n");
		break;
	case 6:
		buf_addf(b, "=\n=20\n==\n=3d=\n%s=\n= \n", w);
		break;
	case 7:
		buf_addf(b, "\x1b[1m\f\v\x07\x7f%s\n", w);
		break;
	case 8:
		buf_addf(b, "a flowed \nline %s \n> quoted \n\n", w);
		break;
	case 9:
		buf_addf(b, "-----BEGIN PGP MESSAGE-----\n\n%s\n-----END PGP MESSAGE-----\n", w);
		break;
	case 10:
		buf_addf(b, "begin 644 x\n#0V%%T\n`\nend\n%s\n", w);
		break;
	case 11:
		buf_addf(b, "Subject: not a field\nContent-Type: text/html\n\n%s\n", w);
		break;
	default:
		buf_addf(b, "%s\n%s, %s\n", w, w, w);
		break;
	}
}

static void corpus_text(struct corpus *c, struct buf *b, const char *w)
{
	unsigned i, n = corpus_draw(c, 5);

	for (i = 0; i < n; i++)
		corpus_shape(c, b, w);
	if (corpus_draw(c, 12) == 0)
		corpus_adds(b, "a lone\rCR\n");
	if (corpus_draw(c, 20) == 0)
		corpus_add(b, "a NUL\0here\n", 11);
	if (corpus_draw(c, 40) == 0) { /* longer than what is read at a time */
		corpus_fill(b, w, 70000);
		corpus_adds(b, " \n");
	}
	if (corpus_draw(c, 3) == 0)
		corpus_adds(b, "the last line does not end");
}

static void corpus_octets(struct corpus *c, struct buf *b)
{
	unsigned i, n = corpus_draw(c, 4) ? corpus_draw(c, 300) : corpus_draw(c, 6000);

	for (i = 0; i < n; i++)
		assert_int_equal(buf_addc(b, (char)corpus_draw(c, 256)), 0);
	if (corpus_draw(c, 4) == 0)
		corpus_adds(b, "\r\n\n\r\r\n ");
}

/* --- transfer encodings, as other programs write them --- */

static void corpus_qp(struct corpus *c, const struct buf *b)
{
	static const char *const hex[] = {
		"0123456789ABCDEF", "0123456789ABCDEF", "0123456789abcdef"};
	const char *digit = corpus_pick(c, hex);
	unsigned width = 20 + corpus_draw(c, 60), column = 0;
	bool raw_8bit = corpus_draw(c, 5) == 0, pad = corpus_draw(c, 4) == 0;
	size_t i;

	for (i = 0; i < b->len; i++) {
		uint8_t x = b->p[i];
		bool end = i + 1 == b->len || b->p[i + 1] == '\n';

		if (x == '\n') {
			corpus_puts(c, pad ? "  \t" : "");
			corpus_nl(c);
			column = 0;
			continue;
		}
		if (column > width) {
			corpus_puts(c, pad ? "= \t" : "=");
			corpus_nl(c);
			column = 0;
		}
		if ((x >= 33 && x < 127 && x != '=') || ((x == ' ' || x == '\t') && !end) ||
			(x > 127 && raw_8bit)) {
			corpus_add(&c->text, &x, 1);
			column++;
		} else {
			assert_int_equal(
				buf_addf(&c->text, "=%c%c", digit[x >> 4], digit[x & 15]), 0);
			column += 3;
		}
	}
}

static void corpus_base64(struct corpus *c, const struct buf *b)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const unsigned width[] = {76, 76, 72, 60, 4, 2000};
	unsigned columns = corpus_pick(c, width), column = 0;
	bool odd = corpus_draw(c, 5) == 0;
	size_t i;
	unsigned k;

	for (i = 0; i < b->len; i += 3) {
		size_t n = b->len - i < 3 ? b->len - i : 3;
		uint32_t v = (uint32_t)b->p[i] << 16 | (n > 1 ? (uint32_t)b->p[i + 1] << 8 : 0) |
			     (n > 2 ? b->p[i + 2] : 0);

		for (k = 0; k < 4; k++)
			assert_int_equal(
				buf_addc(&c->text, k <= n ? alphabet[v >> (18 - 6 * k) & 63] : '='),
				0);
		column += 4;
		if (column >= columns && i + 3 < b->len) {
			corpus_puts(c, odd ? " " : "");
			corpus_nl(c);
			column = 0;
		}
	}
	if (b->len > 0 && corpus_draw(c, 4))
		corpus_nl(c);
}

/* The field, the blank line and the body. lines: its line ends may change. */
static void corpus_body(struct corpus *c, struct corpus_node *n, bool lines)
{
	static const char *const qp[] = {
		"quoted-printable", "Quoted-Printable", "QUOTED-PRINTABLE (odd)"};
	static const char *const plain[] = {NULL, "7bit", "8bit", "8BIT", "8bit (odd)"};
	static const char *const exact[] = {"base64", "BASE64", "binary"};
	unsigned how = corpus_draw(c, lines ? 4 : 1);
	const char *cte = how == 0   ? corpus_pick(c, exact)
			  : how == 1 ? corpus_pick(c, qp)
				     : corpus_pick(c, plain);

	n->kind = how == 0 ? NODE_EXACT : NODE_LINES;
	if (cte)
		corpus_head(c, NULL, "Content-Transfer-Encoding", cte);
	corpus_nl(c);
	if (how == 1)
		corpus_qp(c, &n->want);
	else if (how == 0 && strcmp(cte, "binary") != 0)
		corpus_base64(c, &n->want);
	else if (how == 0)
		corpus_add(&c->text, n->want.p, n->want.len);
	else
		corpus_lines(c, n->want.p, n->want.len);
}

/* --- parts --- */

static void corpus_leaf(struct corpus *c, enum corpus_kind kind)
{
	static const char *const subtype[] = {
		"plain", "plain", "plain", "html", "csv", "x-patch", "markdown", "enriched"};
	static const char *const param[] = {"", "", "; format=flowed",
		"; delsp=yes;\n\tformat=\"flowed\"", ";\n name=\"a b.txt\"",
		"; name*=utf-8''%C3%A4.txt", " (a comment)", ";",
		"; x=\"semi;colon \\\" (no comment\"", "; hp=\"clear\"",
		"; Protected-Headers=\"v1\""};
	static const char *const binary[] = {"image/png", "application/pdf;\n name=\"r=C3.pdf\"",
		"application/octet-stream", "audio/x-y",
		"application/vnd.x+zip;\n\tname*0*=utf-8''%e2%82%ac;\n\tname*1=\".zip\"",
		"IMAGE/GIF; name=x"};
	static const char *const disposition[] = {"inline", "attachment",
		"attachment; filename=\"secret plan.pdf\"", "attachment;\n filename*=UTF-8''%C3%A4",
		"attachment; filename=\"=?utf-8?q?=C3=A4?=\"",
		"attachment; filename=\"\xc3\xa4.txt\""};
	const struct corpus_charset *cs = &corpus_pick(c, corpus_charset);
	struct corpus_node *n = corpus_node(c, NODE_LINES);
	char type[256];

	if (kind == K_BINARY) {
		corpus_head(c, n, "Content-Type", corpus_pick(c, binary));
	} else {
		snprintf(type, sizeof(type), "%s%s; charset=%s%s",
			kind == K_UNKNOWN ? "x-odd/" : "text/",
			kind == K_CALENDAR ? "calendar; method=REQUEST" : corpus_pick(c, subtype),
			cs->name, corpus_pick(c, param));
		corpus_head(c, n, corpus_draw(c, 5) ? "Content-Type" : "content-type", type);
	}
	if (corpus_draw(c, 3) == 0)
		corpus_head(c, n, "Content-Disposition", corpus_pick(c, disposition));
	if (corpus_draw(c, 6) == 0)
		corpus_head(c, n, "Content-ID", "<part.1@x.example>");
	if (kind == K_CALENDAR)
		buf_addf(&n->want, "BEGIN:VCALENDAR\nMETHOD:REQUEST\nSUMMARY:%s\nEND:VCALENDAR\n",
			cs->sample);
	else if (kind == K_BINARY)
		corpus_octets(c, &n->want);
	else
		corpus_text(c, &n->want, cs->sample);
	corpus_body(c, n, kind != K_BINARY);
}

/* What nobody may touch: as it is, whatever is in it. The number makes it unlike any other. */
static void corpus_opaque(struct corpus *c, enum corpus_kind kind)
{
	static const char *const status = "Reporting-MTA: dns; mx.x.example \n\nFinal-Recipient: "
					  "rfc822; a@x.example\nAction: failed\n";
	struct corpus_node *n = corpus_node(c, NODE_OPAQUE);
	const char *w = corpus_pick(c, corpus_charset).sample;
	unsigned id = ++c->serial;

	if (kind == K_SIGNED) {
		corpus_head(c, n, "Content-Type",
			"multipart/signed; micalg=pgp-sha512;\n "
			"protocol=\"application/pgp-signature\"; boundary=\"=-s\"");
		buf_addf(&n->want,
			"--=-s\nContent-Type: text/plain; charset=x \n\n%u %s \nFrom x\n--=-s\n"
			"Content-Type: application/pgp-signature\n\n-----BEGIN PGP "
			"SIGNATURE-----\n\n%u\n-----END PGP SIGNATURE-----\n\n--=-s--",
			id, w, id);
	} else if (kind == K_STATUS) {
		corpus_head(c, n, "Content-Type", "message/delivery-status");
		buf_addf(&n->want, "%sX-Number: %u \n", status, id);
	} else if (kind == K_EXTERNAL) {
		corpus_head(c, n, "Content-Type",
			"message/external-body; access-type=URL;\n URL=\"https://x.example/\"");
		buf_addf(&n->want,
			"Content-Type: image/jpeg\nContent-ID: <%u@x.example>\n\nphantom \n", id);
	} else {
		if (kind == K_PARTIAL)
			corpus_head(c, n, "Content-Type",
				"message/partial; id=\"x@x.example\";\n number=2; total=3");
		else if (kind == K_RFC822)
			corpus_head(c, n, "Content-Type",
				corpus_draw(c, 3) ? "message/rfc822"
						  : "message/global; name=x.eml");
		else if (corpus_draw(c, 2)) /* in a digest */
			corpus_head(c, n, "Content-Description", "a message");
		buf_addf(&n->want,
			"From: x@x.example\nSubject: inner %u \nX-Fold: a\n \n b\nContent-Type: "
			"multipart/mixed; boundary=in\n\n"
			"--in\n\n%s \nFrom x\n--in--\n",
			id, w);
		if (corpus_draw(c, 4) == 0)
			corpus_fill(&n->want, w, 1500);
	}
	if (corpus_draw(c, 2))
		corpus_head(
			c, NULL, "Content-Transfer-Encoding", corpus_draw(c, 2) ? "8bit" : "7bit");
	corpus_nl(c);
	corpus_lines(c, n->want.p, n->want.len);
}

static void corpus_part(struct corpus *c, enum corpus_kind kind, unsigned depth);

/* A multipart without any part is to become the text that it holds, from the offset on. */
static void corpus_becomes_text(struct corpus *c, struct corpus_node *n, size_t from)
{
	size_t i;
	bool ascii = true;

	for (i = from; i < c->text.len; i++) {
		ascii &= c->text.p[i] < 0x80;
		if (c->text.p[i] != '\r') /* there are none but of line ends */
			corpus_add(&n->want, c->text.p + i, 1);
	}
	n->kind = NODE_LINES;
	buf_addf(&n->head, "Content-Type: text/plain; charset=%s\n", ascii ? "us-ascii" : "utf-8");
}

static void corpus_multipart(struct corpus *c, enum corpus_kind kind, unsigned depth)
{
	static const char *const subtype[] = {"mixed", "alternative; x=y",
		"related;\n type=\"text/html\"", "parallel", "report; report-type=delivery-status",
		"digest"};
	static const char *const shape[][2] = {{"b", ""}, {"=_", ""}, {"--", ""},
		{"'", "()+_,-./:=?"}, {"----=_Part_", ""}, {"", " b"}, {"b", "b"}};
	static const char *const around[] = {
		"", "", "This is a multi-part message. \n", "\n", "\xc3\xa4\n", "--b \n"};
	static const enum corpus_kind report[] = {K_TEXT, K_STATUS, K_RFC822};
	struct corpus_node *n = corpus_node(c, NODE_MULTIPART);
	const char *const *ends = corpus_pick(c, shape);
	char boundary[64], type[256];
	size_t from;
	unsigned i, parts = kind == K_NO_PARTS ? 0
			    : kind == K_REPORT ? 3
					       : 1 + corpus_draw(c, depth ? 3 : 5);

	snprintf(boundary, sizeof(boundary), "%s%u%s", ends[0], 100 + ++c->serial, ends[1]);
	snprintf(type, sizeof(type), "multipart/%s; boundary=\"%s\"%s",
		kind == K_SHELL ? "encrypted; protocol=\"application/pgp-encrypted\""
				: subtype[kind == K_NO_PARTS    ? 0
					  : kind - K_MIXED == 5 ? 5
								: kind - K_MIXED],
		boundary, corpus_draw(c, 3) ? "" : "; x=y");
	corpus_head(c, kind == K_NO_PARTS ? NULL : n, "Content-Type", type);
	if (corpus_draw(c, 3) == 0)
		corpus_head(
			c, NULL, "Content-Transfer-Encoding", corpus_draw(c, 2) ? "8bit" : "7bit");
	corpus_nl(c);
	from = c->text.len;
	corpus_puts(c, corpus_pick(c, around));
	n->children = kind == K_SHELL ? 2 : parts;
	for (i = 0; i < n->children; i++) {
		corpus_puts(c, "\n--");
		corpus_puts(c, boundary);
		corpus_puts(c, corpus_draw(c, 6) ? "\n" : " \t\n");
		if (kind == K_SHELL) {
			corpus_puts(
				c, i ? "Content-Type: application/octet-stream\n\nnot encrypted\n"
				     : "Content-Type: application/pgp-encrypted\n\nVersion: 1\n");
			corpus_adds(&corpus_node(c, NODE_LINES)->want,
				i ? "not encrypted\n" : "Version: 1\n");
			corpus_adds(&c->node[c->n_node - 1].head,
				i ? "Content-Type: application/octet-stream\n"
				  : "Content-Type: application/pgp-encrypted\n");
		} else if (kind == K_DIGEST) {
			corpus_opaque(c, K_DIGEST);
		} else {
			corpus_part(c,
				kind == K_REPORT ? report[i]
						 : (enum corpus_kind)corpus_draw(c, K_UNTYPED),
				depth + 1);
		}
	}
	corpus_puts(c, "\n--");
	corpus_puts(c, boundary);
	corpus_puts(c, "--");
	if (depth > 0 || corpus_draw(c, 3)) { /* else the message's last line does not end */
		corpus_nl(c);
		if (corpus_draw(c, 2))
			corpus_puts(c, corpus_pick(c, around));
	}
	if (kind == K_NO_PARTS)
		corpus_becomes_text(c, n, from);
}

static void corpus_part(struct corpus *c, enum corpus_kind kind, unsigned depth)
{
	if (kind >= K_MIXED && kind != K_SIGNED && depth == CORPUS_DEPTH)
		kind = K_TEXT;
	if (kind == K_SIGNED || (kind >= K_RFC822 && kind <= K_STATUS))
		corpus_opaque(c, kind);
	else if (kind >= K_MIXED && kind <= K_NO_PARTS)
		corpus_multipart(c, kind, depth);
	else
		corpus_leaf(c, kind);
}

#endif
