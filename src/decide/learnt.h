/* SPDX-License-Identifier: ISC */
/* Keys in received mail: which mails are read for them, and which key of an address is used. Pure.
 */
#ifndef SEALPOST_LEARNT_H
#define SEALPOST_LEARNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decide/sources.h"

/* Where in a mail a key was. */
enum learnt_how {
	LEARNT_AUTOCRYPT, /* its field Autocrypt */
	LEARNT_ATTACHED,  /* a part application/pgp-keys */
	LEARNT_SIGNATURE, /* it made the mail's signature */
	LEARNT_GOSSIP,    /* Autocrypt-Gossip within somebody else's sealed mail */
};
#define LEARNT_HOWS (LEARNT_GOSSIP + 1)

const char *learnt_how_name(enum learnt_how how);
/* LEARNT_HOWS if it is none of them. */
enum learnt_how learnt_how_parse(const char *name);

/* What a mail is, as far as it matters. */
struct learnt_mail {
	bool from;      /* exactly one address, with a domain that is a name */
	bool report;    /* multipart/report */
	bool rewritten; /* a mailing list wrote its own address into From */
	bool denied;    /* a mail server that is believed does not confirm its sender */
	bool resent;    /* by somebody else */
};

/* Why the mail is not read for keys, static; NULL: it is. */
const char *learnt_skips(const struct learnt_mail *m);

/*
 * The effective date (Autocrypt Level 1 section 2.3): that of Date, but not after the mail was
 * received. date: -1 if it has none; received: -1 if that is not known; now.
 */
int64_t learnt_date(int64_t date, int64_t received, int64_t now);

#define LEARNT_STALE ((int64_t)35 * 86400) /* Autocrypt Level 1 section 2.4 */

/* One key of an address. */
struct learnt_key {
	bool usable;               /* neither revoked, expired nor rejected, and can encrypt */
	int64_t last[LEARNT_HOWS]; /* when it was seen there last; 0: never */
	bool mutual;               /* its last field Autocrypt says prefer-encrypt=mutual */
};

struct learnt_choice {
	size_t index; /* of SOURCE_NAMES and SOURCE_HAS */
	enum source_answer answer;
	const char *why; /* SOURCE_NAMES: why it is not used by itself; static */
};

/*
 * The key of an address that received mail speaks for. last_mail: when its last mail was written.
 * SOURCE_HAS: the key of the newest field Autocrypt, if that asks for encryption (mutual), is
 * usable, and no more than LEARNT_STALE older than the last mail; two different ones of the same
 * moment are not used. SOURCE_NAMES: there is only another usable one. SOURCE_HAS_NONE.
 */
struct learnt_choice learnt_choose(const struct learnt_key *v, size_t n, int64_t last_mail);

#endif
