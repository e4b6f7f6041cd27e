/* SPDX-License-Identifier: ISC */
#include "decide/tofu.h"

#include <string.h>

static const char *const state_name[] = {
	[PIN_NONE] = "none",
	[PIN_TOFU] = "tofu",
	[PIN_VERIFIED] = "verified",
	[PIN_REJECTED] = "rejected",
	[PIN_CLEAR] = "clear",
};

_Static_assert(
	sizeof(state_name) / sizeof(state_name[0]) == PIN_CLEAR + 1, "a name for each state");

const char *pin_state_name(enum pin_state s)
{
	return (size_t)s <= PIN_CLEAR ? state_name[s] : "none";
}

enum pin_state pin_state_parse(const char *name)
{
	size_t i;

	for (i = 0; name && i <= PIN_CLEAR; i++) {
		if (strcmp(name, state_name[i]) == 0)
			return (enum pin_state)i;
	}
	return PIN_NONE;
}

/* By the candidate that the pin is. */
static const char *const stays_in_use[SOURCES] = {
	[SOURCE_NONE] = "the key is no longer published; the pinned key stays in use",
	[SOURCE_GNUPG] = "no key is published; the one of your gpg keyring stays in use",
	[SOURCE_KEYSERVER] = "no key is published; the one of a key server stays in use",
	[SOURCE_LEARNT] = "no key is published; the one learnt from mail stays in use",
};

#define SINCE "its domain has published a key, which comes before the one "
static const char *const published_since[SOURCES] = {
	[SOURCE_GNUPG] = SINCE "of your gpg keyring",
	[SOURCE_KEYSERVER] = SINCE "of a key server",
	[SOURCE_LEARNT] = SINCE "learnt from mail",
};

static struct tofu_out tofu_result(enum tofu_verdict verdict, const char *why)
{
	return (struct tofu_out){.verdict = verdict, .why = why};
}

/* No pin, or one that only allows clear text: a key that appears wins. */
static struct tofu_out without_key(const struct tofu_in *in)
{
	if (in->seen != KEY_USABLE)
		return tofu_result(TOFU_NOTHING, "no usable certificate was seen");
	if (in->state == PIN_CLEAR)
		return tofu_result(TOFU_FIRST,
			"a key has appeared where clear text was allowed: the key wins");
	return tofu_result(TOFU_FIRST, "first use");
}

/*
 * The pin itself was rejected. That says nothing for any other certificate: whoever published the
 * rejected one may have published the next too, so that a person decides again. What is not there
 * stays what it is: absent or unknown, never the rejected key.
 */
static struct tofu_out pin_rejected(const struct tofu_in *in)
{
	if (in->seen != KEY_USABLE)
		return tofu_result(TOFU_NOTHING,
			"no usable certificate was seen, and the one known was rejected");
	return tofu_result(TOFU_HOLD, "a different certificate than the rejected one was seen");
}

static struct tofu_out pin_is_dead(const struct tofu_in *in, bool same)
{
	if (in->seen == KEY_USABLE && !same)
		return tofu_result(TOFU_HOLD,
			in->pin_revoked
				? "the pinned key is revoked, and a different one was seen"
				: "the pinned key has expired, and a different one was seen");
	return tofu_result(TOFU_PIN_DEAD,
		in->pin_revoked ? "the pinned key is revoked" : "the pinned key has expired");
}

/* It neither is revoked nor has expired. */
static struct tofu_out pin_is_valid(const struct tofu_in *in, bool same)
{
	if (in->pin_lapsed && in->seen != KEY_USABLE)
		return tofu_result(TOFU_PIN_DEAD, "the pinned key can no longer be used");
	switch (in->seen) {
	case KEY_USABLE:
		if (same)
			return tofu_result(TOFU_SAME, "the pinned key");
		if (in->certified_by_pin && in->state == PIN_VERIFIED)
			return tofu_result(TOFU_HOLD,
				"a different key, certified by the pinned one, which a "
				"person verified: a person decides about this one too");
		if (in->certified_by_pin)
			return tofu_result(
				TOFU_SUCCESSOR, "a different key, certified by the pinned one");
		return tofu_result(TOFU_HOLD, "a different key than the pinned one was seen");
	case KEY_UNUSABLE:
		return tofu_result(TOFU_USE_PIN,
			"what is published cannot be used; the pinned key stays in use");
	case KEY_ABSENT_PROVED:
	case KEY_ABSENT_UNPROVED:
		return tofu_result(TOFU_USE_PIN, stays_in_use[in->candidate]);
	case KEY_UNKNOWN:
	case KEY_CONFLICT:
		break;
	}
	return tofu_result(TOFU_USE_PIN, "the lookup failed; the pinned key stays in use");
}

static struct tofu_out decide_pin(const struct tofu_in *in, bool has_key, bool same, bool alive)
{
	/* A usable certificate without fingerprint cannot be told from any other: a caller's
	 * mistake. */
	if (in->seen == KEY_USABLE && !in->seen_fpr[0])
		return tofu_result(TOFU_HOLD, "a certificate without fingerprint was seen");
	/* Before all that could accept it: first use, succession, and the pin's own name. */
	if (in->seen == KEY_USABLE && (in->seen_rejected || (same && in->state == PIN_REJECTED)))
		return tofu_result(TOFU_REJECTED,
			alive && !same
				? "what is published was rejected; the pinned key stays in use"
				: "what is published was rejected");
	if (in->state == PIN_NONE || in->state == PIN_CLEAR)
		return without_key(in);
	if (in->state == PIN_REJECTED)
		return pin_rejected(in);
	if (!has_key)
		return tofu_result(in->seen == KEY_USABLE ? TOFU_HOLD : TOFU_PIN_DEAD,
			"the pin cannot be read");
	if (in->candidate != SOURCE_NONE && in->state == PIN_TOFU && in->seen == KEY_USABLE &&
		!same)
		return tofu_result(TOFU_SUCCESSOR, published_since[in->candidate]);
	/* Extending the expiry is how a key is kept; a revocation is for good. */
	if (in->pin_revoked || (in->pin_expired && !same))
		return pin_is_dead(in, same);
	return pin_is_valid(in, same);
}

struct tofu_out tofu_decide(const struct tofu_in *in)
{
	bool same =
		in->seen == KEY_USABLE && in->pin_fpr[0] && strcmp(in->pin_fpr, in->seen_fpr) == 0;
	bool has_key = (in->state == PIN_TOFU || in->state == PIN_VERIFIED) && in->pin_fpr[0];
	bool alive = has_key && !in->pin_revoked && !in->pin_expired && !in->pin_lapsed;
	struct tofu_out o = decide_pin(in, has_key, same, alive);

	/* A pin whose own fingerprint was rejected is none: the two should not be there together.
	 */
	o.pin_good = alive && !(same && in->seen_rejected);
	return o;
}

enum tofu_effect tofu_effect(const struct tofu_out *o)
{
	switch (o->verdict) {
	case TOFU_USE_PIN:
		return EFFECT_PIN;
	case TOFU_REJECTED:
		return o->pin_good ? EFFECT_PIN : EFFECT_CONFLICT;
	case TOFU_HOLD:
		return EFFECT_CONFLICT;
	case TOFU_PIN_DEAD:
		return EFFECT_UNUSABLE;
	case TOFU_NOTHING:
	case TOFU_FIRST:
	case TOFU_SAME:
	case TOFU_SUCCESSOR:
		break;
	}
	return EFFECT_AS_SEEN;
}
