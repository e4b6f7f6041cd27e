#include "pgp/tofu.h"

#include <string.h>

static const char *const state_name[] = {
	[PIN_NONE] = "none",
	[PIN_TOFU] = "tofu",
	[PIN_VERIFIED] = "verified",
	[PIN_REJECTED] = "rejected",
	[PIN_CLEAR] = "clear",
};

_Static_assert(sizeof(state_name) / sizeof(state_name[0]) == PIN_CLEAR + 1, "a name for each state");

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

/* No pin, or one that only allows clear text: a key that appears wins. */
static struct tofu_out without_key(const struct tofu_in *in)
{
	if (in->seen != SEEN_USABLE)
		return (struct tofu_out){TOFU_NOTHING, "no usable certificate was seen"};
	if (in->state == PIN_CLEAR)
		return (struct tofu_out){TOFU_FIRST,
			"a key has appeared where clear text was allowed: the key wins"};
	return (struct tofu_out){TOFU_FIRST, "first use"};
}

/*
 * A person said no to a fingerprint. That says nothing for any other one: whoever published the rejected
 * one may have published the next too, so that a person decides again. Nor does the rejected key's own
 * certification count. What is not there stays what it is: absent or unknown, never the rejected key.
 */
static struct tofu_out rejected(const struct tofu_in *in, bool same)
{
	if (in->seen != SEEN_USABLE)
		return (struct tofu_out){TOFU_NOTHING,
			"no usable certificate was seen, and the one known was rejected"};
	if (same)
		return (struct tofu_out){TOFU_REJECTED, "this certificate was rejected"};
	return (struct tofu_out){TOFU_HOLD,
		"a different certificate than the rejected one was seen"};
}

static struct tofu_out dead(const struct tofu_in *in, bool same)
{
	if (in->seen == SEEN_USABLE && !same)
		return (struct tofu_out){TOFU_HOLD,
			in->pin_revoked ? "the pinned key is revoked, and a different one was seen"
					: "the pinned key has expired, and a different one was seen"};
	return (struct tofu_out){TOFU_PIN_DEAD,
		in->pin_revoked ? "the pinned key is revoked" : "the pinned key has expired"};
}

static struct tofu_out good(const struct tofu_in *in, bool same)
{
	switch (in->seen) {
	case SEEN_USABLE:
		if (same)
			return (struct tofu_out){TOFU_SAME, "the pinned key"};
		if (in->certified_by_pin)
			return (struct tofu_out){TOFU_SUCCESSOR,
				"a different key, certified by the pinned one"};
		return (struct tofu_out){TOFU_HOLD, "a different key than the pinned one was seen"};
	case SEEN_UNUSABLE:
		return (struct tofu_out){TOFU_USE_PIN,
			"what is published cannot be used; the pinned key stays in use"};
	case SEEN_ABSENT:
		return (struct tofu_out){TOFU_USE_PIN,
			"the key is no longer published; the pinned key stays in use"};
	case SEEN_UNKNOWN:
		break;
	}
	return (struct tofu_out){TOFU_USE_PIN,
		"nothing new could be learnt; the pinned key stays in use"};
}

struct tofu_out tofu_decide(const struct tofu_in *in)
{
	bool same = in->seen == SEEN_USABLE && in->pin_fpr[0] &&
		    strcmp(in->pin_fpr, in->seen_fpr) == 0;
	bool has_key = in->state == PIN_TOFU || in->state == PIN_VERIFIED;

	/* A usable certificate without fingerprint cannot be told from any other: a caller's mistake. */
	if (in->seen == SEEN_USABLE && !in->seen_fpr[0])
		return (struct tofu_out){TOFU_HOLD, "a certificate without fingerprint was seen"};
	if (in->state == PIN_NONE || in->state == PIN_CLEAR)
		return without_key(in);
	if (in->state == PIN_REJECTED)
		return rejected(in, same);
	if (!has_key || !in->pin_fpr[0])
		return (struct tofu_out){in->seen == SEEN_USABLE ? TOFU_HOLD : TOFU_PIN_DEAD,
			"the pin cannot be read"};
	/* Extending the expiry is how a key is kept; a revocation is for good. */
	if (in->pin_revoked || (in->pin_expired && !same))
		return dead(in, same);
	return good(in, same);
}
