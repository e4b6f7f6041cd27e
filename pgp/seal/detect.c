#include "pgp/seal/detect.h"

#include <ctype.h>
#include <string.h>

#include "pgp/cert/packet.h"
#include "pgp/seal/armor.h"
#include "mime/gmime_late.h"
#include "mime/source.h"
#include "mime/structure.h"

/* Octets before PGP/MIME\'s first boundary; more could be a text of its own. */
#define PREAMBLE_MAX 256
#define CMS_HEAD 64 /* octets of a ContentInfo that are looked at */
#define CMS_TAIL 2

/* Sets what one, two, five octets of length say, or a partial one (RFC 9580 4.2.1). */
static void new_length(struct packet_walk *w)
{
	uint8_t first = w->len[0];

	w->need = first < 192 ? 1 : first < 224 ? 2 : first == 255 ? 5 : 1;
	if (w->n_len < w->need)
		return;
	w->partial = first >= 224 && first < 255;
	if (w->partial)
		w->left = (uint64_t)1 << (first & 31);
	else if (w->need == 1)
		w->left = first;
	else if (w->need == 2)
		w->left = ((uint64_t)(first - 192) << 8) + w->len[1] + 192;
	else
		w->left = packet_be32(w->len + 1);
	w->state = WALK_BODY;
}

static void old_length(struct packet_walk *w)
{
	unsigned i;

	if (w->n_len < w->need)
		return;
	for (w->left = i = 0; i < w->need; i++)
		w->left = w->left << 8 | w->len[i];
	w->state = WALK_BODY;
}

/* Counts the packet, if it may stand here. */
static void begin_packet(struct packet_walk *w, uint8_t c)
{
	w->old = !(c & 0x40);
	w->tag = w->old ? c >> 2 & 15 : c & 63;
	w->n_len = 0;
	w->need = 1u << (c & 3); /* of the old format */
	w->first = true;
	w->partial = false;
	w->state = WALK_LENGTH;
	if (w->tag == PACKET_PKESK || w->tag == PACKET_SKESK)
		w->n_keys++;
	else if (w->tag == PACKET_SEIPD || w->tag == PACKET_AEAD)
		w->n_data++;
	else
		w->bad = true;
	if (!(c & 0x80) || w->n_data > 1 || (w->n_data > 0 && w->n_keys == 0))
		w->bad = true;
	if (w->tag == PACKET_PKESK || w->tag == PACKET_SKESK)
		w->bad |= w->n_data > 0;
	if (w->old && w->need == 8) { /* indeterminate: to the end */
		w->bad |= w->n_data == 0;
		w->state = WALK_REST;
	}
}

/* The version octet of each packet: the numbers that are known. */
static void check_version(struct packet_walk *w, uint8_t c)
{
	w->first = false;
	if (w->tag == PACKET_PKESK)
		w->bad |= c != 3 && c != 6;
	else if (w->tag == PACKET_SKESK)
		w->bad |= c < 4 || c > 6;
	else if (w->tag == PACKET_SEIPD)
		w->bad |= c != 1 && c != 2;
	else
		w->bad |= c != 1;
}

/* Steps over what of the body is there. */
static size_t skip_body(struct packet_walk *w, const uint8_t *p, size_t n)
{
	size_t step = w->state == WALK_REST || w->left > n ? n : (size_t)w->left;

	if (w->first && step > 0)
		check_version(w, p[0]);
	if (w->state == WALK_REST)
		return step;
	w->left -= step;
	if (w->left > 0)
		return step;
	/* Empty, or partial where it may not be. */
	w->bad |= w->first || (w->partial && w->n_data == 0);
	w->state = w->partial ? WALK_LENGTH : WALK_HEADER;
	w->n_len = 0;
	return step;
}

void packet_walk_add(struct packet_walk *w, const uint8_t *p, size_t n)
{
	size_t step;

	while (n > 0 && !w->bad) {
		step = 1;
		if (w->state == WALK_HEADER) {
			begin_packet(w, *p);
		} else if (w->state == WALK_LENGTH) {
			w->len[w->n_len++] = *p;
			if (w->old)
				old_length(w);
			else
				new_length(w);
		} else {
			step = skip_body(w, p, n);
		}
		p += step;
		n -= step;
	}
}

bool packet_walk_ok(const struct packet_walk *w)
{
	if (w->bad || w->n_data != 1 || w->first)
		return false;
	return w->state == WALK_REST || w->state == WALK_HEADER ||
	       (w->state == WALK_BODY && w->left == 0 && !w->partial); /* the last chunk is empty */
}

/* Octets of a part, its transfer encoding undone, as they come. */
struct sink {
	void (*got)(void *arg, const uint8_t *p, size_t n);
	void *arg;
	const bool *enough; /* once it is set, nothing more is wanted; may be NULL */
};

static int decode_part(
	const struct message *m, const struct part *p, const struct sink *to, struct err *err)
{
	const bool encoded = p->cte == CTE_QP || p->cte == CTE_BASE64;
	const struct gmime *g = encoded ? gmime_load(err) : NULL;
	GMimeEncoding state;
	uint8_t in[8192];
	char out[16384]; /* decoding never gives more than it takes, but for what it held */
	off_t at = p->body;
	ssize_t n = 0;
	size_t got;

	if (encoded && !g)
		return ERR_CONFIG;
	if (g)
		g->decode_begin(&state, p->cte == CTE_QP ? GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE
							 : GMIME_CONTENT_ENCODING_BASE64);
	while (at < p->end && !(to->enough && *to->enough)) {
		n = source_read(m->src, at, in,
			p->end - at < (off_t)sizeof(in) ? (size_t)(p->end - at) : sizeof(in), err);
		if (n <= 0)
			break;
		at += n;
		got = g ? g->decode_step(&state, (const char *)in, (size_t)n, out) : (size_t)n;
		to->got(to->arg, g ? (const uint8_t *)out : in, got);
	}
	if (g && n >= 0) {
		got = g->decode_flush(&state, "", 0, out);
		to->got(to->arg, (const uint8_t *)out, got);
	}
	explicit_bzero(in, sizeof(in));
	explicit_bzero(out, sizeof(out));
	return n < 0 ? ERR_IO : 0;
}

struct pgp {
	struct dearmor d;
	struct packet_walk w;
};

static void walk_got(void *arg, const uint8_t *p, size_t n)
{
	struct pgp *x = arg;

	packet_walk_add(&x->w, p, n);
	x->d.bad |= x->w.bad;
}

static void dearmor_got(void *arg, const uint8_t *p, size_t n)
{
	struct pgp *x = arg;

	dearmor_add(&x->d, p, n);
}

/* A part that is one armoured encrypted message and nothing else. */
static int is_pgp_message(const struct message *m, const struct part *p, bool *yes, struct err *err)
{
	struct pgp x = {.w = {.state = WALK_HEADER}};
	const struct sink sink = {dearmor_got, &x, &x.d.bad};
	bool whole;
	int rc;

	dearmor_begin(&x.d, walk_got, &x);
	rc = decode_part(m, p, &sink, err);
	whole = dearmor_end(&x.d);
	*yes = rc == 0 && whole && packet_walk_ok(&x.w);
	return rc;
}

struct small { /* the beginning of something, and how long it is */
	uint8_t p[PREAMBLE_MAX];
	size_t n;
	uint8_t tail[CMS_TAIL];
	uint64_t total;
};

static void small_got(void *arg, const uint8_t *p, size_t n)
{
	struct small *s = arg;
	size_t room = sizeof(s->p) - s->n, i;

	memcpy(s->p + s->n, p, n < room ? n : room);
	s->n += n < room ? n : room;
	s->total += n;
	for (i = n < CMS_TAIL ? 0 : n - CMS_TAIL; i < n; i++) {
		s->tail[0] = s->tail[1];
		s->tail[1] = p[i];
	}
}

/* "Version: 1" and blanks (RFC 3156 section 4). */
static int is_version(const struct message *m, const struct part *p, bool *yes, struct err *err)
{
	struct small s = {.n = 0};
	const struct sink sink = {small_got, &s, NULL};
	int rc = decode_part(m, p, &sink, err);

	while (s.n > 0 && isspace(s.p[s.n - 1]))
		s.n--;
	*yes = rc == 0 && p->pgp_version && s.total <= sizeof(s.p) && s.n == 10 &&
	       memcmp(s.p, "Version: 1", 10) == 0;
	return rc;
}

static int is_pgp_mime(const struct message *m, bool *yes, struct err *err)
{
	struct structure s;
	const struct part *leaf[2] = {NULL, NULL};
	struct err why = ERR_INIT;
	bool shape = true, version = false, sealed = false;
	size_t i, n = 0;
	int rc;

	rc = structure_scan(&s, m, &why);
	if (rc < 0) {
		if (rc != ERR_DATA && err)
			*err = why;
		return rc == ERR_DATA ? 0 : rc;
	}
	for (i = 1; i < s.n; i++) {
		const struct part *p = &s.part[i];

		if (p->kind == PART_JUNK && i == 1)
			shape &= p->end - p->body <= PREAMBLE_MAX && p->flaws == 0;
		else if (p->kind == PART_JUNK)
			shape &= p->end - p->body <= 4; /* a line end or two */
		else if (p->kind == PART_LEAF && n < 2)
			leaf[n++] = p;
		else
			shape = false;
	}
	if (shape && n == 2)
		rc = is_version(m, leaf[0], &version, err);
	if (rc == 0 && version)
		rc = is_pgp_message(m, leaf[1], &sealed, err);
	*yes = version && sealed;
	structure_free(&s);
	return rc;
}

static const uint8_t oid_enveloped[] = {6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 7, 3};
static const uint8_t oid_auth_enveloped[] = {
	6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 9, 16, 1, 23};

/* A ContentInfo (RFC 5652 section 3) as long as the data, with the OID that smime-type promises. */
static bool is_content_info(const struct small *s, bool auth)
{
	const uint8_t *oid = auth ? oid_auth_enveloped : oid_enveloped;
	size_t oid_len = auth ? sizeof(oid_auth_enveloped) : sizeof(oid_enveloped), head = 2, i;
	uint64_t len = 0;

	if (s->n < CMS_HEAD || s->p[0] != 0x30)
		return false;
	if (s->p[1] == 0x80) { /* BER: ends with two zeroes */
		if (s->tail[0] != 0 || s->tail[1] != 0)
			return false;
	} else if (s->p[1] < 0x80) {
		return false; /* too short to be one */
	} else {
		head += s->p[1] & 0x7f;
		if (head > 2 + sizeof(len))
			return false;
		for (i = 2; i < head; i++)
			len = len << 8 | s->p[i];
		if (len != s->total - head)
			return false;
	}
	return memcmp(s->p + head, oid, oid_len) == 0;
}

static int is_smime(const struct message *m, const struct ctype *ct, const struct part *p,
	bool *yes, struct err *err)
{
	bool auth = strcmp(ct->smime_type, "authenveloped-data") == 0;
	struct small s = {.n = 0};
	const struct sink sink = {small_got, &s, NULL};
	int rc;

	if (!auth && strcmp(ct->smime_type, "enveloped-data") != 0)
		return 0;
	rc = decode_part(m, p, &sink, err);
	*yes = rc == 0 && is_content_info(&s, auth);
	return rc;
}

int detect_encrypted(const struct message *m, bool *encrypted, struct err *err)
{
	const char *type = message_field(m, "Content-Type");
	struct part whole = {.body = m->body,
		.end = m->src->size,
		.cte = structure_cte(message_field(m, "Content-Transfer-Encoding"))};
	struct ctype ct;
	bool yes = false;
	int rc = 0;

	if (ctype_parse(type ? type : "text/plain", &ct) < 0 || whole.cte == CTE_OTHER)
		rc = 0;
	else if (ctype_is(&ct, "multipart", "encrypted") &&
		 strcmp(ct.protocol, "application/pgp-encrypted") == 0)
		rc = is_pgp_mime(m, &yes, err);
	else if (ctype_is(&ct, "text", "plain"))
		rc = is_pgp_message(m, &whole, &yes, err);
	else if (ctype_is(&ct, "application", "pkcs7-mime") ||
		 ctype_is(&ct, "application", "x-pkcs7-mime"))
		rc = is_smime(m, &ct, &whole, &yes, err);
	if (rc == 0)
		*encrypted = yes;
	return rc;
}
