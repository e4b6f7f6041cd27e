/* SPDX-License-Identifier: ISC */
/* never-ask: domains that, according to the user, publish no keys. */
#ifndef SEALPOST_NEVER_ASK_H
#define SEALPOST_NEVER_ASK_H

#include "conf/conf.h"

/*
 * Parses the setting's value: domains and patterns with *, separated by commas or blanks. list has
 * CONF_NEVER_ASK_MAX bytes and is unchanged on failure (ERR_CONFIG).
 */
int never_ask_set(char *list, const char *value, struct err *err);

/* Whether the address's domain is among them. */
bool never_ask(const struct conf *c, const struct addr *a);

#endif
