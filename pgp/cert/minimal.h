/* SPDX-License-Identifier: ISC */
/*
 * The smallest certificate that others can encrypt to, as used in an Autocrypt header (Autocrypt
 * Level 1 section 2.1.1). Pure; verifies no signatures, since gpg has done that for the full
 * certificate.
 */
#ifndef SEALPOST_MINIMAL_H
#define SEALPOST_MINIMAL_H

#include "base/buf.h"
#include "pgp/cert/intake.h"
#include "pgp/cert/packet.h"

/*
 * Appends five packets: the primary key, one User ID and its newest own signature, the newest of
 * the encryption subkeys that are listed in c->enc_keyid, and its newest binding signature; three,
 * where the primary key encrypts itself. The User ID is the first that names addr (NULL: any). 1:
 * did; 0: c has not got all of that; ERR_OS.
 */
int cert_minimal(const struct cert *c, const struct addr *addr, struct buf *out, struct err *err);

#endif
