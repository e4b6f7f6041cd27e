/* SPDX-License-Identifier: ISC */
/*
 * Pins as text, to be moved between machines: one block for each pin, for a person to read and a
 * script to merge. Blocks may stand in any order, be taken out, and files be joined:
 *
 *	sealpost-pins: 2
 *
 *	pin: alice@example.org
 *	state: tofu
 *	fingerprint: 0123456789ABCDEF0123456789ABCDEF01234567
 *	first-seen: 2026-11-23T10:00:00Z
 *	last-seen: 2026-11-23T10:00:00Z
 *	expires: never
 *	revoked: no
 *	method: wkd-advanced
 *	evidence: {"time": "2026-11-23T10:00:00Z", ...}
 *	-----BEGIN PGP PUBLIC KEY BLOCK-----
 *	...
 *
 * An empty line, the next "pin:" or the end of the file ends a block. "#" begins a comment line
 * outside of the certificate. State "held" is a certificate that waits for a decision beside the
 * address's pin. State "learnt" is a candidate from received mail, once for each way that it came
 * (its method: autocrypt, attached, ...), with "prefer-encrypt: mutual" if its owner asks for that.
 * "evidence" is a JSON object on one line. Version 1 of the format had none of these three. A field
 * that is not known is an error: it might have said something that matters.
 */
#ifndef SEALPOST_PINS_FILE_H
#define SEALPOST_PINS_FILE_H

#include <stdio.h>

#include "base/buf.h"
#include "store/candidates.h"
#include "store/store.h"

#define PINS_FILE_LINE_MAX 1024       /* octets */
#define PINS_FILE_CERT_MAX (6u << 20) /* bytes of armour */

struct pins_block {
	char address[ADDR_TEXT_MAX + 1]; /* struct addr's name, or a domain (state clear) */
	enum pin_state state;            /* PIN_NONE with held */
	bool held;
	bool learnt; /* a candidate; state is PIN_NONE */
	bool mutual;
	char fpr[CERT_FPR_MAX];
	int64_t first_seen, last_seen; /* 0 if missing */
	bool revoked;
	char method[16];
	struct buf cert;     /* armour; empty for PIN_CLEAR */
	struct buf evidence; /* JSON, unchecked; empty if there is none */
	unsigned line;       /* where the block begins */
};

struct pins_reader {
	int (*block)(const struct pins_block *b, void *arg); /* non-zero: stop and return it */
	void *arg;
	/* inside: */
	struct pins_block b;
	unsigned line, seen; /* seen: bits of the fields of this block */
	bool began, in_block, in_cert;
};

/*
 * Whether the bytes are such a file, be it damaged: without its first line, indented, quoted or in
 * UTF-16. Its certificates are never to be read as mere certificates, since the rejected and the
 * held ones are among them.
 */
bool pins_file_looks(const uint8_t *p, size_t len);

/*
 * Reads a whole file, handing each complete and consistent block to r->block. 0, what r->block
 * stopped with, or ERR_DATA with the line's number. r needs block and arg only, the rest zero.
 */
int pins_file_read(struct pins_reader *r, const uint8_t *p, size_t len, struct err *err);

void pins_file_head(FILE *f);
/* One pin with its evidence (JSON, or ""), what is held beside it, or one way that a candidate
 * came. -1 without memory. */
int pins_file_pin(FILE *f, const struct pin *p, const char *evidence);
int pins_file_learnt(FILE *f, const struct candidate *c, const struct candidate_seen *s);
int pins_file_held(FILE *f, const char *address, const struct held *h);

#endif
