/* SPDX-License-Identifier: ISC */
/* A hint that the clock may be wrong, which makes signatures appear expired or not yet valid. */
#ifndef SEALPOST_NET_CLOCK_HINT_H
#define SEALPOST_NET_CLOCK_HINT_H

#define CLOCK_HINT_MAX 64

/* "; is this machine's clock right (it says YYYY-MM-DD)?", to be appended to a reason. out has
 * CLOCK_HINT_MAX bytes. */
void clock_hint(char *out);

#endif
