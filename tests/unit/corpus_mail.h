/* SPDX-License-Identifier: ISC */
/* Whole messages of the corpus: a header that is hard on somebody around the parts of
 * mime_corpus.h. */
#ifndef SEALPOST_TEST_CORPUS_MAIL_H
#define SEALPOST_TEST_CORPUS_MAIL_H

#include "mime_corpus.h"

/* What is drawn from for each field; NULL: it is not there. LF line ends. */
static const char *const corpus_from[] = {"alice@x.example", "Alice <alice@x.example>",
	"=?utf-8?q?Al=C3=AFce?= <alice@x.example>",
	"\"A., Alice (x)\"\n <alice@x.example> (a comment)",
	"Al\xc3\xaf"
	"ce <alice@x.example>",
	"alice@x.example (Alice)", NULL};
static const char *const corpus_to[] = {"bob@x.example", "Bob <bob@x.example>,\n\tcarol@x.example",
	"=?iso-8859-1?q?B=F6b?=\n =?utf-8?b?w6Q=?= <bob@x.example>", "undisclosed-recipients:;",
	"Friends: bob@x.example, \"C, D\" <c@x.example>;,\n  \n  d@x.example",
	"B\xc3\xb6"
	"b <b\xc3\xb6"
	"b@x.example>",
	"\"=?utf-8?q?not_encoded?=\" <bob@x.example>", " bob@x.example ", "bob\n @x\n .example",
	NULL};
static const char *const corpus_subject[] = {"plain secret", "", " ",
	"=?utf-8?q?Gr=C3=BC=C3=9Fe_secret?=",
	"=?utf-8?b?w6TDtsO8IHNlY3JldCDDpMO2w7wgc2VjcmV0IMOkw7bDvA==?=\n =?utf-8?b?IHNlY3JldA==?= "
	"tail",
	"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=",
	"Gr\xc3\xbc\xc3\x9f"
	"e secret",
	"Gr\xfc\xdf"
	"e secret",
	"folded\n secret\n\toddly \n \n \t twice", "\n secret on the next line", "Re: [...]",
	"a: b; \"c\" <d> (e) \\", "  two  blanks\t tab ", NULL};
static const char *const corpus_date[] = {
	"Mon, 23 Nov 2026 10:00:00 +0000", "Mon, 23 Nov 2026\n 10:00 GMT (odd)", "", NULL};
static const char *const corpus_id[] = {"<one@x.example>",
	"\n <a-long-one.0123456789.0123456789.0123456789.0123456789@mail.x.example>",
	"<\"odd one\"@[192.0.2.1]>", NULL};
static const char *const corpus_version[] = {"1.0", "1.0 (made by hand)", NULL};

static const struct {
	const char *name, *value;
} corpus_other[] = {
	{"Cc", "carol@x.example, =?utf-8?q?D=C3=A4ve?= <dave@x.example>"},
	{"Reply-To", "list@x.example"},
	{"In-Reply-To", "<zero@x.example>"},
	{"References", "<a@x.example>\n <b@x.example>\n\t<c@x.example>"},
	{"Keywords", "secret, words"},
	{"Comments", "a secret comment"},
	{"User-Agent", "none/1.0 (\xc3\xa4)"},
	{"Received", "from a by b;\n\tMon, 23 Nov 2026 10:00:00 +0000"},
	{"Received", "from c by d; x"},
	{"List-Post", "<mailto:l@x.example>"},
	{"X-Empty", ""},
	{"X-Odd!#$%&'*+-/=?^_`{|}~", "y"},
	{"x", ":"},
	{"Content-Language", "de"},
	{"Content-MD5", "secret=="},
	{"TLS-Required", "No"},
	{"Auto-Submitted", "auto-generated"},
	{"Autocrypt", "addr=alice@x.example; keydata=\n AAAA\n BBBB"},
	{"Organization", "x \n\ty"},
	{"Bcc", "hidden@x.example"},
	{"Resent-Bcc", "hidden@x.example"},
	{"DKIM-Signature", "v=1; b=\n hidden"},
	{"Return-Path", "<hidden@x.example>"},
	{"X-Sealpost", "hidden"},
	{"HP-Outer", "From: hidden@x.example"},
	{"Autocrypt-Draft-State", "hidden"},
};

static void corpus_field(struct corpus *c, const char *name, const char *value)
{
	struct corpus_field *f = &c->field[c->n_field++];

	if (!value) {
		c->n_field--;
		return;
	}
	assert_true(c->n_field <= CORPUS_FIELDS_MAX);
	snprintf(f->name, sizeof(f->name), "%s", name);
	f->value = strdup(value);
	assert_non_null(f->value);
}

static void corpus_draw_fields(struct corpus *c)
{
	char line[1000];
	size_t i;

	corpus_field(c, "From", corpus_pick(c, corpus_from));
	corpus_field(c, "To", corpus_pick(c, corpus_to));
	corpus_field(c, "Subject", corpus_pick(c, corpus_subject));
	corpus_field(c, "Date", corpus_pick(c, corpus_date));
	corpus_field(c, "Message-ID", corpus_pick(c, corpus_id));
	corpus_field(c, "MIME-Version", corpus_pick(c, corpus_version));
	for (i = 0; i < N_OF(corpus_other); i++) {
		if (corpus_draw(c, 3) == 0)
			corpus_field(c, corpus_other[i].name, corpus_other[i].value);
	}
	if (corpus_draw(c, 8) == 0) { /* as long as a line may be */
		memset(line, 'x', sizeof(line));
		line[corpus_draw(c, 2) ? 997 : 975] = '\0';
		corpus_field(c, "X-Long", line);
	}
	for (i = c->n_field; i > 1; i--) { /* any order */
		size_t k = corpus_draw(c, (uint32_t)i);
		struct corpus_field t = c->field[i - 1];

		c->field[i - 1] = c->field[k];
		c->field[k] = t;
	}
	if (c->n_field == 0)
		corpus_field(c, "X-Only", "this");
}

/* The root's own fields come behind them. */
static void corpus_write_fields(struct corpus *c, size_t from, size_t to)
{
	for (; from < to; from++) {
		corpus_puts(c, c->field[from].name);
		corpus_puts(c, corpus_draw(c, 8) ? ": " : " :");
		corpus_puts(c, c->field[from].value);
		corpus_nl(c);
	}
}

/* Message number seed. corpus_free it. */
static struct corpus *corpus_make(unsigned seed)
{
	struct corpus *c = calloc(1, sizeof(*c));
	struct corpus_node *n;

	assert_non_null(c);
	c->rng = seed;
	c->text = (struct buf)BUF_INIT(CORPUS_TEXT_MAX);
	c->root = (enum corpus_kind)(seed % K_N);
	c->eol = (int)(seed / K_N % 3);
	corpus_draw_fields(c);
	corpus_write_fields(c, 0, c->n_field);
	if (c->root == K_UNTYPED || c->root == K_HEADER_ONLY) {
		n = corpus_node(c, NODE_LINES);
		if (c->root == K_UNTYPED) {
			corpus_nl(c);
			corpus_text(c, &n->want, corpus_pick(c, corpus_charset).sample);
			corpus_lines(c, n->want.p, n->want.len);
		} else if (corpus_draw(c, 2)) {
			c->text.len--; /* not even a line end */
			if (c->text.p[c->text.len - 1] == '\r')
				c->text.len--;
		}
	} else {
		corpus_part(c, c->root, 0);
	}
	return c;
}

static void corpus_free(struct corpus *c)
{
	size_t i;

	for (i = 0; i < c->n_node; i++) {
		buf_free(&c->node[i].head);
		buf_free(&c->node[i].want);
	}
	for (i = 0; i < c->n_field; i++)
		free(c->field[i].value);
	buf_free(&c->text);
	free(c);
}

#endif
