/* SPDX-License-Identifier: ISC */
/*
 * Address lists of header fields (RFC 5322 sections 3.4 and 4.4), parsed entry by entry. Pure;
 * allocates nothing.
 */
#ifndef SEALPOST_ADDRESS_LIST_H
#define SEALPOST_ADDRESS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"

enum address_event {
	ADDRESS_END = 0,   /* end of the list */
	ADDRESS_MAILBOX,   /* addr is set */
	ADDRESS_UNREADABLE /* not a valid address; err has the reason */
};

struct address_reader {
	const char *p;     /* start of the next entry */
	const char *group; /* the name of the current group; NULL: none */
	/* The last entry, without separators: */
	const char *entry;
	size_t len;
	struct addr addr; /* of ADDRESS_MAILBOX */
	struct err err;   /* of ADDRESS_UNREADABLE: ERR_DATA and a message */
};

/* Starts at the value of a field, folded or not, which must outlive r. */
void address_reader_init(struct address_reader *r, const char *value);

/*
 * Returns the next entry. Nothing is silently skipped except blanks, comments, empty entries, group
 * names, and "undisclosed recipients" without its colon. Accepts more than the standard:
 *
 * - ';' separates outside a group, too;
 * - of "NAME <ADDRESS>" the name may hold any characters but those that separate, brackets "[ML]"
 * and another address included: only ADDRESS counts;
 * - "mailto:" before an address does not count.
 *
 * An entry that is not exactly one address (see addr_parse) is unreadable as a whole and ends at
 * the next ',' or ';' after the error, so that the following ones are still read. An unterminated
 * group yields its members and then one unreadable entry.
 */
enum address_event address_next(struct address_reader *r);

#endif
