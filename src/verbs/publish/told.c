/* SPDX-License-Identifier: ISC */
#include "verbs/publish/told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_MAX (64u << 20)

static int compare_told(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Lines "CUSTOMER._mta-sts.HOST. TTL IN TXT ...". */
static int list_told(struct told *t, const char *host, struct err *err)
{
	char end[ADDR_DOMAIN_MAX + 16], *line, *next, *at;
	size_t lines = 1;

	snprintf(end, sizeof(end), "._mta-sts.%s. ", host);
	for (line = (char *)t->zone.p; line && *line; line++)
		lines += *line == '\n';
	t->name = calloc(lines, sizeof(*t->name));
	if (!t->name)
		return err_set(err, ERR_OS, "out of memory");
	for (line = (char *)t->zone.p; line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		at = strstr(line, end);
		if (!at || at > line + strcspn(line, " "))
			continue;
		*at = '\0';
		t->name[t->n++] = line;
	}
	qsort(t->name, t->n, sizeof(*t->name), compare_told);
	return 0;
}

int told_read(
	const struct tree *tree, const struct publish_section *s, struct told *t, struct err *err)
{
	char path[FILE_PATH_MAX];
	int rc;

	*t = (struct told){.zone = BUF_INIT(ZONE_MAX)};
	snprintf(path, sizeof(path), "dns/%s.zone", s->name);
	rc = tree_read_old(tree, path, &t->zone, err);
	t->known = rc == 0;
	if (rc == 0)
		rc = list_told(t, s->name, err);
	return rc < 0 ? rc : 0;
}

bool told_has(const struct told *t, const char *domain)
{
	return t->n > 0 && bsearch(&domain, t->name, t->n, sizeof(*t->name), compare_told);
}

void told_free(struct told *t)
{
	free(t->name);
	buf_free(&t->zone);
	*t = (struct told){.zone = BUF_INIT(ZONE_MAX)};
}
