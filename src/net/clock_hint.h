/* SPDX-License-Identifier: ISC */
/* A wrong clock looks like expired or premature signatures everywhere; the words for it. */
#ifndef SEALPOST_NET_CLOCK_HINT_H
#define SEALPOST_NET_CLOCK_HINT_H

#define CLOCK_HINT_MAX 64

/* "; is this machine's clock right (it says YYYY-MM-DD)?", to end a reason with. out has
 * CLOCK_HINT_MAX bytes. */
void clock_hint(char *out);

#endif
