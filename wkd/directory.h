/* SPDX-License-Identifier: ISC */
/*
 * The Web Key Directory (draft-koch-openpgp-webkey-service section 3.1) of one address:
 * openpgpkey.DOMAIN or, if that does not exist, DOMAIN; then the document. What is found is not
 * looked into, but for whether it is a key at first sight.
 *
 * Where a domain answers for every name, openpgpkey.DOMAIN resolves though nobody made it. In a
 * signed zone DNSSEC tells, and it counts as absent. In an unsigned one it shows when the
 * certificate there is for another name, and a name made up at random resolves alike: then the
 * direct method may still find a key, but what it does not find is not known absent.
 */
#ifndef SEALPOST_WKD_DIRECTORY_H
#define SEALPOST_WKD_DIRECTORY_H

#include "net/net.h"
#include "wire/lookup.h"
#include "wkd/evidence.h"
#include "wkd/sites.h"

struct directory;

struct directory_request {
	const struct addr *addr; /* all borrowed until it is done or freed */
	struct method_result *result;
	struct evidence *evidence;
	const struct net_watch *watch;
	struct sites *sites;
	void (*done)(
		void *arg); /* called once, from the event loop; the directory is to be freed */
	void *arg;
};

/* Begins. It may have ended at once: see directory_ended; then done is not called. NULL without
 * memory. */
struct directory *directory_start(struct net *net, const struct directory_request *q);
bool directory_ended(const struct directory *d);
/* The deadline has come: within says when, doubt what is wrong with the resolver (or NULL). It has
 * ended then, and done is not called. */
void directory_expire(struct directory *d, const char *doubt, const char *within);
/* NULL is fine. */
void directory_free(struct directory *d);

#endif
