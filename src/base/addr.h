/* SPDX-License-Identifier: ISC */
/*
 * Mail addresses (RFC 5321 section 4.1.2, RFC 6531). Only single addr-specs: lists, display names
 * and groups are the message parser's business. Plain arrays, no ownership: the struct may be
 * copied.
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
	/* What the MTA gets: minimum quoting, local part in the case given, domain as A-labels. */
	char text[ADDR_TEXT_MAX + 1];
	/* What pins are kept under: as text, but ASCII-lower-cased. */
	char name[ADDR_TEXT_MAX + 1];
	/* The meaning of the local part: quotes and quoted-pairs removed, case as given. */
	char local[ADDR_LOCAL_MAX + 1];
	/* Lower-case A-labels, LDH only; an address literal with its brackets; "" when none was
	 * given. */
	char domain[ADDR_DOMAIN_MAX + 1];
	bool literal; /* user@[192.0.2.1]: never discovered */
};

/*
 * Parses s, an addr-spec, perhaps in <angle brackets>, or a bare local part. Comments and route are
 * not taken. Control characters, NUL, white space outside quotes, empty or over-long parts, a
 * domain that is not LDH after IDNA2008 (UTS 46 mapping) and a leading '-' of a local part outside
 * quotes are refused; so is a local part with "=?", which begins an encoded word, or with what
 * text_misleads finds, in quotes or not. Dots out of place before a domain are taken:
 * a..b@c.example becomes "a..b"@c.example. On failure out is untouched and err says why
 * (ERR_USAGE).
 */
int addr_parse(const char *s, struct addr *out, struct err *err);

/* A domain alone, to lower-case A-labels; out has ADDR_DOMAIN_MAX + 1 bytes. */
int addr_domain(const char *s, char *out, struct err *err);

/*
 * A host's or domain's name that is already as DNS has it: letters, digits, hyphens and dots, two
 * labels at least, the last of them not a number. For names that reach a path, a zone line or a
 * configuration. out as above; s may be out.
 */
int addr_host(const char *s, char *out, struct err *err);

/* Whether the address can be discovered: it has a domain, with a dot, and is no literal. */
bool addr_discoverable(const struct addr *a);

/*
 * Where the addr-spec of a User ID stands (uid is not NUL-terminated): between its angle brackets,
 * of which there must be exactly one pair, with nothing after them but white space and a comment
 * in parentheses; without any bracket the whole User ID. 0, or -1: there is none.
 */
int addr_in_uid(const char *uid, size_t len, const char **spec, size_t *spec_len);

/*
 * Whether the addr-spec in a User ID ("Name <a@b> (comment)" or bare "a@b") names the same mailbox:
 * domain without regard to ASCII case, local part ASCII-lower-cased. With wildcard, an User ID of
 * *@domain matches too (RFC 7929 section 5.3).
 */
bool addr_matches_uid(const struct addr *a, const char *uid, size_t len, bool wildcard);

/* Lower-cases ASCII only, in place. */
void ascii_lower(char *s);

#endif
