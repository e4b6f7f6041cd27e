/* SPDX-License-Identifier: ISC */
#include "decide/key_policy.h"

#include <stdio.h>

#include "pgp/cert/signature.h"

#define BITS_MIN 2048
#define ALWAYS 0
#define NEVER INT64_MAX

/* Hashes, and the date of a signature from which on they do not count (Sequoia's policy has the
 * same for SHA-1). Those that are not here are not known. */
static const struct {
	unsigned hash;
	const char *name;
	int64_t refused_from; /* seconds since 1970 */
} hashes[] = {
	{HASH_MD5, "MD5", ALWAYS},
	{HASH_SHA1, "SHA-1", 1675209600}, /* 2023-02-01 */
	{HASH_RIPEMD160, "RIPEMD-160", ALWAYS},
	{HASH_SHA224, "SHA-224", NEVER},
	{HASH_SHA256, "SHA-256", NEVER},
	{HASH_SHA384, "SHA-384", NEVER},
	{HASH_SHA512, "SHA-512", NEVER},
	{HASH_SHA3_256, "SHA3-256", NEVER},
	{HASH_SHA3_512, "SHA3-512", NEVER},
};

/* Algorithms whose strength is their size. Elliptic curves have theirs by name. */
static const struct {
	unsigned algo;
	const char *name;
} sized[] = {
	{1, "RSA"},
	{2, "RSA"},
	{3, "RSA"},
	{16, "ElGamal"},
	{17, "DSA"},
	{20, "ElGamal"},
};

static bool judge_key_size(const struct key_strength *k, const char *what, char *why)
{
	size_t i;

	if (k->algo == 0) {
		snprintf(why, KEY_POLICY_WHY_MAX, "its %s key cannot be read", what);
		return false;
	}
	for (i = 0; i < sizeof(sized) / sizeof(sized[0]); i++) {
		if (k->algo != sized[i].algo || k->bits >= BITS_MIN)
			continue;
		snprintf(why, KEY_POLICY_WHY_MAX,
			"its %s key is too weak: %s of %u bits, and %d is the least", what,
			sized[i].name, k->bits, BITS_MIN);
		return false;
	}
	return true;
}

/* optional: it need not be there. */
static bool judge_hash(const struct sig_strength *s, const char *what, bool optional, char *why)
{
	size_t i;

	if (s->hash == 0 && optional)
		return true;
	for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		if (s->hash != hashes[i].hash)
			continue;
		if (s->made < hashes[i].refused_from)
			return true;
		snprintf(why, KEY_POLICY_WHY_MAX, "its %s is signed with %s%s, which is broken",
			what, hashes[i].name,
			hashes[i].refused_from == ALWAYS ? "" : " after January 2023");
		return false;
	}
	snprintf(why, KEY_POLICY_WHY_MAX, "its %s is not signed with a hash that is known", what);
	return false;
}

bool key_policy_strong(const struct cert_strength *s, char why[KEY_POLICY_WHY_MAX])
{
	why[0] = '\0';
	return judge_key_size(&s->primary, "primary", why) &&
	       judge_key_size(&s->encryption, "encryption", why) &&
	       judge_hash(&s->user_id, "User ID", false, why) &&
	       judge_hash(&s->direct, "primary key", true, why) &&
	       judge_hash(&s->binding, "encryption key", true, why);
}
