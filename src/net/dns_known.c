/* SPDX-License-Identifier: ISC */
#include "net/dns_known.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns.h"

struct known_domain {
	bool answers;
	char *silent; /* owned: why not; or NULL */
	char name[];
};

static int by_domain(const void *a, const void *b)
{
	const struct known_domain *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void free_domain(void *p)
{
	struct known_domain *d = p;

	if (d)
		free(d->silent);
	free(d);
}

static struct known_domain *new_domain(const char *name, const char *silent)
{
	size_t len = strlen(name) + 1;
	struct known_domain *d = calloc(1, sizeof(*d) + len);

	if (!d)
		return NULL;
	memcpy(d->name, name, len);
	d->answers = !silent;
	d->silent = silent ? strdup(silent) : NULL;
	if (d->answers || d->silent)
		return d;
	free(d);
	return NULL;
}

void dns_known_put(struct dns_known *k, const char *domain, const char *silent)
{
	struct known_domain *d = new_domain(domain, silent);
	struct known_domain **at = d ? tsearch(d, &k->tree, by_domain) : NULL;

	if (at && *at == d)
		return;
	if (at)
		(*at)->answers |= !silent;
	free_domain(d);
}

static int compare_name(const void *name, const void *domain)
{
	return strcmp(name, ((const struct known_domain *)domain)->name);
}

static const struct known_domain *find_domain(const struct dns_known *k, const char *name)
{
	struct known_domain *const *at = tfind(name, &k->tree, compare_name);

	return at ? *at : NULL;
}

bool dns_known_has(const struct dns_known *k, const char *domain)
{
	return find_domain(k, domain) != NULL;
}

const char *dns_known_silent(const struct dns_known *k, const char *name, uint16_t type)
{
	const struct known_domain *d = type == DNS_DS ? NULL : find_domain(k, name);

	while (!d && (name = strchr(name, '.')))
		d = find_domain(k, ++name);
	return d && !d->answers ? d->silent : NULL;
}

void dns_known_free(struct dns_known *k)
{
	tdestroy(k->tree, free_domain);
	k->tree = NULL;
}
