/* SPDX-License-Identifier: ISC */
/*
 * ASCII armour (RFC 9580 section 6). For keys: lenient reading, and writing; for detached
 * signatures: lenient reading. For messages, as a stream: strict reading, and writing without
 * Version, with a CRC footer only where needed.
 */
#ifndef SEALPOST_ARMOUR_H
#define SEALPOST_ARMOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base64.h"
#include "base/buf.h"
#include "mime/spool.h"

struct armour {
	bool found;   /* there is armour in the bytes */
	bool damaged; /* a block is truncated, or contains invalid base64 */
	bool secret;  /* a block is labelled as private key */
};

/*
 * Appends the decoded armour blocks of keys in a text, ignoring anything around them: people
 * publish keys below a greeting, or inside <pre>. Stops at the first damaged block. The text may be
 * UTF-16 with a byte order mark, or be base64-encoded as a whole, also base64 of a binary key. Data
 * that begins like OpenPGP packets is not searched. The CRC is ignored (RFC 9580 section 6.1). 0,
 * or -1 if out is full or memory is short.
 */
int armour_read(const uint8_t *p, size_t len, struct buf *out, struct armour *a);

/* The same for the armour blocks of signatures. */
int armour_read_signatures(const uint8_t *p, size_t len, struct buf *out, struct armour *a);

/* Appends the armour of a certificate. 0, or -1 when out is full. */
int cert_armour(const uint8_t *data, size_t len, struct buf *out);

/* The checksum of armour (RFC 9580 section 6.1), continued from crc. */
#define CRC24_INIT 0xb704ceu
uint32_t crc24(uint32_t crc, const uint8_t *p, size_t n);

/* Writes an armoured message. */
struct armour_writer {
	struct spool *out; /* borrowed */
	uint8_t b[57];     /* of the current line of 76 characters */
	unsigned n;
	uint32_t crc;
};

void armour_begin(struct armour_writer *a, struct spool *out);
void armour_add(struct armour_writer *a, const void *p, size_t n);
void armour_end(struct armour_writer *a);

/*
 * Parses an armoured message. Only blanks may surround the single armour; permitted armour headers
 * are Version and Charset, once each and short; the base64 is read strictly.
 */
struct armour_reader {
	enum { ARMOUR_BEFORE, ARMOUR_HEADERS, ARMOUR_BODY, ARMOUR_CRC, ARMOUR_AFTER } state;
	bool bad;       /* not exactly one armoured message; sticky */
	bool no_memory; /* it is bad because there is none to tell */
	unsigned seen;  /* header fields, by bit */
	struct base64_reader base64;
	struct buf line; /* the current line, while it is incomplete */
	void (*got)(void *arg, const uint8_t *p, size_t n);
	void *arg;
};

void armour_read_begin(
	struct armour_reader *d, void (*got)(void *arg, const uint8_t *p, size_t n), void *arg);
void armour_read_add(struct armour_reader *d, const uint8_t *p, size_t n);
/* Whether it was exactly one complete armoured message. Frees what d owns. */
bool armour_read_end(struct armour_reader *d);

#endif
