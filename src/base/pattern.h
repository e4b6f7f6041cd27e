/* SPDX-License-Identifier: ISC */
/* Patterns of names in the configuration and in policies, such as *.example. Pure. */
#ifndef SEALPOST_PATTERN_H
#define SEALPOST_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether all of s matches the pattern. Each * matches any number of bytes, dots and slashes
 * included; every other byte matches itself: there is no ?, no [ and no escape. Case-sensitive, so
 * the caller lower-cases both. Neither needs a NUL. Takes at most about pattern_len times len steps
 * and no memory, whatever the pattern.
 */
bool pattern_match(const char *pattern, size_t pattern_len, const char *s, size_t len);

/* Whether a mail server matches a line of an MTA-STS policy: "*." matches exactly one label (RFC
 * 8461 section 4.1). A final dot of the host is ignored, and so is the case. */
bool pattern_match_mx(const char *pattern, const char *host);

/*
 * Whether s has only characters that a pattern of domains may contain: lower-case letters, digits,
 * '-', '.' and '*'; with literals, also '[', ']' and ':', as in user@[IPv6:2001:db8::1]. Any other
 * pattern could never match (struct addr has domains as lower-case A-labels).
 */
bool pattern_of_domains(const char *s, bool literals);

/* Writes a pattern as the names that it is compared with are written: ASCII lower case, without a
 * final dot. In place. */
void pattern_normalise(char *s);

#endif
