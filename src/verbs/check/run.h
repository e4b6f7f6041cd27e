/* SPDX-License-Identifier: ISC */
/* Asks about all names at once, and prints each in its turn. */
#ifndef SEALPOST_CHECK_RUN_H
#define SEALPOST_CHECK_RUN_H

#include "process/app.h"
#include "verbs/check/names.h"

/* The exit status, or an error. */
int check_run(struct app *app, struct check *c, struct err *err);

#endif
