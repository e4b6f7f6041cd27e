/* SPDX-License-Identifier: ISC */
/* Parses RDATA of some types, uncompressed as returned by the resolver. Pure. */
#ifndef SEALPOST_NET_RDATA_H
#define SEALPOST_NET_RDATA_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/dns.h"

/* The character-strings of a TXT record, joined without anything between (appended). -1: malformed,
 * or out has no room. */
int rdata_txt(const uint8_t *p, size_t len, struct buf *out);

/*
 * Preference and host of an MX record: lower-case, without its final dot, "" for the root. host has
 * DNS_NAME_MAX + 1 bytes. -1: malformed, or not made of letters, digits, hyphens and underscores.
 */
int rdata_mx(const uint8_t *p, size_t len, uint16_t *preference, char *host);

#endif
