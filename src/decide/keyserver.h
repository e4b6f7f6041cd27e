/* SPDX-License-Identifier: ISC */
/* Key servers: when one is asked about an address, and what its answer is worth. Pure. */
#ifndef SEALPOST_DECIDE_KEYSERVER_H
#define SEALPOST_DECIDE_KEYSERVER_H

#include "conf/conf.h"
#include "decide/key_verdict.h"
#include "decide/rules.h"
#include "decide/sources.h"
#include "decide/tofu.h"

/* What is known of an address once its domain has answered. */
struct keyserver_of {
	enum key_status status; /* what the domain said */
	enum pin_state pin;
	enum cert_source pin_by; /* source_of_pin */
	bool offered;            /* the caller takes keys of key servers */
};

/*
 * The list of key servers to ask about an address, as in conf, borrowed; "" or KEYSERVERS_NONE:
 * none. Only after an absence that counts (absence = proved), never for a domain under never-ask.
 * With a pin only one that came from a key server itself, which is asked again.
 */
const char *keyserver_list(const struct conf *c, const struct mail_rules *one, const struct addr *a,
	const struct keyserver_of *of);

/*
 * What a key server's answer is worth; v: the verdict on it alone. Its word that it has none, and
 * that it fails, say nothing about the domain. An answer without a certificate for the address, be
 * it another's, without User IDs, with a secret key or no OpenPGP at all, is a failure of the
 * server, not a key that cannot be used.
 */
enum source_answer keyserver_answer(const struct verdict *v, const struct cert_set *set);

#endif
