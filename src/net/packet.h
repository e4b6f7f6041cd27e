/* SPDX-License-Identifier: ISC */
/* What an answer's packet shows and libunbound does not tell. Pure: octets in, a fact out. */
#ifndef SEALPOST_NET_PACKET_H
#define SEALPOST_NET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether the answer was synthesised from a wildcard: there are RRSIGs of the name that was asked
 * for, over the type asked for or a CNAME, and each of them has fewer labels than the name (RFC
 * 4034 section 3.1.3, RFC 4035 section 5.3.4). Where a CNAME leads does not matter. The signatures
 * are not verified here: ask only about an answer that is secure. False, too, of what is not a
 * whole answer to one question.
 */
bool dns_packet_wildcard(const uint8_t *packet, size_t len);

/*
 * Whether there is any RRSIG of the name that was asked for, over the type asked for or a CNAME,
 * good or bad. False, too, of what is not a whole answer to one question.
 */
bool dns_packet_signed(const uint8_t *packet, size_t len);

#endif
