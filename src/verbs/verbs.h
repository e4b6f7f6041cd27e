/* SPDX-License-Identifier: ISC */
/* The verbs, one function each. */
#ifndef SEALPOST_VERBS_H
#define SEALPOST_VERBS_H

#include "process/app.h"

/* One for each verb: argv[0] is the verb. Returns the exit status. */
int cmd_lookup(struct app *app, int argc, char **argv);
int cmd_send(struct app *app, int argc, char **argv);
int cmd_filter(struct app *app, int argc, char **argv);
int cmd_why(struct app *app, int argc, char **argv);
int cmd_queue(struct app *app, int argc, char **argv);
int cmd_pins(struct app *app, int argc, char **argv);
int cmd_refresh(struct app *app, int argc, char **argv);
int cmd_check(struct app *app, int argc, char **argv);
int cmd_reports(struct app *app, int argc, char **argv);
int cmd_learn(struct app *app, int argc, char **argv);
int cmd_config(struct app *app, int argc, char **argv);
int cmd_publish(struct app *app, int argc, char **argv);
int cmd_doctor(struct app *app, int argc, char **argv);

#endif
