/* SPDX-License-Identifier: ISC */
/* What a program called gpg prints: what is taken for a listing is whole, and stays within the
 * text. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "pgp/cert/listing.h"

static void check(const struct listing *l, const char *text, const char *end)
{
	size_t i;

	must(l->n_sub > 0 && l->n_sub <= LISTING_SUBKEYS_MAX);
	must(l->n_uid > 0 && l->n_uid <= LISTING_UIDS_MAX);
	must(l->key.fpr && strlen(l->key.fpr) == 40);
	must(l->key.subkeys == &l->sub[0] && l->key.uids == &l->uid[0]);
	for (i = 0; i < l->n_sub; i++) {
		must(strlen(l->sub[i].keyid) == 16 && l->sub[i].pubkey_algo != 0);
		must(l->sub[i].next == (i + 1 < l->n_sub ? &l->sub[i + 1] : NULL));
	}
	for (i = 0; i < l->n_uid; i++) {
		must(l->uid[i].uid);
		must(l->uid[i].next == (i + 1 < l->n_uid ? &l->uid[i + 1] : NULL));
	}
	must(l->armour >= text && l->armour + l->armour_len <= end);
	must(!memchr(l->armour, '\0', l->armour_len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct listing *l = malloc(sizeof(*l));
	char *text = fuzz_text(data, size), *p = text;

	must(l);
	while (listing_next(&p, l) == 0)
		check(l, text, text + size);
	free(text);
	free(l);
	return 0;
}
