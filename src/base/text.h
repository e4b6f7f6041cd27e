/* Foreign text on its way to a terminal, and times as the interface shows them. */
#ifndef SEALPOST_TEXT_H
#define SEALPOST_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Appends s made safe for a terminal: control characters (C0, DEL, C1), bidirectional and invisible
 * formatting characters and invalid UTF-8 become \xNN of their octets. Lines stay one line.
 */
int text_safe(struct buf *out, const char *s, size_t len);

/* RFC 3339 in UTC, "2026-11-23T10:00:00Z"; out has TEXT_TIME_MAX bytes. t is seconds since 1970. */
#define TEXT_TIME_MAX 32
void text_time(char *out, int64_t t);

#endif
