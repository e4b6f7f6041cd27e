/* SPDX-License-Identifier: ISC */
#include "decide/refresh.h"

#include "base/err.h"

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

enum refresh_outcome refresh_judge(const struct refresh_facts *f)
{
	if (f->status == KEY_UNKNOWN || f->seen == KEY_UNKNOWN)
		return REFRESH_UNKNOWN;
	if (!f->asked)
		return REFRESH_UNASKED;
	switch (f->tofu) {
	case TOFU_SAME:
		return f->unchanged ? REFRESH_UNCHANGED : REFRESH_UPDATED;
	case TOFU_SUCCESSOR:
		return REFRESH_REPLACED;
	case TOFU_HOLD:
		return f->has_cert ? REFRESH_HELD : REFRESH_CONFLICT;
	case TOFU_PIN_DEAD:
		return f->revoked && !f->was_revoked ? REFRESH_REVOKED : REFRESH_DEAD;
	case TOFU_REJECTED:
		return REFRESH_REJECTED;
	case TOFU_FIRST:
		return f->status == KEY_CONFLICT ? REFRESH_CONFLICT : REFRESH_PINNED;
	case TOFU_USE_PIN:
	case TOFU_NOTHING:
		break;
	}
	return f->status == KEY_CONFLICT ? REFRESH_CONFLICT : REFRESH_KEPT;
}

const char *refresh_outcome_name(enum refresh_outcome o)
{
	static const char *const name[] = {
		[REFRESH_UNCHANGED] = "unchanged",
		[REFRESH_UPDATED] = "updated",
		[REFRESH_REPLACED] = "replaced",
		[REFRESH_PINNED] = "pinned",
		[REFRESH_HELD] = "held",
		[REFRESH_CONFLICT] = "conflict",
		[REFRESH_REVOKED] = "revoked",
		[REFRESH_DEAD] = "dead",
		[REFRESH_KEPT] = "kept",
		[REFRESH_REJECTED] = "rejected",
		[REFRESH_UNASKED] = "unasked",
		[REFRESH_UNKNOWN] = "unknown",
	};

	_Static_assert(sizeof(name) / sizeof(name[0]) == REFRESH_UNKNOWN + 1, "a name for each");
	return name[o];
}

int refresh_exit(enum refresh_outcome o, bool held)
{
	if (held || o == REFRESH_HELD || o == REFRESH_CONFLICT)
		return err_exit(ERR_CONFLICT);
	return o == REFRESH_UNKNOWN ? err_exit(ERR_TEMP) : 0;
}

bool refresh_is_noted(enum refresh_outcome o)
{
	switch (o) {
	case REFRESH_HELD:
	case REFRESH_CONFLICT:
	case REFRESH_REVOKED:
	case REFRESH_DEAD:
	case REFRESH_KEPT:
	case REFRESH_REJECTED:
		return true;
	case REFRESH_UNCHANGED: /* last_seen says it all */
	case REFRESH_UPDATED:
	case REFRESH_REPLACED:
	case REFRESH_PINNED:
	case REFRESH_UNASKED:
	case REFRESH_UNKNOWN: /* soon again */
		break;
	}
	return false;
}
