/* SPDX-License-Identifier: ISC */
/* The fields Autocrypt and Autocrypt-Gossip (Autocrypt Level 1, sections 2.1 and 5). */
#ifndef SEALPOST_AUTOCRYPT_H
#define SEALPOST_AUTOCRYPT_H

#include <stdbool.h>

#include "pgp/cert/intake.h"

#define AUTOCRYPT_FIELD_MAX 10240 /* bytes of the field, including its name and folding */
#define AUTOCRYPT_GOSSIP_MAX 64   /* addresses; more is no conversation */

/*
 * Makes the value of such a field: addr's minimal key, folded with LF. 1: *value, malloc'ed; 0: not
 * possible, with the reason in *why (static): the key has no User ID with the address, is too large
 * or incomplete, or the address cannot be expressed in the field's syntax. ERR_OS.
 */
int autocrypt_value(const struct addr *addr, const struct cert *c, bool mutual, char **value,
	const char **why, struct err *err);

#endif
