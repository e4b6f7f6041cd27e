/* Address lists of header fields (RFC 5322 section 3.4), parsed by GMime unless they are plain,
 * checked by addr_parse. */
#ifndef SEALPOST_RECIPIENTS_H
#define SEALPOST_RECIPIENTS_H

#include "mime/message.h"

/*
 * Appends the mailboxes of a raw field value to l; those that are in l or in but (may be NULL) are
 * passed over. Groups give their members. Nothing is taken from a value that does not parse as a
 * whole: ERR_DATA, with the reason and l as before. ERR_OS, ERR_CONFIG (no GMime): it could not be
 * read.
 */
int addresses_read(
	const char *value, struct addr_list *l, const struct addr_list *but, struct err *err);

/* Sets m's recipients and from by its fields (RFC 5322 section 3.6.6). ERR_OS: no memory;
 * ERR_CONFIG: no GMime. */
int recipients_read(struct message *m, struct err *err);

#endif
