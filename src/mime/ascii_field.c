/* SPDX-License-Identifier: ISC */
#include "mime/ascii_field.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/text.h"
#include "mime/mime.h"

#define WORD_LINE 76       /* RFC 2047 section 2: of a line with an encoded word */
#define WORD_COLUMN_MAX 40 /* where one may begin that does not fit on the line */
#define PARAM_PIECE 60     /* of a parameter's value in one piece */
#define BLANKS " \t\n"

/* How a field is written. */
struct writer {
	struct buf *out;
	size_t column;
	const char *charset;
	bool utf8;
};

/* A part of a value. */
struct span {
	const char *p;
	size_t n;
};

static bool is_ascii_span(struct span s)
{
	for (; s.n > 0; s.p++, s.n--) {
		if ((unsigned char)*s.p >= 0x80)
			return false;
	}
	return true;
}

static int write_span(struct writer *w, struct span s)
{
	const char *lf = memrchr(s.p, '\n', s.n);

	w->column = lf ? (size_t)(s.p + s.n - lf - 1) : w->column + s.n;
	return buf_add(w->out, s.p, s.n);
}

static int write_text(struct writer *w, const char *text)
{
	return write_span(w, (struct span){text, strlen(text)});
}

/* Characters allowed unencoded in an encoded word of a phrase (RFC 2047 section 5). */
static bool stays_in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("!*+-/", c));
}

static int put_word_byte(struct writer *w, char c)
{
	if (c == ' ')
		c = '_';
	else if (!stays_in_word(c)) {
		w->column += 3;
		return buf_addf(w->out, "=%02X", (unsigned char)c);
	}
	w->column++;
	return buf_addc(w->out, c);
}

static size_t word_cost(struct span s)
{
	size_t cost = 0;

	for (; s.n > 0; s.p++, s.n--)
		cost += *s.p == ' ' || stays_in_word(*s.p) ? 1 : 3;
	return cost;
}

/* Writes text as encoded words without splitting characters. */
static int write_words(struct writer *w, struct span s)
{
	size_t n;
	int rc = 0;

	while (s.n > 0 && rc == 0) {
		rc = buf_addf(w->out, "=?%s?q?", w->charset);
		w->column += strlen(w->charset) + 5;
		for (; s.n > 0 && rc == 0; s.p += n, s.n -= n) {
			size_t i;

			n = w->utf8 ? text_utf8_length(s.p, s.n) : 1;
			n = n == 0 ? 1 : n;
			if (w->column + word_cost((struct span){s.p, n}) + 2 > WORD_LINE)
				break;
			for (i = 0; i < n && rc == 0; i++)
				rc = put_word_byte(w, s.p[i]);
		}
		if (rc == 0)
			rc = write_text(w, s.n > 0 ? "?=\n " : "?=");
	}
	return rc;
}

/* Writes the gap between two words, before a word that is encoded or not. */
static int write_gap(struct writer *w, struct span gap, bool encoded)
{
	int rc = 0;

	if (encoded && gap.n > 0 && w->column > WORD_COLUMN_MAX && !memchr(gap.p, '\n', gap.n)) {
		rc = buf_addc(w->out, '\n');
		w->column = 0;
	}
	return rc < 0 ? rc : write_span(w, gap);
}

static bool is_encoded_word(struct span s)
{
	return s.n > 6 && memcmp(s.p, "=?", 2) == 0 && memcmp(s.p + s.n - 2, "?=", 2) == 0;
}

/* Behind the quoted string or comment at p, or its end. */
static const char *skip_enclosed(const char *p, const char *end)
{
	const bool quoted = *p == '"';
	int depth = 1;

	for (p++; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (quoted ? *p == '"' : *p == ')' && --depth == 0)
			return p + 1;
		else if (!quoted && *p == '(')
			depth++;
	}
	return end;
}

/* The next word at *p, and what stands before it; false: there is none. structured: quoted strings
 * and comments are whole. */
static bool next_word(
	const char **p, const char *end, bool structured, struct span *gap, struct span *word)
{
	const char *s = *p;

	while (s < end && strchr(BLANKS, *s))
		s++;
	*gap = (struct span){*p, (size_t)(s - *p)};
	word->p = s;
	while (s < end && !strchr(BLANKS, *s)) {
		if (structured && *s == '(' && s > word->p)
			break;
		if (structured && (*s == '"' || *s == '(')) {
			const bool comment = *s == '(';

			s = skip_enclosed(s, end);
			if (comment)
				break;
		} else {
			s++;
		}
	}
	word->n = (size_t)(s - word->p);
	*p = s;
	return word->n > 0;
}

/* Appends the text to be encoded: unfolded, quoted strings by their values. */
static int add_meaning(struct buf *b, struct span s, bool structured)
{
	bool quoted = false;
	int rc = 0;

	for (; s.n > 0 && rc == 0; s.p++, s.n--) {
		if (structured && *s.p == '"') {
			quoted = !quoted;
			continue;
		}
		if (quoted && *s.p == '\\' && s.n > 1) {
			s.p++;
			s.n--;
		}
		if (*s.p != '\n')
			rc = buf_addc(b, *s.p == '\t' ? ' ' : *s.p);
	}
	return rc;
}

static int write_comment(struct writer *w, struct span s)
{
	const bool closed = s.n > 1 && s.p[s.n - 1] == ')';
	struct buf inner = BUF_INIT_SECRET(w->out->max);
	int rc = add_meaning(&inner, (struct span){s.p + 1, s.n - 1 - closed}, false);

	if (rc == 0)
		rc = write_text(w, "(");
	if (rc == 0)
		rc = write_words(w, (struct span){buf_str(&inner), inner.len});
	buf_free(&inner);
	return rc < 0 ? rc : write_text(w, ")");
}

/* State of writing a phrase: the next word, and the gap before it. */
struct phrase {
	const char *p, *end;
	bool structured;
	bool more; /* gap and word are there; else only gap may be */
	struct span gap, word;
	bool after_encoded; /* the word before came encoded */
};

static void step_word(struct phrase *x)
{
	x->more = next_word(&x->p, x->end, x->structured, &x->gap, &x->word);
}

static bool at_comment(const struct phrase *x)
{
	return x->structured && *x->word.p == '(';
}

/* The present word is to be part of encoded words. */
static bool at_raw(const struct phrase *x)
{
	return x->more && !at_comment(x) && !is_ascii_span(x->word);
}

/*
 * Encodes consecutive non-ASCII words together, since blanks between encoded words are not
 * displayed. Next to a word that came encoded, the blank is encoded as well.
 */
static int write_run(struct writer *w, struct phrase *x)
{
	struct buf run = BUF_INIT_SECRET(w->out->max);
	int rc = write_gap(w, x->gap, true);

	if (rc == 0 && x->after_encoded)
		rc = add_meaning(&run, x->gap, false);
	while (rc == 0) {
		rc = add_meaning(&run, x->word, x->structured);
		step_word(x);
		if (rc == 0 && (at_raw(x) || (x->more && is_encoded_word(x->word))))
			rc = add_meaning(&run, x->gap, false);
		if (!at_raw(x))
			break;
	}
	if (rc == 0)
		rc = write_words(w, (struct span){buf_str(&run), run.len});
	if (rc == 0 && x->more && x->gap.n == 0)
		rc = write_text(w, " ");
	x->after_encoded = false;
	buf_free(&run);
	return rc;
}

/* Text, or a phrase with comments (structured). */
static int write_phrase(struct writer *w, struct span s, bool structured)
{
	struct phrase x = {.p = s.p, .end = s.p + s.n, .structured = structured};
	bool ascii;
	int rc = 0;

	step_word(&x);
	while (x.more && rc == 0) {
		if (at_raw(&x)) {
			rc = write_run(w, &x);
			continue;
		}
		ascii = is_ascii_span(x.word);
		rc = write_gap(w, x.gap, !ascii);
		if (rc == 0)
			rc = ascii ? write_span(w, x.word) : write_comment(w, x.word);
		x.after_encoded = ascii && is_encoded_word(x.word);
		step_word(&x);
	}
	return rc < 0 ? rc : write_span(w, x.gap);
}

/* With its domain as A-labels; words that are not an address are encoded. -1 also if it is not
 * known which they are. */
static int write_address(struct writer *w, struct span word)
{
	struct buf text = BUF_INIT(2 * ADDR_TEXT_MAX);
	struct err why = ERR_INIT;
	struct addr a;
	int rc = buf_add(&text, word.p, word.n), e = errno;

	if (rc < 0)
		rc = e == ENOMEM ? -1 : write_words(w, word);
	else if (addr_parse(buf_str(&text), &a, &why) < 0)
		rc = why.code == ERR_OS ? -1 : write_words(w, word);
	else
		rc = write_text(w, a.text);
	buf_free(&text);
	return rc;
}

/* An addr-spec with blanks and comments around. */
static int write_spec(struct writer *w, struct span s)
{
	const char *p = s.p, *end = s.p + s.n;
	struct span gap, word;
	int rc = 0;

	while (rc == 0 && next_word(&p, end, true, &gap, &word)) {
		rc = write_span(w, gap);
		if (rc < 0 || is_ascii_span(word)) {
			rc = rc < 0 ? rc : write_span(w, word);
			continue;
		}
		rc = *word.p == '(' ? write_comment(w, word) : write_address(w, word);
	}
	return rc < 0 ? rc : write_span(w, gap);
}

/* Where a name or address in a list ends: before one of , ; : < > outside quotes and comments. */
static const char *end_of_item(const char *p, const char *end)
{
	while (p < end && !strchr(",;:<>", *p))
		p = *p == '"' || *p == '(' ? skip_enclosed(p, end) : p + 1;
	return p;
}

/* Addresses: names before "<" and ":", all else addr-specs. */
static int write_addresses(struct writer *w, struct span s)
{
	const char *p = s.p, *end = s.p + s.n, *e;
	int rc = 0;

	while (p < end && rc == 0) {
		e = end_of_item(p, end);
		rc = e < end && (*e == '<' || *e == ':')
			     ? write_phrase(w, (struct span){p, (size_t)(e - p)}, true)
			     : write_spec(w, (struct span){p, (size_t)(e - p)});
		if (rc == 0 && e < end)
			rc = write_span(w, (struct span){e++, 1});
		p = e;
	}
	return rc;
}

/* A byte of an extended value (RFC 2231 section 7). */
static int put_extended(struct buf *out, char c, bool extended)
{
	if (stays_in_word(c) ? c != '*' : c && strchr("._", c) != NULL)
		return buf_addc(out, c);
	if (extended && c > 32 && c < 127)
		return buf_addc(out, c); /* it came so */
	return buf_addf(out, "%%%02X", (unsigned char)c);
}

/* NAME*=CHARSET''VALUE, in as many pieces as it takes. */
static int write_extended(struct writer *w, struct span name, const struct buf *value)
{
	const bool extended = name.n > 0 && name.p[name.n - 1] == '*';
	struct buf all = BUF_INIT_SECRET(w->out->max);
	unsigned piece = 0;
	size_t at = 0, n;
	int rc = 0;

	if (!extended)
		rc = buf_addf(&all, "%s''", w->charset);
	for (n = 0; n < value->len && rc == 0; n++)
		rc = put_extended(&all, (char)value->p[n], extended);
	while (at < all.len && rc == 0) {
		n = all.len - at;
		if (n > PARAM_PIECE && !extended) {
			n = PARAM_PIECE;
			while (all.p[at + n - 1] == '%' || all.p[at + n - 2] == '%')
				n--;
		}
		rc = buf_addf(w->out, ";\n %.*s", (int)name.n, name.p);
		if (rc == 0 && !extended && (piece > 0 || n < all.len))
			rc = buf_addf(w->out, "*%u", piece++);
		if (rc == 0)
			rc = buf_adds(w->out, extended ? "=" : "*=");
		if (rc == 0)
			rc = buf_add(w->out, all.p + at, n);
		at += n;
	}
	buf_free(&all);
	return rc;
}

/* One parameter, without its ';'. */
static int write_param(struct writer *w, struct span s)
{
	struct buf value = BUF_INIT_SECRET(w->out->max);
	const char *eq = memchr(s.p, '=', s.n), *p = s.p, *end = s.p + s.n;
	struct span name;
	int rc;

	while (p < end && strchr(BLANKS, *p))
		p++;
	name = (struct span){
		p, eq && eq > p ? mime_rtrim((const uint8_t *)p, (size_t)(eq - p)) : 0};
	if (is_ascii_span(s) || (name.n == 8 && strncasecmp(name.p, "boundary", 8) == 0)) {
		rc = buf_addc(w->out, ';');
		return rc < 0 ? rc : buf_add(w->out, s.p, s.n);
	}
	if (name.n == 0 || !is_ascii_span(name))
		return 0; /* nobody can read it */
	for (p = eq + 1; p < end && strchr(BLANKS, *p); p++)
		;
	while (end > p && strchr(BLANKS, end[-1]))
		end--;
	rc = add_meaning(&value, (struct span){p, (size_t)(end - p)}, true);
	if (rc == 0)
		rc = write_extended(w, name, &value);
	buf_free(&value);
	return rc;
}

/* A value with parameters. */
static int write_params(struct writer *w, struct span s)
{
	const char *p = s.p, *end = s.p + s.n, *e;
	int rc = 0;

	for (e = p; e < end && *e != ';';)
		e = *e == '"' || *e == '(' ? skip_enclosed(e, end) : e + 1;
	rc = write_phrase(w, (struct span){p, (size_t)(e - p)}, true);
	while (e < end && rc == 0) {
		p = ++e;
		while (e < end && *e != ';')
			e = *e == '"' || *e == '(' ? skip_enclosed(e, end) : e + 1;
		rc = write_param(w, (struct span){p, (size_t)(e - p)});
	}
	return rc;
}

int ascii_field(const char *name, const char *value, struct buf *out)
{
	static const char *const addresses[] = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc",
		"Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc", "Mail-Followup-To",
		"Mail-Reply-To", "Disposition-Notification-To", "Return-Receipt-To", "Errors-To",
		"Return-Path", NULL};
	static const char *const structured[] = {"Date", "Resent-Date", "Received", "Message-ID",
		"Resent-Message-ID", "In-Reply-To", "References", "MIME-Version", "Keywords",
		"Content-Transfer-Encoding", "Content-ID", "Content-Language", NULL};
	static const char *const params[] = {"Content-Type", "Content-Disposition", NULL};
	struct writer w = {
		.out = out, .column = strlen(name) + 2, .utf8 = text_is_utf8(value, strlen(value))};
	const struct span all = {value, strlen(value)};

	w.charset = w.utf8 ? "utf-8" : "unknown-8bit";
	if (is_ascii_span(all))
		return buf_add(out, all.p, all.n);
	if (mime_in_list(addresses, name))
		return write_addresses(&w, all);
	if (mime_in_list(params, name))
		return write_params(&w, all);
	return write_phrase(&w, all, mime_in_list(structured, name));
}
