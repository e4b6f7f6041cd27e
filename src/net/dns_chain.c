/* SPDX-License-Identifier: ISC */
#include "net/dns_chain.h"

#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns.h"

#define CLASS_IN 1
#define LEVELS_MAX 6 /* above a mail domain there are two or three */

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Whether it was there already, or cannot be remembered. */
static bool remember_name(struct dns_chain *c, const char *name)
{
	char *copy = strdup(name);
	char **at = copy ? tsearch(copy, &c->seen, compare) : NULL;
	bool is_new = at && *at == copy;

	if (!is_new)
		free(copy);
	return !is_new;
}

static void drop_answer(void *arg, int rc, struct ub_result *res)
{
	(void)arg;
	(void)rc;
	ub_resolve_free(res);
}

static void ask_ahead(struct ub_ctx *ctx, const char *name, int type)
{
	(void)ub_resolve_async(ctx, name, type, CLASS_IN, NULL, drop_answer, NULL);
}

void dns_chain_ask(struct dns_chain *c, struct ub_ctx *ctx, const char *domain)
{
	const char *name[LEVELS_MAX], *at = domain;
	size_t n = 0;

	while (n < LEVELS_MAX && at && at[0] && !remember_name(c, at)) {
		name[n++] = at;
		at = strchr(at, '.');
		at = at ? at + 1 : NULL;
	}
	/* From the top: what an answer is validated with is answered before it. Else libunbound
	 * asks for that once more, which takes a round trip. */
	while (n-- > 0) {
		ask_ahead(ctx, name[n], DNS_DS);
		ask_ahead(ctx, name[n], DNS_DNSKEY);
	}
}

void dns_chain_free(struct dns_chain *c)
{
	tdestroy(c->seen, free);
	c->seen = NULL;
}
