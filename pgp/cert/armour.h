/* SPDX-License-Identifier: ISC */
/*
 * ASCII armour (RFC 9580 section 6). Of keys: read with tolerance, written. Of messages, as a
 * stream: written without Version and with a CRC footer only where it is needed, read strictly.
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
	bool damaged; /* a block is cut short, or holds what is not base64 */
	bool secret;  /* a block says that it is a private key */
};

/*
 * Appends what the armour blocks of keys in a text hold, whatever stands before, between and behind
 * them: people publish them below a greeting, or inside <pre>. The first that is damaged ends it.
 * The text may be UTF-16 with its mark, or base64 from end to end, and then also be the base64 of a
 * key itself. Bytes that begin as OpenPGP packets do are not looked into. The CRC is not looked at
 * (RFC 9580 section 6.1). 0, or -1 when out is full or without memory.
 */
int armour_read(const uint8_t *p, size_t len, struct buf *out, struct armour *a);

/* Appends the armour of a certificate. 0, or -1 when out is full. */
int cert_armour(const uint8_t *data, size_t len, struct buf *out);

/* The checksum of armour (RFC 9580 section 6.1), continued from crc. */
#define CRC24_INIT 0xb704ceu
uint32_t crc24(uint32_t crc, const uint8_t *p, size_t n);

/* Writes an armoured message. */
struct armour_writer {
	struct spool *out; /* borrowed */
	uint8_t b[57];     /* of the present line of 76 characters */
	unsigned n;
	uint32_t crc;
};

void armour_begin(struct armour_writer *a, struct spool *out);
void armour_add(struct armour_writer *a, const void *p, size_t n);
void armour_end(struct armour_writer *a);

/*
 * Takes an armoured message apart. What stands around the one armour may be blank only; of armour
 * header fields there may be Version and Charset, once each and short; the base64 is read strictly.
 */
struct armour_reader {
	enum { ARMOUR_BEFORE, ARMOUR_HEADERS, ARMOUR_BODY, ARMOUR_CRC, ARMOUR_AFTER } state;
	bool bad;      /* it is not one armoured message and nothing else; sticky */
	unsigned seen; /* header fields, by bit */
	struct base64_reader base64;
	struct buf line; /* the present line, while it is incomplete */
	void (*got)(void *arg, const uint8_t *p, size_t n);
	void *arg;
};

void armour_read_begin(
	struct armour_reader *d, void (*got)(void *arg, const uint8_t *p, size_t n), void *arg);
void armour_read_add(struct armour_reader *d, const uint8_t *p, size_t n);
/* Whether it was one armoured message, whole. Frees what d holds. */
bool armour_read_end(struct armour_reader *d);

#endif
