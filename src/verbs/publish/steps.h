/* SPDX-License-Identifier: ISC */
/* The steps judged in a run, and their results. */
#ifndef SEALPOST_PUBLISH_STEPS_LIST_H
#define SEALPOST_PUBLISH_STEPS_LIST_H

#include "decide/publish_steps.h"
#include "verbs/publish/publish.h"

struct step_note {
	const struct publish_domain *domain; /* NULL: no longer in FILE */
	enum publish_step step;
	char *name; /* owned; as for --force: the domain, the address, the host */
	struct step_verdict verdict;
};

struct step_list {
	struct step_note *v; /* owned */
	size_t n, cap;
};

/*
 * Judges a step, and adds it if there is something to do. name: the domain, the address, the host.
 * true if it may be taken; false without memory.
 */
bool step_allowed(const struct publish *p, struct step_list *l, const struct publish_domain *d,
	enum publish_step step, const char *name, const struct step_facts *f);
/* Whether --force names it, for all or for this name. */
bool step_is_forced(const struct publish *p, enum publish_step step, const char *name);
/* Adds a step that was judged elsewhere. */
int step_add(struct step_list *l, const struct publish_domain *d, enum publish_step step,
	const char *name, const struct step_verdict *v, struct err *err);
/* Moves the domain's steps to another list; if out of memory they stay. */
void steps_move(struct step_list *from, struct step_list *to, const struct publish_domain *d);
void steps_free(struct step_list *l);
/* The worst exit status of the refused steps; 0 if there are none. */
int steps_exit(const struct step_list *l);

#endif
