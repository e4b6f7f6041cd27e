/* SPDX-License-Identifier: ISC */
#include "mail/addr_set.h"

#include <stdlib.h>
#include <string.h>

#include "wire/handoff.h"

#define FIRST 16

static uint32_t hash_name(const char *name)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h;
}

/* The slot where the name is, or would go. The table is never full. */
static size_t slot_of(const struct addr_set *s, const char *name)
{
	size_t i = hash_name(name) & (s->slots - 1);

	while (s->slot[i] != 0 && strcmp(s->v[s->slot[i] - 1].name, name) != 0)
		i = (i + 1) & (s->slots - 1);
	return i;
}

static int grow_table(struct addr_set *s)
{
	size_t slots = s->slots ? 2 * s->slots : FIRST, i;
	struct addr *v = reallocarray(s->v, slots / 2, sizeof(*v));
	uint32_t *slot;

	if (!v)
		return -1;
	s->v = v;
	slot = calloc(slots, sizeof(*slot));
	if (!slot)
		return -1;
	free(s->slot);
	s->slot = slot;
	s->slots = slots;
	for (i = 0; i < s->n; i++)
		s->slot[slot_of(s, s->v[i].name)] = (uint32_t)i + 1;
	return 0;
}

int addr_set_add(struct addr_set *s, const struct addr *a, struct err *err)
{
	if (addr_set_find(s, a) >= 0)
		return 0;
	if (s->n == HANDOFF_RECIPIENTS_MAX)
		return err_set(err, ERR_USAGE, "more than %d recipients", HANDOFF_RECIPIENTS_MAX);
	if (s->n == s->slots / 2 && grow_table(s) < 0)
		return err_set(err, ERR_OS, "out of memory");
	s->v[s->n++] = *a;
	s->slot[slot_of(s, a->name)] = (uint32_t)s->n;
	return 1;
}

long addr_set_find(const struct addr_set *s, const struct addr *a)
{
	size_t i;

	if (s->slots == 0)
		return -1;
	i = slot_of(s, a->name);
	return s->slot[i] ? (long)s->slot[i] - 1 : -1;
}

void addr_set_free(struct addr_set *s)
{
	free(s->v);
	free(s->slot);
	memset(s, 0, sizeof(*s));
}
