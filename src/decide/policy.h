/* SPDX-License-Identifier: ISC */
/* The decision on a mail, from its recipients, the status of their keys, and the user's rules.
 * Pure. */
#ifndef SEALPOST_POLICY_H
#define SEALPOST_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"
#include "conf/conf.h"
#include "decide/key_status.h"
#include "decide/rules.h"
#include "decide/unknown_cause.h"

struct policy_rcpt {
	const struct addr *addr; /* borrowed */
	enum key_status key;     /* the status of its key */
	bool pinned;             /* has a pin with a fingerprint */
	bool allow_clear;        /* allowed by exact address */
	bool domain_clear;       /* allowed by domain, and the domain never served a key */
	bool domain_unserved;    /* the domain is not served (store_domain_served); otherwise
				    on-unknown = clear does not apply */
	bool weak; /* unusable only because it is too weak: clear text is not permitted instead */
	bool hidden;
	bool own; /* usable because it is the user's own key, which follows the other recipients */
	const char *answers; /* Message-ID of a sealed mail that this one replies to; NULL: none;
				borrowed */
	const char *learnt; /* fingerprint of a key that received mail has for it, which is not used
			       automatically; NULL: none; borrowed */
	const char *in_gnupg; /* fingerprint of a key for it in the user's gpg keyring; NULL: none;
				 borrowed */
	/* What keeps the user's own key for it from being sealed to any longer, and the hint for
	 * that; NULL: there is no such key. Borrowed. */
	const char *lapsed, *lapsed_mend;
	/* The address without its "+tag", if it has a pin, and its fingerprint; NULL: none.
	 * Borrowed. */
	const char *untagged, *untagged_fpr;
	bool unread; /* the user's own keys or keyring, which may have one, could not be read */
	enum unknown_cause cause; /* for KEY_UNKNOWN */
	bool other_answered;      /* another domain answered over verified TLS within the hour */
	int64_t waited;     /* seconds since the first attempt that failed this way; 0: this is the
			       first */
	const char *reason; /* reason of the key status, for the refusal; borrowed */
	const char *mend;   /* special hint for an unusable key, or for CAUSE_KEYRING; NULL: none;
			       borrowed */
	/* out: */
	bool seal;                   /* alone it would be sealed */
	bool clear;                  /* alone it would be sent in clear */
	enum policy_setting decided; /* the setting that decided; ENCRYPT in doubt */
	bool by_reply;               /* encrypt = require is in force because of answers */
	bool by_message;             /* and the message itself demands it: no option loosens that */
	bool by_never;               /* stuck: encrypt = never, but pinned */
	bool in_the_way;             /* named in the refusal */
	enum err_code code; /* why it is in the way by itself, whatever the others are; else NONE */
	bool allowable;     /* unknown, absent or unusable, and allow-clear would resolve it */
	char why[ERR_MSG_MAX]; /* the text after "ADDRESS: " */
};

enum policy_action {
	ACTION_SEAL,  /* to all */
	ACTION_CLEAR, /* to all */
	ACTION_SPLIT, /* sealed for recipients with seal set, in clear for others */
	ACTION_REFUSE,
};

struct policy_out {
	enum policy_action action;
	enum err_code code;               /* for a refusal: ERR_POLICY, ERR_TEMP, ERR_CONFLICT */
	const struct policy_rcpt *public; /* the recipient that is a public place, or NULL */
	enum conf_mixed mixed;            /* the strictest for any recipient */
	const char *mixed_by;             /* its origin, as in policy_rules */
	/* The strictest for any recipient; 0 without recipients. */
	enum conf_sign sign;
	enum conf_header header;
	enum conf_autocrypt autocrypt;
	char hint[ERR_HINT_MAX]; /* complete, for pasting */
};

/*
 * Decides. already: the message is encrypted end to end already and passes as it is (ACTION_CLEAR,
 * nobody in the way). rcpt's out fields are set. Each recipient alone:
 *   - encrypt = never: clear, whatever is known of a key;
 *   - a usable key: sealed;
 *   - absent: clear under prefer, refused under require; unproved under absence = proved: refused;
 *   - unusable: refused; unknown: refused, unless on-unknown = clear under prefer and
 *     domain_unserved; in conflict: refused;
 *   - domain_clear lets absent and unknown go clear, while domain_unserved;
 *   - no row lets clear text go to a pinned address; absent or unknown with a tag (untagged), or
 *     with a key in the gpg keyring (gnupg = ask; use, where it could not be used), is refused, and
 *     so is unknown where the keyring could not be read (unread);
 *   - allow_clear lets everything but a usable key go clear, a pin's address included;
 *   - nothing that is stored lets anything go clear under require;
 *   - an answer to a sealed mail is under require, unless replies = prefer.
 * Together: an own address that may get clear text gets what the others get. Somebody refused
 * refuses the mail. Sealed and clear: the strictest mixed that is in
 * force for anybody; clear goes to all only if nobody is pinned or under require. A recipient that
 * is public (policy_rules) and all that are with it: sealed if everybody can be sealed to, else
 * clear to all. The code of a refusal is that of the gravest recipient: ERR_CONFLICT, then
 * ERR_TEMP, then ERR_POLICY; the hint is for the first one of it, but in a mixture for an own
 * address whose key has expired, for that is the cause. It offers clear text only where
 * the cause is the recipient's domain's own and lasting (unknown_wait), never under require or in a
 * domain that served keys.
 */
void policy_decide(const struct conf *c, const struct mail_rules *one, struct policy_rcpt *rcpt,
	size_t n, bool already, struct policy_out *out);

/* Whether this decision seals to that recipient. */
bool policy_seals(const struct policy_out *out, const struct policy_rcpt *r);

#endif
