/* SPDX-License-Identifier: ISC */
#include "decide/remember.h"

static int64_t shorter_time(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t remember_key(const struct conf *c, const struct verdict *v)
{
	switch (v->status) {
	case KEY_USABLE:
		/* A record says itself how long it may be kept (RFC 7929 section 7.2). */
		if (v->method && v->method->method == METHOD_OPENPGPKEY && v->method->ttl > 0)
			return shorter_time(c->cache_found, v->method->ttl);
		return c->cache_found;
	case KEY_UNUSABLE:
	case KEY_CONFLICT:
		return shorter_time(c->cache_found, REMEMBER_FIXING_MAX);
	case KEY_ABSENT_PROVED:
		return c->cache_absent;
	case KEY_ABSENT_UNPROVED:
		return shorter_time(c->cache_absent, REMEMBER_UNPROVED_MAX);
	case KEY_UNKNOWN:
		break;
	}
	/* What is fixed here is not to be waited for. */
	return v->method && v->method->proxy_down ? 0 : c->cache_failed;
}

bool remember_stale(
	const struct conf *c, const struct verdict *v, int64_t asked, int64_t keep, int64_t now)
{
	int64_t age = now - asked, seconds = remember_key(c, v);

	return age < 0 || age >= seconds || keep > seconds;
}

int64_t remember_protection(const struct protection *p, int64_t policy_expires, int64_t now)
{
	switch (p->kind) {
	case PROTECTION_DANE:
		return REMEMBER_BOUND;
	case PROTECTION_MTA_STS:
		return policy_expires > now ? shorter_time(REMEMBER_BOUND, policy_expires - now)
					    : 0;
	case PROTECTION_NONE:
		return REMEMBER_UNBOUND;
	case PROTECTION_UNKNOWN:
		break;
	}
	return 0;
}
