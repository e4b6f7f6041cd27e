/* SPDX-License-Identifier: ISC */
/* Sentences and texts of a reply. */
#ifndef SEALPOST_MX_TEXT_H
#define SEALPOST_MX_TEXT_H

#include <stddef.h>

/* Replaces *s (owned, may be NULL) by a text, safe for a terminal, at most CHECK_TEXT_MAX octets.
 * NULL without memory. */
void mx_say(char **s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* As mx_say, of octets that may hold anything. */
void mx_text(char **s, const void *p, size_t len);

#endif
