/* SPDX-License-Identifier: ISC */
/* Header Confidentiality Policies (RFC 9788 section 3): which part of a field is visible outside.
 */
#ifndef SEALPOST_HCP_H
#define SEALPOST_HCP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define SUBJECT_TEXT_MAX (2u << 20) /* bytes of a field to be compared: the longest, and blanks */

enum hcp {
	HCP_BASELINE = 0, /* section 3.2.1 */
	HCP_SHY,          /* section 3.2.2 */
	HCP_OFF,          /* no header protection: everything is outside only */
};

/* Whether hidden fields are also repeated as the first lines of the text (RFC 9788 section 5.2):
 * see legacy.h.
 */
enum legacy_display { LEGACY_NO = 0, LEGACY_AUTO, LEGACY_YES };

/*
 * Sets *out to the outer value of a field: value itself, static text, *own (malloc'ed, freed by the
 * caller; else NULL), or NULL for none. value: without trailing line end. Values that a policy
 * cannot parse are unchanged. ERR_OS.
 */
int hcp_apply(enum hcp hcp, const char *name, const char *value, char **own, const char **out,
	struct err *err);

/* Appends the comparable text of a raw Subject, without "Re:" and the like: its bytes if it cannot
 * be decoded. ERR_OS. */
int hcp_subject_text(const char *subject, struct buf *out, struct err *err);

/*
 * Whether an outer field would reveal a hidden Subject: a copy of it by its name, or one whose text
 * contains the Subject's, of eight characters or more. Never true for addresses, dates and message
 * IDs, which transport needs. text: from hcp_subject_text; NULL: there is no Subject. True for what
 * there is no memory to decode.
 */
bool hcp_tells_subject(const char *name, const char *value, const char *text);

/* Whether mail programs show the field to the user (RFC 9787 section 1.1.2). */
bool hcp_user_facing(const char *name);

#endif
