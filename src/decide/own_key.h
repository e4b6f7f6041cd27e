/* SPDX-License-Identifier: ISC */
/* Decides what to do if the sender's own key cannot be used as configured. Pure. */
#ifndef SEALPOST_OWN_KEY_H
#define SEALPOST_OWN_KEY_H

#include <stdbool.h>

#include "pgp/cert/signer.h"

struct own_key_facts {
	enum own_key key;
	bool sealable;     /* it can encrypt */
	bool named;        /* sign-key names it */
	bool sign_always;  /* sign = always */
	bool keeps_sealed; /* sent = FOLDER requires a copy sealed to it */
};

enum own_key_act {
	OWN_SIGN,
	OWN_UNSIGNED,      /* unsigned: there never was a key */
	OWN_UNSIGNED_SAID, /* unsigned, with a warning: there is a key, but it is no longer usable
			    */
	OWN_REFUSE,        /* the configuration cannot be followed */
};

/* Warns, since otherwise the recipient would be the first to notice an unusable key. */
enum own_key_act own_key_decide(const struct own_key_facts *f);

#endif
