/* SPDX-License-Identifier: ISC */
/*
 * Looks up certificates of addresses by the Web Key Directory's two methods and OPENPGPKEY records,
 * in parallel, for many addresses at once. The certificates are not parsed.
 */
#ifndef SEALPOST_WKD_METHODS_H
#define SEALPOST_WKD_METHODS_H

#include "net/net.h"
#include "wire/lookup.h"
#include "wkd/evidence.h"

struct methods_settings {
	uint32_t timeout_ms; /* of one lookup */
	uint8_t allowed; /* METHOD_WKD, METHOD_DANE: others are never used, whatever a request says
			  */
	const char *keyservers; /* hosts, with blanks between; "" or NULL: none */
	const char *broken;     /* if not NULL: every lookup fails, with this reason */
	bool verbose;           /* keep the query part of URLs in evidence */
	/* Called once for each lookup, possibly from methods_start. The reply is valid during the
	 * call. */
	void (*reply)(void *arg, const struct lookup_reply *r);
	trace_line *trace; /* or NULL */
	void *arg;
};

struct methods;

/* s is copied; net (may be NULL if broken) and the strings are borrowed. NULL if memory is short.
 */
struct methods *methods_new(struct net *net, const struct methods_settings *s);
/* Running lookups end without a reply. */
void methods_free(struct methods *m);

/* Starts a lookup; its reply always comes within the time limit. ERR_OS: no memory; then there is
 * no reply. */
int methods_start(struct methods *m, const struct lookup_request *q, struct err *err);
/* The number of running lookups. */
size_t methods_running(const struct methods *m);

#endif
