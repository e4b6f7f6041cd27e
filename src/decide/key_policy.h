/* SPDX-License-Identifier: ISC */
/* Which keys and signatures are too weak to seal to. Pure. */
#ifndef SEALPOST_KEY_POLICY_H
#define SEALPOST_KEY_POLICY_H

#include "pgp/cert/strength.h"

#define KEY_POLICY_WHY_MAX 160

/*
 * Judged are the primary key, the encryption key that is used, and the newest self-signature and
 * binding of each. Whether they are strong enough; else why says, as a sentence, what is not.
 * What cannot be read is not.
 */
bool key_policy_strong(const struct cert_strength *s, char why[KEY_POLICY_WHY_MAX]);

#endif
