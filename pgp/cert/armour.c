/* SPDX-License-Identifier: ISC */
#include "pgp/cert/armour.h"

#include <errno.h>
#include <string.h>

#include "base/base64.h"
#include "pgp/cert/packet.h"
#include "mime/mime.h"

#define CRC24_POLY 0x864cfbu
#define CRC24_FOOTER_LEN 6 /* "=....\n" */
#define SLICES 16

#define ANY_BEGIN "-----BEGIN PGP "
#define PUBLIC_BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define PRIVATE_BEGIN "-----BEGIN PGP PRIVATE KEY BLOCK-----"
#define PUBLIC_END "-----END PGP PUBLIC KEY BLOCK-----"
#define SIGNATURE_BEGIN "-----BEGIN PGP SIGNATURE-----"
#define SIGNATURE_END "-----END PGP SIGNATURE-----"
#define MESSAGE_BEGIN "-----BEGIN PGP MESSAGE-----"
#define MESSAGE_END "-----END PGP MESSAGE-----"
#define LINE_COLUMNS 64
#define MESSAGE_LINE_MAX 1024 /* bytes of a line of an armoured message */
#define BLOCK_CHUNK 4096      /* characters of a block that are decoded at a time */
#define FIELD_MAX 64          /* bytes of a header field of one */

/* The unread rest of a text. */
struct text {
	const uint8_t *p;
	size_t len;
};

static bool is_white(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Whether it can be the first byte of an OpenPGP packet, which no ASCII character can. */
static bool is_packet(uint8_t c)
{
	return c & 0x80;
}

static void skip_bytes(struct text *t, size_t n)
{
	t->p += n;
	t->len -= n;
}

static bool skip_word(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if (t->len < n || memcmp(t->p, word, n) != 0)
		return false;
	skip_bytes(t, n);
	return true;
}

/* Skips the first line and returns it without its end and trailing blanks. */
static struct text block_line(struct text *t)
{
	const uint8_t *end = memchr(t->p, '\n', t->len);
	struct text line = {t->p, end ? (size_t)(end - t->p) : t->len};

	skip_bytes(t, line.len + (end ? 1 : 0));
	while (line.len > 0 && is_white(line.p[line.len - 1]))
		line.len--;
	return line;
}

/* Skips armour header fields ("Version: ...") and the blank line that ends them. */
static void skip_fields(struct text *t)
{
	struct text ahead = *t, line = block_line(&ahead);

	if (line.len > 0)
		return; /* text after the dashes: the decoder refuses it */
	*t = ahead;
	while (ahead.len > 0) {
		line = block_line(&ahead);
		if (line.len > 0 && !memchr(line.p, ':', line.len))
			return;
		*t = ahead;
		if (line.len == 0)
			return;
	}
}

/* Decodes base64 up to the padding, the checksum or the END line. 0; 1: it is malformed; -1: out
 * is full. */
static int read_block_data(struct text *t, struct buf *out)
{
	struct base64_reader r = {0};
	uint8_t made[BLOCK_CHUNK];
	size_t n, len;

	for (len = 0; len < t->len && t->p[len] != '=' && t->p[len] != '-'; len++)
		;
	for (; len > 0; len -= n) {
		n = len < sizeof(made) ? len : sizeof(made);
		if (buf_add(out, made, base64_read(&r, t->p, n, made)) < 0)
			return -1;
		skip_bytes(t, n);
	}
	return r.malformed || r.left == 6 ? 1 : 0; /* a lone digit cannot be the end of anything */
}

/* Skips padding and checksum, which are not verified, and the END line. False if that is
 * missing. */
static bool skip_end(struct text *t, const char *end)
{
	while (t->len > 0 && *t->p != '-') {
		if (*t->p != '=' && !is_white(*t->p) && base64_value(*t->p) < 0)
			return false;
		skip_bytes(t, 1);
	}
	return skip_word(t, end);
}

/* Decodes a block after its BEGIN line, up to this END line. 0; -1: out is full. */
static int read_block(struct text *t, const char *end, struct buf *out, bool *damaged)
{
	int rc;

	skip_fields(t);
	rc = read_block_data(t, out);
	*damaged = rc > 0 || (rc == 0 && !skip_end(t, end));
	return rc < 0 ? -1 : 0;
}

/* Skips to the next occurrence of the word. False if there is none. */
static bool find_word(struct text *t, const char *word)
{
	const uint8_t *at = t->len > 0 ? memmem(t->p, t->len, word, strlen(word)) : NULL;

	if (at)
		skip_bytes(t, (size_t)(at - t->p));
	return at != NULL;
}

/* What is looked for in a text. */
enum block_kind { BLOCK_KEYS, BLOCK_SIGNATURES };

/* Skips past the next BEGIN line of that kind, anywhere in the text. False if there is none. */
static bool find_block(struct text *t, enum block_kind kind, bool *secret)
{
	while (find_word(t, ANY_BEGIN)) {
		*secret = kind == BLOCK_KEYS && skip_word(t, PRIVATE_BEGIN);
		if (*secret || skip_word(t, kind == BLOCK_KEYS ? PUBLIC_BEGIN : SIGNATURE_BEGIN))
			return true;
		skip_bytes(t, strlen(ANY_BEGIN));
	}
	return false;
}

static int read_blocks(struct text t, enum block_kind kind, struct buf *out, struct armour *a)
{
	const char *end = kind == BLOCK_KEYS ? PUBLIC_END : SIGNATURE_END;

	while (!a->damaged && find_block(&t, kind, &a->secret)) {
		a->found = true;
		if (a->secret)
			return 0;
		if (read_block(&t, end, out, &a->damaged) < 0)
			return -1;
	}
	return 0;
}

/* Converts UTF-16 text to bytes; characters above U+00FF become '?'. The byte order mark gives
 * the byte order. */
static int from_utf16(const uint8_t *p, size_t len, struct buf *out)
{
	size_t i, low = p[0] == 0xff ? 0 : 1;

	for (i = 2; i + 1 < len; i += 2) {
		if (buf_addc(out, p[i + 1 - low] == 0 ? (char)p[i + low] : '?') < 0)
			return -1;
	}
	return 0;
}

/* Decodes a text that is base64 as a whole; out stays empty if it is not. */
static int from_base64(const uint8_t *p, size_t len, struct buf *out)
{
	struct base64_reader r = {0};

	if (buf_reserve(out, len) < 0)
		return -1;
	out->len = base64_read(&r, p, len, out->p);
	if (!base64_whole(&r))
		buf_reset(out);
	return 0;
}

/* Whether it is the first byte of a packet that a block of that kind begins with, in either format
 * (RFC 9580 section 4.2). */
static bool begins_block(uint8_t c, enum block_kind kind)
{
	unsigned tag = c & 0x40 ? c & 0x3f : (c & 0x3f) >> 2;

	if (!is_packet(c))
		return false;
	return kind == BLOCK_KEYS ? tag == PACKET_SECRET_KEY || tag == PACKET_PUBLIC_KEY
				  : tag == PACKET_SIGNATURE;
}

/* Reads a text without armour: base64 of packets, or of a text with armour. */
static int read_coded(
	const uint8_t *p, size_t len, enum block_kind kind, struct buf *out, struct armour *a)
{
	struct buf text = BUF_INIT(len + 1);
	int rc = from_base64(p, len, &text);

	if (rc == 0 && text.len > 0 && begins_block(text.p[0], kind)) {
		a->found = true;
		rc = buf_add(out, text.p, text.len);
	} else if (rc == 0 && text.len > 0) {
		rc = read_blocks((struct text){text.p, text.len}, kind, out, a);
	}
	buf_free(&text);
	return rc;
}

static int read_utf16(
	const uint8_t *p, size_t len, enum block_kind kind, struct buf *out, struct armour *a)
{
	struct buf text = BUF_INIT(len);
	int rc = from_utf16(p, len, &text);

	if (rc == 0)
		rc = read_blocks((struct text){text.p, text.len}, kind, out, a);
	buf_free(&text);
	return rc;
}

static int read_armour(
	const uint8_t *p, size_t len, enum block_kind kind, struct buf *out, struct armour *a)
{
	struct text t = {p, len};
	int rc;

	memset(a, 0, sizeof(*a));
	if (len > 1 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0))
		return read_utf16(p, len, kind, out, a);
	(void)skip_word(&t, "\xef\xbb\xbf");
	if (t.len == 0 || is_packet(t.p[0]))
		return 0;
	rc = read_blocks(t, kind, out, a);
	return rc == 0 && !a->found ? read_coded(t.p, t.len, kind, out, a) : rc;
}

int armour_read(const uint8_t *p, size_t len, struct buf *out, struct armour *a)
{
	return read_armour(p, len, BLOCK_KEYS, out, a);
}

int armour_read_signatures(const uint8_t *p, size_t len, struct buf *out, struct armour *a)
{
	return read_armour(p, len, BLOCK_SIGNATURES, out, a);
}

/*
 * The CRC of RFC 9580 section 6.1.1, kept in the upper 24 bits of a word. table[k] has the effect
 * of a byte that is followed by k more, so that SLICES bytes are taken in one step.
 */
static const uint32_t (*crc_table(void))[256]
{
	static uint32_t table[SLICES][256];
	static bool made;
	uint32_t c;
	int i, k;

	if (made)
		return table;
	for (i = 0; i < 256; i++) {
		c = (uint32_t)i << 24;
		for (k = 0; k < 8; k++)
			c = c & 0x80000000u ? c << 1 ^ CRC24_POLY << 8 : c << 1;
		table[0][i] = c;
	}
	for (k = 1; k < SLICES; k++) {
		for (i = 0; i < 256; i++)
			table[k][i] = table[k - 1][i] << 8 ^ table[0][table[k - 1][i] >> 24];
	}
	made = true;
	return table;
}

uint32_t crc24(uint32_t crc, const uint8_t *p, size_t n)
{
	const uint32_t(*t)[256] = crc_table();
	uint32_t w, next;
	int k;

	crc <<= 8;
	for (; n >= SLICES; n -= SLICES) {
		for (next = 0, k = SLICES; k > 0; k -= 4, p += 4, crc = 0) {
			w = crc ^ packet_be32(p);
			next ^= t[k - 1][w >> 24] ^ t[k - 2][w >> 16 & 255] ^
				t[k - 3][w >> 8 & 255] ^ t[k - 4][w & 255];
		}
		crc = next;
	}
	for (; n > 0; n--)
		crc = crc << 8 ^ t[0][crc >> 24 ^ *p++];
	return crc >> 8;
}

/*
 * Writes the footer line where it is needed, and returns its length, else 0. RFC 9580 section 6.1
 * advises against it, but where base64 ends without padding and no checksum follows, GnuPG 2.2
 * reads the END line as data and reports the message as manipulated. total: number of armoured
 * bytes.
 */
static size_t crc24_footer(char *out, uint32_t crc, size_t total)
{
	const uint8_t octets[3] = {(uint8_t)(crc >> 16), (uint8_t)(crc >> 8), (uint8_t)crc};

	if (total % 3 != 0)
		return 0;
	out[0] = '=';
	base64_quantum(out + 1, octets, 3);
	out[5] = '\n';
	return CRC24_FOOTER_LEN;
}

int cert_armour(const uint8_t *data, size_t len, struct buf *out)
{
	char line[LINE_COLUMNS + 1], footer[CRC24_FOOTER_LEN];
	size_t i, part, n;

	if (buf_adds(out, PUBLIC_BEGIN "\n\n") < 0)
		return -1;
	for (i = 0; i < len; i += part) {
		part = len - i < LINE_COLUMNS / 4 * 3 ? len - i : LINE_COLUMNS / 4 * 3;
		n = base64_line(line, data + i, part);
		line[n++] = '\n';
		if (buf_add(out, line, n) < 0)
			return -1;
	}
	if (buf_add(out, footer, crc24_footer(footer, crc24(CRC24_INIT, data, len), len)) < 0)
		return -1;
	return buf_adds(out, PUBLIC_END "\n");
}

void armour_begin(struct armour_writer *a, struct spool *out)
{
	a->crc = CRC24_INIT;
	a->out = out;
	a->n = 0;
	spool_adds(out, MESSAGE_BEGIN "\n\n");
}

static void write_line(struct armour_writer *a, const uint8_t *p, unsigned n)
{
	char line[4 * sizeof(a->b) / 3 + 1];
	size_t len = base64_line(line, p, n);

	line[len++] = '\n';
	spool_add(a->out, line, len);
	a->crc = crc24(a->crc, p, n);
}

void armour_add(struct armour_writer *a, const void *data, size_t n)
{
	const uint8_t *p = data;
	size_t part;

	while (n > 0) {
		part = sizeof(a->b) - a->n;
		if (part > n)
			part = n;
		if (a->n == 0 && part == sizeof(a->b)) {
			write_line(a, p, sizeof(a->b));
		} else {
			memcpy(a->b + a->n, p, part);
			a->n += (unsigned)part;
		}
		if (a->n == sizeof(a->b)) {
			write_line(a, a->b, a->n);
			a->n = 0;
		}
		p += part;
		n -= part;
	}
}

void armour_end(struct armour_writer *a)
{
	char footer[CRC24_FOOTER_LEN];

	if (a->n > 0)
		write_line(a, a->b, a->n);
	/* The padding depends on the last line only; the others are full. */
	spool_add(a->out, footer, crc24_footer(footer, a->crc, a->n));
	a->n = 0;
	spool_adds(a->out, MESSAGE_END "\n");
}

void armour_read_begin(
	struct armour_reader *d, void (*got)(void *arg, const uint8_t *p, size_t n), void *arg)
{
	*d = (struct armour_reader){
		.state = ARMOUR_BEFORE, .line = BUF_INIT(MESSAGE_LINE_MAX), .got = got, .arg = arg};
}

static bool message_line_is(const struct buf *l, const char *text)
{
	return strcmp(buf_str(l), text) == 0 && strlen(text) == l->len;
}

/*
 * Accepts only those fields of RFC 9580 section 6.2.2 that describe the program, and only short
 * ones: any other could hold text that a reader takes for protected.
 */
static bool known_field(struct armour_reader *d)
{
	static const char *const known[] = {"Version: ", "Charset: "};
	const struct buf *l = &d->line;
	size_t i, k;

	for (i = 0; i < l->len; i++) {
		if (l->p[i] < ' ' || l->p[i] > '~' || l->len > FIELD_MAX)
			return false;
	}
	for (k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
		if (strncmp(buf_str(l), known[k], strlen(known[k])) != 0 || d->seen & 1u << k)
			continue;
		d->seen |= 1u << k;
		return true;
	}
	return false;
}

static void read_base64_line(struct armour_reader *d)
{
	uint8_t out[MESSAGE_LINE_MAX];
	size_t i, n;

	for (i = 0; i < d->line.len; i++)
		d->bad |= is_white(d->line.p[i]);
	n = base64_read(&d->base64, d->line.p, d->line.len, out);
	d->bad |= d->base64.malformed;
	if (n > 0 && !d->bad)
		d->got(d->arg, out, n);
}

static bool is_checksum(const struct buf *l)
{
	size_t i;

	for (i = 1; i < l->len && base64_value(l->p[i]) >= 0; i++)
		;
	return l->len == 5 && l->p[0] == '=' && i == l->len;
}

static void read_body(struct armour_reader *d)
{
	if (message_line_is(&d->line, MESSAGE_END)) {
		d->bad |= !base64_whole(&d->base64);
		d->state = ARMOUR_AFTER;
	} else if (is_checksum(&d->line) && base64_whole(&d->base64)) {
		d->state = ARMOUR_CRC;
	} else if (d->line.len == 0) {
		d->bad = true;
	} else {
		read_base64_line(d);
	}
}

static void read_line(struct armour_reader *d)
{
	struct buf *l = &d->line;

	while (l->len > 0 && (mime_blank(l->p[l->len - 1]) || l->p[l->len - 1] == '\r'))
		l->p[--l->len] = '\0';
	switch (d->state) {
	case ARMOUR_BEFORE:
		if (message_line_is(l, MESSAGE_BEGIN))
			d->state = ARMOUR_HEADERS;
		else
			d->bad |= l->len > 0;
		break;
	case ARMOUR_HEADERS:
		if (l->len == 0)
			d->state = ARMOUR_BODY;
		else
			d->bad |= !known_field(d);
		break;
	case ARMOUR_BODY:
		read_body(d);
		break;
	case ARMOUR_CRC:
		d->bad |= !message_line_is(l, MESSAGE_END);
		d->state = ARMOUR_AFTER;
		break;
	case ARMOUR_AFTER:
		d->bad |= l->len > 0;
		break;
	}
	buf_reset(l);
}

void armour_read_add(struct armour_reader *d, const uint8_t *p, size_t n)
{
	const uint8_t *lf;
	size_t len;

	while (n > 0 && !d->bad) {
		lf = memchr(p, '\n', n);
		len = lf ? (size_t)(lf - p) : n;
		if (buf_add(&d->line, p, len) < 0) {
			d->no_memory = errno == ENOMEM;
			d->bad = true;
			return;
		}
		if (!lf)
			return;
		read_line(d);
		p += len + 1;
		n -= len + 1;
	}
}

bool armour_read_end(struct armour_reader *d)
{
	if (d->line.len > 0 && !d->bad)
		read_line(d);
	buf_free(&d->line);
	return !d->bad && d->state == ARMOUR_AFTER;
}
