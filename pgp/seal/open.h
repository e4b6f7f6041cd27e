/* SPDX-License-Identifier: ISC */
/* Decrypts data sealed to the user's own key, through the user's agent. */
#ifndef SEALPOST_OPEN_H
#define SEALPOST_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pgp/gpg/daemons.h"

struct open_with {
	int fd; /* a file with one armoured message, possibly with text around it */
	const uint8_t
		*keys; /* own certificates, as packets, which gpg needs to find the secret keys */
	size_t keys_len;
	struct gpg_daemons *daemons; /* the user's agent, which must be allowed to decrypt */
	int (*take)(void *arg, const void *p, size_t n, struct err *err);
	void *arg;
};

/*
 * Passes the plain text to take, in pieces, which returns 0 or the error to end with. The caller
 * must discard it unless 0 is returned. Never asks for a passphrase. Requires gpg_init. ERR_TEMP:
 * the passphrase is not cached (*locked is then set, may be NULL), the agent has no such key, or a
 * time-out. ERR_DATA: it is damaged.
 */
int open_sealed(const struct open_with *w, bool *locked, struct err *err);

#endif
