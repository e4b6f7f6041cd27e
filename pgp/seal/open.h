/* SPDX-License-Identifier: ISC */
/* Opens what was sealed to the user's own key, through the user's agent. */
#ifndef SEALPOST_OPEN_H
#define SEALPOST_OPEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct open_with {
	int fd;              /* a file that holds one armoured message, perhaps with text around */
	const uint8_t *keys; /* own certificates, as packets: gpg finds the secret keys by them */
	size_t keys_len;
	const char *agent_socket;
};

/*
 * The plain text into out (secret), whole, or nothing of it. Nobody is asked for a passphrase.
 * After gpg_init. ERR_TEMP: the passphrase is not cached, the agent has no such key, or a deadline;
 * *locked (may be NULL) is then set for the first of them. ERR_DATA: it is damaged.
 */
int open_sealed(const struct open_with *w, struct buf *out, bool *locked, struct err *err);

#endif
