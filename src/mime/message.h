/* SPDX-License-Identifier: ISC */
/* What a message says about itself: header fields and recipients. */
#ifndef SEALPOST_MESSAGE_H
#define SEALPOST_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "mime/addr_list.h"
#include "mime/source.h"

#define MESSAGE_HEADER_MAX (1u << 20) /* octets of the top-level header */
#define MESSAGE_FIELDS_MAX 10000
#define MESSAGE_NAME_MAX 256 /* octets of a field name */

/* One field of the top-level header, as it stands in the input (folded), without its last line end.
 */
struct field {
	char *name;       /* owned; as written */
	char *value;      /* owned; raw octets after the colon, folding kept with LF line ends */
	off_t start, end; /* where it stands in the source, its last line end included */
	bool repeated;    /* says what an earlier one of its name says already */
};

/* Values of the fields that every mail must have and this one came without; "" where it has its
 * own. */
struct message_made {
	bool done;
	char from[ADDR_TEXT_MAX + 1];
	char date[64];
	char message_id[512];
	const char *autocrypt; /* borrowed; NULL: none is to be added */
};

struct message {
	const struct source *src; /* borrowed */
	struct field *field;      /* owned; in order */
	size_t n_field;
	off_t body; /* offset in src of the first octet after the blank line */
	/* From To, Cc, Bcc; if there is any Resent- recipient field: of the first resent block
	 * instead. Duplicates are dropped. */
	bool resent;
	struct addr_list named;  /* To and Cc */
	struct addr_list hidden; /* Bcc, without those that are named too */
	struct addr from;        /* text[0] == 0 if there is none, or no single mailbox */
	/*
	 * Who sends it now: From's one mailbox, else Sender's (RFC 5322 section 3.6.2); of a resent
	 * mail that of the first block's Resent-From, else of its Resent-Sender. text[0] == 0 if it
	 * cannot be told.
	 */
	struct addr sender;
	/* A recipient field holds an entry that cannot be read: which field and entry, and why. The
	 * lists above hold the other entries. */
	bool bad_recipients;
	char bad_field[64];
	char bad_entry[640];
	struct message_made made; /* by message_complete; else not done */
};

/*
 * Parses the header. ERR_DATA: no header at all, NUL, bare CR, field names that are not, too large,
 * two different ones of From, Subject, Content-Type and the other fields that may stand once (RFC
 * 5322 section 3.6), but for those that message_is_list knows.
 */
int message_parse(struct message *m, const struct source *src, struct err *err);

/* Whether several such fields say together what one should: addresses, message IDs. */
bool message_is_list(const char *name);

/* The raw value of the first such field, NULL if there is none. Case does not matter. Borrowed. */
const char *message_field(const struct message *m, const char *name);

/*
 * Writes what m lacks of From, Date and Message-ID, once: from then on every copy that is made of
 * it, sealed or clear, has the same ones. Does nothing the second time. ERR_DATA: there is no
 * sender to be told; ERR_OS.
 */
int message_complete(struct message *m, struct err *err);

/*
 * Adds the field Autocrypt with that value (borrowed for as long as m is used) to what
 * message_complete wrote, unless m has such a field: there may be one only. After message_complete.
 */
void message_add_autocrypt(struct message *m, const char *value);

/* What message_complete would write, into *made, without changing m; m's own if it is complete. */
int message_make(const struct message *m, struct message_made *made, struct err *err);

#define MESSAGE_MADE_NAMES "From", "Date", "Message-ID", "Autocrypt"

/* What is written for such a field; NULL: the message has its own, or it is no such field. Borrowed
 * from made. */
const char *message_made_value(const struct message_made *made, const char *name);

void message_free(struct message *m);

#endif
