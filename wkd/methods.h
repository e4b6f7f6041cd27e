/* SPDX-License-Identifier: ISC */
/*
 * How the certificate of an address is found: the Web Key Directory's two methods and the
 * OPENPGPKEY record, all at once, many addresses at once. What was found is not looked into.
 */
#ifndef SEALPOST_WKD_METHODS_H
#define SEALPOST_WKD_METHODS_H

#include "net/net.h"
#include "wire/lookup.h"
#include "wkd/evidence.h"

/* Most lookups have ended by then; those that have not are waiting for somebody who is slow or
 * dead. */
#define METHODS_YOUNG_MS 700

struct methods_settings {
	uint32_t timeout_ms; /* of one lookup */
	uint8_t allowed;    /* METHOD_WKD, METHOD_DANE: the others are not asked, whatever a request
			       says */
	const char *broken; /* if not NULL: every lookup fails, with this reason */
	bool verbose;       /* keep queries in evidence */
	/* Called once for each lookup, perhaps from methods_start. The reply is the callee's to
	 * read, not to keep. */
	void (*reply)(void *arg, const struct lookup_reply *r);
	trace_line *trace; /* or NULL */
	void *arg;
};

struct methods;

/* s is copied; net (may be NULL if broken) and the strings are borrowed. NULL without memory. */
struct methods *methods_new(struct net *net, const struct methods_settings *s);
/* Lookups that are under way end without a reply. */
void methods_free(struct methods *m);

/* Begins a lookup; whatever happens, its reply comes within the deadline. ERR_OS: no memory, and no
 * reply. */
int methods_start(struct methods *m, const struct lookup_request *q, struct err *err);
/* How many are under way. */
size_t methods_running(const struct methods *m);
/* How many of them began less than METHODS_YOUNG_MS ago. */
size_t methods_young(const struct methods *m);

#endif
