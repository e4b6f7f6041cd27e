/* SPDX-License-Identifier: ISC */
/* A fuzz target is one function, which may never crash; what else it promises, must() holds it to.
 */
#ifndef SEALPOST_FUZZ_H
#define SEALPOST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define must(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
