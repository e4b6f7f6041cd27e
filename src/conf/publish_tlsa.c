/* SPDX-License-Identifier: ISC */
/* Which mail servers tlsa-from is for. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "conf/publish_conf.h"

const char *publish_tlsa_file(const char *value)
{
	const char *eq = value[0] != '/' && value[0] != '.' ? strchr(value, '=') : NULL;

	return eq ? eq + 1 : value;
}

bool publish_tlsa_mx(const char *value, char *host)
{
	const char *file = publish_tlsa_file(value);

	if (file == value)
		return false;
	snprintf(host, ADDR_DOMAIN_MAX + 1, "%.*s", (int)(file - value - 1), value);
	ascii_lower(host);
	return true;
}

bool publish_tlsa_concerns(const struct publish_domain *d)
{
	const struct publish_section *s = d->section;
	char host[ADDR_DOMAIN_MAX + 1];
	bool for_all = false;
	size_t i;

	if (!d->customer)
		return s->tlsa.n > 0;
	for (i = 0; i < s->tlsa.n; i++) {
		if (!publish_tlsa_mx(s->tlsa.v[i], host))
			for_all = true;
		else if (addr_in_zone(host, d->name))
			return true;
	}
	for (i = 0; for_all && i < s->mx.n; i++) {
		if (s->mx.v[i][0] != '*' && addr_in_zone(s->mx.v[i], d->name))
			return true;
	}
	return for_all && s->mx.n == 0;
}

bool publish_tlsa_used(
	const struct publish_conf *c, const struct publish_section *s, const char *value)
{
	char host[ADDR_DOMAIN_MAX + 1];
	size_t i;

	if (!s->provider || !publish_tlsa_mx(value, host))
		return true;
	for (i = 0; i < c->n_domain; i++) {
		if (c->domain[i].section == s && addr_in_zone(host, c->domain[i].name))
			return true;
	}
	return false;
}
