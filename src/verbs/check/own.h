/* SPDX-License-Identifier: ISC */
/* The user's own addresses and keys, for --mine and --changes. */
#ifndef SEALPOST_CHECK_OWN_H
#define SEALPOST_CHECK_OWN_H

#include "conf/conf.h"
#include "process/session.h"
#include "verbs/check/names.h"

/* Adds the own addresses, and the domains that tls = require names. ERR_CONFIG: there are none. */
int own_names(struct check *c, struct session *s, const struct conf *conf, struct err *err);

/* The fingerprint of the own key of each address among the names, "" for none; malloc'ed, one for
 * each name. Without secret keys nothing is looked up. */
int own_fingerprints(
	const struct check *c, struct session *s, char (**fpr)[CONF_FPR_MAX], struct err *err);

#endif
