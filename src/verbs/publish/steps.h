/* SPDX-License-Identifier: ISC */
/* Steps that were looked at in a run, and what came of them. */
#ifndef SEALPOST_PUBLISH_STEPS_LIST_H
#define SEALPOST_PUBLISH_STEPS_LIST_H

#include "decide/publish_steps.h"
#include "verbs/publish/publish.h"

struct step_note {
	const struct publish_domain *domain; /* NULL: one that is on the list no more */
	enum publish_step step;
	char *name; /* owned; what --force takes, and what it is about */
	struct step_verdict verdict;
};

struct step_list {
	struct step_note *v; /* owned */
	size_t n, cap;
};

/*
 * Judges a step, and notes it if there is something to do. name: the domain, the address, the host.
 * true if it may be taken. Without memory it may not.
 */
bool step_allowed(const struct publish *p, struct step_list *l, const struct publish_domain *d,
	enum publish_step step, const char *name, const struct step_facts *f);
/* Whether --force names it: of all, or of this name. */
bool step_is_forced(const struct publish *p, enum publish_step step, const char *name);
/* Notes what was judged elsewhere. */
int step_add(struct step_list *l, const struct publish_domain *d, enum publish_step step,
	const char *name, const struct step_verdict *v, struct err *err);
/* Moves the domain's steps to another list; without memory they stay. */
void steps_move(struct step_list *from, struct step_list *to, const struct publish_domain *d);
void steps_free(struct step_list *l);
/* The worst exit status of those that are refused; 0 if none is. */
int steps_exit(const struct step_list *l);

#endif
