/* SPDX-License-Identifier: ISC */
/* State shared by the parts of sealpost publish. */
#ifndef SEALPOST_VERBS_PUBLISH_H
#define SEALPOST_VERBS_PUBLISH_H

#include "conf/publish_conf.h"
#include "process/session.h"

/* The command line. */
struct publish_args {
	enum { PUBLISH_PLAN, PUBLISH_WRITE, PUBLISH_VERIFY } what;
	bool json, all, offline, no_smtp;
	const char **domain; /* owned, their texts borrowed */
	size_t n_domain;
	const char **force; /* STEP or STEP:NAME */
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
