/* SPDX-License-Identifier: ISC */
#include "wkd/sites.h"

#include <stdio.h>
#include <string.h>

struct site_facts *sites_of(struct sites *s, const char *host, int64_t now)
{
	struct site_facts *f = NULL;
	unsigned i;

	for (i = 0; i < SITES_MAX && !f; i++) {
		if (strcmp(s->v[i].host, host) == 0)
			f = &s->v[i];
	}
	if (f && now - f->since < SITES_KEPT_MS)
		return f;
	if (!f) {
		f = &s->v[s->next];
		s->next = (s->next + 1) % SITES_MAX;
	}
	memset(f, 0, sizeof(*f));
	snprintf(f->host, sizeof(f->host), "%s", host);
	f->since = now;
	return f;
}
