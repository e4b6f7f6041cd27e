/* SPDX-License-Identifier: ISC */
#include "pgp/cert/filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "pgp/cert/armour.h"
#include "pgp/cert/fingerprint.h"
#include "pgp/cert/packet.h"
#include "pgp/cert/signature.h"

#define PART_MAX (2u * FILTER_OCTETS_MAX) /* signatures may become longer */

/* Where in a certificate the reading is: what a signature now belongs to. */
enum place {
	PLACE_OUTSIDE,
	PLACE_KEY,
	PLACE_UID,
	PLACE_SUBKEY,
	PLACE_AGAIN,       /* a User ID or subkey that was kept before */
	PLACE_DROPPED_UID, /* another's, or an attribute */
	PLACE_DROPPED_SUBKEY,
};

struct reader {
	const struct filter *f;
	struct filter_set *set;
	enum place place;
	unsigned foreign;
	bool uid;
	size_t n_uid, n_sub, n_sig;              /* kept of the certificate being read */
	struct packet sig[FILTER_SELF_SIGS_MAX]; /* the first of n_sig */
	struct packet key, head;              /* head: the User ID or subkey where it is in one */
	bool head_ahead;                      /* it is in ahead already */
	size_t hashed;                        /* of FILTER_HASHED_MAX */
	struct buf direct, uids, subs, ahead; /* of the certificate being read */
	struct buf stray; /* signatures for uids and subs that stand elsewhere */
};

/* Whether what the pinned key says of a User ID may count: that it was mistaken always does. */
static bool counts_for_pin(const struct reader *r, const struct signature *s)
{
	if (s->type == SIG_CERT_REVOCATION)
		return true;
	return (s->type == SIG_CERT_GENERIC || s->type == SIG_CERT_POSITIVE) &&
	       signature_hash_strong(s) && s->made != 0 && s->made <= r->f->now;
}

/* Whether a signature is for what it stands behind, as far as can be told without verifying it. */
static bool is_for_head(struct reader *r, const struct packet *p, const struct signature *s)
{
	if (r->f->in_order)
		return true;
	r->hashed += r->key.body_len + r->head.body_len + p->body_len;
	return r->hashed <= FILTER_HASHED_MAX && signature_fits(p, s, &r->key, &r->head);
}

/* One on a User ID or a subkey is kept, or dropped (NULL), with what it is for. */
static struct buf *goes_with_head(
	struct reader *r, const struct packet *p, const struct signature *s, bool of_uid)
{
	enum place kept = of_uid ? PLACE_UID : PLACE_SUBKEY;
	enum place dropped = of_uid ? PLACE_DROPPED_UID : PLACE_DROPPED_SUBKEY;

	if ((r->place != kept && r->place != dropped) || !is_for_head(r, p, s))
		return &r->stray;
	return r->place == dropped ? NULL : of_uid ? &r->uids : &r->subs;
}

/* The part of the certificate that a signature is kept in; NULL: it is dropped. A key's own counts
 * wherever it stands. */
static struct buf *signature_goes(
	struct reader *r, const struct packet *p, const struct signature *s)
{
	const char *fpr = r->set->v[r->set->n - 1].fpr, *pin = r->f->pinned_fpr;
	bool self = signature_made_by(s, fpr), of_uid = signature_on_user_id(s);

	if (s->type == SIG_KEY_REVOCATION && !self)
		return r->foreign++ < FILTER_FOREIGN_REVOCATIONS_MAX ? &r->direct : NULL;
	if (s->type == SIG_KEY_REVOCATION || s->type == SIG_DIRECT_KEY)
		return self ? &r->direct : NULL;
	if (!of_uid && s->type != SIG_SUBKEY_BINDING && s->type != SIG_SUBKEY_REVOCATION)
		return NULL;
	if (!self &&
		!(of_uid && pin && pin[0] && signature_made_by(s, pin) && counts_for_pin(r, s)))
		return NULL;
	return goes_with_head(r, p, s, of_uid);
}

static int keep_packet(struct buf *b, const struct packet *p, struct err *err)
{
	if (b && buf_add(b, p->raw, p->raw_len) < 0)
		return err_set(err, ERR_OS, "no memory for a certificate");
	return 0;
}

static int keep_signature(
	struct buf *b, const struct packet *p, const struct signature *s, struct err *err)
{
	if (b && signature_put(p, s, b) < 0)
		return err_set(err, ERR_OS, "no memory for a certificate");
	return 0;
}

/* Puts aside what will be in force one day: behind the key or subkey that it is for. */
static int keep_ahead(struct reader *r, const struct packet *p, const struct signature *s,
	bool of_subkey, struct err *err)
{
	int rc = 0;

	if (r->ahead.len == 0)
		rc = keep_packet(&r->ahead, &r->key, err);
	if (rc == 0 && of_subkey && !r->head_ahead)
		rc = keep_packet(&r->ahead, &r->head, err);
	r->head_ahead |= of_subkey;
	return rc == 0 ? keep_signature(&r->ahead, p, s, err) : rc;
}

static const char *too_much(const struct reader *r)
{
	if (r->n_sub > FILTER_SUBKEYS_MAX)
		return "it has more than 64 subkeys";
	if (r->n_uid > FILTER_UIDS_MAX)
		return "it has more than 64 User IDs for the address";
	if (r->n_sig > FILTER_SELF_SIGS_MAX)
		return "it has more than 128 signatures of its own";
	if (r->direct.len + r->uids.len + r->subs.len + r->stray.len + r->ahead.len >
		FILTER_CERT_MAX)
		return "it is larger than 256 kB";
	return NULL;
}

_Static_assert(FILTER_SUBKEYS_MAX == 64 && FILTER_UIDS_MAX == 64 && FILTER_SELF_SIGS_MAX == 128 &&
		       FILTER_CERT_MAX == 256u << 10,
	"too_much says so");

/* Of one that is too much for gpg the key itself, and whether it is revoked, can still be told. */
static int keep_revocations(struct reader *r, struct err *err)
{
	struct buf few = BUF_INIT(FILTER_CERT_MAX);
	const uint8_t *p = r->direct.p;
	size_t len = r->direct.len, n = 0;
	struct signature s;
	struct packet k;
	int rc = 0;

	while (rc == 0 && n < FILTER_REVOCATIONS_MAX && packet_next(&p, &len, &k) == 1) {
		if (k.tag == PACKET_SIGNATURE &&
			(signature_read(&k, &s) < 0 || s.type != SIG_KEY_REVOCATION))
			continue;
		n += k.tag == PACKET_SIGNATURE;
		rc = keep_packet(&few, &k, err);
	}
	buf_free(&r->direct);
	r->direct.p = few.p;
	r->direct.len = few.len;
	r->direct.cap = few.cap;
	buf_reset(&r->uids);
	buf_reset(&r->subs);
	buf_reset(&r->stray);
	buf_reset(&r->ahead);
	r->uid = false;
	return rc;
}

/* Puts the parts of the certificate that was being read together. */
static int finish_cert(struct reader *r, struct err *err)
{
	struct filter_cert *c = r->set->n ? &r->set->v[r->set->n - 1] : NULL;
	int rc = 0;

	if (!c || r->direct.len == 0)
		return 0;
	if (!c->excess && !r->f->own)
		c->excess = too_much(r);
	if (c->excess)
		rc = keep_revocations(r, err);
	if (rc < 0)
		return rc;
	c->uid_at = r->direct.len;
	c->sub_at = c->uid_at + r->uids.len;
	c->stray_at = c->sub_at + r->subs.len;
	c->len = c->stray_at + r->stray.len;
	c->data = malloc(c->len);
	c->ahead = r->ahead.len > 0 ? malloc(r->ahead.len) : NULL;
	if (!c->data || (r->ahead.len > 0 && !c->ahead))
		return err_set(err, ERR_OS, "no memory for a certificate");
	c->no_uid = !r->uid;
	memcpy(c->data, buf_str(&r->direct), r->direct.len);
	memcpy(c->data + c->uid_at, buf_str(&r->uids), r->uids.len);
	memcpy(c->data + c->sub_at, buf_str(&r->subs), r->subs.len);
	memcpy(c->data + c->stray_at, buf_str(&r->stray), r->stray.len);
	c->ahead_len = r->ahead.len;
	if (c->ahead)
		memcpy(c->ahead, r->ahead.p, r->ahead.len);
	return 0;
}

/* RSA numbers with which a single signature takes gpg minutes; NULL: none. */
static const char *key_excess(const struct reader *r, const struct packet *p)
{
	struct key_size size;

	packet_key_size(p, &size);
	if (size.algo < 1 || size.algo > 3 || r->f->own)
		return NULL;
	if (size.bits > FILTER_RSA_BITS_MAX)
		return "it has an RSA key of more than 8192 bits";
	if (size.exponent_bits > FILTER_RSA_EXPONENT_BITS_MAX)
		return "it has an RSA key with an exponent of more than 32 bits";
	return NULL;
}

_Static_assert(
	FILTER_RSA_BITS_MAX == 8192 && FILTER_RSA_EXPONENT_BITS_MAX == 32, "key_excess says so");

static int begin_cert(struct reader *r, const struct packet *p, struct err *err)
{
	struct filter_cert *c;
	int rc = finish_cert(r, err);

	if (rc < 0)
		return rc;
	if (r->set->n == FILTER_CERTS_MAX)
		return err_set(err, ERR_DATA, "the answer holds more than %d certificates",
			FILTER_CERTS_MAX);
	buf_reset(&r->direct);
	buf_reset(&r->uids);
	buf_reset(&r->subs);
	buf_reset(&r->ahead);
	buf_reset(&r->stray);
	r->foreign = 0;
	r->uid = false;
	r->n_uid = r->n_sub = r->n_sig = 0;
	r->place = PLACE_OUTSIDE;
	c = &r->set->v[r->set->n++];
	memset(c, 0, sizeof(*c));
	c->version = p->body_len ? p->body[0] : 0;
	c->created = p->body_len >= 5 ? (int64_t)packet_be32(p->body + 1) : 0;
	if ((c->version == 4 || c->version == 6) && key_fingerprint(p, c->fpr) < 0)
		return err_set(err, ERR_OS, "libgcrypt cannot compute a fingerprint");
	c->keyid = fpr_keyid(c->fpr);
	if (c->version != 4 || !c->fpr[0])
		return 0;
	c->excess = key_excess(r, p);
	if (c->excess)
		return 0;
	r->place = PLACE_KEY;
	r->key = *p;
	return keep_packet(&r->direct, p, err);
}

/* Whether b has the packet; not looked for once there are too many. */
static bool was_kept(const struct buf *b, size_t n, const struct packet *p)
{
	const uint8_t *at = b->p;
	size_t len = b->len;
	struct packet k;

	while (n <= FILTER_SUBKEYS_MAX && packet_next(&at, &len, &k) == 1) {
		if (packet_same(&k, p))
			return true;
	}
	return false;
}

static int take_user_id(struct reader *r, const struct packet *p, struct err *err)
{
	const struct filter *f = r->f;

	r->head = *p;
	if (p->body_len == 0 || p->body_len > FILTER_UID_MAX ||
		!(f->any_uid || addr_matches_uid(f->addr, (const char *)p->body, p->body_len,
					f->wildcard_uid))) {
		r->place = PLACE_DROPPED_UID;
		return 0;
	}
	r->place = was_kept(&r->uids, ++r->n_uid, p) ? PLACE_AGAIN : PLACE_UID;
	if (r->place == PLACE_AGAIN)
		return 0;
	r->uid = true;
	return keep_packet(&r->uids, p, err);
}

/* Whether another version of it was kept before. */
static bool has_twin(struct reader *r, const struct packet *p)
{
	size_t i, n = r->n_sig < FILTER_SELF_SIGS_MAX ? r->n_sig : FILTER_SELF_SIGS_MAX;

	for (i = 0; i < n && !signature_twins(&r->sig[i], p); i++)
		;
	if (n < FILTER_SELF_SIGS_MAX)
		r->sig[n] = *p;
	return i < n;
}

static int take_signature(struct reader *r, const struct packet *p, struct err *err)
{
	struct signature s;
	struct buf *to;

	if (signature_read(p, &s) < 0)
		return 0;
	to = signature_goes(r, p, &s);
	if (to && has_twin(r, p))
		r->set->v[r->set->n - 1].damaged = true;
	r->n_sig += to != NULL;
	if (to && signature_on_user_id(&s) && s.expires)
		r->set->v[r->set->n - 1].uid_sig_expires = true;
	if (to && to != &r->stray && signature_revokes_later(&s, r->f->now) &&
		signature_made_by(&s, r->set->v[r->set->n - 1].fpr))
		return keep_ahead(r, p, &s, to == &r->subs, err);
	return keep_signature(to, p, &s, err);
}

static int take_subkey(struct reader *r, const struct packet *p, struct err *err)
{
	struct filter_cert *c = &r->set->v[r->set->n - 1];

	r->head = *p;
	r->head_ahead = false;
	r->place = p->body_len && p->body[0] == 4 ? PLACE_SUBKEY : PLACE_DROPPED_SUBKEY;
	if (r->place == PLACE_DROPPED_SUBKEY)
		return 0;
	if (was_kept(&r->subs, ++r->n_sub, p)) {
		r->place = PLACE_AGAIN;
		return 0;
	}
	if (!c->excess)
		c->excess = key_excess(r, p);
	return keep_packet(&r->subs, p, err);
}

static int take_packet(struct reader *r, const struct packet *p, struct err *err)
{
	if (p->tag == PACKET_SECRET_KEY || p->tag == PACKET_SECRET_SUBKEY)
		r->set->secret = true;
	if (p->tag == PACKET_PUBLIC_KEY)
		return begin_cert(r, p, err);
	if (r->set->n == 0 || r->set->v[r->set->n - 1].version != 4 || r->direct.len == 0)
		return 0;
	/* One that swallows the rest of the input may have swallowed a revocation. */
	if (p->partial)
		r->set->v[r->set->n - 1].damaged = true;
	if (p->tag == PACKET_SIGNATURE)
		return take_signature(r, p, err);
	if (p->tag == PACKET_USER_ID)
		return take_user_id(r, p, err);
	if (p->tag == PACKET_PUBLIC_SUBKEY)
		return take_subkey(r, p, err);
	if (p->tag == PACKET_USER_ATTRIBUTE) {
		r->head = *p;
		r->place = PLACE_DROPPED_UID;
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

static int filter_packets(struct reader *r, const uint8_t *p, size_t len, struct err *err)
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
	return finish_cert(r, err);
}

int filter_certs(const struct filter *f, const uint8_t *data, size_t len, struct filter_set *set,
	struct err *err)
{
	struct reader r = {.f = f,
		.set = set,
		.direct = BUF_INIT(PART_MAX),
		.uids = BUF_INIT(PART_MAX),
		.subs = BUF_INIT(PART_MAX),
		.ahead = BUF_INIT(PART_MAX),
		.stray = BUF_INIT(PART_MAX)};
	struct buf binary = BUF_INIT(FILTER_OCTETS_MAX);
	struct armour armour = {0};
	int rc;

	memset(set, 0, sizeof(*set));
	if (len > FILTER_OCTETS_MAX)
		return err_set(
			err, ERR_DATA, "the answer is larger than %u bytes", FILTER_OCTETS_MAX);
	if (armour_read(data, len, &binary, &armour) < 0) {
		rc = err_set(err, ERR_OS, "no memory for a certificate");
		goto out;
	}
	set->armoured = armour.found;
	set->secret = armour.secret;
	if (armour.found)
		rc = filter_packets(&r, binary.p, binary.len, err);
	else
		rc = filter_packets(&r, data, len, err);
	if (rc == 0 && set->n > 0 && armour.damaged)
		set->v[set->n - 1].damaged = true;
	set->not_openpgp = set->n == 0 && !set->secret;
out:
	if (rc < 0 || set->secret)
		filter_set_free(set);
	buf_free(&r.direct);
	buf_free(&r.uids);
	buf_free(&r.subs);
	buf_free(&r.ahead);
	buf_free(&r.stray);
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

/* Whether b has another version of a signature of a. */
static bool have_twins(const struct filter_cert *a, const struct filter_cert *b)
{
	const uint8_t *p = a->data, *q;
	size_t len = a->len, left;
	struct packet k, l;

	while (packet_next(&p, &len, &k) == 1) {
		q = b->data;
		left = b->len;
		while (k.tag == PACKET_SIGNATURE && packet_next(&q, &left, &l) == 1) {
			if (l.tag == PACKET_SIGNATURE && signature_twins(&k, &l))
				return true;
		}
	}
	return false;
}

void filter_set_compare(struct filter_set *set)
{
	size_t i, k;

	for (i = 0; i < set->n; i++) {
		for (k = 0; k < i; k++) {
			if (strcmp(set->v[i].fpr, set->v[k].fpr) != 0 ||
				!have_twins(&set->v[i], &set->v[k]))
				continue;
			set->v[i].damaged = set->v[k].damaged = true;
		}
	}
}

void filter_set_free(struct filter_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		free(set->v[i].data);
		free(set->v[i].ahead);
	}
	memset(set->v, 0, sizeof(set->v));
	set->n = 0;
}
