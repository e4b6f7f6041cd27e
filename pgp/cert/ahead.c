/* SPDX-License-Identifier: ISC */
#include "pgp/cert/ahead.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/spawn.h"
#include "pgp/cert/fingerprint.h"
#include "pgp/cert/signature.h"
#include "pgp/cert/split.h"
#include "pgp/gpg/home.h"

#define BYTES_MAX (2u * FILTER_OCTETS_MAX)

static bool is_ahead(const struct packet *k, int64_t now)
{
	struct signature s;

	return k->tag == PACKET_SIGNATURE && signature_read(k, &s) == 0 &&
	       signature_revokes_later(&s, now);
}

static bool has_packet(const struct buf *b, const struct packet *k)
{
	const uint8_t *p = b->p;
	size_t len = b->len;
	struct packet one;

	while (packet_next(&p, &len, &one) == 1) {
		if (packet_same(&one, k))
			return true;
	}
	return false;
}

/* Whether the key that b begins with is in the other. */
static bool has_primary_of(const struct buf *other, const struct buf *b)
{
	const uint8_t *p = b->p;
	size_t len = b->len;
	struct packet primary;

	return packet_next(&p, &len, &primary) == 1 && has_packet(other, &primary);
}

/* What gpg keeps of a certificate that it has taken before: no signature that it cannot verify. */
static int pass_through_gpg(const struct buf *in, int timeout_ms, struct buf *out, struct err *err)
{
	struct gpg_home home = {0};
	const char *argv[] = {gpg_program(), "--homedir", home.path, "--output", "-",
		"--import-options", "import-export,self-sigs-only", "--import", NULL};
	int status = -1, rc = gpg_home_make(&home, NULL, err);

	if (rc == 0)
		rc = spawn_filter(argv, in->p, in->len, timeout_ms, out, &status, err);
	/* Whatever its exit status is: without the key it has failed, and verified nothing. */
	if (rc == 0 && !has_primary_of(out, in))
		rc = err_set(err, ERR_TEMP, "gpg did not return a certificate that it had taken");
	gpg_home_remove(&home);
	return rc;
}

/* Of f's the heads, and the signatures that gpg has kept. Returns their number, or -1. */
static int verified_of(const struct filter_cert *f, const struct buf *seen, struct buf *out)
{
	const uint8_t *p = f->ahead;
	size_t len = f->ahead_len;
	struct packet k;
	int n = 0;

	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag == PACKET_SIGNATURE && !has_packet(seen, &k))
			continue;
		n += k.tag == PACKET_SIGNATURE;
		if (buf_add(out, k.raw, k.raw_len) < 0)
			return -1;
	}
	return n;
}

/* With its key, or with the last of its encryption subkeys, the certificate ends. */
static void set_end(struct cert *c, int64_t now)
{
	const uint8_t *p = c->data;
	size_t len = c->len, n_sub = 0;
	int64_t key_end = 0, sub_end = 0;
	bool counted = false;
	struct packet k, of = {0};
	struct signature s;

	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag != PACKET_SIGNATURE) {
			of = k;
			counted = false;
		} else if (is_ahead(&k, now) && signature_read(&k, &s) == 0) {
			if (s.type == SIG_KEY_REVOCATION && (key_end == 0 || s.made < key_end))
				key_end = s.made;
			if (s.type == SIG_KEY_REVOCATION || of.tag != PACKET_PUBLIC_SUBKEY ||
				counted || !key_id_in(key_id(&of), c->enc_keyid, c->n_enc))
				continue;
			counted = true;
			n_sub++;
			sub_end = s.made > sub_end ? s.made : sub_end;
		}
	}
	if (n_sub > 0 && n_sub >= c->n_enc && (key_end == 0 || sub_end < key_end))
		key_end = sub_end;
	if (key_end != 0 && (c->expires == 0 || key_end < c->expires))
		c->expires = key_end;
}

int ahead_keep(struct cert *c, const struct filter_cert *f, int timeout_ms, struct err *err)
{
	struct buf whole = BUF_INIT(BYTES_MAX), seen = BUF_INIT(BYTES_MAX),
		   kept = BUF_INIT(BYTES_MAX);
	int n = 0, rc = split_merge(c->data, c->len, f->ahead, f->ahead_len, &whole, err);

	if (rc == 0)
		rc = pass_through_gpg(&whole, timeout_ms, &seen, err);
	if (rc == 0)
		n = verified_of(f, &seen, &kept);
	if (n < 0)
		rc = err_set(err, ERR_OS, "no memory for a certificate");
	buf_reset(&whole);
	if (rc == 0 && n > 0)
		rc = split_merge(c->data, c->len, kept.p, kept.len, &whole, err);
	if (rc == 0 && n > 0) {
		free(c->data);
		c->data = whole.p;
		c->len = whole.len;
		whole = (struct buf)BUF_INIT(BYTES_MAX);
		set_end(c, (int64_t)time(NULL));
	}
	buf_free(&whole);
	buf_free(&seen);
	buf_free(&kept);
	return rc;
}

void ahead_cut(struct cert *c, int64_t now)
{
	const uint8_t *p = c->data;
	size_t len = c->len, kept = 0;
	struct packet k;

	while (c->data && packet_next(&p, &len, &k) == 1) {
		if (is_ahead(&k, now))
			continue;
		memmove(c->data + kept, k.raw, k.raw_len);
		kept += k.raw_len;
	}
	/* What is no packet stays as it is: gpg is to see it too. */
	if (c->data && len == 0)
		c->len = kept;
}
