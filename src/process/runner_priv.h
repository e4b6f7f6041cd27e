/* SPDX-License-Identifier: ISC */
/* Between runner.c (the asking side), runner_serve.c (the child) and runner_mta.c (its third
 * request). */
#ifndef SEALPOST_RUNNER_PRIV_H
#define SEALPOST_RUNNER_PRIV_H

#include "conf/conf.h"
#include "wire/handoff.h"

/* struct err in a FRAME_ERR. What arrives is not believed: an unknown code becomes ERR_INTERNAL. */
void runner_err_write(struct wr *w, const struct err *e);
int runner_err_read(struct rd *r, struct err *e);

/* Serves until the socket closes. conf_err: why c could not be loaded, else its code is ERR_NONE.
 */
void runner_serve(int sock, const struct conf *c, const struct err *conf_err);

/* runner_find_net for a program in the folder self ("": not known), with compiled in the place of
 * the compiled LIBEXECDIR. */
int runner_look_for_net(const char *self, const char *compiled, char *path, struct err *err);

/* Checks {sender, recipients, descriptor} and runs the MTA. sock: where FRAME_SIGNAL comes
 * meanwhile, or -1. Failure: it was not started. */
int runner_mta(const struct conf *c, const struct handoff *h, int fd, int sock,
	struct handoff_result *x, struct err *err);

#endif
