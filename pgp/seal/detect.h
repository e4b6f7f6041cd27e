/* SPDX-License-Identifier: ISC */
/* Whether a message really is end-to-end encrypted already (RFC 3156 section 4, RFC 8551
 * section 3.3). */
#ifndef SEALPOST_DETECT_H
#define SEALPOST_DETECT_H

#include "mime/message.h"

/*
 * Looks into the body, not at labels, and takes nothing in it that could be text in clear: PGP/MIME
 * or an inline message must take apart into session keys, one packet of encrypted data, and nothing
 * else; S/MIME must be enveloped data and nothing else. What surrounds it (preamble, header fields
 * of parts and of the armour, transfer encoding, padding) is read strictly. What cannot be told is
 * not encrypted: it is then sealed like any mail. ERR_IO, ERR_OS; whatever else is wrong with the
 * message is no error here.
 */
int detect_encrypted(const struct message *m, bool *encrypted, struct err *err);

/* Whether its outermost part says that it is signed already, whole: another signature around it
 * would help nobody. */
bool message_is_signed(const struct message *m);

#endif
