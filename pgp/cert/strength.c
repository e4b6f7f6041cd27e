/* SPDX-License-Identifier: ISC */
#include "pgp/cert/strength.h"

#include <string.h>

#include "pgp/cert/fingerprint.h"
#include "pgp/cert/signature.h"

/* The certificate while it is read. */
struct look {
	const uint64_t *enc_keyid;
	size_t n_enc;
	uint64_t primary_id;
	struct packet of; /* what signatures now belong to */
	int64_t sub_made; /* of the subkey that is chosen; -1: none yet */
	bool chosen;      /* of is that one */
	struct cert_strength *out;
};

static struct key_strength strength_of(const struct packet *p)
{
	struct key_size size;

	packet_key_size(p, &size);
	return (struct key_strength){.algo = size.algo, .bits = size.bits};
}

static bool is_wanted(const struct look *l, uint64_t keyid)
{
	return key_id_in(keyid, l->enc_keyid, l->n_enc);
}

static void take_primary(struct look *l, const struct packet *p)
{
	l->primary_id = key_id(p);
	l->out->primary = strength_of(p);
	if (is_wanted(l, l->primary_id))
		l->out->encryption = l->out->primary;
}

/* Of several subkeys gpg takes the newest, of two as new the first. */
static void choose_subkey(struct look *l, const struct packet *p)
{
	int64_t made = p->body_len >= 5 ? (int64_t)packet_be32(p->body + 1) : 0;

	l->chosen = is_wanted(l, key_id(p)) && made > l->sub_made;
	if (!l->chosen)
		return;
	l->sub_made = made;
	l->out->encryption = strength_of(p);
	memset(&l->out->binding, 0, sizeof(l->out->binding));
}

static void take_newer(struct sig_strength *to, const struct signature *s)
{
	if (to->hash == 0 || s->made >= to->made)
		*to = (struct sig_strength){.hash = s->hash, .made = s->made};
}

static void take_signature_of(struct look *l, const struct packet *p)
{
	struct signature s;

	if (signature_read(p, &s) < 0)
		return;
	if (s.keyid != 0 && s.keyid != l->primary_id)
		return;
	if (l->of.tag == PACKET_USER_ID && signature_certifies(&s))
		take_newer(&l->out->user_id, &s);
	else if (l->of.tag == PACKET_PUBLIC_KEY && s.type == SIG_DIRECT_KEY)
		take_newer(&l->out->direct, &s);
	else if (l->of.tag == PACKET_PUBLIC_SUBKEY && l->chosen && s.type == SIG_SUBKEY_BINDING)
		take_newer(&l->out->binding, &s);
}

int cert_strength(const uint8_t *data, size_t len, const uint64_t *enc_keyid, size_t n_enc,
	struct cert_strength *out)
{
	struct look l = {.enc_keyid = enc_keyid, .n_enc = n_enc, .sub_made = -1, .out = out};
	struct packet k;

	memset(out, 0, sizeof(*out));
	while (data && packet_next(&data, &len, &k) == 1) {
		if (k.tag == PACKET_SIGNATURE) {
			take_signature_of(&l, &k);
			continue;
		}
		if (k.tag == PACKET_PUBLIC_KEY && l.of.raw)
			break; /* another certificate */
		if (k.tag == PACKET_PUBLIC_KEY)
			take_primary(&l, &k);
		if (k.tag == PACKET_PUBLIC_SUBKEY)
			choose_subkey(&l, &k);
		if (k.tag != PACKET_TRUST)
			l.of = k;
	}
	if (out->direct.made <= out->user_id.made)
		memset(&out->direct, 0, sizeof(out->direct));
	if (out->primary.algo != 0 && out->encryption.algo != 0)
		return 0;
	memset(out, 0, sizeof(*out));
	return -1;
}
