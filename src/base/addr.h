/* SPDX-License-Identifier: ISC */
/*
 * Mail addresses (RFC 5321 section 4.1.2, RFC 6531). Single addr-specs only; lists, display names
 * and groups are parsed in src/mime. The struct owns nothing and may be copied.
 */
#ifndef SEALPOST_ADDR_H
#define SEALPOST_ADDR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define ADDR_LOCAL_MAX 64   /* octets, RFC 5321 4.5.3.1.1 */
#define ADDR_DOMAIN_MAX 253 /* octets of an A-label name without final dot */
#define ADDR_LIST_MAX 10000 /* addresses of one mail */
#define ADDR_TEXT_MAX (2 * ADDR_LOCAL_MAX + 2 + 1 + ADDR_DOMAIN_MAX)

struct addr {
	/* As passed to the MTA: quoted only where necessary, local part in its original case,
	 * domain as A-labels. */
	char text[ADDR_TEXT_MAX + 1];
	/* Key under which pins are stored: as text, but ASCII-lower-cased, and in normal form C. */
	char name[ADDR_TEXT_MAX + 1];
	/* The local part without quotes and quoted-pairs, in its original case. */
	char local[ADDR_LOCAL_MAX + 1];
	/* Lower-case A-labels, LDH only; an address literal with its brackets; "" when none was
	 * given. */
	char domain[ADDR_DOMAIN_MAX + 1];
	bool literal; /* user@[192.0.2.1]: never discovered */
};

/*
 * Parses s, an addr-spec, perhaps in <angle brackets>, or a bare local part. Comments and source
 * routes are refused. Control characters, NUL, white space outside quotes, empty or over-long
 * parts, a domain that is not LDH after IDNA2008 (UTS 46 mapping) and a leading '-' of a local part
 * outside quotes are refused; so is a local part with "=?", which begins an encoded word, or with
 * what text_misleads finds, in quotes or not. A final dot of the domain is left out. Misplaced dots
 * are accepted if there is a domain: a..b@c.example becomes "a..b"@c.example. On failure out is
 * untouched and err says why: ERR_USAGE, or ERR_OS if a name that is not ASCII could not be looked
 * at.
 */
int addr_parse(const char *s, struct addr *out, struct err *err);

/* Converts a domain to lower-case A-labels, without a final dot; out has ADDR_DOMAIN_MAX + 1 bytes.
 */
int addr_domain(const char *s, char *out, struct err *err);

/*
 * Checks and lower-cases a host or domain name that is already in DNS form: letters, digits,
 * hyphens and dots, at least two labels, the last one not numeric. For names that are written to a
 * path, a zone file or a configuration. out as for addr_domain; s may be out.
 */
int addr_host(const char *s, char *out, struct err *err);

/* Whether a key can be looked up for the address: its domain contains a dot and is not an address
 * literal. */
bool addr_discoverable(const struct addr *a);

/* Whether a name is the zone, or lies below it; both as addr_host writes them. */
bool addr_in_zone(const char *name, const char *zone);

/*
 * Finds the addr-spec in a User ID (uid is not NUL-terminated): the text between angle brackets if
 * there is exactly one pair, followed by nothing but white space and a comment in parentheses;
 * without brackets, the whole User ID. Returns 0, or -1 if there is none.
 */
int addr_in_uid(const char *uid, size_t len, const char **spec, size_t *spec_len);

/*
 * Whether the addr-spec in a User ID ("Name <a@b> (comment)" or bare "a@b") names the same mailbox;
 * both parts are compared without regard to ASCII case. With wildcard, a User ID of *@domain
 * matches too (RFC 7929 section 5.3).
 */
bool addr_matches_uid(const struct addr *a, const char *uid, size_t len, bool wildcard);

/* Lower-cases ASCII only, in place. */
void ascii_lower(char *s);

#endif
