/* SPDX-License-Identifier: ISC */
/* The policy file of a Web Key Directory (draft-koch-openpgp-webkey-service section 4.5). Pure. */
#ifndef SEALPOST_WKD_POLICY_FILE_H
#define SEALPOST_WKD_POLICY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Appends its flags, "mailbox-only; protocol-version: 13", keywords in lower case, values safe for
 * a terminal, as far as they fit. False if a line is neither blank, nor a comment, nor a keyword
 * with or without a value. Unknown keywords are permitted.
 */
bool policy_file_read(const char *text, size_t len, struct buf *out);

#endif
