/* SPDX-License-Identifier: ISC */
/* Recipients for whom nothing is published, or nobody knows: keys of theirs in the gpg keyring. */
#include "discovery/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "decide/candidate.h"
#include "discovery/discover_priv.h"
#include "pgp/cert/keyring.h"

static void note_in_ring(const struct key_search *s, struct candidate_job *j,
	enum candidate_look look, struct keyring_candidate *k)
{
	char why[VERDICT_REASON_MAX];

	switch (candidate_fate(look, k->rank)) {
	case CANDIDATE_USED:
		snprintf(why, sizeof(why), "%s",
			look == LOOK_USE
				? "no key is published; the one of your gpg keyring is used"
				: "what is published is unknown; the key of your gpg "
				  "keyring is used");
		if (candidate_takes(
			    s, j, SOURCE_GNUPG, k->fpr, &k->cert, candidate_evidence(k->rank), why))
			break;
		/* Whoever says "use" does not mean clear text where there is a key. */
		candidate_says(j, SOURCE_GNUPG, SOURCE_ASKS, k->fpr, "");
		break;
	case CANDIDATE_SHOWN:
		candidate_says(j, SOURCE_GNUPG, SOURCE_ASKS, k->fpr, "");
		break;
	case CANDIDATE_NAMED:
		snprintf(why, sizeof(why), "your gpg keyring has %s, whose validity is unknown",
			k->fpr);
		candidate_says(j, SOURCE_GNUPG, SOURCE_NAMES, k->fpr, why);
		break;
	case CANDIDATE_NONE:
		candidate_says(j, SOURCE_GNUPG, SOURCE_HAS_NONE, NULL, NULL);
		break;
	}
}

/* Whether anybody is to be looked for. */
static bool choose_looks(const struct key_search *s, const struct candidate_job *j, size_t n,
	enum candidate_look *look, struct keyring_candidate *k)
{
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct finding *f = j[i].f;
		const struct candidate_of of = {
			f->addr, f->wanted, f->status, f->asked != 0, f->pin.state};

		look[i] = sources_look(SOURCE_GNUPG, j[i].said)
				  ? candidate_look(&s->app->conf, s->rules, s->identity, &of)
				  : LOOK_NOT;
		k[i].export_from = candidate_least(look[i]);
		k[i].addr = look[i] == LOOK_NOT ? NULL : f->addr;
		any |= look[i] != LOOK_NOT;
	}
	return any;
}

int candidates_gnupg(const struct key_search *s, struct candidate_job *j, size_t n, struct err *err)
{
	struct keyring_candidate *k = calloc(n + 1, sizeof(*k));
	enum candidate_look *look = calloc(n + 1, sizeof(*look));
	struct err failed = ERR_INIT;
	size_t i;
	int rc = k && look ? 0 : err_set(err, ERR_OS, "out of memory");

	if (rc == 0 && choose_looks(s, j, n, look, k)) {
		rc = keyring_candidates(k, n, candidate_rank, &s->session->daemons, &failed);
		if (rc < 0 && s->unread->code == ERR_NONE)
			*s->unread = failed;
		for (i = 0; i < n; i++) {
			if (rc < 0 && look[i] != LOOK_NOT)
				candidate_says(
					&j[i], SOURCE_GNUPG, SOURCE_FAILED, NULL, failed.msg);
			else if (look[i] != LOOK_NOT)
				note_in_ring(s, &j[i], look[i], &k[i]);
			buf_free(&k[i].cert);
		}
		rc = 0;
	}
	free(k);
	free(look);
	return rc;
}

/* Whose pins in use are keys of the keyring, which was written to since. */
static bool choose_pins(const struct finding *f, size_t n, struct keyring_candidate *k)
{
	bool any = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (f[i].status != KEY_USABLE || f[i].own || f[i].method != METHOD_NONE ||
			!pin_has_key(&f[i].pin) || source_of_pin(f[i].pin.method) != SOURCE_GNUPG ||
			!keyring_changed_since(f[i].pin.last_seen))
			continue;
		k[i].addr = f[i].addr;
		k[i].only = f[i].pin.fpr;
		any = true;
	}
	return any;
}

static int take_copy(struct discover *d, struct finding *f, const struct buf *cert, struct err *err)
{
	const struct intake in = {.addr = f->addr,
		.pinned = f->pin.cert,
		.pinned_len = f->pin.cert_len,
		.pinned_fpr = f->pin.fpr};
	struct cert_set set = {.v = NULL};
	struct err why = ERR_INIT;
	int rc = 0;

	if (intake_read(&in, cert->p, cert->len, &set, &why) < 0)
		log_info("%s of your gpg keyring cannot be read: %s", f->pin.fpr, why.msg);
	else
		rc = absorb_copy(d, f, &set, err);
	cert_set_free(&set);
	return rc;
}

int gnupg_pins_check(struct discover *d, struct gpg_daemons *daemons, struct finding *f, size_t n,
	struct err *err)
{
	struct keyring_candidate *k = calloc(n + 1, sizeof(*k));
	struct err failed = ERR_INIT;
	size_t i;
	int rc = k ? 0 : err_set(err, ERR_OS, "out of memory");

	if (rc == 0 && choose_pins(f, n, k)) {
		if (keyring_candidates(k, n, candidate_rank, daemons, &failed) < 0)
			log_info("your gpg keyring cannot be read: %s", failed.msg);
		for (i = 0; i < n; i++) {
			if (rc == 0 && k[i].cert.len > 0)
				rc = take_copy(d, &f[i], &k[i].cert, err);
			buf_free(&k[i].cert);
		}
	}
	free(k);
	return rc;
}
