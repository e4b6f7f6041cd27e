/* SPDX-License-Identifier: ISC */
/* The header fields of an HTTP answer, line by line. Pure. */
#ifndef SEALPOST_NET_HTTPS_FIELD_H
#define SEALPOST_NET_HTTPS_FIELD_H

#include <stdbool.h>
#include <stddef.h>

/* The value of a header line, a view into it, if it is of that field (written with its colon). */
bool https_field(
	const char *p, size_t len, const char *field, const char **value, size_t *value_len);

#endif
