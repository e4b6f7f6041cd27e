#include "pgp/cert/armour.h"

#include <string.h>

#include "pgp/cert/intake.h"
#include "base/base64.h"
#include "pgp/cert/crc24.h"

#define PUBLIC_BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define PRIVATE_BEGIN "-----BEGIN PGP PRIVATE KEY BLOCK-----"
#define PUBLIC_END "-----END PGP PUBLIC KEY BLOCK-----"
#define LINE_COLUMNS 64

/* What is left to read. */
struct text {
	const uint8_t *p;
	size_t len;
};

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip(struct text *t, size_t n)
{
	t->p += n;
	t->len -= n;
}

static void skip_space(struct text *t)
{
	while (t->len > 0 && is_space(*t->p))
		skip(t, 1);
}

static bool take(struct text *t, const char *word)
{
	size_t n = strlen(word);

	if (t->len < n || memcmp(t->p, word, n) != 0)
		return false;
	skip(t, n);
	return true;
}

/* The line at the front, without its end and trailing blanks; steps over it. */
static struct text take_line(struct text *t)
{
	const uint8_t *end = memchr(t->p, '\n', t->len);
	struct text line = {t->p, end ? (size_t)(end - t->p) : t->len};

	skip(t, line.len + (end ? 1 : 0));
	while (line.len > 0 && is_space(line.p[line.len - 1]))
		line.len--;
	return line;
}

/* Armour header fields ("Version: ...") and the blank line that ends them; none of it is of use. */
static void skip_fields(struct text *t)
{
	struct text ahead = *t, line = take_line(&ahead);

	if (line.len > 0)
		return; /* something stands behind the dashes: left for the decoder to refuse */
	*t = ahead;
	while (ahead.len > 0) {
		line = take_line(&ahead);
		if (line.len > 0 && !memchr(line.p, ':', line.len))
			return;
		*t = ahead;
		if (line.len == 0)
			return;
	}
}

/* Decodes up to padding, checksum or the END line. 0, 1 if something else stands there, -1 out is
 * full. */
static int read_base64(struct text *t, struct buf *out)
{
	uint32_t bits = 0;
	unsigned n = 0;
	int v;

	for (; t->len > 0 && *t->p != '=' && *t->p != '-'; skip(t, 1)) {
		if (is_space(*t->p))
			continue;
		v = base64_value(*t->p);
		if (v < 0)
			return 1;
		bits = bits << 6 | (uint32_t)v;
		n += 6;
		if (n >= 8) {
			n -= 8;
			if (buf_addc(out, (char)(bits >> n & 0xff)) < 0)
				return -1;
		}
	}
	return n == 6 ? 1 : 0; /* a lone digit cannot be the end of anything */
}

/* Padding and checksum, whatever they are, then the END line. */
static bool skip_end(struct text *t, const char *end)
{
	while (t->len > 0 && *t->p != '-') {
		if (*t->p != '=' && !is_space(*t->p) && base64_value(*t->p) < 0)
			return false;
		skip(t, 1);
	}
	return take(t, end);
}

int armour_read(const uint8_t *p, size_t len, struct buf *out, struct armour *a)
{
	struct text t = {p, len};
	int rc;

	memset(a, 0, sizeof(*a));
	(void)take(&t, "\xef\xbb\xbf");
	for (skip_space(&t); !a->damaged; skip_space(&t)) {
		if (take(&t, PRIVATE_BEGIN)) {
			a->found = a->secret = true;
			return 0;
		}
		if (!take(&t, PUBLIC_BEGIN))
			return 0;
		a->found = true;
		skip_fields(&t);
		rc = read_base64(&t, out);
		if (rc < 0)
			return -1;
		a->damaged = rc > 0 || !skip_end(&t, PUBLIC_END);
	}
	return 0;
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
