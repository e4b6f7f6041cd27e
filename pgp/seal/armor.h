/*
 * ASCII armour of messages (RFC 9580 section 6), as a stream: written without Version and with a
 * CRC footer only where it is needed, read strictly.
 */
#ifndef SEALPOST_ARMOR_H
#define SEALPOST_ARMOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "mime/spool.h"

struct armor {
	struct spool *out; /* borrowed */
	uint8_t b[57];     /* of the present line of 76 characters */
	unsigned n;
	uint32_t crc;
};

void armor_begin(struct armor *a, struct spool *out);
void armor_add(struct armor *a, const void *p, size_t n);
void armor_end(struct armor *a);

/*
 * Takes armour apart. What stands around the one armour may be blank only; of armour headers only
 * those that the standard names may stand there.
 */
struct dearmor {
	enum { DEARMOR_BEFORE, DEARMOR_HEADERS, DEARMOR_BODY, DEARMOR_CRC, DEARMOR_AFTER } state;
	bool bad;      /* it is not one armoured message and nothing else; sticky */
	unsigned pads; /* the base64 has ended, with so many '=' */
	unsigned n;    /* sextets gathered */
	uint32_t bits;
	struct buf line; /* the present line, while it is incomplete */
	void (*got)(void *arg, const uint8_t *p, size_t n);
	void *arg;
};

void dearmor_begin(
	struct dearmor *d, void (*got)(void *arg, const uint8_t *p, size_t n), void *arg);
void dearmor_add(struct dearmor *d, const uint8_t *p, size_t n);
/* Whether it was one armoured message, whole. Frees what d holds. */
bool dearmor_end(struct dearmor *d);

#endif
