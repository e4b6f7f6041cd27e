/* SPDX-License-Identifier: ISC */
/* Questions about whole domains, many at once: where what mx and wkd find out is put together. */
#ifndef SEALPOST_NETD_CHECK_H
#define SEALPOST_NETD_CHECK_H

#include "net/net.h"
#include "wire/check.h"
#include "wkd/evidence.h"

struct checks_settings {
	uint32_t timeout_ms; /* of one check */
	const char *broken;  /* if not NULL: nothing can be asked, for this reason */
	uint16_t smtp_port;  /* the only one that SMTP is spoken to; 0: none */
	bool verbose;
	/* Called once for each check, perhaps from checks_start. The reply is the callee's to read,
	 * not to keep. */
	void (*reply)(void *arg, const struct check_reply *r);
	trace_line *trace; /* or NULL */
	void *arg;
};

struct checks;

/* s is copied; net (may be NULL if broken) and the strings are borrowed. NULL without memory. */
struct checks *checks_new(struct net *net, const struct checks_settings *s);
/* Checks that are under way end without a reply. */
void checks_free(struct checks *c);

/*
 * Begins a check; q is taken, whatever comes. Its reply comes within the deadline. ERR_OS: no
 * memory, ERR_INTERNAL: SMTP to another port is wanted; and no reply.
 */
int checks_start(struct checks *c, struct check_request *q, struct err *err);
/* Without those that wait to be told whether their domain is there, or for room. */
size_t checks_running(const struct checks *c);
/* Whether another may begin now, without a flood for the resolver. */
bool checks_may_start(const struct checks *c);
/* Lets go on what waits for that; whether anything waits still. To be called now and then. */
bool checks_turn(struct checks *c);

#endif
