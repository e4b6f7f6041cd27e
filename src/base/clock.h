/* SPDX-License-Identifier: ISC */
/* The clock used for time-outs. */
#ifndef SEALPOST_CLOCK_H
#define SEALPOST_CLOCK_H

#include <stdint.h>

/* Milliseconds of the monotonic clock, from an arbitrary start. */
int64_t clock_ms(void);

#endif
