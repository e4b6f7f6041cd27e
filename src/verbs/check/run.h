/* SPDX-License-Identifier: ISC */
/* Checks all names at once, and prints the results in order. */
#ifndef SEALPOST_CHECK_RUN_H
#define SEALPOST_CHECK_RUN_H

#include "process/app.h"
#include "verbs/check/names.h"

/* The exit status, or an error. */
int check_run(struct app *app, struct check *c, struct err *err);

#endif
