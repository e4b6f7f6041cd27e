/* SPDX-License-Identifier: ISC */
/* A list of addresses, with a bound. */
#ifndef SEALPOST_ADDR_LIST_H
#define SEALPOST_ADDR_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"

struct addr_list {
	struct addr *v; /* owned */
	size_t n;
};

/* l may be NULL: an empty one. */
bool addr_list_holds(const struct addr_list *l, const struct addr *a);

/* Appends it, be it there already or not. ERR_DATA: there are ADDR_LIST_MAX; ERR_OS. */
int addr_list_add(struct addr_list *l, const struct addr *a, struct err *err);

void addr_list_free(struct addr_list *l);

#endif
