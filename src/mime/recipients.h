/* SPDX-License-Identifier: ISC */
/* Sender and recipients of a message, from its header fields (RFC 5322 sections 3.6.2, 3.6.3
 * and 3.6.6).
 */
#ifndef SEALPOST_RECIPIENTS_H
#define SEALPOST_RECIPIENTS_H

#include "mime/message.h"

/*
 * Appends the mailboxes of a raw field value to l, skipping those in l or in but (which may be
 * NULL). Groups yield their members. ERR_DATA: an entry is invalid, or there are too many; the
 * others are in l all the same, and err names the first invalid one. ERR_OS.
 */
int addresses_read(
	const char *value, struct addr_list *l, const struct addr_list *but, struct err *err);

/* Parses a text with exactly one mailbox, such as "Name <a@b>". ERR_DATA otherwise; ERR_OS. */
int address_read_one(const char *text, struct addr *out, struct err *err);

/* Parses an address from the command line: plain, or "Name <a@b>". ERR_USAGE, with the reason why
 * it is not a plain address. */
int address_argument(const char *s, struct addr *a, struct err *err);

/*
 * Appends the addresses of a recipient argument to l: one as above, or several as in a field, with
 * commas between them. ERR_USAGE, with the reason; ERR_OS.
 */
int recipients_argument(const char *s, struct addr_list *l, struct err *err);

/* Sets m's recipients and from, based on its fields. ERR_OS. */
int recipients_read(struct message *m, struct err *err);

#endif
