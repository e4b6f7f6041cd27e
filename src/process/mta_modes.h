/* The MTA's own modes that read no message: mailq and newaliases. */
#ifndef SEALPOST_QUEUE_H
#define SEALPOST_QUEUE_H

#include "conf/conf.h"
#include "mail/args.h"

/*
 * Runs the MTA with -bp or -bi, nothing else, and an empty input, so that no message can travel
 * past the tool; its output is ours. Its exit status, ERR_TEMP when it took too long. ERR_USAGE: it
 * is not known to have this mode, and was not started.
 */
int queue_run(const struct conf *c, enum send_mode mode, struct err *err);

#endif
