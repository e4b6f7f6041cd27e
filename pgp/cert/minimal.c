/* SPDX-License-Identifier: ISC */
#include "pgp/cert/minimal.h"

#include <string.h>

#include "pgp/cert/fingerprint.h"
#include "pgp/cert/signature.h"

/* What is chosen; raw NULL: nothing yet. */
struct pick {
	const struct cert *c;
	const struct addr *addr;
	struct packet key, uid, uid_sig, sub, sub_sig;
	uint64_t keyid; /* of the primary key */
	uint32_t uid_at, sub_at, sub_made;
	bool primary; /* it encrypts itself */
};

/* Type and time of a version 4 signature that keyid made, or may have made. -1: it is none. */
static int read_own(const struct packet *p, uint64_t keyid, unsigned *type, uint32_t *made)
{
	struct signature s;

	if (signature_read(p, &s) < 0 || p->body[0] != 4 || s.made == 0 ||
		(s.keyid != 0 && s.keyid != keyid))
		return -1;
	*type = s.type;
	*made = (uint32_t)s.made;
	return 0;
}

static bool encrypts(const struct cert *c, uint64_t keyid)
{
	return key_id_in(keyid, c->enc_keyid, c->n_enc);
}

/* Whether the User ID may stand for the address. */
static bool names_address(const struct pick *k, const struct packet *uid)
{
	return !k->addr || addr_matches_uid(k->addr, (const char *)uid->body, uid->body_len, false);
}

/* sub: the encryption subkey that signatures are now bound to; its own signature has to be there to
 * choose it. */
static void take_sub(struct pick *k, const struct packet *sub, const struct packet *p)
{
	uint32_t made, created = sub->body_len >= 5 ? packet_be32(sub->body + 1) : 0;
	unsigned type;

	if (read_own(p, k->keyid, &type, &made) < 0 || type != SIG_SUBKEY_BINDING)
		return;
	if (k->sub.raw == sub->raw ? made <= k->sub_at : k->sub.raw && created <= k->sub_made)
		return;
	k->sub = *sub;
	k->sub_sig = *p;
	k->sub_at = made;
	k->sub_made = created;
}

static void consider_uid(struct pick *k, const struct packet *uid, const struct packet *p)
{
	uint32_t made;
	unsigned type;

	if (read_own(p, k->keyid, &type, &made) < 0 || type < SIG_CERT_GENERIC ||
		type > SIG_CERT_POSITIVE)
		return;
	if (k->uid.raw ? k->uid.raw != uid->raw || made <= k->uid_at : !names_address(k, uid))
		return;
	k->uid = *uid;
	k->uid_sig = *p;
	k->uid_at = made;
}

static void choose_uid(struct pick *k)
{
	const uint8_t *p = k->c->data;
	size_t len = k->c->len;
	struct packet pkt, of = {0};

	while (packet_next(&p, &len, &pkt) == 1) {
		if (pkt.tag == PACKET_SIGNATURE && of.tag == PACKET_USER_ID)
			consider_uid(k, &of, &pkt);
		else if (pkt.tag == PACKET_SIGNATURE && of.tag == PACKET_PUBLIC_SUBKEY)
			take_sub(k, &of, &pkt);
		else if (pkt.tag != PACKET_SIGNATURE)
			of = pkt;
		if (pkt.tag == PACKET_PUBLIC_SUBKEY && !encrypts(k->c, key_id(&pkt)))
			of.tag = 0;
		if (pkt.tag == PACKET_PUBLIC_KEY && !k->key.raw) {
			k->key = pkt;
			k->keyid = key_id(&pkt);
			k->primary = encrypts(k->c, k->keyid);
		}
	}
}

int cert_minimal(const struct cert *c, const struct addr *addr, struct buf *out, struct err *err)
{
	struct pick k = {.c = c, .addr = addr};
	const struct packet *all[] = {&k.key, &k.uid, &k.uid_sig, &k.sub, &k.sub_sig};
	size_t i;

	choose_uid(&k);
	if (!k.key.raw || !k.uid.raw || (!k.sub.raw && !k.primary))
		return 0;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i]->raw && buf_add(out, all[i]->raw, all[i]->raw_len) < 0)
			return err_set(err, ERR_OS, "out of memory");
	}
	return 1;
}
