/* SPDX-License-Identifier: ISC */
/* A TLSA record, from anywhere. */
#include "fuzz.h"
#include "net/tlsa.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tlsa_set set = {.n = 0};

	tlsa_add(&set, data, size);
	if (set.n > 0)
		must(size >= 4 && set.v[0].usage <= 3 && set.v[0].selector <= 1 &&
			set.v[0].matching <= 2);
	must(!tlsa_match(&set, NULL));
	return 0;
}
