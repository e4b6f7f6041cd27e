/* SPDX-License-Identifier: ISC */
/* A DNS answer from anywhere: whether it came of a wildcard depends on the answer section alone,
 * read whole. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "net/packet.h"

#define COUNTS 6 /* where the header counts the answers, then authority and additional records */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	bool wildcard;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	wildcard = dns_packet_wildcard(data, size);
	copy[size] = 0xff;
	/* What follows the answer does not count, nor how much of it there is. */
	if (size >= 12)
		memset(copy + COUNTS + 2, 0xff, 4);
	if (dns_packet_wildcard(copy, size) != wildcard ||
		(wildcard && !dns_packet_wildcard(copy, size + 1)))
		abort();
	if (wildcard && !dns_packet_signed(data, size))
		abort();
	/* No answer, no wildcard; nor is one when more is promised than there can be. */
	if (wildcard) {
		memset(copy + COUNTS, 0, 2);
		if (dns_packet_wildcard(copy, size))
			abort();
		memset(copy + COUNTS, 0xff, 2);
		if (size < 65535 * 11 && dns_packet_wildcard(copy, size))
			abort();
	}
	free(copy);
	return 0;
}
