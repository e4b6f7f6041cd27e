/* SPDX-License-Identifier: ISC */
/* Decrypts sealed mail with the user's keys, for the keys of others in it (Autocrypt-Gossip). */
#ifndef SEALPOST_LEARN_GOSSIP_H
#define SEALPOST_LEARN_GOSSIP_H

#include "base/buf.h"
#include "mime/source.h"
#include "pgp/gpg/daemons.h"

#define GOSSIP_HEADER_MAX (1u << 20) /* bytes of the header within a sealed mail */
#define GOSSIP_KEYS_MAX (1u << 20)   /* bytes of the user's certificates */

struct gossip_opener {
	struct gpg_daemons *daemons; /* borrowed; must be allowed to decrypt */
	/* inside: */
	bool begun, closed; /* closed: decryption is impossible in this run */
	struct buf keys;    /* the user's certificates */
	char why[ERR_MSG_MAX];
};

/*
 * Opens a sealed mail, and appends the header of what is in it, with the empty line behind it, to
 * header (secret). Never asks for a passphrase. 1: done; 0: it cannot be decrypted, and why has the
 * reason. An error (ERR_OS, ERR_IO) if this machine failed. After gpg_init.
 */
int gossip_open(struct gossip_opener *g, const struct source *src, struct buf *header,
	const char **why, struct err *err);
void gossip_end(struct gossip_opener *g);

#endif
