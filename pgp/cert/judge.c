/* SPDX-License-Identifier: ISC */
#include "pgp/cert/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "pgp/cert/packet.h"

static void verdict(struct cert *c, enum cert_use use, const char *why)
{
	c->use = use;
	snprintf(c->why, sizeof(c->why), "%s", why);
}

static void verdict_at(struct cert *c, enum cert_use use, const char *what, int64_t t)
{
	char when[TEXT_TIME_MAX];

	text_time(when, t);
	c->use = use;
	snprintf(c->why, sizeof(c->why), "%s on %.10s", what, when);
}

gpgme_key_t judge_find(const struct gpg_keys *keys, const char *fpr)
{
	size_t i;

	for (i = 0; fpr && i < keys->n; i++) {
		if (keys->v[i]->fpr && strcmp(keys->v[i]->fpr, fpr) == 0)
			return keys->v[i];
	}
	return NULL;
}

static uint64_t sig_keyid(gpgme_key_sig_t s)
{
	return s->keyid ? strtoull(s->keyid, NULL, 16) : 0;
}

static bool is_certification(gpgme_key_sig_t s)
{
	return s->sig_class >= 0x10 && s->sig_class <= 0x13;
}

/* gpg verifies expired signatures too, and GPGME leaves it to us to look at the time. */
static bool sig_expired(gpgme_key_sig_t s)
{
	return s->expired || (s->expires != 0 && (int64_t)s->expires <= (int64_t)time(NULL));
}

/*
 * GPGME does not pass on that a User ID has expired with its self-signature. The newest
 * self-signature that gpg verified decides.
 */
static bool uid_expired(gpgme_key_t key, gpgme_user_id_t uid)
{
	uint64_t self = fpr_keyid(key->fpr);
	gpgme_key_sig_t s, newest = NULL;

	for (s = uid->signatures; s; s = s->next) {
		if (sig_keyid(s) == self && is_certification(s) && !s->revoked &&
			gpgme_err_code(s->status) == GPG_ERR_NO_ERROR &&
			(!newest || s->timestamp >= newest->timestamp))
			newest = s;
	}
	return !newest || sig_expired(newest);
}

static bool uid_names(gpgme_user_id_t uid, const struct addr *addr, bool wildcard)
{
	return uid->uid && (!addr || addr_matches_uid(addr, uid->uid, strlen(uid->uid), wildcard));
}

/* Keeps the first valid User ID for the address in c->uid; else says why there is none. */
static void judge_uid(
	gpgme_key_t key, const struct addr *addr, bool wildcard, bool sigs, struct cert *c)
{
	gpgme_user_id_t u;
	bool revoked = false, expired = false;

	for (u = key->uids; u; u = u->next) {
		if (!uid_names(u, addr, wildcard))
			continue;
		if (u->revoked || u->invalid) {
			revoked |= u->revoked;
		} else if (sigs && uid_expired(key, u)) {
			expired = true;
		} else {
			snprintf(c->uid, sizeof(c->uid), "%s", u->uid);
			return;
		}
	}
	if (revoked)
		verdict(c, CERT_UID_REVOKED, "its User ID for the address is revoked");
	else if (expired)
		verdict(c, CERT_WRONG_UID, "its User ID for the address has expired");
	else
		verdict(c, CERT_WRONG_UID, "no valid User ID of it names the address");
}

/* Algorithms and curves that gpg can encrypt with: it lists others all the same. */
static bool can_encrypt(gpgme_subkey_t s)
{
	switch (s->pubkey_algo) {
	case GPGME_PK_RSA:
	case GPGME_PK_RSA_E:
	case GPGME_PK_ELG_E:
		return s->can_encrypt;
	case GPGME_PK_ECDH:
		return s->can_encrypt && s->curve && s->curve[0] != '\0';
	default:
		return false;
	}
}

static void add_enc_key(struct cert *c, gpgme_subkey_t s)
{
	uint64_t id = s->keyid ? strtoull(s->keyid, NULL, 16) : 0;

	if (id != 0 && c->n_enc < CERT_SUBKEYS_MAX)
		c->enc_keyid[c->n_enc++] = id;
}

/* A key made in the future is not used by gpg. */
static void judge_subkeys(gpgme_key_t key, struct cert *c)
{
	int64_t now = (int64_t)time(NULL), last = 0, primary = key->subkeys->expires;
	bool never = false, expired = false, revoked = false;
	gpgme_subkey_t s;

	for (s = key->subkeys; s; s = s->next) {
		if (!can_encrypt(s))
			continue;
		if (s->revoked || s->invalid || s->disabled || (int64_t)s->timestamp > now) {
			revoked |= s->revoked;
		} else if (s->expired) {
			expired = true;
		} else {
			add_enc_key(c, s);
			never |= s->expires == 0;
			last = (int64_t)s->expires > last ? (int64_t)s->expires : last;
		}
	}
	c->expires = never ? 0 : last;
	if (primary != 0 && (c->expires == 0 || primary < c->expires))
		c->expires = primary;
	if (c->use != CERT_USABLE || c->n_enc > 0)
		return;
	if (expired)
		verdict(c, CERT_NO_ENCRYPTION, "its encryption keys have expired");
	else if (revoked)
		verdict(c, CERT_NO_ENCRYPTION, "its encryption keys are revoked");
	else
		verdict(c, CERT_NO_ENCRYPTION, "it has no key that gpg can encrypt to");
}

/* gpg would encrypt to either, though one of them may be revoked. */
static bool lists_subkey_twice(gpgme_key_t key)
{
	gpgme_subkey_t s, t;

	for (s = key->subkeys; s; s = s->next) {
		for (t = s->next; t; t = t->next) {
			if (s->keyid && t->keyid && strcmp(s->keyid, t->keyid) == 0)
				return true;
		}
	}
	return false;
}

void judge_key(gpgme_key_t key, const struct addr *addr, bool wildcard, bool sigs, struct cert *c)
{
	c->use = CERT_USABLE;
	c->why[0] = '\0';
	c->n_enc = 0;
	c->created = key->subkeys->timestamp;
	judge_uid(key, addr, wildcard, sigs, c);
	if (key->revoked || key->subkeys->revoked)
		verdict(c, CERT_REVOKED, "its owner revoked it");
	else if (key->expired || key->subkeys->expired)
		verdict_at(c, CERT_EXPIRED, "it expired", key->subkeys->expires);
	else if (key->invalid || key->disabled || c->created > (int64_t)time(NULL))
		verdict(c, CERT_UNSUPPORTED, "gpg takes it for invalid");
	judge_subkeys(key, c);
	if (c->use == CERT_USABLE && lists_subkey_twice(key))
		verdict(c, CERT_UNSUPPORTED, "gpg lists one of its subkeys twice");
}

/* The pin's word on one User ID. A revocation counts even if it cannot be verified. */
static bool uid_certified(gpgme_user_id_t uid, uint64_t pin)
{
	bool good = false;
	gpgme_key_sig_t s;

	for (s = uid->signatures; s; s = s->next) {
		if (sig_keyid(s) != pin)
			continue;
		if (s->revoked || s->sig_class == 0x30)
			return false;
		if (is_certification(s) && !sig_expired(s) && !s->invalid &&
			gpgme_err_code(s->status) == GPG_ERR_NO_ERROR)
			good = true;
	}
	return good;
}

bool judge_certified(const struct gpg_keys *keys, gpgme_key_t key, const char *pinned_fpr,
	const struct addr *addr, bool wildcard)
{
	gpgme_key_t pin = judge_find(keys, pinned_fpr);
	uint64_t id = fpr_keyid(pinned_fpr);
	gpgme_user_id_t u;
	size_t i;

	if (!pin || pin == key || id == 0 || pin->revoked || pin->expired || pin->invalid)
		return false;
	/* GPGME names signers by key ID only: another key with the pin's ID must not speak for it.
	 */
	for (i = 0; i < keys->n; i++) {
		if (keys->v[i] != pin && fpr_keyid(keys->v[i]->fpr) == id)
			return false;
	}
	for (u = key->uids; u; u = u->next) {
		if (uid_names(u, addr, wildcard) && !u->revoked && !u->invalid &&
			!uid_expired(key, u) && uid_certified(u, id))
			return true;
	}
	return false;
}
