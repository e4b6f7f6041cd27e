/* SPDX-License-Identifier: ISC */
/* The MTA's own modes that read no message: mailq and newaliases. */
#ifndef SEALPOST_MTA_MODES_H
#define SEALPOST_MTA_MODES_H

#include <stdbool.h>

#include "conf/conf.h"

/*
 * Runs the MTA with -bp (list) or -bi, nothing else, and empty input, so that no message can bypass
 * sealpost; it inherits our output. Returns its exit status, or ERR_TEMP on a timeout. ERR_USAGE:
 * it is not known to have this mode, and was not started.
 */
int mta_mode_run(const struct conf *c, bool list, struct err *err);

#endif
