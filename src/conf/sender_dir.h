/* SPDX-License-Identifier: ISC */
/* State of each sender's own: the setting data-dir with %s in it. */
#ifndef SEALPOST_CONF_SENDER_DIR_H
#define SEALPOST_CONF_SENDER_DIR_H

#include <limits.h>

#include "conf/conf.h"

/*
 * The name of the folder for a sender, out of struct addr's name; "" is the null sender, "%3C%3E".
 * What is kept as it is: lower-case letters, digits and - _ + = @ and, but for the first byte,
 * dots; all else is percent-escaped, so that no two senders share a folder and none leaves it.
 * Pure. -1: it is longer than the name of a folder may be.
 */
int sender_folder(const char *name, char out[NAME_MAX + 1]);

/* A sender as it was named, with qualify-domain where it has none; "" and "<>" are the null sender,
 * whose text is "". ERR_USAGE. */
int conf_sender(const struct conf *c, const char *text, struct addr *out, struct err *err);

/*
 * Puts the sender's folder in the place of %s in c->data_dir; without %s nothing happens. NULL:
 * nobody is named. ERR_USAGE: it is none, or nobody is named; ERR_POLICY: there can be no folder
 * of that name.
 */
int conf_use_sender(struct conf *c, const char *sender, struct err *err);

#endif
