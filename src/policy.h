/* Recipients, what is known of their keys, and the user's rules -> what may be done. Pure. */
#ifndef SEALPOST_POLICY_H
#define SEALPOST_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"
#include "conf.h"

/* What is known of one recipient's key. Absent and unknown are never folded together. */
enum key_status {
	KEY_USABLE,
	KEY_ABSENT_PROVED,
	KEY_ABSENT_UNPROVED,
	KEY_UNUSABLE, /* revoked, expired, cannot encrypt, wrong User ID */
	KEY_UNKNOWN,
	KEY_CONFLICT, /* differs from the pin */
};

struct policy_rcpt {
	const struct addr *addr; /* borrowed */
	enum key_status key;
	bool pinned;          /* has a pin with a fingerprint */
	bool allow_clear;     /* allowed by exact address */
	bool domain_clear;    /* allowed by domain, and the domain never served a key */
	bool domain_unserved; /* no address of the domain ever had a certificate seen
				 (store_domain_served gave 0); otherwise on-unknown = clear does not
				 apply */
	bool hidden;
	const char *reason; /* why the key status is so; for the refusal; borrowed */
	/* out: */
	bool seal;       /* by itself it would be sealed to */
	bool in_the_way; /* the refusal names it */
	bool allowable;  /* it is unknown, absent or unusable, and allow-clear would settle it */
	char why[ERR_MSG_MAX]; /* complete sentence part after "ADDRESS: " */
};

enum policy_action {
	ACTION_SEAL,  /* to all */
	ACTION_CLEAR, /* to all */
	ACTION_SPLIT, /* to each as they can: sealed where rcpt's seal is set, else in clear */
	ACTION_REFUSE,
};

struct policy_out {
	enum policy_action action;
	enum err_code code;      /* of a refusal: ERR_POLICY, ERR_TEMP, ERR_CONFLICT */
	char hint[ERR_HINT_MAX]; /* complete enough to paste */
};

/*
 * Decides. already: the message is encrypted end to end already and passes as it is (ACTION_CLEAR,
 * nobody in the way). rcpt's out fields are set. Rows:
 *   - encrypt = never: clear, whatever is known of a key;
 *   - a usable key: sealed;
 *   - absent: clear under prefer, refused under require;
 *   - unusable: refused; unknown: refused, unless on-unknown = clear under prefer and
 * domain_unserved;
 *   - domain_clear lets absent and unknown go clear, under require too;
 *   - no row lets clear text go to a pinned address;
 *   - allow_clear lets everything but a usable key go clear, a pin's address included;
 *   - sealed and clear together: refused, unless mixed = split (each as they can), or mixed = clear
 * and nobody is pinned or under require. The code of a refusal is that of the gravest recipient:
 * ERR_CONFLICT, then ERR_TEMP, then ERR_POLICY; the hint is for the first one of it.
 */
void policy_decide(const struct conf *c, struct policy_rcpt *rcpt, size_t n, bool already,
	struct policy_out *out);

/* Whether this decision seals to that recipient. */
bool policy_seals(const struct policy_out *out, const struct policy_rcpt *r);

/*
 * The encrypt and on-unknown rule in force for an address: each from the most specific policy that
 * sets it (address, then domain, then the pattern with the most letters, then the later one), else
 * the global one. *name: of the policy that gave encrypt, NULL for the global one. Any of the
 * results may be NULL.
 */
void policy_rule(const struct conf *c, const struct addr *a, enum conf_encrypt *encrypt,
	enum conf_unknown *on_unknown, const char **name);

/* What is to be done with a mail when a different key is published than the pinned one: the most specific policy that
 * says so, else the global setting. */
enum conf_change policy_on_change(const struct conf *c, const struct addr *a);

/*
 * Whether mail to an address has to travel by a way that DANE or MTA-STS binds: the most specific policy that says
 * so, else the identity (may be NULL), else the global setting. *name: of that policy, or NULL; name may be NULL.
 */
enum conf_transport policy_tls(const struct conf *c, const struct conf_identity *id, const struct addr *a,
	const char **name);

/* Whether the decision depends on the address's key at all; if not, nobody needs to be asked for
 * it. */
bool policy_needs_key(const struct conf *c, const struct addr *a);

#endif
