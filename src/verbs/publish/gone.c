/* SPDX-License-Identifier: ISC */
/*
 * Domains that were published and are no longer in FILE. Senders may have cached their old policy,
 * and their names may still point here: a policy of mode none, its record and its certificate stay
 * until the names have gone and the old policy has run out.
 */
#include <stdlib.h>
#include <string.h>

#include "store/live.h"
#include "verbs/publish/told.h"
#include "verbs/publish/write.h"

/* Whether any of the addresses is one of the section's web server. */
static bool shares_address(const struct publish_section *s, const struct world_answer *a)
{
	size_t i;

	for (i = 0; i < a->n_record; i++) {
		if (publish_is_web(s, a->record[i].data, a->record[i].len))
			return true;
	}
	return false;
}

/* Whether an answer points to one of FILE's web servers or hosts. */
static enum check_fact answer_leads_here(const struct publish_conf *c, const struct world_answer *a)
{
	size_t i;

	for (i = 0; i < c->n_section; i++) {
		const struct publish_section *s = &c->section[i];

		if ((s->provider && a->canon && addr_in_zone(a->canon, s->name)) ||
			(s->web_is_host && a->canon && strcmp(a->canon, s->web.v[0]) == 0) ||
			shares_address(s, a))
			return FACT_YES;
	}
	return a->state > DNS_INSECURE ? FACT_UNKNOWN : FACT_NO;
}

/* The same of an alias, which may lead on from there. */
static enum check_fact alias_leads_here(const struct publish_conf *c, const struct world_answer *a)
{
	char to[ADDR_DOMAIN_MAX + 1];
	size_t i, k;

	for (k = 0; k < a->n_record; k++) {
		snprintf(to, sizeof(to), "%.*s", (int)a->record[k].len, (char *)a->record[k].data);
		for (i = 0; i < c->n_section; i++) {
			const struct publish_section *s = &c->section[i];

			if ((s->provider && addr_in_zone(to, s->name)) ||
				(s->web_is_host && strcmp(to, s->web.v[0]) == 0))
				return FACT_YES;
		}
	}
	return a->state > DNS_INSECURE ? FACT_UNKNOWN : FACT_NO;
}

/* A domain that leaves. */
struct leaving {
	struct tree_entry *entry; /* its policy */
	enum check_fact away;     /* none of its names points here */
	/* Whose servers have its policy. NULL: FILE has none. */
	const struct publish_section *section;
};

static const struct {
	const char *label;
	enum record_type type;
} gone_sets[] = {{"mta-sts", RECORD_A}, {"mta-sts", RECORD_AAAA}, {"mta-sts", RECORD_CNAME},
	{"_mta-sts", RECORD_TXT}, {"openpgpkey", RECORD_A}, {"openpgpkey", RECORD_AAAA},
	{"openpgpkey", RECORD_CNAME}};

static int add_gone_sets(struct world_request *q, const char *domain, struct err *err)
{
	char name[ADDR_DOMAIN_MAX + 32];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(gone_sets) / sizeof(gone_sets[0]); i++) {
		snprintf(name, sizeof(name), "%s.%s", gone_sets[i].label, domain);
		rc = look_add_set(q, name, gone_sets[i].type, err);
	}
	return rc;
}

static enum check_fact is_away(const struct publish_conf *c, const struct world_reply *a)
{
	enum check_fact away = FACT_YES;
	size_t i;

	for (i = 0; i < a->n_answer; i++) {
		enum check_fact here = gone_sets[i].type == RECORD_CNAME
					       ? alias_leads_here(c, &a->answer[i])
					       : answer_leads_here(c, &a->answer[i]);

		if (here == FACT_YES)
			away = FACT_NO;
		else if (here == FACT_UNKNOWN && away == FACT_YES)
			away = FACT_UNKNOWN;
	}
	return away;
}

/* Queries all of them at once. */
static int ask_if_away(struct publish *p, struct leaving *l, size_t n, struct err *err)
{
	struct world_request *q = calloc(n + 1, sizeof(*q));
	struct world_reply *a = calloc(n + 1, sizeof(*a));
	size_t i;
	int rc = q && a ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < n; i++)
		rc = add_gone_sets(&q[i], l[i].entry->domain, err);
	if (rc == 0)
		rc = look_world(p, q, a, n, err);
	for (i = 0; q && a && i < n; i++) {
		if (rc == 0)
			l[i].away = is_away(&p->conf, &a[i]);
		world_request_free(&q[i]);
		world_reply_free(&a[i]);
	}
	free(q);
	free(a);
	return rc;
}

/* What is told of the waits: until when senders may keep the policy, of which this is the last
 * moment that it is served, and since when the names lead elsewhere. */
static int note_gone(struct publish *p, const char *domain, const struct buf *old,
	struct step_facts *f, struct err *err)
{
	struct store *store = p->session.store;
	int64_t age = policy_max_age(old);
	int64_t until = 0, first;
	int rc = 0;

	if (age >= 0 && !policy_says(old, "none"))
		rc = store_live_seen(store, domain, "policy-served", age, p->now, &first, err);
	if (rc == 0)
		rc = store_live_until(store, domain, "policy-", &until, err);
	if (rc == 0 && f->ready == FACT_YES)
		rc = store_live_seen(store, domain, "away", 0, p->now, &f->since, err);
	else if (rc == 0 && f->ready == FACT_NO)
		rc = store_live_gone(store, domain, "away", err);
	/* Where nothing is known of an old policy, that of mode none is waited for. */
	f->wait = until == 0 ? PUBLISH_DAY : until > f->since ? until - f->since : 0;
	return rc;
}

/* The section whose zone has the record of each; else any: only its servers matter then. */
static int find_old_sections(const struct writing *w, struct leaving *l, size_t n, struct err *err)
{
	const struct publish_conf *c = &w->p->conf;
	struct told told;
	size_t i, k;
	int rc = 0;

	for (i = 0; rc == 0 && i < c->n_section; i++) {
		if (!c->section[i].provider)
			continue;
		rc = told_read(&w->tree, &c->section[i], &told, err);
		for (k = 0; rc == 0 && k < n; k++) {
			if (!l[k].section && told_has(&told, l[k].entry->domain))
				l[k].section = &c->section[i];
		}
		told_free(&told);
	}
	for (k = 0; c->n_section > 0 && k < n; k++) {
		if (!l[k].section)
			l[k].section = &c->section[0];
	}
	return rc;
}

/* The policy's host stays, with a policy of mode none. */
static int keep_gone(struct writing *w, const struct leaving *l, struct err *err)
{
	const struct tree_entry *e = l->entry;
	struct publish_domain d = {.name = e->domain, .section = l->section}, *grown;
	struct buf none = BUF_INIT(4096);
	char path[FILE_PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "hosts/mta-sts.%s", e->domain);
	(void)tree_keep(&w->tree, path);
	snprintf(path, sizeof(path), "www/mta-sts.%s/", e->domain);
	tree_keep_below(&w->tree, path);
	if (w->p->args->offline || !d.section)
		return 0;
	d.customer = d.section->provider;
	if (policy_text(&d, true, NULL, &none) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	else
		rc = tree_put(&w->tree, e->path, e->domain, buf_str(&none), none.len, err);
	buf_free(&none);
	grown = rc == 0 ? reallocarray(w->gone, w->n_gone + 1, sizeof(*grown)) : NULL;
	if (!grown)
		return rc < 0 ? rc : err_set(err, ERR_OS, "out of memory");
	w->gone = grown;
	grown[w->n_gone++] = d;
	return 0;
}

/* Those of the manifest; owned by the caller. NULL: no memory. */
static struct leaving *list_leaving(const struct writing *w, size_t *n)
{
	struct leaving *l = calloc(w->tree.n_old + 1, sizeof(*l));
	size_t i;

	*n = 0;
	for (i = 0; l && i < w->tree.n_old; i++) {
		struct tree_entry *e = &w->tree.old[i];

		if (e->wanted || strcmp(e->domain, TREE_NO_DOMAIN) == 0 ||
			publish_find(&w->p->conf, e->domain) || e->kind != TREE_POLICY)
			continue;
		l[(*n)++] = (struct leaving){.entry = e, .away = FACT_UNKNOWN};
	}
	return l;
}

static int judge_leaving(struct writing *w, const struct leaving *l, struct err *err)
{
	struct step_facts f = {.wanted = true, .ready = l->away};
	struct buf old = BUF_INIT(65536);
	size_t n = w->n_gone;
	int rc = tree_read_old(&w->tree, l->entry->path, &old, err);

	if (rc == 0 && !w->p->args->offline)
		rc = note_gone(w->p, l->entry->domain, &old, &f, err);
	if (rc == 0 && !step_allowed(w->p, &w->steps, NULL, STEP_CUSTOMER, l->entry->domain, &f))
		rc = keep_gone(w, l, err);
	if (rc == 0 && w->n_gone > n)
		rc = add_served_host(w, &w->gone[n], "mta-sts.", true, err);
	buf_free(&old);
	return rc > 0 ? 0 : rc;
}

int look_at_gone(struct writing *w, struct err *err)
{
	size_t i, n;
	struct leaving *l = list_leaving(w, &n);
	int rc = l ? 0 : err_set(err, ERR_OS, "out of memory");

	if (rc == 0 && n > 0 && !w->p->args->offline)
		rc = ask_if_away(w->p, l, n, err);
	if (rc == 0 && n > 0)
		rc = find_old_sections(w, l, n, err);
	for (i = 0; rc == 0 && i < n; i++)
		rc = judge_leaving(w, &l[i], err);
	free(l);
	return rc;
}
