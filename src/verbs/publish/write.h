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
};

/* The files of one domain that are not keys: policy file, policy of MTA-STS, records. */
int write_domain(struct writing *w, const struct publish_domain *d, struct err *err);
/* Those of all: configurations, a provider's own zone. */
int write_common(struct writing *w, struct err *err);

/* The exit status, or an error. real: DIR, from tree_prepare. */
int publish_write(struct publish *p, const char *real, struct err *err);

#endif
