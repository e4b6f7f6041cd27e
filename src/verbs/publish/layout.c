/* SPDX-License-Identifier: ISC */
#include "verbs/publish/layout.h"

#include <stdio.h>
#include <string.h>

void tree_key_path(char *path, const struct publish_domain *d, bool advanced, const char *name)
{
	snprintf(path, FILE_PATH_MAX, "www/%s%s/.well-known/openpgpkey/%s%s%s",
		advanced ? "openpgpkey." : "", d->name, advanced ? d->name : "",
		advanced ? "/" : "", name);
}

void tree_policy_path(char *path, const struct publish_domain *d)
{
	snprintf(path, FILE_PATH_MAX, "www/mta-sts.%s/.well-known/mta-sts.txt", d->name);
}

void key_thing(const uint8_t *digest, char *out)
{
	size_t i;

	snprintf(out, 32, "key-");
	for (i = 0; i < 8; i++)
		snprintf(out + 4 + 2 * i, 3, "%02x", digest[i]);
}

int tlsa_path(const struct publish_conf *c, const char *value, char *path)
{
	const char *eq = value[0] != '/' && value[0] != '.' ? strchr(value, '=') : NULL;
	const char *file = eq ? eq + 1 : value;

	if (file[0] != '/')
		return path_join(path, c->dir, file);
	return snprintf(path, FILE_PATH_MAX, "%s", file) < FILE_PATH_MAX ? 0 : -1;
}
