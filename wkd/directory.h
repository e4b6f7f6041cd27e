/* SPDX-License-Identifier: ISC */
/*
 * The Web Key Directory (draft-koch-openpgp-webkey-service section 3.1) of one address:
 * openpgpkey.DOMAIN or, if that does not exist, DOMAIN; then the document. The document is not
 * parsed, except for whether it looks like a key.
 *
 * With a DNS wildcard, openpgpkey.DOMAIN resolves although nobody created it. In a signed zone
 * DNSSEC reveals that, and it counts as absent. In an unsigned one it is assumed if the certificate
 * there is for another name and a random name resolves alike: then the direct method may still find
 * a key, but never yields absence.
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
	void (*done)(void *arg); /* called once, from the event loop; the caller then frees the
				    directory */
	void *arg;
};

/* Starts a lookup. It may end immediately: see directory_ended; then done is not called. NULL if
 * memory is short. */
struct directory *directory_start(struct net *net, const struct directory_request *q);
bool directory_ended(const struct directory *d);
/* Ends it at the time-out: within is the time limit as text, doubt what is wrong with the resolver
 * (or NULL). done is not called. */
void directory_expire(struct directory *d, const char *doubt, const char *within);
/* NULL is permitted. */
void directory_free(struct directory *d);

#endif
