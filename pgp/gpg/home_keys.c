/* SPDX-License-Identifier: ISC */
/* Lists the keys in a home of gpg's. */
#include "pgp/gpg/home.h"

int gpg_listing_begin(struct gpg_listing *l, const struct gpg_home *home, const char **fprs,
	int timeout_ms, struct err *err)
{
	int rc = gpg_home_context(home, &l->ctx, err);

	return rc < 0 ? rc
		      : gpg_list(l->ctx, GPGME_KEYLIST_MODE_LOCAL, fprs, timeout_ms, &l->keys, err);
}

void gpg_listing_end(struct gpg_listing *l, struct gpg_home *home)
{
	gpg_keys_free(&l->keys);
	gpgme_release(l->ctx);
	gpg_home_remove(home);
}
