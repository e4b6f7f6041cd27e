/* SPDX-License-Identifier: ISC */
/* The clock that time limits go by. */
#ifndef SEALPOST_CLOCK_H
#define SEALPOST_CLOCK_H

#include <stdint.h>

/* Milliseconds of the monotonic clock; its beginning means nothing. */
int64_t clock_ms(void);

#endif
