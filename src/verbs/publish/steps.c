/* SPDX-License-Identifier: ISC */
#include "verbs/publish/steps.h"

#include <stdlib.h>
#include <string.h>

/* Whether --force names the step: of all, or of this one. */
static bool is_forced(const struct publish_args *a, enum publish_step step, const char *name)
{
	const char *word = publish_step_name(step);
	size_t i, len = strlen(word);

	for (i = 0; i < a->n_force; i++) {
		if (strncmp(a->force[i], word, len) != 0)
			continue;
		if (a->force[i][len] == '\0' ||
			(a->force[i][len] == ':' && strcasecmp(a->force[i] + len + 1, name) == 0))
			return true;
	}
	return false;
}

bool step_allowed(const struct publish *p, struct step_list *l, const struct publish_domain *d,
	enum publish_step step, const char *name, const struct step_facts *f)
{
	struct step_facts facts = *f;
	size_t cap = l->cap ? 2 * l->cap : 16;
	struct step_note note = {.domain = d, .step = step};

	facts.now = p->now;
	facts.offline = p->args->offline;
	facts.forced = is_forced(p->args, step, name);
	publish_judge_step(step, &facts, &note.verdict);
	if (note.verdict.state == STATE_DONE)
		return true;
	if (l->n == l->cap) {
		struct step_note *grown = reallocarray(l->v, cap, sizeof(*grown));

		if (!grown)
			return false;
		l->v = grown;
		l->cap = cap;
	}
	note.name = strdup(name);
	if (!note.name)
		return false;
	l->v[l->n++] = note;
	return note.verdict.state == STATE_NEXT;
}

void steps_free(struct step_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->v[i].name);
	free(l->v);
	*l = (struct step_list){.n = 0};
}

int steps_exit(const struct step_list *l)
{
	size_t i;
	int status = 0;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].verdict.state != STATE_NEXT)
			status = publish_worse_exit(
				status, publish_state_exit(l->v[i].verdict.state));
	}
	return status;
}
