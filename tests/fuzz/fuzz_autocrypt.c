/* SPDX-License-Identifier: ISC */
/* The fields Autocrypt and Autocrypt-Gossip of received mail. */
#include "fuzz.h"

#include <string.h>

#include "mime/autocrypt_field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct autocrypt_field f;
	char *value = fuzz_text(data, size);
	const char *why;

	must(autocrypt_read("Autocrypt", value, &f, &why, NULL) == !why);
	must((why != NULL) == (f.key.p == NULL) && (!why || why[0] != '\0'));
	if (!why) {
		must(strlen(value) < AUTOCRYPT_HEADER_MAX);
		must(f.key.len > 0 && f.key.len < AUTOCRYPT_HEADER_MAX);
		must(f.addr.domain[0] != '\0');
		autocrypt_field_free(&f);
	}
	free(value);
	return 0;
}
