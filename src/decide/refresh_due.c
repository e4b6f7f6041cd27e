/* SPDX-License-Identifier: ISC */
#include "decide/refresh_due.h"

/* FNV-1a: it only has to spread. */
static uint64_t spread(const char *s, int64_t t)
{
	uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)t;

	for (; *s; s++)
		h = (h ^ (uint8_t)*s) * 0x100000001b3u;
	return h ^ h >> 32;
}

bool refresh_due(const char *address, const struct refresh_when *w, int64_t now)
{
	int64_t base = w->last_seen > w->answered ? w->last_seen : w->answered, wait;

	if (w->tried <= now && now - w->tried < REFRESH_AGAIN)
		return false;
	if (base > now)
		return base - now > REFRESH_DAY;
	wait = REFRESH_EVERY - (int64_t)(spread(address, base) % (uint64_t)REFRESH_JITTER);
	if (w->expires != 0 && w->expires < now + REFRESH_SOON && w->expires > now - REFRESH_SOON)
		wait = REFRESH_DAILY;
	return now - base >= wait;
}
