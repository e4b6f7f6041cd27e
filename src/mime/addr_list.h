/* SPDX-License-Identifier: ISC */
/* A bounded list of addresses. */
#ifndef SEALPOST_ADDR_LIST_H
#define SEALPOST_ADDR_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"

struct addr_list {
	struct addr *v; /* owned */
	size_t n;
};

/* l may be NULL, meaning an empty list. */
bool addr_list_holds(const struct addr_list *l, const struct addr *a);

/* Appends a, without looking for duplicates. ERR_DATA: the list has ADDR_LIST_MAX entries; ERR_OS.
 */
int addr_list_add(struct addr_list *l, const struct addr *a, struct err *err);

void addr_list_free(struct addr_list *l);

#endif
