/* SPDX-License-Identifier: ISC */
/* The habits of the MTAs: what may be given to which. */
#ifndef SEALPOST_MTA_H
#define SEALPOST_MTA_H

#include <stdbool.h>

#include "base/err.h"

struct mta {
	const char *name;
	bool notify;     /* takes -N and -R (RFC 3461) */
	bool envid;      /* takes -V */
	bool never;      /* -N, -R mean something else: not even when the user says so */
	bool unquotes;   /* drops a quoted local part: "a b"@example.org becomes @example.org */
	bool smtputf8;   /* passes addresses whose local part is not ASCII on (RFC 6531) */
	bool requiretls; /* takes "-O requiretls=yes", from version 3.11 on */
	bool mailq;      /* -bp lists the queue, and reads no message */
	bool newaliases; /* -bi rebuilds the aliases, and reads no message */
};

/*
 * Which MTA the program is, by its name without symlinks and what lies beside it. One that is not
 * recognised, a script among them, takes nothing beyond -i, -f, -F, -- and recipients. Never NULL.
 */
const struct mta *mta_recognise(const char *path);

/*
 * Whether the program at path, recognised as m, passes REQUIRETLS on (RFC 8689): asks it for its
 * version. One that does not would take the option and say nothing. ERR_CONFIG: it does not, or
 * cannot be told.
 */
int mta_takes_requiretls(const struct mta *m, const char *path, struct err *err);

#endif
