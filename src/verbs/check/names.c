/* SPDX-License-Identifier: ISC */
#include "verbs/check/names.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

const char *check_name_text(const struct check_name *n)
{
	return n->is_address ? n->addr.name : n->domain;
}

int check_add(struct check *c, const struct check_name *n, struct err *err)
{
	struct check_name *grown;

	if (c->n == CHECK_NAMES_MAX) {
		err_set(err, ERR_DATA, "more than %d domains", CHECK_NAMES_MAX);
		err_hint(err, "name fewer at a time");
		return ERR_DATA;
	}
	if (c->n == c->room) {
		grown = reallocarray(c->name, c->room ? 2 * c->room : 16, sizeof(*c->name));
		if (!grown)
			return err_set(err, ERR_OS, "out of memory");
		c->name = grown;
		c->room = c->room ? 2 * c->room : 16;
	}
	c->name[c->n++] = *n;
	return 0;
}

static int by_domain(const void *a, const void *b)
{
	return strcmp(
		((const struct check_name *)a)->domain, ((const struct check_name *)b)->domain);
}

static int by_check_name(const void *a, const void *b)
{
	return strcmp(check_name_text(a), check_name_text(b));
}

static void keep_node(void *node)
{
	(void)node; /* it belongs to the array */
}

int check_names_once(struct check *c, struct err *err)
{
	const bool domains = c->mode == CHECK_MODE_POSTFIX;
	struct check_name **there;
	void *seen = NULL;
	size_t i, n = 0;
	int rc = 0;

	/* Kept ones move forward, to where nothing in the tree lies any more. */
	for (i = 0; i < c->n && rc == 0; i++) {
		c->name[n] = c->name[i];
		there = tsearch(&c->name[n], &seen, domains ? by_domain : by_check_name);
		if (!there)
			rc = err_set(err, ERR_OS, "out of memory");
		else if (*there == &c->name[n])
			n++;
	}
	tdestroy(seen, keep_node);
	if (rc == 0)
		c->n = n;
	return rc;
}
