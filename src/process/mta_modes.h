/* SPDX-License-Identifier: ISC */
/* The MTA's own modes that read no message: mailq and newaliases. */
#ifndef SEALPOST_MTA_MODES_H
#define SEALPOST_MTA_MODES_H

#include <stdbool.h>

#include "conf/conf.h"

/*
 * Runs the MTA with -bp (list) or -bi, nothing else, and an empty input, so that no message can
 * travel past the tool; its output is ours. Its exit status, ERR_TEMP when it took too long.
 * ERR_USAGE: it is not known to have this mode, and was not started.
 */
int mta_mode_run(const struct conf *c, bool list, struct err *err);

#endif
