/* SPDX-License-Identifier: ISC */
#include "verbs/check/names.h"

#include <stdlib.h>

int check_add(struct check *c, const struct check_name *n, struct err *err)
{
	struct check_name *grown;

	if (c->n == CHECK_NAMES_MAX)
		return err_set(err, ERR_USAGE, "more than %d domains", CHECK_NAMES_MAX);
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
