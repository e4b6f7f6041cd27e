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
	struct look *look; /* owned; of the chosen domains; NULL offline */
	/* Owned, their names are the tree's: domains that FILE names no more, whose policy stays.
	 */
	struct publish_domain *gone;
	size_t n_gone;
};

/* The files of one domain that are not keys: policy file, policy of MTA-STS, records. */
int write_domain(struct writing *w, const struct publish_domain *d, struct err *err);
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
