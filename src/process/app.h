/* What the verbs share. */
#ifndef SEALPOST_APP_H
#define SEALPOST_APP_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/conf.h"
#include "store/store.h"

struct app {
	const char *conf_file; /* from -C, or NULL; borrowed */
	struct conf conf; /* loaded, unless the verb's table entry says that it loads it itself */
	bool verbose;     /* -v: talk, and a trace of lookups */
	const char *verb; /* for messages */
};

/* One for each verb: argv[0] is the verb. Returns the exit status. */
int cmd_lookup(struct app *app, int argc, char **argv);
int cmd_send(struct app *app, int argc, char **argv);
int cmd_filter(struct app *app, int argc, char **argv);
int cmd_why(struct app *app, int argc, char **argv);
int cmd_pins(struct app *app, int argc, char **argv);
int cmd_refresh(struct app *app, int argc, char **argv);
int cmd_check(struct app *app, int argc, char **argv);
int cmd_doctor(struct app *app, int argc, char **argv);

/* An error's own hint, or what helps with its kind of error. Borrowed. */
const char *app_hint(const struct err *err);

/* Prints "sealpost: MESSAGE" and "hint: HINT"; returns the exit status. */
int app_fail(const struct err *err);

/* Prints usage lines to stdout and returns 0; for --help. */
int app_help(const char *usage);

/* A usage error: "sealpost: MESSAGE", "hint: sealpost VERB --help"; returns 64. */
int app_usage(const struct app *app, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
