/* SPDX-License-Identifier: ISC */
/* State shared by the parts of sealpost publish. */
#ifndef SEALPOST_VERBS_PUBLISH_H
#define SEALPOST_VERBS_PUBLISH_H

#include "conf/publish_conf.h"
#include "process/session.h"

/* A --force. */
struct forced_step {
	const char *text; /* STEP or STEP:NAME; borrowed */
	bool met;         /* the step came up, for that name */
};

/* The command line. */
struct publish_args {
	enum { PUBLISH_PLAN, PUBLISH_WRITE, PUBLISH_VERIFY } what;
	bool json, all, offline, no_smtp;
	const char **domain; /* owned, their texts borrowed */
	size_t n_domain;
	struct forced_step *force; /* owned */
	size_t n_force;
	const char *dir, *file;
};

struct publish {
	struct app *app;
	const struct publish_args *args;
	struct publish_conf conf;
	bool *chosen; /* owned; of conf.domain: by -d, else all */
	size_t n_chosen;
	struct session session;
	int net; /* for look_world: the running helper; or -1 */
	int64_t now;
};

/* Index of a configured domain. */
size_t publish_index(const struct publish *p, const struct publish_domain *d);

#endif
