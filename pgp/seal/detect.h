/* Whether a message really is end-to-end encrypted already (RFC 3156 section 4, RFC 8551
 * section 3.3). */
#ifndef SEALPOST_DETECT_H
#define SEALPOST_DETECT_H

#include "mime/message.h"

/*
 * Looks into the body, not at labels: PGP/MIME or an inline message must take apart into PKESK and
 * SKESK packets, one packet of encrypted data, and nothing else; S/MIME must be a ContentInfo of
 * enveloped data. What cannot be told is not encrypted. ERR_IO, ERR_OS, ERR_CONFIG (no GMime to
 * decode it with); whatever else is wrong with the message is no error here.
 */
int detect_encrypted(const struct message *m, bool *encrypted, struct err *err);

/*
 * The framing of a stream of packets, without holding it: whether it is session keys, one packet of
 * encrypted data (RFC 9580 sections 5.13, LibrePGP's tag 20 too), and nothing else.
 */
struct packet_walk {
	enum { WALK_HEADER, WALK_LENGTH, WALK_BODY, WALK_REST } state;
	bool bad;
	bool partial; /* a further length follows the present chunk */
	unsigned tag;
	bool old;      /* packet format */
	unsigned need; /* octets of the length to come */
	uint8_t len[6];
	unsigned n_len;
	uint64_t left; /* of the present chunk */
	bool first;    /* the body's first octet, its version, is to come */
	unsigned n_keys, n_data;
};

void packet_walk_add(struct packet_walk *w, const uint8_t *p, size_t n);
bool packet_walk_ok(const struct packet_walk *w);

#endif
