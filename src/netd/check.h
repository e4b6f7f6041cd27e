/* SPDX-License-Identifier: ISC */
/* Checks of whole domains, many at once: combines the results of mx and wkd. */
#ifndef SEALPOST_NETD_CHECK_H
#define SEALPOST_NETD_CHECK_H

#include "net/net.h"
#include "wire/check.h"
#include "wkd/evidence.h"

struct checks_settings {
	uint32_t timeout_ms; /* of one check */
	const char *broken;  /* if not NULL: why no questions can be sent */
	uint16_t smtp_port;  /* the only port permitted for SMTP; 0: none */
	bool verbose;
	/* Called once for each check, possibly from checks_start. The reply is valid during the
	 * call. */
	void (*reply)(void *arg, const struct check_reply *r);
	trace_line *trace; /* or NULL */
	void *arg;
};

struct checks;

/* s is copied; net (may be NULL if broken) and the strings are borrowed. NULL without memory. */
struct checks *checks_new(struct net *net, const struct checks_settings *s);
/* Running checks end without a reply. */
void checks_free(struct checks *c);

/*
 * Starts a check; takes over q in any case. Its reply comes within the deadline. ERR_OS: no memory,
 * ERR_INTERNAL: SMTP to another port requested; then there is no reply.
 */
int checks_start(struct checks *c, struct check_request *q, struct err *err);
/* The number of running checks. */
size_t checks_running(const struct checks *c);

#endif
