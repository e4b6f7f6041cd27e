/* SPDX-License-Identifier: ISC */
/* Header Confidentiality Policies (RFC 9788 section 3): what of a field may be seen outside. */
#ifndef SEALPOST_HCP_H
#define SEALPOST_HCP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define SUBJECT_TEXT_MAX (256u << 10) /* octets of hcp_subject_text, and of a field beside it */

enum hcp {
	HCP_BASELINE = 0, /* section 3.2.1 */
	HCP_SHY,          /* section 3.2.2 */
	HCP_OFF,          /* no header protection at all: everything is outside, and only there */
};

/* Whether hidden fields are shown as the text's first lines too (RFC 9788 section 5.2): legacy.h.
 */
enum legacy_display { LEGACY_NO = 0, LEGACY_AUTO, LEGACY_YES };

/*
 * What of a field stands outside, into *out: value itself, something static, *own (malloc'ed, the
 * caller's; else NULL), or NULL for nothing. value: without line ends at its end. What a policy
 * cannot read stays as it is. ERR_OS.
 */
int hcp_apply(enum hcp hcp, const char *name, const char *value, char **own, const char **out,
	struct err *err);

/* Appends what of a raw Subject others could tell: its text without "Re:" and the like in front, or
 * nothing where it is no text. */
void hcp_subject_text(const char *subject, struct buf *out);

/*
 * Whether a field that stands outside beside a hidden Subject would tell it: a copy of it by its
 * name, or one whose text holds the Subject's own, from eight characters on. Not for the fields
 * that a mail travels by: addresses, dates and message IDs. text: of hcp_subject_text; NULL: there
 * is no Subject.
 */
bool hcp_tells_subject(const char *name, const char *value, const char *text);

/* Whether a reader shows the field to its user (RFC 9787 section 1.1.2). */
bool hcp_user_facing(const char *name);

#endif
