/* SPDX-License-Identifier: ISC */
/*
 * Address lists of header fields (RFC 5322 sections 3.4 and 4.4), read entry by entry. Pure: no
 * I/O, no memory of its own.
 */
#ifndef SEALPOST_ADDRESS_LIST_H
#define SEALPOST_ADDRESS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"

enum address_event {
	ADDRESS_END = 0,   /* there is no other entry */
	ADDRESS_MAILBOX,   /* addr is set */
	ADDRESS_UNREADABLE /* err says why */
};

struct address_reader {
	const char *p;     /* where the next entry begins */
	const char *group; /* the group that it is in, from its name; NULL: none */
	/* The last entry, without what separates it: */
	const char *entry;
	size_t len;
	struct addr addr; /* of ADDRESS_MAILBOX */
	struct err err;   /* of ADDRESS_UNREADABLE: ERR_DATA and a sentence */
};

/* Begins with a field's value, folded or not, which must outlive r. */
void address_reader_init(struct address_reader *r, const char *value);

/*
 * The next entry. Nothing is passed over in silence but blanks, comments, empty entries, names of
 * groups, and "undisclosed recipients" without its colon. Besides what the standard has:
 *
 * - ';' separates outside a group, too;
 * - of "NAME <ADDRESS>" the name may hold any characters but those that separate, brackets "[ML]"
 * and another address included: only ADDRESS counts;
 * - "mailto:" before an address does not count.
 *
 * An entry that is not exactly one address (addr_parse says what is one) is unreadable as a whole,
 * and ends at the next ',' or ';' behind the fault, so that those behind it are read. A group that
 * does not end gives its members and then is an unreadable entry itself.
 */
enum address_event address_next(struct address_reader *r);

#endif
