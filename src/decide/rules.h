/* SPDX-License-Identifier: ISC */
/*
 * Which of the user's rules is in force for one recipient of one mail. Each setting comes from the
 * most specific policy that makes it, else from [sealpost]; the command line goes over both, for
 * one mail; X-Sealpost in the message can only make the result stricter. Pure.
 */
#ifndef SEALPOST_POLICY_RULES_H
#define SEALPOST_POLICY_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "conf/conf.h"

enum policy_setting {
	POLICY_ENCRYPT,
	POLICY_MIXED,
	POLICY_ABSENCE,
	POLICY_ON_UNKNOWN,
	POLICY_ON_CHANGE,
	POLICY_PUBLIC,
	POLICY_SIGN,
	POLICY_TLS,
	POLICY_HEADER_PROTECTION,
	POLICY_AUTOCRYPT,
	POLICY_WEAK_KEYS,
	POLICY_GNUPG,
	POLICY_REPLIES,
	POLICY_SETTINGS,
};

/* What is said for one mail: on the command line, and by the mail itself. */
struct mail_rules {
	struct conf_policy once, demand;
};

/* Where a rule stands, when it stands in no policy. Compare pointers. */
extern const char policy_of_command_line[], policy_of_message[], policy_of_reply[];

struct policy_rules {
	int v[POLICY_SETTINGS];          /* enum conf_encrypt and so on; never 0 */
	const char *by[POLICY_SETTINGS]; /* name of the policy, one of those above, or NULL for
					    [sealpost] */
	const struct conf_policy
		*keys; /* the policy whose keys stand for the recipient's own, or NULL; borrowed */
	bool public;   /* what goes there may go in clear to all: public = yes, and no policy that
			  names   the address as closely says encrypt = require */
};

/*
 * All rules for an address. A policy names it by address, by domain, or by pattern, in this order,
 * patterns with more letters before those with fewer, the later of two equals. one: of the mail
 * that it is about; NULL: of none, here and below. id: the sender's identity, or NULL.
 */
void policy_rules(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, struct policy_rules *out);

/* The stricter of two values of a setting; 0 counts as not set. */
int policy_stricter(enum policy_setting s, int a, int b);

/* Where a rule stands, for a sentence: "[policy bank]", "[sealpost]", "the command line", "the
 * message's X-Sealpost", "the sealed mail that it answers". */
#define POLICY_PLACE_MAX 80
void policy_place(const char *by, char *out);

/* The word that belongs before it: "in", "on" or "by". */
const char *policy_at(const char *by);

/* A rule as it stands: "encrypt = require in [policy bank]". */
#define POLICY_SAY_MAX 160
void policy_say(const struct policy_rules *r, enum policy_setting s, char *out);

/* What is to be done with a mail when a different key is published than the pinned one. */
enum conf_change policy_on_change(
	const struct conf *c, const struct mail_rules *one, const struct addr *a);

/* Whether keys that key_policy.h finds too weak are sealed to all the same. */
bool policy_accepts_weak(const struct conf *c, const struct mail_rules *one, const struct addr *a);

/*
 * Whether mail to an address has to travel by a way that DANE or MTA-STS binds: the most specific
 * policy that says so, else the identity (may be NULL), else the global setting. *name: of that
 * policy, or NULL; name may be NULL.
 */
enum conf_transport policy_tls(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, const char **name);

/* Whether the decision depends on the address's own key at all; if not, nobody needs to be asked
 * for it. */
bool policy_needs_key(const struct conf *c, const struct mail_rules *one, const struct addr *a);

/* What a mail's X-Sealpost fields demand, added up in *out. Words that are not known are ERR_DATA:
 * a mistyped wish must not be passed over. value: of one field, as it stands in the message. */
int policy_read_field(const char *value, struct conf_policy *out, struct err *err);

#endif
