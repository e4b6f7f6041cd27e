/* SPDX-License-Identifier: ISC */
/* Addresses in order, each mailbox (struct addr's name) once. Pure. */
#ifndef SEALPOST_ADDR_SET_H
#define SEALPOST_ADDR_SET_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

struct addr_set {
	struct addr *v; /* owned; in order of arrival, spelt as first seen */
	size_t n;
	uint32_t *slot; /* owned; index + 1 into v, 0: free; by hash of the name */
	size_t slots;   /* a power of two */
};

/* Adds a. 1: was new; 0: was there already; ERR_OS; ERR_USAGE beyond HANDOFF_RECIPIENTS_MAX. */
int addr_set_add(struct addr_set *s, const struct addr *a, struct err *err);
/* Its index in v, or -1. */
long addr_set_find(const struct addr_set *s, const struct addr *a);
void addr_set_free(struct addr_set *s);

#endif
