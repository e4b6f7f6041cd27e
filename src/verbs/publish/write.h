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
	/* Owned, their names are the tree's: domains that FILE names no more, whose policy stays.
	 */
	struct publish_domain *gone;
	size_t n_gone;
	bool *untold; /* owned; of the domains of FILE: a policy is served, and not told of */
};

/* The files of one domain that are not keys: policy file, policy of MTA-STS, records. */
int write_domain(struct writing *w, const struct publish_domain *d, struct err *err);
/* For key_sink, arg is a struct writing: whether an address is served otherwise than was written;
 * whether a certificate of it was served; its keys go into the tree, or what is there stays. */
bool served_wants(void *arg, const struct key_served *s);
bool served_before(
	void *arg, const struct publish_domain *d, const struct addr *addr, const char *fpr);
int served_put(void *arg, const struct key_served *s, struct err *err);
/* What the world sees of the domain; NULL: it was not asked. */
const struct look *look_of(const struct writing *w, const struct publish_domain *d);
/* How its keys are served: as FILE says, and by the method that it was before until nobody is led
 * there any more. */
enum publish_method domain_method(const struct writing *w, const struct publish_domain *d);
/* What belongs to domains that were not named with -d, or that FILE does not name any more. */
void keep_others(struct writing *w);
/* From advanced to direct: whether the host's address may go, and whether the record that keeps
 * wildcards away may come. l: NULL offline. */
enum host_drop { HOST_STAYS, HOST_GUARDED, HOST_GOES };
enum host_drop may_drop_host(
	struct writing *w, const struct publish_domain *d, const struct look *l);
/* Keys that were published and are not any more. */
int look_at_withdrawn(struct writing *w, struct err *err);
/* Domains of the manifest that FILE does not name any more: what of them has to stay. */
int look_at_gone(struct writing *w, struct err *err);
/* Whether each of the domain's keys in the tree is served by the direct method, byte by byte. */
enum check_fact direct_serves_all(struct writing *w, const struct publish_domain *d);
/* For nsupdate: deletes what the script at path deleted, and so may have brought, and l has not. */
int print_dropped(FILE *f, const struct tree *t, const char *path, const struct record_list *l,
	const char *server, struct err *err);
/* Those of all: configurations, a provider's own zone. */
int write_common(struct writing *w, struct err *err);

/* The exit status, or an error. real: DIR, from tree_prepare. */
int publish_write(struct publish *p, const char *real, struct err *err);

#endif
