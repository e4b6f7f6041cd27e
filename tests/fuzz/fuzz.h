/* SPDX-License-Identifier: ISC */
/* A fuzz target is one function, which may never crash; what else it promises, must() holds it to.
 */
#ifndef SEALPOST_FUZZ_H
#define SEALPOST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define must(x) ((x) ? (void)0 : abort())

/* The input as a string, to be freed. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1);

	must(text);
	if (size > 0)
		memcpy(text, data, size);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
