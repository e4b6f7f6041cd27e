/* SPDX-License-Identifier: ISC */
/* Who a message is from and for, by its header fields (RFC 5322 sections 3.6.2, 3.6.3 and 3.6.6).
 */
#ifndef SEALPOST_RECIPIENTS_H
#define SEALPOST_RECIPIENTS_H

#include "mime/message.h"

/*
 * Appends the mailboxes of a raw field value to l; those that are in l or in but (may be NULL) are
 * passed over. Groups give their members. ERR_DATA: some entry cannot be read, or there are too
 * many; the others are in l all the same, and err names the first. ERR_OS.
 */
int addresses_read(
	const char *value, struct addr_list *l, const struct addr_list *but, struct err *err);

/* The mailbox of a text that names exactly one, as "Name <a@b>". ERR_DATA: it does not; ERR_OS. */
int address_read_one(const char *text, struct addr *out, struct err *err);

/* An address as people give it to a program: alone, or "Name <a@b>". ERR_USAGE, with the reason
 * that it is not the plain form. */
int address_argument(const char *s, struct addr *a, struct err *err);

/* Sets m's recipients and from by its fields. ERR_OS. */
int recipients_read(struct message *m, struct err *err);

#endif
