/* SPDX-License-Identifier: ISC */
/*
 * The rules in force for one recipient of one mail. Each setting comes from the most specific
 * policy that sets it, else from [sealpost]; the command line overrides both for one mail;
 * X-Sealpost in the message can only make the result stricter. Pure.
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

/* Rules for one mail: from the command line, and from the mail itself. */
struct mail_rules {
	struct conf_policy once, demand;
};

/* Origins of rules outside policies. Compare pointers. */
extern const char policy_of_command_line[], policy_of_message[], policy_of_reply[];

struct policy_rules {
	int v[POLICY_SETTINGS];          /* enum conf_encrypt and so on; never 0 */
	const char *by[POLICY_SETTINGS]; /* name of the policy, one of those above, or NULL for
					    [sealpost] */
	const struct conf_policy
		*keys; /* the policy whose keys replace the recipient's own, or NULL; borrowed */
	bool public;   /* a public place: public = yes, and no equally specific policy has encrypt =
			  require */
};

/*
 * Determines all rules for an address. Policies match by address, by domain, or by pattern, in this
 * order, patterns with more letters before those with fewer, the later of two equal ones. one:
 * rules of the mail, may be NULL here and below. id: the sender's identity, or NULL.
 */
void policy_rules(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, struct policy_rules *out);

/* The stricter of two values of a setting; 0 counts as not set. */
int policy_stricter(enum policy_setting s, int a, int b);

/* The origin of a rule, for messages: "[policy bank]", "[sealpost]", "the command line", "the
 * message's X-Sealpost", "the sealed mail that it answers". */
#define POLICY_PLACE_MAX 80
void policy_place(const char *by, char *out);

/* The preposition for it: "in", "on" or "by". */
const char *policy_at(const char *by);

/* A rule with its origin: "encrypt = require in [policy bank]". */
#define POLICY_SAY_MAX 160
void policy_say(const struct policy_rules *r, enum policy_setting s, char *out);

/* What to do with a mail if a key other than the pinned one is published. */
enum conf_change policy_on_change(
	const struct conf *c, const struct mail_rules *one, const struct addr *a);

/* The key servers for an address, as conf has the list: of the most specific policy that sets it,
 * else the global one. Borrowed. */
const char *policy_keyservers(const struct conf *c, const struct addr *a);

/* Whether keys too weak by key_policy.h are used all the same. */
bool policy_accepts_weak(const struct conf *c, const struct mail_rules *one, const struct addr *a);

/*
 * Whether mail to an address requires protection by DANE or MTA-STS: from the most specific policy
 * that sets it, else the identity (may be NULL), else the global setting. *name: of that policy, or
 * NULL; name may be NULL.
 */
enum conf_transport policy_tls(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, const char **name);

/* Whether the decision depends on the address's own key at all; if not, no lookup is needed. */
bool policy_needs_key(const struct conf *c, const struct mail_rules *one, const struct addr *a);

/* Adds the demands of an X-Sealpost field to *out. Unknown words are ERR_DATA: a mistyped demand
 * must not be ignored. value: of one field, as in the message. */
int policy_read_field(const char *value, struct conf_policy *out, struct err *err);

#endif
