/* SPDX-License-Identifier: ISC */
/* Recipients, what is known of their keys, and the user's rules -> what may be done. Pure. */
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
	enum key_status key;     /* what is known of its key */
	bool pinned;             /* has a pin with a fingerprint */
	bool allow_clear;        /* allowed by exact address */
	bool domain_clear;       /* allowed by domain, and the domain never served a key */
	bool domain_unserved;    /* no address of the domain ever had a certificate seen
				    (store_domain_served gave 0); otherwise on-unknown = clear does not
				    apply */
	bool weak; /* unusable only because it is too weak: clear text is no way out */
	bool hidden;
	bool own; /* usable because it is the user's own key, which follows what the others get */
	const char *answers;  /* Message-ID of a mail of which every copy was sealed, which this one
				 answers; NULL: none; borrowed */
	const char *in_gnupg; /* fingerprint of a key for it in the user's gpg keyring; NULL: none;
				 borrowed */
	/* An address like this one but for its "+tag", which has a pin, and its fingerprint; NULL:
	 * none. Borrowed. */
	const char *untagged, *untagged_fpr;
	enum unknown_cause cause; /* of KEY_UNKNOWN */
	bool other_answered;      /* another domain answered over verified TLS within the hour */
	int64_t waited; /* seconds since the first attempt that failed so; 0: this is the first */
	const char *reason; /* why the key status is so; for the refusal; borrowed */
	const char *mend;   /* what to do about an unusable key, when that is not the usual; NULL;
			       borrowed */
	/* out: */
	bool seal;  /* by itself it would be sealed to */
	bool clear; /* by itself it would get clear text */
	enum policy_setting
		decided; /* the setting that made it so, or stands in the way; ENCRYPT in doubt */
	bool by_reply;   /* encrypt = require holds because of answers */
	bool by_never;   /* stuck: encrypt = never, and a pin */
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
	enum err_code code; /* of a refusal: ERR_POLICY, ERR_TEMP, ERR_CONFLICT */
	const struct policy_rcpt
		*public; /* goes where everybody may read it: NULL, or the recipient that says so */
	enum conf_mixed mixed; /* the strictest that is in force for anybody */
	const char *mixed_by;  /* where it stands, as policy_rules has it */
	/* The strictest that is in force for anybody; 0 without recipients. */
	enum conf_sign sign;
	enum conf_header header;
	enum conf_autocrypt autocrypt;
	char hint[ERR_HINT_MAX]; /* complete enough to paste */
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
 *   - no row lets clear text go to a pinned address; absent with a tag (untagged), or with a key in
 * the gpg keyring (gnupg = ask; use, where it could not be used), is refused;
 *   - allow_clear lets everything but a usable key go clear, a pin's address included;
 *   - nothing that is stored lets anything go clear under require;
 *   - an answer to a sealed mail is under require, unless replies = prefer.
 * Together: an own address that may get clear text gets what the others get. Somebody refused
 * refuses the mail. Sealed and clear: the strictest mixed that is in
 * force for anybody; clear goes to all only if nobody is pinned or under require. A recipient that
 * is public (policy_rules) and all that are with it: sealed if everybody can be sealed to, else
 * clear to all. The code of a refusal is that of the gravest recipient: ERR_CONFLICT, then
 * ERR_TEMP, then ERR_POLICY; the hint is for the first one of it. It offers clear text only where
 * the cause is the recipient's domain's own and lasting (unknown_wait), never under require or in a
 * domain that served keys.
 */
void policy_decide(const struct conf *c, const struct mail_rules *one, struct policy_rcpt *rcpt,
	size_t n, bool already, struct policy_out *out);

/* Whether this decision seals to that recipient. */
bool policy_seals(const struct policy_out *out, const struct policy_rcpt *r);

#endif
