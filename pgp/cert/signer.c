/* SPDX-License-Identifier: ISC */
#include "pgp/cert/signer.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pgp/cert/filter.h"
#include "pgp/cert/secret_keys.h"
#include "pgp/gpg/home.h"
#include "pgp/gpg/user_ring.h"
#include "pgp/cert/judge.h"

#define GPG_MS 20000           /* a large keyring, a slow card */
#define EXPORT_MAX (64u << 20) /* of one certificate before it is minimised */

/* What sign-key names. */
struct wanted {
	const char *text;        /* NULL: nothing was configured */
	const struct addr *addr; /* borrowed; NULL when named by hex */
	/* Fingerprint or 16 digits of key ID, upper case; "" when named by address. */
	char hex[CERT_FPR_MAX];
};

int signer_stamp(char *out, struct err *err)
{
	char dir[FILE_PATH_MAX];
	struct stat st = {0}, priv = {0};
	struct user_ring k;
	int rc;

	out[0] = '\0';
	rc = user_ring_find(&k, err);
	if (rc <= 0)
		return rc;
	if (stat(k.path, &st) < 0)
		return errno_is_of_path(errno) ? 0 : err_path(err, ERR_CONFIG, k.path);
	if (path_join(dir, k.home, "private-keys-v1.d") < 0 || stat(dir, &priv) < 0)
		memset(&priv, 0, sizeof(priv));
	/* The path is last because it may be truncated; device and inode identify the file. */
	snprintf(out, SIGNER_STAMP_MAX, "%lld.%09ld %lld %llu:%llu %lld.%09ld %.100s",
		(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (long long)st.st_size,
		(unsigned long long)st.st_dev, (unsigned long long)st.st_ino,
		(long long)priv.st_mtim.tv_sec, priv.st_mtim.tv_nsec, k.path);
	return 0;
}

/* A fingerprint (blanks allowed, 0x allowed) or a long key ID. Short key IDs can be forged. */
static bool parse_hex(const char *s, char *out)
{
	size_t n = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	for (; *s; s++) {
		if (*s == ' ')
			continue;
		if (!strchr("0123456789abcdefABCDEF", *s) || n + 1 >= CERT_FPR_MAX)
			return false;
		out[n++] = *s >= 'a' && *s <= 'f' ? (char)(*s - 'a' + 'A') : *s;
	}
	out[n] = '\0';
	return n == 16 || n == 40 || n == 64;
}

static int parse_wanted(const char *key, const struct addr *from, struct addr *named,
	struct wanted *w, struct err *err)
{
	memset(w, 0, sizeof(*w));
	w->text = key && key[0] ? key : NULL;
	if (!w->text) {
		w->addr = from;
		return 0;
	}
	if (parse_hex(key, w->hex))
		return 0;
	w->hex[0] = '\0';
	if (addr_parse(key, named, NULL) < 0 || named->domain[0] == '\0') {
		err_set(err, ERR_CONFIG,
			"sign-key %s: is neither a fingerprint, a long key ID nor an address", key);
		err_hint(err, "gpg --list-secret-keys");
		return ERR_CONFIG;
	}
	w->addr = named;
	return 0;
}

static bool has_hex(gpgme_key_t key, const char *hex)
{
	gpgme_subkey_t s;

	for (s = key->subkeys; s; s = s->next) {
		if ((s->fpr && strcmp(s->fpr, hex) == 0) ||
			(strlen(hex) == 16 && s->keyid && strcmp(s->keyid, hex) == 0))
			return true;
	}
	return false;
}

static bool has_addr(gpgme_key_t key, const struct addr *addr)
{
	gpgme_user_id_t u;

	for (u = key->uids; u; u = u->next) {
		/* If the key is revoked, so are all its User IDs. */
		if ((!u->revoked || key->revoked) && !u->invalid && u->uid &&
			addr_matches_uid(addr, u->uid, strlen(u->uid), false))
			return true;
	}
	return false;
}

static bool matches(gpgme_key_t key, const struct wanted *w)
{
	if (!key->fpr || !key->subkeys)
		return false;
	return w->hex[0] ? has_hex(key, w->hex) : has_addr(key, w->addr);
}

/* Counts the secret subkeys that can sign, and those that could if they had not expired. */
static void count_signing(gpgme_key_t key, size_t *able, size_t *expired)
{
	gpgme_subkey_t s;

	*able = *expired = 0;
	for (s = key->subkeys; s; s = s->next) {
		if (!s->can_sign || !s->secret || s->revoked || s->disabled || s->invalid)
			continue;
		*able += !s->expired;
		*expired += s->expired;
	}
}

/*
 * The subkey whose expiry keeps the key from signing, or from being sealed to, at that time: the
 * newest that could. "": there is none, or another one can; the primary key can, once it has not
 * expired.
 */
static void find_late_subkey(gpgme_key_t key, bool to_sign, int64_t when, char fpr[CERT_FPR_MAX])
{
	gpgme_subkey_t s, late = NULL;

	for (s = key->subkeys; s; s = s->next) {
		if (!(to_sign ? s->can_sign : s->can_encrypt) || !s->secret || s->revoked ||
			s->disabled || s->invalid)
			continue;
		/* All of it counts as expired where the primary key has. */
		if (s == key->subkeys || s->expires == 0 || (int64_t)s->expires > when)
			return;
		if (!late || s->timestamp > late->timestamp)
			late = s;
	}
	if (late && late->fpr)
		snprintf(fpr, CERT_FPR_MAX, "%s", late->fpr);
}

static void find_late(gpgme_key_t key, int64_t when, struct own_late *late)
{
	const int64_t end = (int64_t)key->subkeys->expires;

	late->whole = end != 0 && end <= when;
	find_late_subkey(key, true, when, late->sign);
	find_late_subkey(key, false, when, late->seal);
}

static void note_found(gpgme_key_t key, struct signer_found *found)
{
	const int64_t now = (int64_t)time(NULL);

	snprintf(found->fpr, sizeof(found->fpr), "%s", key->fpr);
	find_late(key, now, &found->late);
	find_late(key, now + OWN_SOON_DAYS * 86400, &found->soon);
}

static enum own_key state_of(gpgme_key_t key)
{
	size_t able, expired;

	if (!key)
		return OWN_MISSING;
	if (key->revoked)
		return OWN_REVOKED;
	if (key->expired)
		return OWN_EXPIRED;
	if (key->disabled || key->invalid)
		return OWN_UNFIT;
	count_signing(key, &able, &expired);
	return able > 0 ? OWN_USABLE : expired > 0 ? OWN_SUBKEY_EXPIRED : OWN_UNFIT;
}

const char *own_key_state(enum own_key key)
{
	static const char *const state[] = {[OWN_MISSING] = "there is no such secret key",
		[OWN_USABLE] = "",
		[OWN_EXPIRED] = "has expired",
		[OWN_SUBKEY_EXPIRED] = "can no longer sign, for that part of it has expired",
		[OWN_REVOKED] = "is revoked",
		[OWN_UNFIT] = "has no secret key that can sign"};

	return state[key];
}

/* gpg's '*' for all subkeys passes over those that have expired. */
void own_key_hint(struct err *err, const struct signer_found *found)
{
	const bool works = found->key == OWN_USABLE && found->late.seal[0] == '\0',
		   expired = found->key == OWN_USABLE || found->key == OWN_EXPIRED ||
			     found->key == OWN_SUBKEY_EXPIRED;
	const struct own_late *l = works ? &found->soon : &found->late;
	const bool parts = l->sign[0] != '\0' || l->seal[0] != '\0';
	char first[128] = "", second[256] = "";

	if (l->whole)
		snprintf(first, sizeof(first), "gpg --quick-set-expire %s 2y", found->fpr);
	if (parts)
		snprintf(second, sizeof(second), "gpg --quick-set-expire %s 2y %s%s%s", found->fpr,
			l->sign, l->sign[0] && l->seal[0] ? " " : "", l->seal);
	if (!expired || (!l->whole && !parts))
		err_hint(err, "gpg --list-secret-keys");
	else
		err_hint(err, "%s%s%s", first, l->whole && parts ? " && " : "", second);
}

/* Prefers usable keys, then the newest. */
static gpgme_key_t pick_best_key(const struct gpg_keys *keys, const struct wanted *w)
{
	gpgme_key_t best = NULL, k;
	bool usable;
	size_t i;

	for (i = 0; i < keys->n; i++) {
		k = keys->v[i];
		if (!matches(k, w))
			continue;
		usable = state_of(k) == OWN_USABLE;
		if (!best || (usable && state_of(best) != OWN_USABLE) ||
			(usable == (state_of(best) == OWN_USABLE) &&
				k->subkeys->timestamp > best->subkeys->timestamp))
			best = k;
	}
	return best;
}

/* Exports the minimal certificate: with the User ID of from only, if it has one. */
static int take_signer_cert(gpgme_ctx_t ctx, gpgme_key_t key, const struct addr *addr,
	struct cert *out, struct err *err)
{
	struct filter f = {.addr = addr,
		.any_uid = !addr || !has_addr(key, addr),
		.own = true,
		.in_order = true,
		.now = (int64_t)time(NULL)};
	gpgme_key_t pick_one[2] = {key, NULL};
	struct buf all = BUF_INIT(EXPORT_MAX);
	struct filter_set set = {0};
	int rc;

	rc = gpg_export(ctx, pick_one, GPG_MS, &all, err);
	if (rc == 0)
		rc = filter_certs(&f, all.p, all.len, &set, err);
	buf_free(&all);
	if (rc == 0 && (set.n != 1 || set.v[0].no_uid || set.v[0].damaged ||
			       strcmp(set.v[0].fpr, key->fpr) != 0))
		rc = err_set(err, ERR_TEMP, "gpg did not give the signing key's certificate");
	if (rc == 0) {
		memset(out, 0, sizeof(*out));
		snprintf(out->fpr, sizeof(out->fpr), "%s", key->fpr);
		judge_key(key, f.any_uid ? NULL : addr, false, false, out);
		out->data = set.v[0].data;
		out->len = set.v[0].len;
		set.v[0].data = NULL;
	}
	filter_set_free(&set);
	return rc;
}

static int missing(const struct wanted *w, const char *why, struct err *err)
{
	if (!w->text)
		return 0;
	err_set(err, ERR_CONFIG, "sign-key %s: %s", w->text, why);
	err_hint(err, "gpg --list-secret-keys");
	return ERR_CONFIG;
}

/* Handles a wanted key that is not usable: 0, or an error if it was named explicitly. */
static int unusable(const struct wanted *w, const struct signer_found *found, struct err *err)
{
	int rc = missing(w, own_key_state(found->key), err);

	if (rc < 0)
		own_key_hint(err, found);
	return rc;
}

/* Limits the expiry to that of the last key that can sign. */
static void bound_by_signing(gpgme_key_t key, struct cert *c)
{
	int64_t last = 0;
	gpgme_subkey_t s;

	for (s = key->subkeys; s; s = s->next) {
		if (!s->can_sign || !s->secret || s->revoked || s->disabled || s->invalid ||
			s->expired)
			continue;
		if (s->expires == 0)
			return;
		last = (int64_t)s->expires > last ? (int64_t)s->expires : last;
	}
	if (last != 0 && (c->expires == 0 || last < c->expires))
		c->expires = last;
}

/* What gpg said of the secret keys. */
struct heard {
	bool whole; /* it ended well: it could read the whole keyring, and its agent did not fail */
	bool some;  /* it has listed secret keys, no matter whose */
};

/*
 * Fails if the key may be there all the same: in a keyring that gpg cannot read to its end, or if
 * gpg cannot reach the agent: then it reports no error and lists no secret key, or one without its
 * secret. Whether its absence may be cached.
 */
static int check_absence(const struct user_ring *k, const struct gpg_home *home,
	struct gpg_daemons *daemons, const struct heard *heard, struct signer_found *found,
	struct err *err)
{
	size_t n = 0;
	int rc = daemons_count_keys(daemons, &n, err);

	if (rc == 0 && !heard->whole)
		rc = user_ring_check(k, home, GPG_MS, err);
	found->certain = rc == 0 && ((heard->whole && heard->some) || n == 0);
	return rc;
}

/* Marks the subkeys whose secret part the agent has. */
static void mark_secret(gpgme_key_t key, const struct secret_keys *secret)
{
	gpgme_subkey_t s;

	for (s = key->subkeys; s; s = s->next)
		s->secret = s->fpr && secret_keys_have(secret, s->fpr);
}

/* Lists the secret keys of the user's keyring; the caller frees the list in any case. */
static int list_secret_keys(const struct user_ring *k, struct gpg_daemons *daemons,
	struct gpg_listing *l, struct gpg_home *home, struct heard *heard, struct err *err)
{
	struct secret_keys secret = {.v = NULL};
	size_t i;
	int rc = gpg_init(err);

	if (rc == 0)
		rc = user_ring_open(k, "", daemons, home, err);
	if (rc == 0)
		rc = secret_keys_list(&secret, home, daemons, GPG_MS, err);
	if (rc == 0 && secret.n_primary > 0)
		rc = gpg_listing_begin(l, home, secret.primary, GPG_MS, err);
	for (i = 0; rc == 0 && i < l->keys.n; i++)
		mark_secret(l->keys.v[i], &secret);
	*heard = (struct heard){.whole = secret.whole, .some = l->keys.n > 0};
	secret_keys_free(&secret);
	return rc;
}

static int search(const struct user_ring *k, const struct wanted *w, const struct addr *from,
	struct gpg_daemons *daemons, struct cert *out, struct signer_found *found, struct err *err)
{
	struct gpg_listing l = {.ctx = NULL};
	struct gpg_home home = {0};
	gpgme_key_t key;
	struct heard heard;
	int rc = list_secret_keys(k, daemons, &l, &home, &heard, err);

	if (rc < 0)
		goto out;
	key = pick_best_key(&l.keys, w);
	found->key = state_of(key);
	if (key)
		note_found(key, found);
	if (found->key == OWN_USABLE) {
		rc = take_signer_cert(l.ctx, key, from ? from : w->addr, out, err);
		if (rc == 0)
			bound_by_signing(key, out);
		rc = rc < 0 ? rc : 1;
		goto out;
	}
	rc = check_absence(k, &home, daemons, &heard, found, err);
	found->certain &= !key;
	if (rc == 0)
		rc = unusable(w, found, err);
out:
	gpg_listing_end(&l, &home);
	return rc;
}

int signer_find(const char *key, const struct addr *from, struct gpg_daemons *daemons,
	struct cert *out, struct signer_found *found, struct err *err)
{
	struct user_ring k;
	struct wanted w;
	struct addr named;
	int rc;

	memset(found, 0, sizeof(*found));
	rc = parse_wanted(key, from, &named, &w, err);
	if (rc < 0)
		return rc;
	if (!w.hex[0] && (!w.addr || w.addr->domain[0] == '\0'))
		return 0;
	rc = user_ring_find(&k, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return missing(&w, "there is no keyring", err);
	if (!daemons)
		return missing(&w, "gpg-agent is not running", err);
	return search(&k, &w, from, daemons, out, found, err);
}

/* -1: they are too many. */
static int list_uids(const struct gpg_listing *l, struct buf *uids)
{
	gpgme_user_id_t u;
	size_t i;

	for (i = 0; i < l->keys.n; i++) {
		for (u = l->keys.v[i]->uids; u; u = u->next) {
			if (u->uid && buf_add(uids, u->uid, strlen(u->uid) + 1) < 0)
				return -1;
		}
	}
	return 0;
}

bool signer_uids_name(const uint8_t *uids, size_t len, const struct addr *a)
{
	const char *text = (const char *)uids;
	size_t at, n;

	for (at = 0; at < len; at += n + 1) {
		n = strnlen(text + at, len - at);
		if (addr_matches_uid(a, text + at, n, false))
			return true;
	}
	return false;
}

int signer_own(const struct addr *const *addr, size_t n, struct gpg_daemons *daemons,
	struct signer_found *found, bool *certain, struct buf *uids, struct err *err)
{
	struct signer_found absence = {.key = OWN_MISSING};
	struct gpg_listing l = {.ctx = NULL};
	struct gpg_home home = {0};
	struct user_ring k;
	struct heard heard;
	gpgme_key_t key;
	bool all = true;
	size_t i;
	int rc;

	memset(found, 0, n * sizeof(*found));
	*certain = false;
	rc = user_ring_find(&k, err);
	if (rc <= 0)
		return rc;
	rc = list_secret_keys(&k, daemons, &l, &home, &heard, err);
	for (i = 0; rc == 0 && i < n; i++) {
		struct wanted w = {.addr = addr[i]};

		key = pick_best_key(&l.keys, &w);
		found[i].key = state_of(key);
		if (key)
			note_found(key, &found[i]);
		all = all && found[i].key == OWN_USABLE;
	}
	if (rc == 0 && !all)
		rc = check_absence(&k, &home, daemons, &heard, &absence, err);
	*certain = absence.certain && list_uids(&l, uids) == 0;
	gpg_listing_end(&l, &home);
	return rc;
}

/* Of a key's User IDs that count. */
static int give_addresses(gpgme_key_t key, int (*each)(void *arg, const struct addr *a), void *arg)
{
	gpgme_user_id_t u;
	struct addr a;
	int rc = 0;

	for (u = key->uids; u && rc == 0; u = u->next) {
		if (!u->revoked && !u->invalid && u->address &&
			addr_parse(u->address, &a, NULL) == 0)
			rc = each(arg, &a);
	}
	return rc;
}

int signer_addresses(struct gpg_daemons *daemons, int (*each)(void *arg, const struct addr *a),
	void *arg, struct err *err)
{
	struct gpg_listing l = {.ctx = NULL};
	struct gpg_home home = {0};
	struct user_ring k;
	struct heard heard;
	size_t i;
	int rc;

	rc = user_ring_find(&k, err);
	if (rc <= 0)
		return rc;
	rc = list_secret_keys(&k, daemons, &l, &home, &heard, err);
	if (rc == 0 && !heard.whole)
		rc = user_ring_check(&k, &home, GPG_MS, err);
	for (i = 0; rc == 0 && i < l.keys.n; i++) {
		if (state_of(l.keys.v[i]) == OWN_USABLE)
			rc = give_addresses(l.keys.v[i], each, arg);
	}
	gpg_listing_end(&l, &home);
	return rc;
}

static int note_own_address(void *arg, const struct addr *a)
{
	struct own_addresses *own = arg;

	if (own->n < OWN_ADDRESSES_MAX)
		own->v[own->n++] = *a;
	return 0;
}

int signer_own_addresses(struct gpg_daemons *daemons, struct own_addresses *own, struct err *err)
{
	own->n = 0;
	return signer_addresses(daemons, note_own_address, own, err);
}

bool signer_has_secret(void)
{
	char home[FILE_PATH_MAX], dir[FILE_PATH_MAX];
	const struct dirent *e;
	bool found = false;
	size_t n;
	DIR *d;

	if (gpg_user_home(home) < 0 || path_join(dir, home, "private-keys-v1.d") < 0)
		return false;
	d = opendir(dir);
	if (!d)
		return errno != ENOENT;
	while (errno = 0, !found && (e = readdir(d))) {
		n = strlen(e->d_name);
		found = n > 4 && strcmp(e->d_name + n - 4, ".key") == 0;
	}
	found |= errno != 0; /* not to be told: gpg will */
	closedir(d);
	return found;
}
