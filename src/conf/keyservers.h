/* SPDX-License-Identifier: ISC */
/* keyservers: whom to ask where a domain publishes no key, for all or by a policy. */
#ifndef SEALPOST_KEYSERVERS_H
#define SEALPOST_KEYSERVERS_H

#include "conf/conf.h"

/*
 * Parses the setting's value: vks://HOST, several with commas or blanks between, or "none". list,
 * CONF_KEYSERVERS_MAX bytes, becomes the hosts with blanks between, or KEYSERVERS_NONE; unchanged
 * on failure (ERR_CONFIG).
 */
int keyservers_set(char *list, const char *value, struct err *err);
#define KEYSERVERS_NONE "none"

/* The value as a file has it. */
int keyservers_show(const char *list, struct buf *out);

/* Collects the hosts of all lists in c->net.keyservers. ERR_CONFIG: there are too many. */
int keyservers_gather(struct conf *c, struct err *err);

/* Entry n of a list: its host (ADDR_DOMAIN_MAX + 1 bytes), and its place in c->net.keyservers; or
 * -1: there are no more. */
int keyservers_nth(const struct conf *c, const char *list, size_t n, char *host);

#endif
