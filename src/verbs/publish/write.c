/* SPDX-License-Identifier: ISC */
#include "verbs/publish/write.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "print/output.h"

void keep_others(struct writing *w)
{
	const struct publish *p = w->p;
	size_t i;

	for (i = 0; i < w->tree.n_old; i++) {
		struct tree_entry *e = &w->tree.old[i];
		const struct publish_domain *d = publish_find(&p->conf, e->domain);

		if (d ? !p->chosen[publish_index(p, d)]
		      : p->n_chosen < p->conf.n_domain && strcmp(e->domain, TREE_NO_DOMAIN) != 0)
			e->wanted = true;
		/* What DNS has now is unknown offline. */
		if (p->args->offline && e->kind == TREE_POINTS)
			e->wanted = true;
	}
}

static void tell_left_out(const struct writing *w)
{
	const struct keys *k = &w->keys;
	size_t i;

	for (i = 0; i < k->n_claim; i++) {
		const struct key_claim *c = &k->claim[i];
		const char *path = k->source[c->source].path;

		if (c->publish || !c->why || c->why[0] == '\0')
			continue;
		fputs("sealpost: left out: ", stderr);
		out_safe(stderr, c->address ? c->address : c->fpr, 0);
		fprintf(stderr, "%s%s (", c->address || c->fpr[0] ? ": " : "", c->why);
		out_safe(stderr, path ? path : "gnupg", 0);
		fputs(")\n", stderr);
	}
}

static void tell_steps(const struct writing *w)
{
	char when[TEXT_TIME_MAX];
	size_t i;

	for (i = 0; i < w->steps.n; i++) {
		const struct step_note *s = &w->steps.v[i];

		if (s->verdict.state == STATE_NEXT)
			continue;
		fprintf(stderr, "sealpost: not done: %s: ", publish_step_name(s->step));
		out_safe(stderr, s->name, 0);
		fprintf(stderr, ": %s\n", s->verdict.reason);
		text_time(when, s->verdict.not_before);
		if (s->verdict.not_before)
			fprintf(stderr, "hint: by itself it is safe from %s on\n", when);
		if (s->verdict.mend[0])
			fprintf(stderr, "hint: %s\n", s->verdict.mend);
	}
}

/* A name that was mistyped: the step that was meant is still refused. */
static void tell_unmet(const struct publish_args *a)
{
	size_t i;

	for (i = 0; i < a->n_force; i++) {
		if (strchr(a->force[i].text, ':') && !a->force[i].met)
			log_warn("--force=%s: no such step came up", a->force[i].text);
	}
}

static int prepare_all(struct writing *w, struct err *err)
{
	struct publish *p = w->p;
	const struct key_sink sink = {served_wants, served_before, served_put, w};
	size_t i;
	int rc = keys_judge(p, &w->keys, &sink, err);

	if (rc == 0)
		keep_others(w);
	w->untold = calloc(p->conf.n_domain + 1, sizeof(*w->untold));
	if (rc == 0 && !w->untold)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = look_at_withdrawn(w, err);
	for (i = 0; rc == 0 && i < p->conf.n_domain; i++) {
		if (p->chosen[i])
			rc = write_domain(w, &p->conf.domain[i], err);
	}
	if (rc == 0)
		rc = look_at_gone(w, err);
	if (rc == 0)
		rc = write_common(w, err);
	return rc;
}

/* Looks up the live state of the chosen domains. */
static int ask_world(struct writing *w, struct err *err)
{
	struct publish *p = w->p;
	size_t i, n = 0;
	int rc;

	if (p->args->offline)
		return 0;
	w->look = calloc(p->n_chosen + 1, sizeof(*w->look));
	if (!w->look)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < p->conf.n_domain; i++) {
		if (p->chosen[i])
			w->look[n++].domain = &p->conf.domain[i];
	}
	w->n_look = n;
	rc = open_few_hosts(p, w->look, n, err);
	return rc == 0 ? look_ask(p, w->look, n, err) : rc;
}

int publish_write(struct publish *p, const char *real, struct err *err)
{
	struct writing w = {.p = p, .tree = {.fd = -1, .temp_fd = -1}};
	int rc = keys_find(p, &w.keys, err), status = 0;

	if (rc == 0)
		rc = ask_world(&w, err);
	if (rc == 0)
		rc = tree_open(&w.tree, real, p->now, err);
	if (rc == 0)
		rc = prepare_all(&w, err);
	if (rc == 0)
		rc = tree_commit(&w.tree, err);
	if (rc == 0)
		rc = publish_remember_dir(p, real, err);
	if (rc == 0) {
		tell_left_out(&w);
		tell_steps(&w);
		tell_unmet(p->args);
		status = publish_worse_exit(w.keys.n_left_out ? 1 : 0, steps_exit(&w.steps));
		if (log_level() != LOG_QUIET)
			printf("%zu key%s published, %zu left out; %zu file%s written, %zu "
			       "removed\n",
				w.keys.n_published, w.keys.n_published == 1 ? "" : "s",
				w.keys.n_left_out, w.tree.n_written,
				w.tree.n_written == 1 ? "" : "s", w.tree.n_removed);
		if (out_finish() < 0)
			rc = out_failed(err, ERR_IO);
	}
	look_free(w.look, w.look ? p->n_chosen : 0);
	steps_free(&w.steps);
	hosts_free(&w.hosts);
	free(w.gone);
	free(w.untold);
	tree_close(&w.tree);
	keys_free(&w.keys);
	return rc < 0 ? rc : status;
}
