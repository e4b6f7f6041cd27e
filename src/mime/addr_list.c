/* SPDX-License-Identifier: ISC */
#include "mime/addr_list.h"

#include <stdlib.h>
#include <string.h>

bool addr_list_holds(const struct addr_list *l, const struct addr *a)
{
	size_t i;

	for (i = 0; l && i < l->n; i++) {
		if (strcmp(l->v[i].text, a->text) == 0)
			return true;
	}
	return false;
}

int addr_list_add(struct addr_list *l, const struct addr *a, struct err *err)
{
	struct addr *v;

	if (l->n == ADDR_LIST_MAX)
		return err_set(err, ERR_DATA, "there are more than %d addresses", ADDR_LIST_MAX);
	if ((l->n & (l->n - 1)) == 0) { /* room doubles at every power of two */
		v = reallocarray(l->v, l->n ? 2 * l->n : 1, sizeof(*v));
		if (!v)
			return err_set(err, ERR_OS, "out of memory");
		l->v = v;
	}
	l->v[l->n++] = *a;
	return 0;
}

void addr_list_free(struct addr_list *l)
{
	free(l->v);
	*l = (struct addr_list){NULL, 0};
}
