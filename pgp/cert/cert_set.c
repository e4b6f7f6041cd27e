/* SPDX-License-Identifier: ISC */
/* A set of certificates: entries, the one to choose, and its end. */
#include "pgp/cert/intake_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cert_use_name(enum cert_use use)
{
	static const char *const name[] = {
		[CERT_USABLE] = "usable",
		[CERT_REVOKED] = "revoked",
		[CERT_EXPIRED] = "expired",
		[CERT_NO_ENCRYPTION] = "no-encryption",
		[CERT_WRONG_UID] = "wrong-user-id",
		[CERT_UID_REVOKED] = "user-id-revoked",
		[CERT_UNSUPPORTED] = "unsupported",
		[CERT_WEAK] = "weak",
	};

	_Static_assert(sizeof(name) / sizeof(name[0]) == CERT_WEAK + 1, "a name for each");
	return (size_t)use <= CERT_WEAK ? name[use] : "unknown";
}

void cert_free(struct cert *c)
{
	free(c->data);
	memset(c, 0, sizeof(*c));
}

void cert_set_free(struct cert_set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++)
		cert_free(&set->v[i]);
	free(set->v);
	memset(set, 0, sizeof(*set));
}

struct cert *cert_set_find(const struct cert_set *set, const char *fpr)
{
	size_t i;

	for (i = 0; fpr[0] && i < set->n; i++) {
		if (strcmp(set->v[i].fpr, fpr) == 0)
			return &set->v[i];
	}
	return NULL;
}

const struct cert *cert_set_choose(const struct cert_set *set, const char *pinned_fpr)
{
	const struct cert *best = NULL, *c;
	size_t i;

	for (i = 0; i < set->n; i++) {
		c = &set->v[i];
		if (c->use != CERT_USABLE)
			continue;
		if (pinned_fpr && pinned_fpr[0] && strcmp(c->fpr, pinned_fpr) == 0)
			return c;
		if (!best || c->created > best->created)
			best = c;
	}
	return best;
}

const struct filter_cert *intake_pinned(const struct work *w)
{
	const struct filter_cert *c = w->pin.n == 1 ? &w->pin.v[0] : NULL;

	return c && w->in->pinned_fpr && strcmp(c->fpr, w->in->pinned_fpr) == 0 ? c : NULL;
}

struct cert *intake_entry(struct cert_set *set, const struct filter_cert *f)
{
	struct cert *c = cert_set_find(set, f->fpr);

	if (c)
		return c;
	c = &set->v[set->n++];
	snprintf(c->fpr, sizeof(c->fpr), "%s", f->fpr);
	c->created = f->created;
	c->use = CERT_WRONG_UID;
	snprintf(c->why, sizeof(c->why), "none of its User IDs names the address");
	if (f->excess) {
		c->use = CERT_UNSUPPORTED;
		snprintf(c->why, sizeof(c->why), "%s", f->excess);
	} else if (!f->data) {
		c->use = CERT_UNSUPPORTED;
		snprintf(
			c->why, sizeof(c->why), "gpg does not read keys of version %u", f->version);
	}
	return c;
}
