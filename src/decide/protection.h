/* SPDX-License-Identifier: ISC */
/* Decides from sealpost-net's facts what obliges a sender to use authenticated TLS for a domain.
 * Pure. */
#ifndef SEALPOST_PROTECTION_H
#define SEALPOST_PROTECTION_H

#include "wire/check.h"

enum protection_kind {
	PROTECTION_NONE = 0,
	PROTECTION_DANE,
	PROTECTION_MTA_STS,
	PROTECTION_UNKNOWN
};

struct protection {
	enum protection_kind kind;
	enum check_result result; /* result type of the obstacle, if it has one */
	/* A message: what protects, or why nothing does. For display only. */
	char reason[CHECK_TEXT_MAX + 1];
};

/*
 * DANE: the MX RRset is secure and each reachable host has a usable TLSA record. MTA-STS: a valid
 * policy in force, in mode enforce, that each host matches; it never compensates for failing DANE.
 * Incomplete facts give no protection.
 */
void protection_decide(const struct check_reply *facts, struct protection *out);

/* Whether the domain accepts no mail, now or later. */
bool protection_takes_no_mail(const struct check_reply *facts, const struct protection *p);

const char *protection_name(enum protection_kind k); /* "dane"... as in the JSON */

#endif
