/* SPDX-License-Identifier: ISC */
/* Facts in a DNS packet that libunbound does not report. Pure. */
#ifndef SEALPOST_NET_PACKET_H
#define SEALPOST_NET_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether the answer was synthesised from a wildcard: it has RRSIGs at the queried name, covering
 * the queried type or a CNAME, and each of them has fewer labels than the name (RFC 4034
 * section 3.1.3, RFC 4035 section 5.3.4). The target of a CNAME is ignored. Signatures are not
 * verified here: use for secure answers only. False for anything but a complete answer to one
 * question.
 */
bool dns_packet_wildcard(const uint8_t *packet, size_t len);

/*
 * Whether there is any RRSIG at the queried name, covering the queried type or a CNAME, good or
 * bad. False for anything but a complete answer to one question.
 */
bool dns_packet_signed(const uint8_t *packet, size_t len);

#endif
