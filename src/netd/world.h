/* SPDX-License-Identifier: ISC */
/* Questions about what the world sees of somebody's own domains: sets of records, files. */
#ifndef SEALPOST_NETD_WORLD_H
#define SEALPOST_NETD_WORLD_H

#include "net/net.h"
#include "wire/world.h"

struct worlds;

struct worlds_settings {
	uint32_t timeout_ms;
	const char *broken; /* if not NULL: nothing can be asked, for this reason */
	/* Called once for each question. The reply is the callee's to read, not to keep. */
	void (*reply)(void *arg, const struct world_reply *r);
	void *arg;
};

/* net may be NULL if broken. NULL without memory. */
struct worlds *worlds_new(struct net *net, const struct worlds_settings *s);
void worlds_free(struct worlds *w);
/* q is taken, whatever comes. ERR_OS: no memory, and no reply. */
int worlds_start(struct worlds *w, struct world_request *q, struct err *err);
size_t worlds_running(const struct worlds *w);

#endif
