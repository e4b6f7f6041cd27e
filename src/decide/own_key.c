/* SPDX-License-Identifier: ISC */
#include "decide/own_key.h"

enum own_key_act own_key_decide(const struct own_key_facts *f)
{
	if (f->keeps_sealed && (f->key != OWN_USABLE || !f->sealable))
		return OWN_REFUSE;
	switch (f->key) {
	case OWN_USABLE:
		return OWN_SIGN;
	case OWN_MISSING:
		return f->named ? OWN_REFUSE : OWN_UNSIGNED;
	default:
		return f->named || f->sign_always ? OWN_REFUSE : OWN_UNSIGNED_SAID;
	}
}
