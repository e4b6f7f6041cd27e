/* SPDX-License-Identifier: ISC */
/*
 * Whole messages: sealed or refused, never a crash. What gpg would be given is canonical, reads
 * again as the same parts, and nothing that is to be hidden stands outside or goes out in clear.
 * gpg itself is not run.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz.h"
#include "mime/mime.h"
#include "pgp/seal/detect.h"
#include "pgp/seal/payload.h"
#include "pgp/seal/seal.h"

#define TEXT_MAX (64u << 20)

const char *__lsan_default_suppressions(void);

/* GMime's parser of addresses loses its text where one of them is broken. */
const char *__lsan_default_suppressions(void)
{
	return "leak:internet_address\nleak:g_realloc\nleak:g_malloc\n";
}

static int read_message(const void *p, size_t n, struct source *s, struct message *m)
{
	const struct source_opts opts = {.max = TEXT_MAX};
	int rc, fd = fd_memory("fuzz", p, n);

	must(fd >= 0);
	must(source_open(s, fd, &opts, NULL) == 0);
	rc = message_parse(m, s, NULL);
	if (rc < 0) {
		source_close(s);
		close(fd);
	}
	return rc < 0 ? -1 : fd;
}

static void end_message(int fd, struct source *s, struct message *m)
{
	message_free(m);
	source_close(s);
	close(fd);
}

/* Fields that must leave every output, as the standard spells fields: at a line's beginning, before
 * the blank line. */
static void check_hidden(const char *text, size_t n)
{
	static const char *const hidden[] = {
		"Bcc", "Resent-Bcc", "X-Sealpost", "Autocrypt-Draft-State"};
	const char *lf;
	size_t i, len, colon;

	for (; n > 0; n -= (size_t)(lf - text) + 1, text = lf + 1) {
		lf = memchr(text, '\n', n);
		if (!lf)
			lf = text + n - 1;
		if (*text == '\n' || *text == '\r')
			return;
		len = mime_field_name((const uint8_t *)text, (size_t)(lf - text), &colon);
		for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
			must(len != strlen(hidden[i]) || strncasecmp(text, hidden[i], len) != 0);
	}
}

/* Lines end with CRLF only. In the header of the payload: no empty name, no line of blanks. */
static const char *check_lines(const char *text, size_t n)
{
	const char *p = text, *end = text + n, *lf, *body = NULL;
	size_t colon, len;

	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', (size_t)(end - p));
		len = lf ? (size_t)(lf - p) : (size_t)(end - p);
		if (!lf) {
			must(body && !memchr(p, '\n', len));
			break;
		}
		must(len > 0 && lf[-1] == '\r');
		if (body)
			continue;
		must(!memchr(p, '\0', len) && !memchr(p, '\r', len - 1));
		if (len == 1)
			body = lf + 1;
		else if (!mime_blank((uint8_t)*p))
			must(mime_field_name((const uint8_t *)p, len, &colon) > 0);
		else
			must(p > text && mime_rtrim((const uint8_t *)p, len - 1) > 0);
	}
	must(body != NULL);
	return body;
}

/* RFC 3156 section 3, of all that is not opaque. The same parts as before. */
static void check_structure(const struct message *was, const char *text, size_t n)
{
	struct structure a, b;
	struct source s;
	struct message m;
	size_t i;
	int fd = read_message(text, n, &s, &m);

	must(fd >= 0);
	must(structure_scan(&a, was, NULL) == 0 && structure_scan(&b, &m, NULL) == 0);
	/* A body that is signed already is the one part of another. */
	if (was->is_signed && !a.part[0].no_parts)
		must(b.n == a.n + 3 && b.part[2].kind == a.part[0].kind);
	else
		must(a.n == b.n);
	for (i = 0; i < b.n && a.n == b.n; i++) {
		const struct part *p = &a.part[i], *q = &b.part[i];

		must(p->kind == q->kind && p->parent == q->parent && p->text == q->text &&
			!q->no_parts);
		if (q->kind == PART_LEAF && q->cte != CTE_OTHER)
			must((q->flaws & ~(unsigned)FLAW_NOT_UTF8) == 0 && q->cte != CTE_8BIT &&
				q->cte != CTE_BINARY);
		if (q->kind == PART_JUNK)
			must(q->flaws == 0);
	}
	structure_free(&a);
	structure_free(&b);
	end_message(fd, &s, &m);
}

static void sealed(const struct message *m)
{
	struct outgoing h = {NULL, 0};
	struct buf out = BUF_INIT(TEXT_MAX), outside = BUF_INIT(OUTGOING_MAX);
	struct payload p;
	uint8_t chunk[4096];
	ssize_t n;
	size_t i;

	if (outgoing_make(&h, m, NULL) < 0)
		return;
	if (payload_open(&p, m, &h, NULL) == 0) {
		while ((n = payload_read(&p, chunk, sizeof(chunk), NULL)) > 0)
			must(buf_add(&out, chunk, (size_t)n) == 0);
		must(n == 0);
		payload_close(&p);
		(void)check_lines(buf_str(&out), out.len);
		check_hidden(buf_str(&out), out.len);
		check_structure(m, buf_str(&out), out.len);
		must(outgoing_outside(&h, &outside, NULL) == 0);
		check_hidden(buf_str(&outside), outside.len);
		must(!memchr(buf_str(&outside), '\r', outside.len));
		for (i = 0; i < h.n; i++)
			must(strcasecmp(h.v[i].name, "Subject") != 0 ||
				strcmp(h.v[i].outer, "[...]") == 0);
	}
	outgoing_free(&h);
	buf_free(&out);
	buf_free(&outside);
}

/* In clear: the same octets, but for line ends and the fields that are gone. */
static void clear(const struct message *m)
{
	struct buf text = BUF_INIT(TEXT_MAX);
	struct spool out;
	struct source s;
	struct message again;
	bool any = false, before, after;
	size_t i;
	int fd;

	must(detect_encrypted(m, &before, NULL) == 0);
	must(clear_message(m, &out, NULL) == 0);
	must(fd_read_all(out.fd, &text, NULL) == 0);
	must((off_t)text.len == out.size && (off_t)text.len <= m->src->size + 4096);
	check_hidden(buf_str(&text), text.len);
	for (i = 0; i < m->n_field; i++)
		any |= !outgoing_never(m->field[i].name);
	if (any) {
		fd = read_message(text.p, text.len, &s, &again);
		must(fd >= 0);
		must(detect_encrypted(&again, &after, NULL) == 0 && after == before);
		end_message(fd, &s, &again);
	}
	spool_close(&out);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct source s;
	struct message m;
	int fd = read_message(data, size, &s, &m);

	if (fd < 0)
		return 0;
	if (message_complete(&m, NULL) == 0) {
		sealed(&m);
		clear(&m);
	}
	end_message(fd, &s, &m);
	return 0;
}
