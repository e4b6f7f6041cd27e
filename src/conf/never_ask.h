/* SPDX-License-Identifier: ISC */
/* never-ask: the domains of which the user says that no key is published there. */
#ifndef SEALPOST_NEVER_ASK_H
#define SEALPOST_NEVER_ASK_H

#include "conf/conf.h"

/*
 * Reads the setting's value: domains, and patterns of them with *, with commas or blanks between.
 * list has CONF_NEVER_ASK_MAX bytes, and is untouched on failure (ERR_CONFIG).
 */
int never_ask_set(char *list, const char *value, struct err *err);

/* Whether the address's domain is among them. */
bool never_ask(const struct conf *c, const struct addr *a);

#endif
