/* SPDX-License-Identifier: ISC */
#include "discovery/candidates.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void candidate_says(struct candidate_job *j, enum cert_source source, enum source_answer answer,
	const char *fpr, const char *why)
{
	struct found_key *k = &j->key[source];

	snprintf(k->fpr, sizeof(k->fpr), "%s", fpr ? fpr : "");
	snprintf(k->why, sizeof(k->why), "%s", why ? why : "");
	j->said[source] = (struct source_said){answer, fpr ? k->fpr : NULL};
}

/* Whether intake's certificate is the key, and in good order. */
static bool fits_policy(const struct key_search *s, const struct finding *f, const struct cert *c,
	const char *fpr, const char *place)
{
	char why[KEY_POLICY_WHY_MAX] = "";
	struct cert_strength strength;

	if (strcmp(c->fpr, fpr) != 0 || c->use != CERT_USABLE) {
		log_info("%s of %s cannot be used: %s", fpr, place, c->why);
		return false;
	}
	(void)cert_strength(c->data, c->len, c->enc_keyid, c->n_enc, &strength);
	if (!policy_accepts_weak(&s->app->conf, s->rules, f->addr) &&
		!key_policy_strong(&strength, why)) {
		log_info("%s of %s cannot be used: %s", fpr, place, why);
		return false;
	}
	return true;
}

bool candidate_takes(const struct key_search *s, struct candidate_job *j, enum cert_source source,
	const char *fpr, const struct buf *cert, const char *evidence, const char *why)
{
	const struct intake in = {.addr = j->f->addr};
	struct cert_set set = {.v = NULL};
	struct err err = ERR_INIT;
	char *copy = NULL;
	int rejected = store_rejected(s->session->store, j->f->addr->name, fpr, &err);

	if (rejected == 0 && intake_read(&in, cert->p, cert->len, &set, &err) == 0 && set.n == 1 &&
		fits_policy(s, j->f, &set.v[0], fpr, source_place(source)))
		copy = strdup(evidence);
	if (copy) {
		candidate_says(j, source, SOURCE_HAS, fpr, why);
		j->key[source].evidence = copy;
		j->key[source].cert = set.v[0];
		set.v[0] = (struct cert){.data = NULL};
	}
	cert_set_free(&set);
	return copy != NULL;
}
