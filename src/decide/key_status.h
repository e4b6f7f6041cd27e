/* SPDX-License-Identifier: ISC */
/* Whether there is a key for an address. Results of single methods are enum method_status (wire/);
 * this is used everywhere else. Pure. */
#ifndef SEALPOST_KEY_STATUS_H
#define SEALPOST_KEY_STATUS_H

#include <stdbool.h>

/* Absent and unknown are never merged. */
enum key_status {
	KEY_USABLE,
	KEY_ABSENT_PROVED,   /* every method answered, and none has one; proved by DNSSEC or TLS */
	KEY_ABSENT_UNPROVED, /* likewise, but an attacker on the path may have forged it */
	KEY_UNUSABLE, /* revoked, expired, cannot encrypt, wrong User ID, not a certificate */
	KEY_UNKNOWN,  /* some method failed, and none found one */
	KEY_CONFLICT, /* differs from the pin, or the methods disagree */
};

bool key_absent(enum key_status s);
const char *key_status_name(enum key_status s); /* as in the JSON, which tells the proof apart */
int key_status_exit(enum key_status s);         /* lookup's exit status */

#endif
