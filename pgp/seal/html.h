/* Where the text of an HTML part begins. Pure. */
#ifndef SEALPOST_HTML_H
#define SEALPOST_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "mime/structure.h"

/* Octets of a part as they stand in the message, decoded one by one. */
struct decoder {
	const uint8_t *p;
	size_t n;
	size_t at; /* of p, what is decoded */
	enum part_cte cte;
	/* Of base64: the present quantum, where it stands in p, and how many of its octets are
	 * given out. */
	uint8_t quantum[3];
	unsigned filled, given;
	size_t quantum_at;
};

void decoder_begin(struct decoder *d, const uint8_t *p, size_t n, enum part_cte cte);
/* The next octet; -1: the end, or it cannot be decoded. */
int decoder_next(struct decoder *d);

/* Steps over the start of a document: to behind <body>, else behind the last of <html>, </head> and
 * <!DOCTYPE>. */
void html_begin(struct decoder *d);

#endif
