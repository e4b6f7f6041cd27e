/* SPDX-License-Identifier: ISC */
/* Decides which keys and signatures are too weak. Pure. */
#ifndef SEALPOST_KEY_POLICY_H
#define SEALPOST_KEY_POLICY_H

#include "pgp/cert/strength.h"

#define KEY_POLICY_WHY_MAX 160

/*
 * Whether the primary key, the encryption key in use, and the newest self-signature and binding of
 * each are strong enough; otherwise why has a message. Unreadable ones are not.
 */
bool key_policy_strong(const struct cert_strength *s, char why[KEY_POLICY_WHY_MAX]);

#endif
