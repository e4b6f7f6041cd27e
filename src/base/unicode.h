/* SPDX-License-Identifier: ISC */
/*
 * Unicode, of names that are not ASCII: the only user of libidn2 and libunistring. They are loaded
 * when the first such name turns up: to load them costs every start 0.4 ms, and few need them.
 */
#ifndef SEALPOST_UNICODE_H
#define SEALPOST_UNICODE_H

#include <stddef.h>

#include "base/err.h"

/* The A-labels of a domain in valid UTF-8, in out, of max bytes. ERR_USAGE: it is no international
 * name, or too long; ERR_OS: the library is missing. */
int unicode_domain(const char *domain, char *out, size_t max, struct err *err);

/* Valid UTF-8 in normal form C, in out, of max bytes. 1: it does not fit; ERR_OS: the library is
 * missing, or there is no memory. */
int unicode_nfc(const char *text, char *out, size_t max, struct err *err);

#endif
