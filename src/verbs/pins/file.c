/* SPDX-License-Identifier: ISC */
#include "verbs/pins/file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "pgp/cert/armour.h"

#define MAGIC "sealpost-pins"
#define BEGIN "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define END "-----END PGP PUBLIC KEY BLOCK-----"
#define HELD "held"
#define LEARNT "learnt"

/* A line, without its end. */
struct line {
	const char *p;
	size_t len;
};

static bool line_is(struct line l, const char *s)
{
	return l.len == strlen(s) && memcmp(l.p, s, l.len) == 0;
}

/* The text behind "NAME:" and blanks; false if the line is not that. */
static bool is_block_field(struct line l, const char *name, struct line *value)
{
	size_t n = strlen(name);

	if (l.len <= n || memcmp(l.p, name, n) != 0 || l.p[n] != ':')
		return false;
	for (n++; n < l.len && (l.p[n] == ' ' || l.p[n] == '\t'); n++)
		;
	*value = (struct line){l.p + n, l.len - n};
	return true;
}

/* The line at the front, without trailing blanks and CR; steps over it. */
static struct line take_line(const uint8_t **p, size_t *len)
{
	const uint8_t *end = memchr(*p, '\n', *len);
	struct line l = {(const char *)*p, end ? (size_t)(end - *p) : *len};

	*p += l.len + (end ? 1 : 0);
	*len -= l.len + (end ? 1 : 0);
	while (l.len > 0 &&
		(l.p[l.len - 1] == ' ' || l.p[l.len - 1] == '\t' || l.p[l.len - 1] == '\r'))
		l.len--;
	return l;
}

static void skip_bom(const uint8_t **p, size_t *len)
{
	const size_t n = text_bom(*p, *len);

	*p += n;
	*len -= n;
}

bool pins_file_looks(const uint8_t *p, size_t len)
{
	static const char utf16[] = "p\0i\0n\0:";
	struct line l, value;

	if (len > 0 && memmem(p, len, utf16, sizeof(utf16) - 1))
		return true;
	skip_bom(&p, &len);
	if (len > 0 && p[0] & 0x80) /* a packet */
		return false;
	while (len > 0) {
		l = take_line(&p, &len);
		while (l.len > 0 && (l.p[0] == ' ' || l.p[0] == '\t' || l.p[0] == '>')) {
			l.p++;
			l.len--;
		}
		if (line_is(l, BEGIN))
			return false;
		if (is_block_field(l, MAGIC, &value) || is_block_field(l, "pin", &value))
			return true;
	}
	return false;
}

static int copy_value(char *out, size_t cap, struct line v)
{
	if (v.len >= cap || memchr(v.p, '\0', v.len))
		return -1;
	memcpy(out, v.p, v.len);
	out[v.len] = '\0';
	return 0;
}

static int read_address(struct pins_block *b, struct line v)
{
	char text[ADDR_TEXT_MAX + 1], domain[ADDR_DOMAIN_MAX + 1];
	struct addr a;

	if (copy_value(text, sizeof(text), v) < 0)
		return -1;
	/* As for "pins": a word with a dot and without @ is a domain. */
	if (!strchr(text, '@') && strchr(text, '.')) {
		if (addr_domain(text, domain, NULL) < 0)
			return -1;
		memcpy(b->address, domain, sizeof(domain));
		return 0;
	}
	if (addr_parse(text, &a, NULL) < 0)
		return -1;
	memcpy(b->address, a.name, sizeof(b->address));
	return 0;
}

static int read_state(struct pins_block *b, struct line v)
{
	char name[16];

	if (copy_value(name, sizeof(name), v) < 0)
		return -1;
	b->held = strcmp(name, HELD) == 0;
	b->learnt = strcmp(name, LEARNT) == 0;
	b->state = b->held || b->learnt ? PIN_NONE : pin_state_parse(name);
	return b->held || b->learnt || b->state != PIN_NONE ? 0 : -1;
}

static int read_fpr(struct pins_block *b, struct line v)
{
	return copy_value(b->fpr, sizeof(b->fpr), v) < 0 || !text_is_fingerprint(b->fpr) ? -1 : 0;
}

/* RFC 3339 in UTC, exactly as text_time writes it. */
static int read_time(int64_t *out, struct line v)
{
	char text[TEXT_TIME_MAX], again[TEXT_TIME_MAX];
	struct tm tm = {0};
	int64_t t;
	const char *end;

	if (copy_value(text, sizeof(text), v) < 0)
		return -1;
	end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (!end || *end != '\0')
		return -1;
	t = (int64_t)timegm(&tm);
	text_time(again, t);
	if (t <= 0 || strcmp(text, again) != 0)
		return -1;
	*out = t;
	return 0;
}

static int read_first(struct pins_block *b, struct line v)
{
	return read_time(&b->first_seen, v);
}

static int read_last(struct pins_block *b, struct line v)
{
	return read_time(&b->last_seen, v);
}

/* For people only: the certificate itself has it. */
static int read_expires(struct pins_block *b, struct line v)
{
	int64_t ignored;

	(void)b;
	return line_is(v, "never") ? 0 : read_time(&ignored, v);
}

static int read_revoked(struct pins_block *b, struct line v)
{
	b->revoked = line_is(v, "yes");
	return b->revoked || line_is(v, "no") ? 0 : -1;
}

static int read_method(struct pins_block *b, struct line v)
{
	if (copy_value(b->method, sizeof(b->method), v) < 0)
		return -1;
	return strspn(b->method, "abcdefghijklmnopqrstuvwxyz0123456789-") == v.len ? 0 : -1;
}

static int read_preference(struct pins_block *b, struct line v)
{
	b->mutual = line_is(v, "mutual");
	return b->mutual ? 0 : -1;
}

static int read_evidence(struct pins_block *b, struct line v)
{
	b->evidence.max = EVIDENCE_MAX;
	return v.len < 2 || v.p[0] != '{' || memchr(v.p, '\0', v.len) ||
			       buf_add(&b->evidence, v.p, v.len) < 0
		       ? -1
		       : 0;
}

enum { SEEN_PIN = 1, SEEN_STATE = 2, SEEN_FPR = 4, SEEN_CERT = 8 };

static const struct row {
	const char *name;
	unsigned bit;
	int (*read)(struct pins_block *b, struct line v);
} rows[] = {
	{"pin", SEEN_PIN, read_address},
	{"state", SEEN_STATE, read_state},
	{"fingerprint", SEEN_FPR, read_fpr},
	{"first-seen", 16, read_first},
	{"last-seen", 32, read_last},
	{"expires", 64, read_expires},
	{"revoked", 128, read_revoked},
	{"method", 256, read_method},
	{"prefer-encrypt", 512, read_preference},
	{"evidence", 1024, read_evidence},
};

static int bad_line(const struct pins_reader *r, const char *what, struct err *err)
{
	return err_set(err, ERR_DATA, "line %u: %s", r->line, what);
}

/* The block that ends here. */
static int finish(struct pins_reader *r, struct err *err)
{
	unsigned need = SEEN_PIN | SEEN_STATE;
	int rc;

	if (!r->in_block)
		return 0;
	r->in_block = false;
	if (r->in_cert)
		return bad_line(r, "a certificate is cut short", err);
	if (r->b.state != PIN_CLEAR || r->b.held)
		need |= SEEN_FPR | SEEN_CERT;
	if ((r->seen & need) != need ||
		(r->b.state == PIN_CLEAR && (r->seen & (SEEN_FPR | SEEN_CERT))))
		return err_set(err, ERR_DATA, "line %u: the pin that begins here is not complete",
			r->b.line);
	if (r->b.state != PIN_CLEAR && !strchr(r->b.address, '@') && strchr(r->b.address, '.'))
		return err_set(err, ERR_DATA, "line %u: a domain cannot have a key", r->b.line);
	rc = r->block(&r->b, r->arg);
	buf_reset(&r->b.cert);
	buf_reset(&r->b.evidence);
	return rc;
}

static int begin_block(struct pins_reader *r, struct err *err)
{
	struct buf cert, evidence;
	int rc = finish(r, err);

	if (rc != 0)
		return rc;
	cert = r->b.cert;
	evidence = r->b.evidence;
	r->b = (struct pins_block){.cert = cert, .evidence = evidence, .line = r->line};
	r->b.cert.max = PINS_FILE_CERT_MAX;
	r->seen = 0;
	r->in_block = true;
	return 0;
}

static int add_cert_line(struct pins_reader *r, struct line l, struct err *err)
{
	if (buf_add(&r->b.cert, l.p, l.len) < 0 || buf_addc(&r->b.cert, '\n') < 0)
		return err_too_large(
			err, ERR_DATA, "line %u: the certificate is too large", r->line);
	if (line_is(l, END))
		r->in_cert = false;
	return 0;
}

static int take_field(struct pins_reader *r, struct line l, struct err *err)
{
	struct line v;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!is_block_field(l, rows[i].name, &v))
			continue;
		rc = rows[i].bit == SEEN_PIN ? begin_block(r, err) : 0;
		if (rc != 0)
			return rc;
		if (!r->in_block)
			return bad_line(r, "a field before \"pin:\"", err);
		if (r->seen & rows[i].bit)
			return bad_line(r, "a field appears twice", err);
		r->seen |= rows[i].bit;
		return rows[i].read(&r->b, v) < 0 ? bad_line(r, "a value cannot be read", err) : 0;
	}
	return bad_line(r, "is not of this format", err);
}

static int take_block_line(struct pins_reader *r, struct line l, struct err *err)
{
	struct line v;

	if (r->in_cert)
		return add_cert_line(r, l, err);
	if (l.len == 0)
		return finish(r, err);
	if (l.p[0] == '#')
		return 0;
	if (is_block_field(l, MAGIC, &v)) {
		r->began = line_is(v, "1") || line_is(v, "2");
		return r->began ? finish(r, err)
				: bad_line(r, "is of another version of this format", err);
	}
	if (!r->began)
		return bad_line(r, "the line \"" MAGIC ": 2\" is not before it", err);
	if (!line_is(l, BEGIN))
		return take_field(r, l, err);
	if (!r->in_block || r->seen & SEEN_CERT)
		return bad_line(r, "a certificate where none belongs", err);
	r->seen |= SEEN_CERT;
	r->in_cert = true;
	return add_cert_line(r, l, err);
}

int pins_file_read(struct pins_reader *r, const uint8_t *p, size_t len, struct err *err)
{
	struct line l, v;
	int rc = 0;

	skip_bom(&p, &len);
	while (len > 0 && rc == 0) {
		r->line++;
		l = take_line(&p, &len);
		rc = l.len > PINS_FILE_LINE_MAX && !is_block_field(l, "evidence", &v)
			     ? bad_line(r, "is too long", err)
			     : take_block_line(r, l, err);
	}
	if (rc == 0)
		rc = finish(r, err);
	if (rc == 0 && !r->began)
		rc = err_set(err, ERR_DATA, "is not a file of pins");
	buf_free(&r->b.cert);
	buf_free(&r->b.evidence);
	return rc;
}

void pins_file_head(FILE *f)
{
	fputs(MAGIC ": 2\n", f);
}

static void put_time(FILE *f, const char *name, int64_t t)
{
	char when[TEXT_TIME_MAX];

	if (t <= 0)
		return;
	text_time(when, t);
	fprintf(f, "%s: %s\n", name, when);
}

struct entry {
	const char *address, *state, *fpr, *method;
	int64_t first_seen, last_seen, expires;
	bool revoked;
	const uint8_t *cert;
	size_t cert_len;
	bool mutual;
	const char *evidence; /* "" for none */
};

static int put_entry(FILE *f, const struct entry *e)
{
	struct buf armour = BUF_INIT(PINS_FILE_CERT_MAX);
	int rc = 0;

	if (e->fpr[0] != '\0')
		rc = cert_armour(e->cert, e->cert_len, &armour);
	if (rc == 0) {
		fprintf(f, "\npin: %s\nstate: %s\n", e->address, e->state);
		if (e->fpr[0] != '\0')
			fprintf(f, "fingerprint: %s\n", e->fpr);
		put_time(f, "first-seen", e->first_seen);
		put_time(f, "last-seen", e->last_seen);
	}
	if (rc == 0 && e->fpr[0] != '\0') {
		if (e->expires > 0)
			put_time(f, "expires", e->expires);
		else
			fputs("expires: never\n", f);
		fprintf(f, "revoked: %s\n", e->revoked ? "yes" : "no");
		if (e->method[0] != '\0')
			fprintf(f, "method: %s\n", e->method);
		if (e->mutual)
			fputs("prefer-encrypt: mutual\n", f);
		if (e->evidence[0] == '{' && !strpbrk(e->evidence, "\r\n"))
			fprintf(f, "evidence: %s\n", e->evidence);
		fputs(buf_str(&armour), f);
	}
	buf_free(&armour);
	return rc;
}

int pins_file_pin(FILE *f, const struct pin *p, const char *evidence)
{
	struct entry e = {p->address, pin_state_name(p->state), p->fpr, p->method, p->first_seen,
		p->last_seen, p->expires, p->revoked, p->cert, p->cert_len, false, evidence};

	return put_entry(f, &e);
}

int pins_file_held(FILE *f, const char *address, const struct held *h)
{
	struct entry e = {address, HELD, h->fpr, h->method, h->first_seen, h->last_seen, h->expires,
		false, h->cert, h->cert_len, false, h->evidence};

	return put_entry(f, &e);
}

int pins_file_learnt(FILE *f, const struct candidate *c, const struct candidate_seen *s)
{
	struct entry e = {c->address, LEARNT, c->fpr, s->source, s->first, s->last, c->expires,
		c->revoked, c->cert, c->cert_len, s->mutual, s->evidence};

	return put_entry(f, &e);
}
