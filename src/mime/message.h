/* SPDX-License-Identifier: ISC */
/* A message's header fields and recipients. */
#ifndef SEALPOST_MESSAGE_H
#define SEALPOST_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "mime/addr_list.h"
#include "mime/source.h"

#define MESSAGE_HEADER_MAX (1u << 20) /* bytes of the top-level header */
#define MESSAGE_FIELDS_MAX 10000
#define MESSAGE_NAME_MAX 256    /* bytes of a field name */
#define MESSAGE_NAME_WORDS 1536 /* bytes of a full name of up to 255, as encoded words */

/* One field of the top-level header, as in the input (folded), without its last line end.
 */
struct field {
	char *name;       /* owned; as written */
	char *value;      /* owned; raw bytes after the colon, folding kept with LF line ends */
	off_t start, end; /* its range in the source, including its last line end */
	bool repeated;    /* repeats an earlier field of the same name and value */
};

/* Values of mandatory fields that the message lacks; "" if it has its own. */
struct message_made {
	bool done;
	char from[ADDR_TEXT_MAX + 1 + MESSAGE_NAME_WORDS];
	struct addr author; /* whom from names */
	char date[64];
	char message_id[512];
	const char *autocrypt; /* borrowed; NULL: not to be added */
};

struct message {
	const struct source *src; /* borrowed */
	struct field *field;      /* owned; in order */
	size_t n_field;
	off_t body; /* offset in src of the first byte after the blank line */
	/* Recipients from To, Cc, Bcc, or those of the first resent block if there is any Resent-
	 * recipient field. Without duplicates. */
	bool resent;
	struct addr_list named;  /* To and Cc */
	struct addr_list hidden; /* Bcc recipients that are not also in the visible fields */
	struct addr from;        /* text[0] == 0 unless there is exactly one mailbox */
	/*
	 * The current sender: the single mailbox of From, else Sender's (RFC 5322 section 3.6.2);
	 * for resent mail, of the first block's Resent-From, else Resent-Sender. text[0] == 0 if it
	 * cannot be determined.
	 */
	struct addr sender;
	/* A recipient field contains an invalid entry; the field, the entry and the reason. The
	 * lists above contain the other entries. */
	bool bad_recipients;
	char bad_field[64];
	char bad_entry[640];
	/* The outermost part is signed as a whole, so that another signature around it would be
	 * useless. */
	bool is_signed;
	const char *author_name;  /* borrowed; set by message_set_author; NULL: none */
	struct message_made made; /* set by message_complete */
};

/*
 * Parses the header. ERR_DATA: no header at all, NUL, bare CR, invalid field names, too large, or
 * two different values of From, Subject, Content-Type or another field that may occur once (RFC
 * 5322 section 3.6), except those of message_is_list.
 */
int message_parse(struct message *m, const struct source *src, struct err *err);

/* Whether several such fields can be combined into one: addresses, message IDs. */
bool message_is_list(const char *name);

/* The raw value of the first field with this name, case-insensitively; NULL if there is none.
 * Borrowed. */
const char *message_field(const struct message *m, const char *name);

/* Whether there is such a field that holds more than blanks: an empty one counts as none. */
bool message_has(const struct message *m, const char *name);

/*
 * Sets who is to be the author of a message without From: the address (NULL: the user on this
 * host), and a full name, borrowed, of at most 255 bytes ("": none). No effect on a message with
 * From.
 */
void message_set_author(struct message *m, const struct addr *from, const char *name);

/*
 * Adds missing From, Date and Message-ID fields, once, so that all copies of the message, sealed or
 * clear, have the same ones. Later calls do nothing. ERR_DATA: the sender cannot be determined;
 * ERR_OS.
 */
int message_complete(struct message *m, struct err *err);

/*
 * Adds an Autocrypt field with that value (borrowed while m is in use), unless m already has one.
 * Call after message_complete.
 */
void message_add_autocrypt(struct message *m, const char *value);

/* Computes the fields that message_complete would add, without changing m. */
int message_make(const struct message *m, struct message_made *made, struct err *err);

#define MESSAGE_MADE_NAMES "From", "Date", "Message-ID", "Autocrypt"

/* The value added for a field; NULL: the message has its own, or it is not such a field. Borrowed
 * from made. */
const char *message_made_value(const struct message_made *made, const char *name);

void message_free(struct message *m);

#endif
