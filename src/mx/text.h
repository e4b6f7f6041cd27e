/* SPDX-License-Identifier: ISC */
/* Messages and texts of a reply. */
#ifndef SEALPOST_MX_TEXT_H
#define SEALPOST_MX_TEXT_H

#include <stddef.h>

/* Replaces *s (owned, may be NULL) by a text, made safe for a terminal, of at most CHECK_TEXT_MAX
 * bytes. NULL if memory is short. */
void mx_say(char **s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Like mx_say, from arbitrary bytes. */
void mx_text(char **s, const void *p, size_t len);

#endif
