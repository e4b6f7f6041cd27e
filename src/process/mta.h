/* SPDX-License-Identifier: ISC */
/* Properties of the known MTAs: which options each accepts. */
#ifndef SEALPOST_MTA_H
#define SEALPOST_MTA_H

#include <stdbool.h>

#include "base/err.h"

struct mta {
	const char *name;
	bool notify;   /* takes -N and -R (RFC 3461) */
	bool envid;    /* takes -V */
	bool never;    /* -N, -R mean something else: never passed, even if the user asks for it */
	bool rewrites; /* "a b"@example.org becomes @example.org, a@[IPv6:2001:db8::1] becomes 1] */
	bool smtputf8; /* accepts addresses with a local part that is not ASCII (RFC 6531) */
	bool requiretls; /* takes "-O requiretls=yes", from version 3.11 on */
	bool mailq;      /* -bp lists the queue, and reads no message */
	bool newaliases; /* -bi rebuilds the aliases, and reads no message */
};

/*
 * Recognises the MTA by the program's name without symlinks and the files beside it. One that is
 * not recognised, such as a script, gets nothing but -i, -f, -F, -- and recipients. Never NULL.
 */
const struct mta *mta_recognise(const char *path);

/*
 * Whether the program at path, recognised as m, passes REQUIRETLS on (RFC 8689): asks it for its
 * version. Others would silently ignore the option. ERR_CONFIG: it does not, or that is unknown.
 */
int mta_takes_requiretls(const struct mta *m, const char *path, struct err *err);

#endif
