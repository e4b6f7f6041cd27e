/* SPDX-License-Identifier: ISC */
/* Addresses that are the user's own: their keys are in the keyring. */
#include "discovery/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide/candidate.h"
#include "decide/sources.h"
#include "pgp/cert/signer.h"
#include "pgp/gpg/home.h"
#include "store/cache.h"

/*
 * Under this the cache has the User IDs of all secret keys: whom they do not name is not asked
 * about. No address is empty, nor a sign-key.
 */
#define OWN_UIDS ""
#define OWN_UIDS_MAX (1u << 20)

/* Whether a pin comes before an own key: 1, 0, or the store's failure. */
static int is_verified(struct store *s, const struct finding *f, struct err *err)
{
	struct source_said said[SOURCES] = {{SOURCE_UNASKED, NULL}};
	struct pin pin = {0};
	int rc = store_pin_get(s, f->addr->name, &pin, err);

	if (pin.state == PIN_VERIFIED)
		said[SOURCE_VERIFIED].answer = SOURCE_HAS;
	pin_free(&pin);
	return rc < 0 ? rc : !sources_look(SOURCE_OWN, said);
}

static void take_own(struct finding *f, struct cert *c)
{
	f->cert = *c;
	*c = (struct cert){.data = NULL};
	f->own = true;
	f->wanted = false;
	finding_set(f, KEY_USABLE, "your own key");
}

/* Notes that there is an own key which could be sealed to until it, or a part of it, expired. */
static int note_lapsed(struct finding *f, const struct signer_found *found, struct err *err)
{
	struct err hint = ERR_INIT;
	char why[128 + CERT_FPR_MAX];

	if (found->late.seal[0] == '\0' && found->key != OWN_EXPIRED &&
		found->key != OWN_SUBKEY_EXPIRED)
		return 0;
	own_key_hint(&hint, found);
	snprintf(why, sizeof(why), "your key %s %s", found->fpr,
		found->key == OWN_USABLE ? OWN_LATE_SEAL : own_key_state(found->key));
	f->lapsed = strdup(why);
	f->lapsed_mend = strdup(hint.hint);
	return f->lapsed && f->lapsed_mend ? 0 : err_set(err, ERR_OS, "out of memory");
}

/* Whether it is remembered of the keyring as it is; c: its own key, fpr "" for none. */
static bool from_cache(
	const struct key_search *s, const struct finding *f, const char *stamp, struct cert *c)
{
	if (cache_signer_get(session_cache(s->session, &s->app->conf), f->addr->name, stamp, c) !=
		1)
		return false;
	if (c->fpr[0] == '\0' || c->expires == 0 || c->expires > (int64_t)time(NULL))
		return true;
	cert_free(c);
	return false;
}

/*
 * Settles it by what is remembered: 1; 0: the keyring is to be asked. That it has no such key,
 * which is the usual answer, needs no look at the pin.
 */
static int settle_own_key(
	const struct key_search *s, struct finding *f, const char *stamp, struct err *err)
{
	struct cert c = {.data = NULL};
	bool known = from_cache(s, f, stamp, &c);
	int rc = known && (c.fpr[0] == '\0' || c.n_enc == 0)
			 ? 1
			 : is_verified(s->session->store, f, err);

	if (rc == 0 && known) {
		take_own(f, &c);
		rc = 1;
	}
	cert_free(&c);
	return rc;
}

static int from_keyring(const struct key_search *s, struct finding *const *ask, size_t n,
	const char *stamp, struct err *err)
{
	const struct addr **addr = calloc(n, sizeof(*addr));
	struct signer_found *own = calloc(n, sizeof(*own)), found;
	bool certain = false;
	struct buf uids = BUF_INIT(OWN_UIDS_MAX);
	const char *cache = s->app->conf.cache_dir;
	size_t i;
	int rc = addr && own ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < n; i++)
		addr[i] = ask[i]->addr;
	if (rc == 0)
		rc = signer_own(addr, n, &s->session->daemons, own, &certain, &uids, err);
	if (rc == 0 && certain)
		cache_signer_put(
			cache, OWN_UIDS, stamp, &(struct cert){.data = uids.p, .len = uids.len});
	for (i = 0; rc == 0 && i < n; i++) {
		struct finding *f = ask[i];
		struct cert c = {.data = NULL};

		/* Of one that is expired or revoked nothing is remembered: the signer would be
		 * taken for missing, which sign = always and sent do not refuse. */
		rc = note_lapsed(f, &own[i], err);
		if (rc < 0 || own[i].key != OWN_USABLE)
			continue;
		rc = signer_find(NULL, f->addr, &s->session->daemons, &c, &found, err);
		if ((rc == 1 && found.late.seal[0] == '\0') || (rc == 0 && found.certain))
			cache_signer_put(cache, f->addr->name, stamp, &c);
		if (rc == 1 && c.n_enc > 0)
			take_own(f, &c);
		cert_free(&c);
		rc = rc < 0 ? rc : 0;
	}
	buf_free(&uids);
	free(addr);
	free(own);
	return rc;
}

/* Whom the cache does not tell of is asked about together. */
static int find_own(const struct key_search *s, struct finding *const *ask, size_t n,
	const char *stamp, struct err *err)
{
	int rc = daemons_find_agent(&s->session->daemons, err);

	if (rc == 0)
		rc = gpg_init(err);
	return rc == 0 ? from_keyring(s, ask, n, stamp, err) : rc;
}

int own_keys_find(const struct key_search *s, struct finding *f, size_t n, struct err *err)
{
	struct gpg_daemons *daemons = &s->session->daemons;
	char stamp[SIGNER_STAMP_MAX];
	struct cert all = {.data = NULL};
	struct finding **ask;
	size_t i, n_ask = 0;
	bool listed;
	int rc = 0;

	if (signer_stamp(stamp, s->unread) < 0 || stamp[0] == '\0' ||
		(!signer_has_secret() && !daemons_agent_listens(daemons)))
		return 0;
	ask = calloc(n, sizeof(*ask));
	if (!ask)
		return err_set(err, ERR_OS, "out of memory");
	listed = cache_signer_get(
			 session_cache(s->session, &s->app->conf), OWN_UIDS, stamp, &all) == 1;
	for (i = 0; rc >= 0 && i < n; i++) {
		if (!candidate_may_be_own(f[i].addr, f[i].wanted) ||
			(listed && !signer_uids_name(all.data, all.len, f[i].addr)))
			continue;
		rc = settle_own_key(s, &f[i], stamp, err);
		if (rc == 0)
			ask[n_ask++] = &f[i];
	}
	if (rc >= 0 && n_ask > 0)
		(void)find_own(s, ask, n_ask, stamp, s->unread);
	cert_free(&all);
	free(ask);
	return rc < 0 ? rc : 0;
}
