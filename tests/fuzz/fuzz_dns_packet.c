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
	uint8_t *copy = (uint8_t *)fuzz_text(data, size);
	const bool wildcard = dns_packet_wildcard(data, size);

	copy[size] = 0xff;
	/* What follows the answer does not count, nor how much of it there is. */
	if (size >= 12)
		memset(copy + COUNTS + 2, 0xff, 4);
	must(dns_packet_wildcard(copy, size) == wildcard);
	if (wildcard) {
		must(dns_packet_wildcard(copy, size + 1) && dns_packet_signed(data, size));
		/* No answer, no wildcard; nor is one when more is promised than there can be. */
		memset(copy + COUNTS, 0, 2);
		must(!dns_packet_wildcard(copy, size));
		memset(copy + COUNTS, 0xff, 2);
		must(size >= 65535 * 11 || !dns_packet_wildcard(copy, size));
	}
	free(copy);
	return 0;
}
