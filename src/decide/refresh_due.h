/* SPDX-License-Identifier: ISC */
/* Staying current: when a pin is to be asked about again. Pure. */
#ifndef SEALPOST_REFRESH_H
#define SEALPOST_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#define REFRESH_DAY ((int64_t)24 * 60 * 60)
#define REFRESH_EVERY (7 * REFRESH_DAY) /* at the latest, since the key was seen */
#define REFRESH_SOON (14 * REFRESH_DAY) /* before it expires: each day, and as long afterwards */
#define REFRESH_DAILY (20 * 60 * 60)    /* less than a day, for a timer that comes early */
#define REFRESH_JITTER REFRESH_DAY      /* at most so much before REFRESH_EVERY */
#define REFRESH_AGAIN (60 * 60)         /* after an attempt that brought no answer */

/* Seconds since 1970; 0: never, or not known. */
struct refresh_when {
	int64_t last_seen;
	int64_t answered; /* the directory answered, and did not show the key */
	int64_t tried;    /* it was asked, whatever came of it */
	int64_t expires;
};

/*
 * Whether it is time to ask. The jitter is the address's own, so that pins that were made together
 * do not stay together. A clock that went back makes a pin due, never one that waits for ever.
 */
bool refresh_due(const char *address, const struct refresh_when *w, int64_t now);

#endif
