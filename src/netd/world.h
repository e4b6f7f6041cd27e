/* SPDX-License-Identifier: ISC */
/* Lookups of what is live for the user's own domains: record sets, files. */
#ifndef SEALPOST_NETD_WORLD_H
#define SEALPOST_NETD_WORLD_H

#include "net/net.h"
#include "wire/world.h"

struct worlds;

struct worlds_settings {
	uint32_t timeout_ms;
	const char *broken; /* if not NULL: why no questions can be sent */
	/* Called once for each question. The reply is valid during the call. */
	void (*reply)(void *arg, const struct world_reply *r);
	void *arg;
};

/* net may be NULL if broken. NULL without memory. */
struct worlds *worlds_new(struct net *net, const struct worlds_settings *s);
void worlds_free(struct worlds *w);
/* Takes over q in any case. ERR_OS: no memory; then there is no reply. */
int worlds_start(struct worlds *w, struct world_request *q, struct err *err);
size_t worlds_running(const struct worlds *w);
/* Lets go on what waits for room; whether anything did. To be called now and then. */
bool worlds_turn(struct worlds *w);

#endif
