/* SPDX-License-Identifier: ISC */
/* The hosts of the web servers' configurations. */
#include <stdio.h>

#include "verbs/publish/write.h"

int add_served_host(struct writing *w, const struct publish_domain *d, const char *label,
	bool policy, struct err *err)
{
	struct served_host h = {.section = d->section,
		.policy = policy,
		.direct = label[0] == '\0',
		.customer = d->customer};
	char path[FILE_PATH_MAX];

	snprintf(path, sizeof(path), "hosts/%s%s", label, d->name);
	h.points = tree_will_have(&w->tree, path);
	return host_add(&w->hosts, &h, label, d->name, err);
}
