/* SPDX-License-Identifier: ISC */
#include "verbs/publish/steps.h"

#include <stdlib.h>
#include <string.h>

bool step_is_forced(const struct publish *p, enum publish_step step, const char *name)
{
	const struct publish_args *a = p->args;
	const char *word = publish_step_name(step);
	size_t i, len = strlen(word);
	bool is_forced = false;

	for (i = 0; i < a->n_force; i++) {
		struct forced_step *forced = &a->force[i];

		if (strncmp(forced->text, word, len) != 0)
			continue;
		if (forced->text[len] == '\0' ||
			(forced->text[len] == ':' &&
				strcasecmp(forced->text + len + 1, name) == 0)) {
			forced->met = true;
			is_forced = true;
		}
	}
	return is_forced;
}

static bool add_note(struct step_list *l, const struct step_note *note)
{
	size_t cap = l->cap ? 2 * l->cap : 16;
	struct step_note *grown = l->n < l->cap ? l->v : reallocarray(l->v, cap, sizeof(*grown));

	if (!grown)
		return false;
	l->v = grown;
	l->cap = l->n < l->cap ? l->cap : cap;
	l->v[l->n++] = *note;
	return true;
}

bool step_allowed(const struct publish *p, struct step_list *l, const struct publish_domain *d,
	enum publish_step step, const char *name, const struct step_facts *f)
{
	struct step_facts facts = *f;
	struct step_note note = {.domain = d, .step = step};

	facts.now = p->now;
	facts.offline = p->args->offline;
	facts.forced = step_is_forced(p, step, name);
	publish_judge_step(step, &facts, &note.verdict);
	if (note.verdict.state == STATE_DONE)
		return true;
	note.name = strdup(name);
	if (!note.name || !add_note(l, &note)) {
		free(note.name);
		return false;
	}
	return note.verdict.state == STATE_NEXT;
}

int step_add(struct step_list *l, const struct publish_domain *d, enum publish_step step,
	const char *name, const struct step_verdict *v, struct err *err)
{
	struct step_note note = {.domain = d, .step = step, .name = strdup(name), .verdict = *v};

	if (note.name && add_note(l, &note))
		return 0;
	free(note.name);
	return err_set(err, ERR_OS, "out of memory");
}

void steps_move(struct step_list *from, struct step_list *to, const struct publish_domain *d)
{
	size_t i, left = 0;

	for (i = 0; i < from->n; i++) {
		if (from->v[i].domain != d || !add_note(to, &from->v[i]))
			from->v[left++] = from->v[i];
	}
	from->n = left;
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
