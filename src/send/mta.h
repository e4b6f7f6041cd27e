/* The habits of the MTAs: what may be given to which. */
#ifndef SEALPOST_MTA_H
#define SEALPOST_MTA_H

#include <stdbool.h>

struct mta {
	const char *name;
	bool notify; /* takes -N and -R (RFC 3461) */
	bool envid;  /* takes -V */
	bool never;  /* -N, -R mean something else: not even when the user says so */
	bool unquotes; /* drops a quoted local part: "a b"@example.org becomes @example.org */
	bool mailq;      /* -bp lists the queue, and reads no message */
	bool newaliases; /* -bi rebuilds the aliases, and reads no message */
};

/*
 * Which MTA the program is, by its name without symlinks and what lies beside it. One that is not
 * recognised, a script among them, takes nothing beyond -i, -f, -F, -- and recipients. Never NULL.
 */
const struct mta *mta_recognise(const char *path);

#endif
