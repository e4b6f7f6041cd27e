/* Base64 (RFC 4648 section 4), piece by piece. Pure. */
#ifndef SEALPOST_BASE64_H
#define SEALPOST_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Four characters for the n (1 to 3) bytes of in. */
void base64_quantum(char *out, const uint8_t *in, unsigned n);
/* The same for any number of bytes, without line ends. How many characters it wrote: four for each
 * three bytes. */
size_t base64_line(char *out, const uint8_t *in, size_t n);
/* 0 to 63, -1 for any other character. */
int base64_value(uint8_t c);

#endif
