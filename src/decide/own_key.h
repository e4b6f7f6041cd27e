/* SPDX-License-Identifier: ISC */
/* What is done where the sender's own key cannot do all that is asked of it. Pure. */
#ifndef SEALPOST_OWN_KEY_H
#define SEALPOST_OWN_KEY_H

#include <stdbool.h>

#include "pgp/cert/signer.h"

struct own_key_facts {
	enum own_key key;
	bool sealable;     /* mail can be sealed to it */
	bool named;        /* sign-key names it */
	bool sign_always;  /* sign = always */
	bool keeps_sealed; /* sent = FOLDER is to get a copy that is sealed to it */
};

enum own_key_act {
	OWN_SIGN,
	OWN_UNSIGNED,      /* nobody signs, as there never was a key */
	OWN_UNSIGNED_SAID, /* the sender is told: there is a key, and it is of no use any more */
	OWN_REFUSE,        /* it is the configuration that cannot be followed */
};

/* A key of the sender's own that fails without a word would be noticed by the recipient first. */
enum own_key_act own_key_decide(const struct own_key_facts *f);

#endif
