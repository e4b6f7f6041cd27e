/* SPDX-License-Identifier: ISC */
/*
 * Checks the framing of a packet stream without storing it: session keys, one packet of encrypted
 * data (RFC 9580 section 5.13, also LibrePGP's tag 20), and nothing else. Pure.
 */
#ifndef SEALPOST_PACKET_WALK_H
#define SEALPOST_PACKET_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_WALK_HEAD 10 /* bytes of a body that are examined */

struct packet_walk {
	enum { WALK_HEADER, WALK_LENGTH, WALK_BODY, WALK_REST } state;
	bool bad;
	bool partial; /* a further length follows the present chunk */
	unsigned tag;
	bool old;      /* packet format */
	unsigned need; /* bytes of the length to come */
	uint8_t len[6];
	unsigned n_len;
	uint64_t left; /* in the current chunk */
	uint64_t body; /* bytes of the current packet's body so far */
	uint8_t head[PACKET_WALK_HEAD];
	bool high; /* one of its bytes has the eighth bit set, so it is not clear text */
	unsigned n_keys, n_data;
};

/* Takes the next n bytes; *w starts zeroed. */
void packet_walk_add(struct packet_walk *w, const uint8_t *p, size_t n);
/* Whether the input was complete and such a message. */
bool packet_walk_ok(const struct packet_walk *w);

#endif
