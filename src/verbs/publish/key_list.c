/* SPDX-License-Identifier: ISC */
/* The two lists: files with keys, and what was found in them. */
#include <stdlib.h>
#include <string.h>

#include "verbs/publish/keys.h"

int keys_add_source(struct keys *k, const struct key_source *s, struct err *err)
{
	struct key_source *grown;
	size_t cap = k->cap_source ? 2 * k->cap_source : 64;

	if (k->n_source == KEYS_SOURCES_MAX)
		return err_set(err, ERR_CONFIG, "more than %d files with keys", KEYS_SOURCES_MAX);
	if (k->n_source == k->cap_source) {
		grown = reallocarray(k->source, cap, sizeof(*grown));
		if (!grown)
			return err_set(err, ERR_OS, "out of memory");
		k->source = grown;
		k->cap_source = cap;
	}
	k->source[k->n_source++] = *s;
	return 0;
}

int keys_add_claim(struct keys *k, const struct key_claim *c, struct err *err)
{
	size_t cap = k->cap_claim ? 2 * k->cap_claim : 256;
	struct key_claim *grown;

	if (k->n_claim == k->cap_claim) {
		grown = reallocarray(k->claim, cap, sizeof(*grown));
		if (!grown)
			return err_set(err, ERR_OS, "out of memory");
		k->claim = grown;
		k->cap_claim = cap;
	}
	k->claim[k->n_claim++] = *c;
	return 0;
}

size_t keys_first(const struct keys *k, uint32_t domain)
{
	size_t low = 0, high = k->n_claim;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->claim[middle].domain < domain)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t publish_index(const struct publish *p, const struct publish_domain *d)
{
	return (size_t)(d - p->conf.domain);
}

void keys_free(struct keys *k)
{
	size_t i;

	for (i = 0; i < k->n_claim; i++) {
		free(k->claim[i].address);
		free(k->claim[i].why);
	}
	for (i = 0; i < k->n_source; i++)
		free(k->source[i].path);
	free(k->claim);
	free(k->source);
	memset(k, 0, sizeof(*k));
}
