/* SPDX-License-Identifier: ISC */
/* The customers whose policy the provider's zone announced when it was last written. */
#ifndef SEALPOST_PUBLISH_TOLD_H
#define SEALPOST_PUBLISH_TOLD_H

#include "conf/publish_conf.h"
#include "verbs/publish/tree.h"

struct told {
	struct buf zone;
	char **name; /* owned, within zone; sorted */
	size_t n;
	bool known; /* else there is no such zone yet */
};

/* Reads the zone of a provider's section. told_free in any case. ERR_IO, ERR_OS. */
int told_read(
	const struct tree *tree, const struct publish_section *s, struct told *t, struct err *err);
bool told_has(const struct told *t, const char *domain);
void told_free(struct told *t);

#endif
