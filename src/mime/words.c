/* SPDX-License-Identifier: ISC */
#include "mime/words.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/text.h"
#include "mime/mime.h"

#define WORD_CHARSET_MAX 40
#define WORD_RUN_MAX 65536 /* bytes of consecutive words, and of their decoded text */

struct word {
	char charset[WORD_CHARSET_MAX];
	char how; /* 'q' or 'b' */
	const char *text;
	size_t len;      /* of text */
	const char *end; /* behind the word */
};

/* Finds an encoded word at p (RFC 2047 section 2): without blanks, its charset optionally with a
 * language (RFC 2231 section 5). */
static bool word_at(const char *p, struct word *w)
{
	size_t n;

	if (p[0] != '=' || p[1] != '?')
		return false;
	p += 2;
	n = strcspn(p, "?* \t\n");
	if (n == 0 || n >= sizeof(w->charset))
		return false;
	memcpy(w->charset, p, n);
	w->charset[n] = '\0';
	p += strcspn(p, "? \t\n");
	if (p[0] != '?' || p[1] == '\0' || p[2] != '?')
		return false;
	w->how = (char)tolower((unsigned char)p[1]);
	w->text = p + 3;
	w->len = strcspn(w->text, "? \t\n");
	w->end = w->text + w->len + 2;
	return (w->how == 'q' || w->how == 'b') && w->text[w->len] == '?' &&
	       w->text[w->len + 1] == '=';
}

/* Whether this machine failed; else the text is what cannot be decoded. */
static bool lacks_means(void)
{
	return errno == ENOMEM || errno == EMFILE || errno == ENFILE;
}

/* RFC 2047 section 4.2. */
static int add_quoted(const struct word *w, struct buf *out)
{
	size_t i;

	for (i = 0; i < w->len; i++) {
		char c = w->text[i] == '_' ? ' ' : w->text[i];

		if (c == '=') {
			int high = i + 2 < w->len ? text_hex_digit(w->text[i + 1]) : -1;
			int low = high >= 0 ? text_hex_digit(w->text[i + 2]) : -1;

			if (low < 0) {
				errno = EILSEQ;
				return -1;
			}
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (buf_addc(out, c) < 0)
			return -1;
	}
	return 0;
}

/* Appends the decoded bytes of a word to the run. -1 with errno: it cannot be decoded, or there is
 * no room; the run is unchanged. */
static int add_word(const struct word *w, struct buf *run)
{
	struct base64_reader r = {0};
	size_t before = run->len;

	if (w->how == 'q') {
		if (add_quoted(w, run) == 0)
			return 0;
	} else if (buf_reserve(run, w->len) == 0) {
		run->len += base64_read(&r, (const uint8_t *)w->text, w->len, run->p + run->len);
		if (base64_whole(&r))
			return 0;
		errno = EILSEQ;
	}
	run->len = before;
	return -1;
}

static void blank_controls(uint8_t *p, size_t n)
{
	for (; n > 0; p++, n--) {
		if (*p < 32 || *p == 127)
			*p = ' ';
	}
}

/* Appends bytes of a charset converted to UTF-8, control characters as blanks. -1 with errno: they
 * are invalid, or there is no room; out is unchanged. */
static int add_converted(const char *charset, const struct buf *octets, struct buf *out)
{
	char *in = (char *)octets->p, *to;
	size_t n = octets->len, room = 4 * n + 16, end = out->len, bad = (size_t)-1;
	iconv_t cd = iconv_open("UTF-8", charset);

	if (cd == (iconv_t)-1)
		return -1;
	if (buf_reserve(out, room + 1) == 0) {
		to = (char *)out->p + end;
		bad = iconv(cd, &in, &n, &to, &room);
		if (bad != (size_t)-1)
			bad = iconv(cd, NULL, NULL, &to, &room);
		end = (size_t)(to - (char *)out->p);
	}
	if (bad == (size_t)-1) {
		const int e = errno;

		iconv_close(cd);
		errno = e;
		return -1;
	}
	iconv_close(cd);
	blank_controls(out->p + out->len, end - out->len);
	out->len = end;
	out->p[end] = '\0';
	return 0;
}

/* Appends text that is UTF-8 already. As add_converted. */
static int add_utf8(const char *p, size_t n, struct buf *out)
{
	errno = EILSEQ;
	if (!text_is_utf8(p, n) || buf_add(out, p, n) < 0)
		return -1;
	blank_controls(out->p + out->len - n, n);
	return 0;
}

/* Decodes consecutive words of one charset at *p, separated by blanks only. 1: done; 0: the first
 * cannot be decoded, and nothing was done; -1: this machine failed. */
static int take_run(const char **p, struct buf *out)
{
	struct buf run = BUF_INIT_SECRET(WORD_RUN_MAX);
	struct word first, w;
	const char *end = NULL, *next = *p;
	int rc = 0;

	if (word_at(next, &first)) {
		while (word_at(next, &w) && strcasecmp(w.charset, first.charset) == 0 &&
			(rc = add_word(&w, &run)) == 0) {
			end = w.end;
			next = end + strspn(end, " \t\n");
		}
		if (rc < 0 && !lacks_means())
			rc = 0; /* it ends the run */
		if (rc == 0 && end)
			rc = add_converted(first.charset, &run, out) == 0 ? 1
			     : lacks_means()                              ? -1
									  : 0;
	}
	if (rc == 1)
		*p = end;
	buf_free(&run);
	return rc;
}

/* Length up to the next encoded word, fold, or end: at least one character. */
static size_t plain_len(const char *p)
{
	struct word w;
	size_t n = 1;

	while (p[n] && p[n] != '\n' && !(strchr(" \t(", p[n - 1]) && word_at(p + n, &w)))
		n++;
	return n;
}

/* Appends all of the text, untrimmed. -1 with errno. */
static int add_all_text(const char *p, struct buf *out)
{
	int rc = 0, word = 0;
	struct word w;

	while (*p && rc == 0) {
		size_t n = strspn(p, " \t\n");

		if (word && n > 0 && word_at(p + n, &w)) /* blanks between words say nothing */
			p += n;
		word = take_run(&p, out);
		if (word < 0)
			return -1;
		if (word)
			continue;
		if (*p == '\n') {
			p++;
			continue;
		}
		n = plain_len(p);
		rc = add_utf8(p, n, out);
		p += n;
	}
	return rc;
}

int words_decode(const char *value, struct buf *out)
{
	struct buf all = BUF_INIT_SECRET(4 * WORD_RUN_MAX);
	int rc = add_all_text(value, &all);
	const char *p = buf_str(&all) + strspn(buf_str(&all), " ");

	if (rc == 0)
		rc = buf_add(out, p, mime_rtrim((const uint8_t *)p, strlen(p)));
	rc = rc == 0 ? 0 : lacks_means() ? ERR_OS : ERR_DATA;
	buf_free(&all);
	return rc;
}
