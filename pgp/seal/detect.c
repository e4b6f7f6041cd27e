/* SPDX-License-Identifier: ISC */
#include "pgp/seal/detect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mime/ctype.h"
#include "mime/mime.h"
#include "mime/transfer.h"
#include "pgp/cert/armour.h"
#include "pgp/seal/cms.h"
#include "pgp/seal/packet_walk.h"

#define PART_HEAD_MAX 1024 /* bytes of a part's header */
#define PREAMBLE_LINE_MAX 128
#define VERSION "Version: 1"

/* Recognises one armoured encrypted message and nothing else, fed piece by piece. */
struct pgp_message {
	struct transfer transfer;
	struct armour_reader armour;
	struct packet_walk packets;
};

static void walk_packets(void *arg, const uint8_t *p, size_t n)
{
	struct pgp_message *x = arg;

	packet_walk_add(&x->packets, p, n);
	x->armour.bad |= x->packets.bad;
}

static void pgp_message_begin(struct pgp_message *x, enum part_cte cte)
{
	transfer_begin(&x->transfer, cte);
	x->packets = (struct packet_walk){.state = WALK_HEADER};
	armour_read_begin(&x->armour, walk_packets, x);
}

static void pgp_message_add(struct pgp_message *x, const uint8_t *p, size_t n)
{
	uint8_t out[4096];
	size_t part;

	for (; n > 0 && !x->armour.bad; p += part, n -= part) {
		part = n < sizeof(out) ? n : sizeof(out);
		armour_read_add(&x->armour, out, transfer_add(&x->transfer, p, part, out));
		x->armour.bad |= x->transfer.malformed;
	}
	explicit_bzero(out, sizeof(out));
}

static bool pgp_message_end(struct pgp_message *x)
{
	bool whole = armour_read_end(&x->armour);

	return whole && transfer_end(&x->transfer) && packet_walk_ok(&x->packets);
}

/* multipart/encrypted, line by line. */
struct pgp_mime {
	enum { PREAMBLE, FIRST_HEAD, FIRST_BODY, SECOND_HEAD, SECOND_BODY, EPILOGUE } where;
	bool bad;
	bool no_memory;       /* it is bad because there is none to tell */
	const char *boundary; /* borrowed */
	size_t head_len;      /* bytes of the current part's header so far */
	struct buf *field; /* where a continuation line is added; NULL: the field is not relevant */
	bool in_field;     /* a continuation line may follow */
	struct buf type, cte;
	bool have_type, have_cte;
	struct transfer transfer; /* of the first part */
	char version[sizeof(VERSION)];
	size_t n_version; /* may exceed the array: then it is not one */
	struct pgp_message second;
	bool begun; /* the second one */
};

/* Content-Transfer-Encoding of an encrypted part: standard names only, as readers may not decode
 * others. */
static enum part_cte strict_cte(const char *value)
{
	bool odd;
	enum part_cte cte = structure_cte(value, &odd);

	return odd ? CTE_OTHER : cte;
}

/* Preambles that known programs write. Any other could be text of the mail itself. */
static bool known_preamble(const struct line *l)
{
	static const char *const known[] = {
		"This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)",
		"This is an OpenPGP/MIME encrypted message (RFC 2440 and 3156)",
		"This is an OpenPGP/MIME encrypted message (RFC 9580 and 3156)",
		"This is a multi-part message in MIME format.",
		"This is a multipart message in MIME format.",
		"This is a message in MIME format.",
		"This is a MIME-encapsulated message.",
		"This is a MIME encapsulated multipart message.",
		"This is a cryptographically signed message in MIME format.",
	};
	size_t i, n = mime_rtrim(l->p, l->len);

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (n == strlen(known[i]) && memcmp(l->p, known[i], n) == 0)
			return true;
	}
	return n == 0;
}

/* -1: no delimiter; 0: of a part; 1: the last one. */
static int delimiter_of(const char *boundary, const struct line *l)
{
	size_t n = mime_rtrim(l->p, l->len), len = strlen(boundary);

	if (n < len + 2 || memcmp(l->p, "--", 2) != 0 || memcmp(l->p + 2, boundary, len) != 0)
		return -1;
	if (n == len + 2)
		return 0;
	return n == len + 4 && memcmp(l->p + len + 2, "--", 2) == 0 ? 1 : -1;
}

static void cross_delimiter(struct pgp_mime *x, bool last)
{
	if (last ? x->where != SECOND_BODY : x->where != PREAMBLE && x->where != FIRST_BODY)
		x->bad = true;
	x->where = last ? EPILOGUE : x->where == PREAMBLE ? FIRST_HEAD : SECOND_HEAD;
	x->head_len = 0;
	x->field = NULL;
	x->in_field = x->have_type = x->have_cte = false;
	buf_reset(&x->type);
	buf_reset(&x->cte);
}

static void add_to_field(struct pgp_mime *x, const void *p, size_t n)
{
	if (buf_add(x->field, p, n) == 0)
		return;
	x->no_memory |= errno == ENOMEM;
	x->bad = true;
}

/* Accepts MIME fields only; any other could hold text. */
static void begin_part_field(struct pgp_mime *x, const struct line *l)
{
	static const char *const known[] = {"Content-Type", "Content-Transfer-Encoding",
		"Content-Disposition", "Content-Description", "Content-ID"};
	size_t colon = 0, n = mime_field_name(l->p, l->len, &colon), i;
	bool *have = NULL;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (n == strlen(known[i]) && strncasecmp((const char *)l->p, known[i], n) == 0)
			break;
	}
	x->bad |= n == 0 || i == sizeof(known) / sizeof(known[0]);
	x->field = i == 0 ? &x->type : i == 1 ? &x->cte : NULL;
	x->in_field = true;
	have = i == 0 ? &x->have_type : &x->have_cte;
	if (!x->field || x->bad)
		return;
	x->bad |= *have;
	*have = true;
	add_to_field(x, l->p + colon + 1, l->len - colon - 1);
}

/* Handles the blank line that ends a part's header. */
static void enter_body(struct pgp_mime *x)
{
	enum part_cte cte = strict_cte(x->have_cte ? buf_str(&x->cte) : NULL);
	struct ctype ct;

	if (!x->have_type || ctype_parse(buf_str(&x->type), &ct) < 0) {
		x->bad = true;
	} else if (x->where == FIRST_HEAD) {
		x->bad |= !ctype_is(&ct, "application", "pgp-encrypted");
		transfer_begin(&x->transfer, cte);
		x->where = FIRST_BODY;
	} else {
		x->bad |= !ctype_is(&ct, "application", NULL) && !ctype_is(&ct, "text", "plain");
		pgp_message_begin(&x->second, cte);
		x->begun = true;
		x->where = SECOND_BODY;
	}
}

static void part_head_line(struct pgp_mime *x, const struct line *l)
{
	x->head_len += l->len;
	if (l->len == 0) {
		enter_body(x);
	} else if (x->head_len > PART_HEAD_MAX) {
		x->bad = true;
	} else if (!mime_blank(l->p[0])) {
		begin_part_field(x, l);
	} else if (!x->in_field) {
		x->bad = true;
	} else if (x->field) {
		add_to_field(x, "\n", 1);
		add_to_field(x, l->p, l->len);
	}
}

static void version_bytes(struct pgp_mime *x, const uint8_t *p, size_t n)
{
	uint8_t out[PART_HEAD_MAX];
	size_t i;

	if (n > sizeof(out)) {
		x->bad = true;
		return;
	}
	n = transfer_add(&x->transfer, p, n, out);
	for (i = 0; i < n; i++) {
		if (mime_blank(out[i]) || out[i] == '\r' || out[i] == '\n') {
			if (x->n_version == 0 || x->n_version >= strlen(VERSION))
				continue;
		}
		x->bad |= x->n_version >= strlen(VERSION);
		if (!x->bad)
			x->version[x->n_version++] = (char)out[i];
	}
	explicit_bzero(out, sizeof(out));
}

static void part_body_line(struct pgp_mime *x, const struct line *l)
{
	if (x->where == FIRST_BODY) {
		version_bytes(x, l->p, l->len);
		version_bytes(x, (const uint8_t *)"\n", l->eol > 0);
		return;
	}
	pgp_message_add(&x->second, l->p, l->len);
	pgp_message_add(&x->second, (const uint8_t *)"\n", l->eol > 0);
	x->bad |= x->second.armour.bad;
}

static void pgp_mime_line(struct pgp_mime *x, const struct line *l)
{
	int delimiter = delimiter_of(x->boundary, l);

	/* Such lines are short; bytes that other readers may take for a line end are refused. */
	if (!l->first || !l->last || memchr(l->p, '\0', l->len) || memchr(l->p, '\r', l->len))
		x->bad = true;
	else if (delimiter >= 0)
		cross_delimiter(x, delimiter == 1);
	else if (x->where == PREAMBLE)
		x->bad |= !known_preamble(l);
	else if (x->where == EPILOGUE)
		x->bad |= mime_rtrim(l->p, l->len) > 0;
	else if (x->where == FIRST_HEAD || x->where == SECOND_HEAD)
		part_head_line(x, l);
	else
		part_body_line(x, l);
}

static bool pgp_mime_end(struct pgp_mime *x)
{
	bool sealed = x->begun && pgp_message_end(&x->second);

	buf_free(&x->type);
	buf_free(&x->cte);
	return !x->bad && sealed && (x->where == SECOND_BODY || x->where == EPILOGUE) &&
	       transfer_end(&x->transfer) && x->n_version == strlen(VERSION) &&
	       memcmp(x->version, VERSION, strlen(VERSION)) == 0;
}

static int is_pgp_mime(const struct message *m, const struct ctype *ct, bool *yes, struct err *err)
{
	struct pgp_mime x = {.boundary = ct->boundary,
		.type = BUF_INIT(PART_HEAD_MAX),
		.cte = BUF_INIT(PART_HEAD_MAX)};
	struct lines *r = malloc(sizeof(*r));
	struct line l;
	int rc = 1;

	if (!r)
		return err_set(err, ERR_OS, "out of memory");
	lines_init(r, m->src, m->body, m->src->size);
	while (rc == 1 && !x.bad) {
		rc = lines_next(r, &l, err);
		if (rc == 1)
			pgp_mime_line(&x, &l);
	}
	lines_end(r);
	free(r);
	*yes = pgp_mime_end(&x) && rc == 0;
	if (rc >= 0 && (x.no_memory || x.second.armour.no_memory))
		rc = err_set(err, ERR_OS, "out of memory");
	return rc < 0 ? rc : 0;
}

/* Passes the body to add until that returns false. */
static int read_body_bytes(const struct message *m,
	bool (*add)(void *arg, const uint8_t *p, size_t n), void *arg, struct err *err)
{
	uint8_t in[8192];
	off_t at = m->body;
	ssize_t n = 0;

	while (at < m->src->size) {
		n = source_read(m->src, at, in, sizeof(in), err);
		if (n <= 0 || !add(arg, in, (size_t)n))
			break;
		at += n;
	}
	explicit_bzero(in, sizeof(in));
	return n < 0 ? ERR_IO : 0;
}

static bool add_inline(void *arg, const uint8_t *p, size_t n)
{
	struct pgp_message *x = arg;

	pgp_message_add(x, p, n);
	return !x->armour.bad;
}

static int is_inline(const struct message *m, enum part_cte cte, bool *yes, struct err *err)
{
	struct pgp_message x;
	int rc;

	pgp_message_begin(&x, cte);
	rc = read_body_bytes(m, add_inline, &x, err);
	*yes = pgp_message_end(&x) && rc == 0;
	if (rc == 0 && x.armour.no_memory)
		rc = err_set(err, ERR_OS, "out of memory");
	return rc;
}

struct smime {
	struct transfer transfer;
	struct cms_walk walk;
};

static bool add_smime(void *arg, const uint8_t *p, size_t n)
{
	struct smime *x = arg;
	uint8_t out[4096];
	size_t part;

	for (; n > 0; p += part, n -= part) {
		part = n < sizeof(out) ? n : sizeof(out);
		cms_walk_add(&x->walk, out, transfer_add(&x->transfer, p, part, out));
	}
	explicit_bzero(out, sizeof(out));
	return !x->walk.bad && !x->transfer.malformed;
}

static int is_smime(const struct message *m, const struct ctype *ct, enum part_cte cte, bool *yes,
	struct err *err)
{
	struct smime x = {.walk = {.auth = strcmp(ct->smime_type, "authenveloped-data") == 0}};
	int rc;

	if (!x.walk.auth && strcmp(ct->smime_type, "enveloped-data") != 0)
		return 0;
	transfer_begin(&x.transfer, cte);
	rc = read_body_bytes(m, add_smime, &x, err);
	*yes = rc == 0 && transfer_end(&x.transfer) && cms_walk_ok(&x.walk);
	return rc;
}

/* False for RFC 2231 continuations, comments and quoted pairs: other readers may derive another
 * boundary. */
static bool read_alike_by_all(const char *type)
{
	return !strpbrk(type, "*(\\");
}

int detect_encrypted(const struct message *m, bool *encrypted, struct err *err)
{
	const char *type = message_field(m, "Content-Type");
	const enum part_cte cte = strict_cte(message_field(m, "Content-Transfer-Encoding"));
	struct ctype ct;
	bool yes = false;
	int rc = 0;

	if (ctype_parse(type ? type : "text/plain", &ct) < 0)
		rc = 0;
	else if (ctype_is(&ct, "multipart", "encrypted") && ct.boundary[0] != '\0' &&
		 strcmp(ct.protocol, "application/pgp-encrypted") == 0 && read_alike_by_all(type))
		rc = is_pgp_mime(m, &ct, &yes, err);
	else if (ctype_is(&ct, "text", "plain"))
		rc = is_inline(m, cte, &yes, err);
	else if (ctype_is(&ct, "application", "pkcs7-mime") ||
		 ctype_is(&ct, "application", "x-pkcs7-mime"))
		rc = is_smime(m, &ct, cte, &yes, err);
	if (rc == 0)
		*encrypted = yes;
	return rc;
}
