/* SPDX-License-Identifier: ISC */
/* The two parts of a mail that is signed by OpenPGP (multipart/signed, RFC 3156 section 5). */
#ifndef SEALPOST_SIGNED_MAIL_H
#define SEALPOST_SIGNED_MAIL_H

#include "base/buf.h"
#include "mime/message.h"

/*
 * Appends the bytes that are signed, with CRLF at each line's end, and the text of the signature's
 * part. 1: did; 0: the mail is not signed so; ERR_DATA: one of them is larger than its buffer, or
 * the parts are not as they should be; ERR_IO.
 */
int signed_mail(const struct message *m, struct buf *data, struct buf *sig, struct err *err);

#endif
