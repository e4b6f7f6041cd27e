#include "pgp/seal/armor.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "pgp/cert/crc24.h"
#include "mime/mime.h"

#define DEARMOR_LINE_MAX 1024 /* octets of a line of armour */
void armor_begin(struct armor *a, struct spool *out)
{
	a->crc = CRC24_INIT;
	a->out = out;
	a->n = 0;
	spool_adds(out, "-----BEGIN PGP MESSAGE-----\n\n");
}

static void put_line(struct armor *a, const uint8_t *p, unsigned n)
{
	char line[4 * sizeof(a->b) / 3 + 1];
	size_t len = base64_line(line, p, n);

	line[len++] = '\n';
	spool_add(a->out, line, len);
	a->crc = crc24(a->crc, p, n);
}

void armor_add(struct armor *a, const void *data, size_t n)
{
	const uint8_t *p = data;
	size_t part;

	while (n > 0) {
		part = sizeof(a->b) - a->n;
		if (part > n)
			part = n;
		if (a->n == 0 && part == sizeof(a->b)) {
			put_line(a, p, sizeof(a->b));
		} else {
			memcpy(a->b + a->n, p, part);
			a->n += (unsigned)part;
		}
		if (a->n == sizeof(a->b)) {
			put_line(a, a->b, a->n);
			a->n = 0;
		}
		p += part;
		n -= part;
	}
}

void armor_end(struct armor *a)
{
	char footer[CRC24_FOOTER_LEN];

	if (a->n > 0)
		put_line(a, a->b, a->n);
	/* Of the last line; the others are full. */
	spool_add(a->out, footer, crc24_footer(footer, a->crc, a->n));
	a->n = 0;
	spool_adds(a->out, "-----END PGP MESSAGE-----\n");
}

void dearmor_begin(struct dearmor *d, void (*got)(void *arg, const uint8_t *p, size_t n), void *arg)
{
	*d = (struct dearmor){.state = DEARMOR_BEFORE,
		.line = BUF_INIT(DEARMOR_LINE_MAX),
		.got = got,
		.arg = arg};
}

static bool is_line(const struct buf *l, const char *text)
{
	return strcmp(buf_str(l), text) == 0 && strlen(text) == l->len;
}

/* RFC 9580 section 6.2.2. Anything else could be text that somebody takes for protected. */
static bool known_header(const struct buf *l)
{
	static const char *const known[] = {
		"Version: ", "Comment: ", "Hash: ", "Charset: ", "MessageID: "};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strncmp(buf_str(l), known[i], strlen(known[i])) == 0)
			return true;
	}
	return false;
}

/* One line of base64: whole quanta or not, nothing after the padding. */
static void body_line(struct dearmor *d)
{
	uint8_t out[DEARMOR_LINE_MAX];
	size_t i, n = 0;
	int v;

	for (i = 0; i < d->line.len && !d->bad; i++) {
		v = base64_value(d->line.p[i]);
		if (v < 0 && d->line.p[i] == '=' && d->n >= 2) {
			d->pads++;
			d->bits <<= 6;
		} else if (v < 0 || d->pads) {
			d->bad = true;
		} else {
			d->bits = d->bits << 6 | (uint32_t)v;
		}
		if (++d->n < 4 || d->bad)
			continue;
		out[n++] = (uint8_t)(d->bits >> 16);
		if (d->pads < 2)
			out[n++] = (uint8_t)(d->bits >> 8);
		if (d->pads < 1)
			out[n++] = (uint8_t)d->bits;
		d->n = 0;
		d->bits = 0;
	}
	if (n > 0 && !d->bad)
		d->got(d->arg, out, n);
}

static void take_body(struct dearmor *d)
{
	if (is_line(&d->line, "-----END PGP MESSAGE-----")) {
		d->bad |= d->n != 0;
		d->state = DEARMOR_AFTER;
	} else if (d->line.len == 5 && d->line.p[0] == '=' && d->n == 0) {
		d->state = DEARMOR_CRC;
	} else if (d->line.len == 0) {
		d->bad = true;
	} else {
		body_line(d);
	}
}

static void take_line(struct dearmor *d)
{
	struct buf *l = &d->line;

	while (l->len > 0 && (mime_blank(l->p[l->len - 1]) || l->p[l->len - 1] == '\r'))
		l->p[--l->len] = '\0';
	switch (d->state) {
	case DEARMOR_BEFORE:
		if (is_line(l, "-----BEGIN PGP MESSAGE-----"))
			d->state = DEARMOR_HEADERS;
		else
			d->bad |= l->len > 0;
		break;
	case DEARMOR_HEADERS:
		if (l->len == 0)
			d->state = DEARMOR_BODY;
		else
			d->bad |= !known_header(l);
		break;
	case DEARMOR_BODY:
		take_body(d);
		break;
	case DEARMOR_CRC:
		d->bad |= !is_line(l, "-----END PGP MESSAGE-----");
		d->state = DEARMOR_AFTER;
		break;
	case DEARMOR_AFTER:
		d->bad |= l->len > 0;
		break;
	}
	buf_reset(l);
}

void dearmor_add(struct dearmor *d, const uint8_t *p, size_t n)
{
	const uint8_t *lf;
	size_t len;

	while (n > 0 && !d->bad) {
		lf = memchr(p, '\n', n);
		len = lf ? (size_t)(lf - p) : n;
		if (buf_add(&d->line, p, len) < 0) {
			d->bad = true;
			return;
		}
		if (!lf)
			return;
		take_line(d);
		p += len + 1;
		n -= len + 1;
	}
}

bool dearmor_end(struct dearmor *d)
{
	if (d->line.len > 0 && !d->bad)
		take_line(d);
	buf_free(&d->line);
	return !d->bad && d->state == DEARMOR_AFTER;
}
