/* SPDX-License-Identifier: ISC */
/* The fields Autocrypt and Autocrypt-Gossip (Autocrypt Level 1, sections 2.1 and 5). */
#ifndef SEALPOST_AUTOCRYPT_H
#define SEALPOST_AUTOCRYPT_H

#include <stdbool.h>

#include "pgp/cert/intake.h"

#define AUTOCRYPT_FIELD_MAX 10240 /* octets of the field, its name and folding included */
#define AUTOCRYPT_GOSSIP_MAX 64   /* addresses; more is no conversation */

/*
 * The value of such a field: addr's minimal key, folded with LF. 1: *value is it, malloc'ed; 0:
 * none can be made, and *why says so (static): the key does not name the address, is too large
 * or not complete, or the address does not fit into the field's syntax. ERR_OS.
 */
int autocrypt_value(const struct addr *addr, const struct cert *c, bool mutual, char **value,
	const char **why, struct err *err);

#endif
