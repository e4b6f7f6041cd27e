/* SPDX-License-Identifier: ISC */
/* sealpost publish write. */
#ifndef SEALPOST_PUBLISH_WRITE_H
#define SEALPOST_PUBLISH_WRITE_H

#include "verbs/publish/keys.h"
#include "verbs/publish/layout.h"
#include "verbs/publish/look.h"
#include "verbs/publish/policy.h"
#include "verbs/publish/records.h"
#include "verbs/publish/server.h"
#include "verbs/publish/steps.h"
#include "verbs/publish/tree.h"

struct writing {
	struct publish *p;
	struct tree tree;
	struct keys keys;
	struct host_list hosts;
	struct step_list steps;
	struct look *look; /* of the chosen domains, in their order; NULL offline */
	size_t n_look;
	/* Owned, names borrowed from the tree: domains no longer in FILE whose policy stays.
	 */
	struct publish_domain *gone;
	size_t n_gone;
	bool *untold; /* owned; for the domains of FILE: a policy is served, without its record */
};

/* The files of one domain that are not keys: policy file, policy of MTA-STS, records. */
int write_domain(struct writing *w, const struct publish_domain *d, struct err *err);
/* Adds a host to those of the servers' configurations. label: "openpgpkey.", "mta-sts.", or "". */
int add_served_host(struct writing *w, const struct publish_domain *d, const char *label,
	bool policy, struct err *err);
/* For key_sink, arg is a struct writing: whether an address is served otherwise than was written;
 * whether a certificate of it was served; its keys go into the tree, or what is there stays. */
bool served_wants(void *arg, const struct key_served *s);
bool served_before(
	void *arg, const struct publish_domain *d, const struct addr *addr, const char *fpr);
int served_put(void *arg, const struct key_served *s, struct err *err);
/* What is live of the domain; NULL: not queried. */
const struct look *look_of(const struct writing *w, const struct publish_domain *d);
/* How its keys are served: as FILE says, and also by the former method until nobody uses that any
 * more. */
enum publish_method domain_method(const struct writing *w, const struct publish_domain *d);
/* Keeps the files of domains not chosen with -d, or no longer in FILE. */
void keep_others(struct writing *w);
/* From advanced to direct: whether the host's address may be removed, and the record that prevents
 * wildcards added. l: NULL offline. */
enum host_drop { HOST_STAYS, HOST_GUARDED, HOST_GOES };
enum host_drop may_drop_host(
	struct writing *w, const struct publish_domain *d, const struct look *l);
/* Judges keys that were published and are not any more. */
int look_at_withdrawn(struct writing *w, struct err *err);
/* Decides which files of domains that are in the manifest, but no longer in FILE, must stay. */
int look_at_gone(struct writing *w, struct err *err);
/* Whether each of the domain's keys in the tree is served by the direct method, byte by byte. */
enum check_fact direct_serves_all(struct writing *w, const struct publish_domain *d);
/* For nsupdate: deletes the record sets that the script at path deleted, and so may have added, and
 * that are not in l. */
int print_dropped(FILE *f, const struct tree *t, const char *path, const struct record_list *l,
	const char *server, struct err *err);
/* Writes the files of no domain: configurations, a provider's own zone. */
int write_common(struct writing *w, struct err *err);

/* The exit status, or an error. real: DIR, from tree_prepare. */
int publish_write(struct publish *p, const char *real, struct err *err);

#endif
