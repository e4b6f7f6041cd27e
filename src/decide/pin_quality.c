/* SPDX-License-Identifier: ISC */
#include "decide/pin_quality.h"

enum pin_quality pin_quality(const struct pin_facts *f, int64_t now)
{
	if (f->state != PIN_TOFU && f->state != PIN_VERIFIED)
		return QUALITY_REJECTED;
	if (f->revoked || !f->can_encrypt || (f->expires != 0 && f->expires <= now))
		return QUALITY_DEAD;
	return f->strong ? QUALITY_GOOD : QUALITY_WEAK;
}
