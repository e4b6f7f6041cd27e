/* SPDX-License-Identifier: ISC */
/* Patterns of names, as the settings write them: *.example. Pure. */
#ifndef SEALPOST_PATTERN_H
#define SEALPOST_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the whole of s matches the pattern, in which * stands for any run of octets: none, one or
 * many, dots and slashes too, as often as it stands there. Each other octet is itself: there is no
 * ?, no [ and no escape, and case counts, so that both are to be lower-cased before. Neither has to
 * end in NUL. It takes at most about pattern_len times len steps, and no memory, whatever the
 * pattern.
 */
bool pattern_match(const char *pattern, size_t pattern_len, const char *s, size_t len);

/*
 * Whether s is made of what a pattern of domains is made of: small letters, digits, '-', '.' and
 * '*'; with literals, also
 * '[', ']' and ':', as in user@[IPv6:2001:db8::1]. What holds anything else matches nobody, ever
 * (struct addr has domains as lower-case A-labels).
 */
bool pattern_of_domains(const char *s, bool literals);

#endif
