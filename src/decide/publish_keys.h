/* SPDX-License-Identifier: ISC */
/* Decides which certificates of one address are published. Pure. */
#ifndef SEALPOST_PUBLISH_KEYS_H
#define SEALPOST_PUBLISH_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgp/cert/intake.h"

struct key_fact {
	enum cert_use use;
	int64_t created;
	bool certified; /* certified by the other, older usable one */
	bool kept;      /* it was published, and senders who pinned it may still use it */
};

/* Why a certificate is not published. */
enum key_choice {
	CHOICE_PUBLISH,
	CHOICE_UNUSABLE, /* unusable itself */
	CHOICE_TWO,      /* two usable ones, and the older did not certify the newer */
	CHOICE_MANY,     /* more than two usable ones */
};

/*
 * One usable certificate is published, together with revoked and expired ones. Two usable ones only
 * if the older certified the newer: otherwise clients that pinned the older would take the newer
 * for an attack. A revoked one that was published before stays published in any case, so that
 * clients learn of the revocation. out[i] is the choice for fact[i]; true if any is published.
 */
bool publish_choose_keys(const struct key_fact *fact, size_t n, enum key_choice *out);

/* Whether there are two usable ones, so that a certification matters; sets *older and *newer. If
 * they have the same age neither certified the other. */
bool publish_needs_certification(
	const struct key_fact *fact, size_t n, size_t *older, size_t *newer);

#endif
