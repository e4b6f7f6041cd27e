/* SPDX-License-Identifier: ISC */
/* Whether a message really is end-to-end encrypted already (RFC 3156 section 4, RFC 8551
 * section 3.3). */
#ifndef SEALPOST_DETECT_H
#define SEALPOST_DETECT_H

#include "mime/message.h"

/*
 * Examines the body rather than labels, and accepts nothing that could be clear text: PGP/MIME or
 * an inline message must consist of session keys, one packet of encrypted data, and nothing else;
 * S/MIME must be enveloped data and nothing else. Everything around it (preamble, header fields of
 * parts and of the armour, transfer encoding, padding) is parsed strictly. In doubt a message is
 * not encrypted, and is sealed like any other. ERR_IO, ERR_OS; other problems of the message are
 * not errors here.
 */
int detect_encrypted(const struct message *m, bool *encrypted, struct err *err);

#endif
