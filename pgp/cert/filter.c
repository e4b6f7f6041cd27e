#include "pgp/cert/filter.h"

#include <gcrypt.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pgp/cert/armour.h"
#include "pgp/cert/packet.h"

/* Signature types, RFC 9580 section 5.2.1. */
enum {
	SIG_CERT_GENERIC = 0x10,
	SIG_CERT_POSITIVE = 0x13,
	SIG_SUBKEY_BINDING = 0x18,
	SIG_DIRECT_KEY = 0x1f,
	SIG_KEY_REVOCATION = 0x20,
	SIG_SUBKEY_REVOCATION = 0x28,
	SIG_CERT_REVOCATION = 0x30,
};

enum { SUBPACKET_SIG_EXPIRES = 3, SUBPACKET_ISSUER = 16, SUBPACKET_ISSUER_FPR = 33 };

struct signature {
	unsigned type;
	uint64_t keyid; /* 0 if it names none */
	bool expires;
	char fpr[CERT_FPR_MAX];
};

/* Where in a certificate the reading is: what a signature now belongs to. */
enum place { PLACE_OUTSIDE, PLACE_KEY, PLACE_UID, PLACE_SUBKEY, PLACE_DROPPED };

struct reader {
	const struct filter *f;
	struct filter_set *set;
	enum place place;
	unsigned foreign;
	bool uid;
	struct buf direct, uids, subs; /* of the certificate being read */
};

static void hex(char *out, const uint8_t *p, size_t n)
{
	static const char digit[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	out[2 * n] = '\0';
}

uint64_t filter_keyid(const char *fpr)
{
	size_t n = fpr ? strlen(fpr) : 0;
	char part[17];

	if (n != 40 && n != 64)
		return 0;
	memcpy(part, n == 40 ? fpr + 24 : fpr, 16);
	part[16] = '\0';
	return strtoull(part, NULL, 16);
}

static void init_libgcrypt(void)
{
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return;
	gcry_check_version(NULL);
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
}

/* RFC 9580 section 5.5.4: version 4 over 0x99 and two octets of length, version 6 over 0x9b and
 * four. */
static int fingerprint(struct filter_cert *c, const struct packet *p)
{
	uint32_t n = (uint32_t)p->body_len;
	uint8_t v4[3] = {0x99, (uint8_t)(n >> 8), (uint8_t)n}, digest[32];
	uint8_t v6[5] = {
		0x9b, (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	gcry_buffer_t part[2] = {
		{.data = c->version == 4 ? v4 : v6,
			.len = c->version == 4 ? sizeof(v4) : sizeof(v6)},
		{.data = (void *)(uintptr_t)p->body, .len = p->body_len},
	};

	if (c->version != 4 && c->version != 6)
		return 0;
	if (c->version == 4 && n > UINT16_MAX)
		return 0;
	init_libgcrypt();
	if (gcry_md_hash_buffers(
		    c->version == 4 ? GCRY_MD_SHA1 : GCRY_MD_SHA256, 0, digest, part, 2))
		return -1;
	hex(c->fpr, digest, c->version == 4 ? 20 : 32);
	c->keyid = filter_keyid(c->fpr);
	return 0;
}

uint64_t filter_packet_keyid(const struct packet *p)
{
	struct filter_cert c = {.version = p->body_len > 0 ? p->body[0] : 0};

	return fingerprint(&c, p) == 0 ? c.keyid : 0;
}

/* One subpacket area (RFC 9580 5.2.3.7). The first issuer is kept: the hashed area comes first. */
static void read_subpackets(const uint8_t *p, size_t len, struct signature *s)
{
	size_t n, head;

	while (len > 0) {
		head = p[0] < 192 ? 1 : p[0] < 255 ? 2 : 5;
		if (len < head)
			return;
		n = head == 1   ? p[0]
		    : head == 2 ? ((size_t)(p[0] - 192) << 8) + p[1] + 192
				: packet_be32(p + 1);
		p += head;
		len -= head;
		if (n < 1 || n > len)
			return;
		if ((p[0] & 0x7f) == SUBPACKET_ISSUER && n == 9 && s->keyid == 0)
			s->keyid = packet_be64(p + 1);
		if ((p[0] & 0x7f) == SUBPACKET_ISSUER_FPR && n == 22 && p[1] == 4 && !s->fpr[0])
			hex(s->fpr, p + 2, 20);
		s->expires |= (p[0] & 0x7f) == SUBPACKET_SIG_EXPIRES;
		p += n;
		len -= n;
	}
}

/* Versions 3 and 4, the only ones that a version 4 key makes. */
static int read_signature(const struct packet *p, struct signature *s)
{
	const uint8_t *b = p->body;
	size_t hashed, unhashed, len = p->body_len;

	memset(s, 0, sizeof(*s));
	if (len >= 19 && b[0] == 3 && b[1] == 5) {
		s->type = b[2];
		s->keyid = packet_be64(b + 7);
		return 0;
	}
	if (len < 10 || b[0] != 4)
		return -1;
	s->type = b[1];
	hashed = (size_t)b[4] << 8 | b[5];
	if (hashed > len - 10)
		return -1;
	unhashed = (size_t)b[6 + hashed] << 8 | b[7 + hashed];
	if (unhashed > len - 10 - hashed)
		return -1;
	read_subpackets(b + 6, hashed, s);
	read_subpackets(b + 8 + hashed, unhashed, s);
	return 0;
}

/* A fingerprint decides where there is one; the key ID alone is all that old signatures have. */
static bool made_by(const struct signature *s, const char *fpr)
{
	if (s->fpr[0])
		return strcmp(s->fpr, fpr) == 0;
	return s->keyid != 0 && s->keyid == filter_keyid(fpr);
}

static bool is_certification(unsigned type)
{
	return (type >= SIG_CERT_GENERIC && type <= SIG_CERT_POSITIVE) ||
	       type == SIG_CERT_REVOCATION;
}

/* The part of the certificate that a signature is kept in; NULL: it is dropped. */
static struct buf *signature_goes(struct reader *r, const struct signature *s)
{
	const char *fpr = r->set->v[r->set->n - 1].fpr, *pin = r->f->pinned_fpr;
	bool self = made_by(s, fpr);

	/* A key's own revocation counts wherever it stands. */
	if (s->type == SIG_KEY_REVOCATION && !self)
		return r->foreign++ < FILTER_FOREIGN_REVOCATIONS_MAX ? &r->direct : NULL;
	if (s->type == SIG_KEY_REVOCATION || s->type == SIG_DIRECT_KEY)
		return self ? &r->direct : NULL;
	if (r->place == PLACE_UID && is_certification(s->type))
		return self || (pin && pin[0] && made_by(s, pin)) ? &r->uids : NULL;
	if (r->place == PLACE_SUBKEY &&
		(s->type == SIG_SUBKEY_BINDING || s->type == SIG_SUBKEY_REVOCATION))
		return self ? &r->subs : NULL;
	return NULL;
}

static int keep(struct buf *b, const struct packet *p, struct err *err)
{
	if (b && buf_add(b, p->raw, p->raw_len) < 0)
		return err_set(err, ERR_OS, "no memory for a certificate");
	return 0;
}

/* Puts the parts of the certificate that was being read together. */
static int finish(struct reader *r, struct err *err)
{
	struct filter_cert *c = r->set->n ? &r->set->v[r->set->n - 1] : NULL;
	size_t len = r->direct.len + r->uids.len + r->subs.len;

	if (!c || len == 0)
		return 0;
	c->data = malloc(len);
	if (!c->data)
		return err_set(err, ERR_OS, "no memory for a certificate");
	c->len = len;
	c->uid_at = r->direct.len;
	c->sub_at = r->direct.len + r->uids.len;
	c->no_uid = !r->uid;
	memcpy(c->data, buf_str(&r->direct), r->direct.len);
	memcpy(c->data + c->uid_at, buf_str(&r->uids), r->uids.len);
	memcpy(c->data + c->sub_at, buf_str(&r->subs), r->subs.len);
	return 0;
}

static int begin_cert(struct reader *r, const struct packet *p, struct err *err)
{
	struct filter_cert *c;
	int rc = finish(r, err);

	if (rc < 0)
		return rc;
	if (r->set->n == FILTER_CERTS_MAX)
		return err_set(err, ERR_DATA, "the answer holds more than %d certificates",
			FILTER_CERTS_MAX);
	buf_reset(&r->direct);
	buf_reset(&r->uids);
	buf_reset(&r->subs);
	r->foreign = 0;
	r->uid = false;
	r->place = PLACE_DROPPED;
	c = &r->set->v[r->set->n++];
	memset(c, 0, sizeof(*c));
	c->version = p->body_len ? p->body[0] : 0;
	c->created = p->body_len >= 5 ? (int64_t)packet_be32(p->body + 1) : 0;
	if (fingerprint(c, p) < 0)
		return err_set(err, ERR_OS, "libgcrypt cannot compute a fingerprint");
	if (c->version != 4 || !c->fpr[0])
		return 0;
	r->place = PLACE_KEY;
	return keep(&r->direct, p, err);
}

static int take_uid(struct reader *r, const struct packet *p, struct err *err)
{
	const struct filter *f = r->f;

	if (p->body_len == 0 || p->body_len >= CERT_UID_MAX ||
		!(f->any_uid || addr_matches_uid(f->addr, (const char *)p->body, p->body_len,
					f->wildcard_uid))) {
		r->place = PLACE_DROPPED;
		return 0;
	}
	r->place = PLACE_UID;
	r->uid = true;
	return keep(&r->uids, p, err);
}

static int take_signature(struct reader *r, const struct packet *p, struct err *err)
{
	struct signature s;
	struct buf *to;

	if (read_signature(p, &s) < 0)
		return 0;
	to = signature_goes(r, &s);
	if (to == &r->uids && s.expires)
		r->set->v[r->set->n - 1].uid_sig_expires = true;
	return keep(to, p, err);
}

static int take_packet(struct reader *r, const struct packet *p, struct err *err)
{
	if (p->tag == PACKET_SECRET_KEY || p->tag == PACKET_SECRET_SUBKEY)
		r->set->secret = true;
	if (p->tag == PACKET_PUBLIC_KEY)
		return begin_cert(r, p, err);
	if (r->set->n == 0 || r->set->v[r->set->n - 1].version != 4)
		return 0;
	/* One that swallows the rest of the input may have swallowed a revocation. */
	if (p->partial)
		r->set->v[r->set->n - 1].damaged = true;
	if (p->tag == PACKET_SIGNATURE)
		return take_signature(r, p, err);
	if (p->tag == PACKET_USER_ID)
		return take_uid(r, p, err);
	if (p->tag == PACKET_USER_ATTRIBUTE)
		r->place = PLACE_DROPPED;
	if (p->tag == PACKET_PUBLIC_SUBKEY) {
		r->place = p->body_len && p->body[0] == 4 ? PLACE_SUBKEY : PLACE_DROPPED;
		return r->place == PLACE_SUBKEY ? keep(&r->subs, p, err) : 0;
	}
	return 0;
}

static bool only_space(const uint8_t *p, size_t len)
{
	while (len > 0 && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) {
		p++;
		len--;
	}
	return len == 0;
}

static int read_packets(struct reader *r, const uint8_t *p, size_t len, struct err *err)
{
	struct packet pkt;
	size_t count = 0;
	int rc, got;

	while ((got = packet_next(&p, &len, &pkt)) == 1) {
		if (++count > FILTER_PACKETS_MAX)
			return err_set(err, ERR_DATA, "the answer holds more than %d packets",
				FILTER_PACKETS_MAX);
		rc = take_packet(r, &pkt, err);
		if (rc < 0)
			return rc;
	}
	if (got < 0 && r->set->n > 0 && !only_space(p, len))
		r->set->v[r->set->n - 1].damaged = true;
	return finish(r, err);
}

int filter_certs(const struct filter *f, const uint8_t *data, size_t len, struct filter_set *set,
	struct err *err)
{
	struct reader r = {.f = f,
		.set = set,
		.direct = BUF_INIT(FILTER_OCTETS_MAX),
		.uids = BUF_INIT(FILTER_OCTETS_MAX),
		.subs = BUF_INIT(FILTER_OCTETS_MAX)};
	struct buf binary = BUF_INIT(FILTER_OCTETS_MAX);
	struct armour armour = {0};
	int rc;

	memset(set, 0, sizeof(*set));
	if (len > FILTER_OCTETS_MAX)
		return err_set(
			err, ERR_DATA, "the answer is larger than %u octets", FILTER_OCTETS_MAX);
	if (armour_read(data, len, &binary, &armour) < 0) {
		rc = err_set(err, ERR_OS, "no memory for a certificate");
		goto out;
	}
	set->armoured = armour.found;
	set->secret = armour.secret;
	if (armour.found)
		rc = read_packets(&r, binary.p, binary.len, err);
	else
		rc = read_packets(&r, data, len, err);
	if (rc == 0 && set->n > 0 && armour.damaged)
		set->v[set->n - 1].damaged = true;
	set->not_openpgp = set->n == 0 && !set->secret;
out:
	if (rc < 0 || set->secret)
		filter_set_free(set);
	buf_free(&r.direct);
	buf_free(&r.uids);
	buf_free(&r.subs);
	buf_free(&binary);
	return rc;
}

int filter_set_join(struct filter_set *set, struct filter_set *from, struct err *err)
{
	int rc = 0;

	set->armoured |= from->armoured;
	set->secret |= from->secret;
	if (set->n + from->n > FILTER_CERTS_MAX)
		rc = err_set(err, ERR_DATA, "the answers hold more than %d certificates",
			FILTER_CERTS_MAX);
	if (rc == 0 && !set->secret) {
		memcpy(set->v + set->n, from->v, from->n * sizeof(*from->v));
		set->n += from->n;
		from->n = 0;
	}
	if (rc < 0 || set->secret)
		filter_set_free(set);
	filter_set_free(from);
	set->not_openpgp = set->n == 0 && !set->secret;
	return rc;
}

void filter_set_free(struct filter_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		free(set->v[i].data);
	memset(set->v, 0, sizeof(set->v));
	set->n = 0;
}
