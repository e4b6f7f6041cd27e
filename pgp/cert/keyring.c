/* SPDX-License-Identifier: ISC */
#include "pgp/cert/keyring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "pgp/cert/judge.h"
#include "pgp/cert/signer.h"
#include "pgp/gpg/home.h"
#include "pgp/gpg/user_ring.h"

#define GPG_MS 120000 /* the web of trust of a large keyring */
#define UIDS_MAX 200000
#define CERT_OCTETS_MAX (16u << 20) /* of one certificate */
#define BATCH 100                   /* certificates of one export: they become arguments of gpg */

/* common_conf's "trust-model always" would call everything valid: the last word counts. */
static const char trust_conf[] = "trust-model pgp\n"
				 "auto-check-trustdb\n"
				 "with-key-origin\n"
				 "no-default-keyring\n";

/* A copy, so that gpg may bring it up to date. Without one only the user's own keys are valid. */
static int copy_trust(const char *user, const struct gpg_home *home, struct err *err)
{
	struct buf b = BUF_INIT(KEYRING_TRUSTDB_MAX);
	char path[FILE_PATH_MAX];
	int rc;

	if (path_join(path, user, "trustdb.gpg") < 0)
		return err_set(err, ERR_CONFIG, "the path of the user's gpg home is too long");
	rc = file_read(path, &b, ERR_IO, err);
	if (rc < 0 && errno == ENOENT)
		return 0;
	if (rc == 0)
		rc = gpg_home_put(home, "trustdb.gpg", b.p, b.len, err);
	buf_free(&b);
	return rc;
}

static const char *why_not(gpgme_key_t key, gpgme_user_id_t uid)
{
	if (key->revoked)
		return "the key is revoked";
	if (key->expired)
		return "the key has expired";
	if (key->disabled || key->invalid)
		return "the key is disabled or invalid";
	if (uid->revoked || uid->invalid)
		return "the User ID is revoked or invalid";
	switch (uid->validity) {
	case GPGME_VALIDITY_FULL:
	case GPGME_VALIDITY_ULTIMATE:
		return NULL;
	case GPGME_VALIDITY_MARGINAL:
		return "its validity is marginal";
	case GPGME_VALIDITY_NEVER:
		return "it is marked as not to be trusted";
	default:
		return "its validity is unknown";
	}
}

/* The address of a User ID; GPGME's own reading and ours have to agree. */
static bool uid_addr(gpgme_user_id_t uid, struct addr *out)
{
	return uid->address && uid->uid && addr_parse(uid->address, out, NULL) == 0 &&
	       out->domain[0] != '\0' && addr_matches_uid(out, uid->uid, strlen(uid->uid), false);
}

static bool from_network(unsigned origin)
{
	return origin == GPGME_KEYORG_KS || origin == GPGME_KEYORG_DANE ||
	       origin == GPGME_KEYORG_WKD || origin == GPGME_KEYORG_URL;
}

static enum keyring_validity validity_of(gpgme_user_id_t uid)
{
	switch (uid->validity) {
	case GPGME_VALIDITY_ULTIMATE:
	case GPGME_VALIDITY_FULL:
		return VALIDITY_FULL;
	case GPGME_VALIDITY_MARGINAL:
		return VALIDITY_MARGINAL;
	case GPGME_VALIDITY_NEVER:
		return VALIDITY_NEVER;
	default:
		return VALIDITY_UNKNOWN;
	}
}

static struct keyring_facts facts_of(gpgme_key_t key, gpgme_user_id_t uid)
{
	return (struct keyring_facts){.usable = !key->revoked && !key->expired && !key->disabled &&
						!key->invalid && !uid->revoked && !uid->invalid,
		.can_encrypt = key->can_encrypt,
		.from_network = from_network(key->origin) || from_network(uid->origin),
		.validity = validity_of(uid)};
}

/* Adds the key's User IDs; *valid says whether one is. */
static int add_ring_key(
	struct keyring *k, size_t *cap, gpgme_key_t key, keyring_rank *rank, bool *valid)
{
	struct keyring_uid *grown, *u;
	struct keyring_facts facts;
	gpgme_user_id_t uid;
	struct addr a;
	const char *why;

	*valid = false;
	if (!key->fpr || strlen(key->fpr) >= CERT_FPR_MAX)
		return 0;
	for (uid = key->uids; uid && k->n < UIDS_MAX; uid = uid->next) {
		if (!uid_addr(uid, &a))
			continue;
		if (k->n == *cap) {
			*cap = *cap ? 2 * *cap : 64;
			grown = reallocarray(k->v, *cap, sizeof(*grown));
			if (!grown)
				return -1;
			k->v = grown;
		}
		why = why_not(key, uid);
		u = &k->v[k->n++];
		*u = (struct keyring_uid){.addr = a, .valid = !why};
		facts = facts_of(key, uid);
		u->unsure = why && rank(&facts) > 0;
		memcpy(u->fpr, key->fpr, strlen(key->fpr) + 1);
		snprintf(u->why, sizeof(u->why), "%s", why ? why : "");
		*valid |= u->valid;
	}
	return 0;
}

static int collect_keys(struct keyring *k, gpgme_ctx_t ctx, const struct gpg_keys *keys,
	keyring_rank *rank, struct err *err)
{
	gpgme_key_t pick[BATCH + 1] = {NULL};
	size_t i, n = 0, cap = 0;
	bool valid;
	int rc = 0;

	for (i = 0; i < keys->n && rc == 0; i++) {
		if (add_ring_key(k, &cap, keys->v[i], rank, &valid) < 0)
			return err_set(err, ERR_OS, "no memory for the keyring");
		if (valid)
			pick[n++] = keys->v[i];
		if (n < BATCH)
			continue;
		pick[n] = NULL;
		rc = gpg_export(ctx, pick, GPG_MS, &k->certs, err);
		n = 0;
	}
	pick[n] = NULL;
	return rc == 0 && n > 0 ? gpg_export(ctx, pick, GPG_MS, &k->certs, err) : rc;
}

/*
 * All keys of the user's keyring. 1, 0: there is none, or an error; to be ended in any case. whole:
 * fails if gpg cannot read all of it.
 */
static int list_user_keys(struct gpg_daemons *daemons, bool whole, struct gpg_listing *l,
	struct gpg_home *home, struct err *err)
{
	struct user_ring ring;
	int rc = user_ring_find(&ring, err);

	if (rc <= 0)
		return rc;
	rc = gpg_init(err);
	if (rc == 0)
		rc = user_ring_open(&ring, trust_conf, daemons, home, err);
	if (rc == 0)
		rc = copy_trust(ring.home, home, err);
	if (rc == 0)
		rc = gpg_listing_begin(l, home, NULL, GPG_MS, err);
	if (rc == 0 && whole)
		rc = user_ring_check(&ring, home, GPG_MS, err);
	return rc < 0 ? rc : 1;
}

int keyring_read(
	struct keyring *k, keyring_rank *rank, struct gpg_daemons *daemons, struct err *err)
{
	struct keyring got = {.certs = BUF_INIT(KEYRING_CERTS_MAX)};
	struct gpg_listing l = {.ctx = NULL};
	struct gpg_home home = {0};
	int rc = list_user_keys(daemons, true, &l, &home, err), failed = 0;

	if (rc == 1)
		failed = collect_keys(&got, l.ctx, &l.keys, rank, err);
	gpg_listing_end(&l, &home);
	if (failed < 0)
		keyring_free(&got);
	else if (rc == 1)
		*k = got;
	return failed < 0 ? failed : rc;
}

bool keyring_changed_since(int64_t when)
{
	struct err ignored = ERR_INIT;
	struct user_ring ring;
	struct stat st;

	return user_ring_find(&ring, &ignored) != 1 || ring.keyboxd || stat(ring.path, &st) < 0 ||
	       (int64_t)st.st_mtim.tv_sec >= when;
}

void keyring_free(struct keyring *k)
{
	free(k->v);
	buf_free(&k->certs);
	k->v = NULL;
	k->n = 0;
}

/* NULL: none. */
static gpgme_key_t best_candidate(
	const struct gpg_keys *keys, keyring_rank *rank_of, struct keyring_candidate *c)
{
	struct keyring_facts facts;
	gpgme_key_t found = NULL;
	gpgme_user_id_t uid;
	long newest = 0;
	int rank;
	size_t i;

	for (i = 0; i < keys->n; i++) {
		gpgme_key_t key = keys->v[i];

		if (!key->fpr || strlen(key->fpr) >= CERT_FPR_MAX || !key->subkeys)
			continue;
		for (uid = key->uids; uid; uid = uid->next) {
			if (!uid->uid ||
				!addr_matches_uid(c->addr, uid->uid, strlen(uid->uid), false))
				continue;
			facts = facts_of(key, uid);
			rank = rank_of(&facts);
			if (rank == 0 || rank < c->rank ||
				(rank == c->rank && (long)key->subkeys->timestamp <= newest))
				continue;
			c->rank = rank;
			newest = (long)key->subkeys->timestamp;
			memcpy(c->fpr, key->fpr, strlen(key->fpr) + 1);
			found = key;
		}
	}
	return found;
}

static int find_candidate(
	struct gpg_listing *l, keyring_rank *rank, struct keyring_candidate *c, struct err *err)
{
	gpgme_key_t pick[2] = {
		c->only ? judge_find(&l->keys, c->only) : best_candidate(&l->keys, rank, c), NULL};

	if (!pick[0] || (!c->only && (c->export_from == 0 || c->rank < c->export_from)))
		return 0;
	return gpg_export(l->ctx, pick, GPG_MS, &c->cert, err);
}

int keyring_candidates(struct keyring_candidate *c, size_t n, keyring_rank *rank,
	struct gpg_daemons *daemons, struct err *err)
{
	struct gpg_listing l = {.ctx = NULL};
	struct gpg_home home = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		c[i].rank = 0;
		c[i].fpr[0] = '\0';
		c[i].cert = (struct buf)BUF_INIT(CERT_OCTETS_MAX);
	}
	/* Where there are secret keys, they have been listed by now, or were remembered of this
	 * very file: signer_own fails for one that is not whole. */
	rc = list_user_keys(daemons, !signer_has_secret(), &l, &home, err);
	if (rc == 1)
		rc = 0;
	else
		n = 0;
	for (i = 0; i < n && rc == 0; i++) {
		if (c[i].addr)
			rc = find_candidate(&l, rank, &c[i], err);
	}
	gpg_listing_end(&l, &home);
	return rc;
}
