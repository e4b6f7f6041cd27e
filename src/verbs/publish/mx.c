/* SPDX-License-Identifier: ISC */
#include "verbs/publish/mx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"
#include "store/live.h"

#define MX_THING "mx " /* in the store: a mail server that DNS names */

/* All of one domain. */
struct mail_servers {
	const struct publish_section *section;
	const struct check_reply *live;
	struct mx_fact *v; /* owned; no "*." */
	size_t n;
	char **left; /* owned, with what it holds: hosts that were in DNS once */
	size_t n_left;
};

static bool any_matches(char *const *line, size_t n, const char *host)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (pattern_match_mx(line[i], host))
			return true;
	}
	return false;
}

static bool is_live(const struct check_reply *r, const char *host)
{
	size_t i;

	for (i = 0; i < r->n_mx; i++) {
		if (strcasecmp(r->mx[i].host, host) == 0)
			return true;
	}
	return false;
}

/* Whether the policy that is live is enforced, and so which lines it has. */
static bool serves_lines(const struct check_reply *r)
{
	return r->sts.policy == CHECK_FOUND && !r->sts.kept && r->sts.mode == STS_MODE_ENFORCE;
}

static void add_server(struct mail_servers *m, const char *host)
{
	const struct check_reply *r = m->live;
	struct mx_fact x = {.host = host, .live = is_live(r, host)};
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (strcasecmp(m->v[i].host, host) == 0)
			return;
	}
	if (strncmp(host, "*.", 2) == 0)
		return;
	/* If FILE names none, the live ones are used. */
	x.wanted =
		m->section->mx.n ? any_matches(m->section->mx.v, m->section->mx.n, host) : x.live;
	x.served = serves_lines(r) && any_matches(r->sts.mx, r->sts.n_mx, host);
	m->v[m->n++] = x;
}

/* TTLs count down in caches on the path, so they are rounded before they are stored. */
static int64_t round_ttl(uint32_t ttl)
{
	static const int64_t steps[] = {300, 3600, 6 * 3600, PUBLISH_DAY, 7 * PUBLISH_DAY};
	size_t i;

	for (i = 0; i + 1 < sizeof(steps) / sizeof(steps[0]) && ttl > steps[i]; i++)
		;
	return steps[i];
}

/* What the store calls a mail server in DNS, one that has left it, and a line for it. */
struct thing_names {
	char dns[ADDR_DOMAIN_MAX + 16], away[ADDR_DOMAIN_MAX + 16], line[ADDR_DOMAIN_MAX + 16];
};

static void name_things(const char *host, struct thing_names *t)
{
	snprintf(t->dns, sizeof(t->dns), MX_THING "%.*s/", ADDR_DOMAIN_MAX, host);
	snprintf(t->away, sizeof(t->away), "away %.*s/", ADDR_DOMAIN_MAX, host);
	snprintf(t->line, sizeof(t->line), "line %.*s/", ADDR_DOMAIN_MAX, host);
}

/* One that is not in DNS: it may have been there until it was first seen gone. Once nobody can know
 * it any more, a line for it is as for a new one. */
static int note_away(
	struct publish *p, const char *name, const struct thing_names *t, struct err *err)
{
	struct store *s = p->session.store;
	int64_t first, until = 0;
	int rc = store_live_changed(s, name, t->dns, t->away, 0, p->now, err);

	if (rc == 0)
		rc = store_live_until(s, name, t->dns, &until, err);
	if (rc == 0 && until != 0)
		rc = store_live_seen(s, name, t->away, 0, p->now, &first, err);
	if (rc < 0 || until == 0 || until > p->now)
		return rc;
	rc = store_live_gone(s, name, t->dns, err);
	return rc < 0 ? rc : store_live_gone(s, name, t->away, err);
}

static int note_server(
	struct publish *p, const struct look *l, const struct mx_fact *x, struct err *err)
{
	struct store *s = p->session.store;
	const char *name = l->domain->name;
	struct thing_names t = {0};
	int64_t first;
	int rc;

	name_things(x->host, &t);
	if (x->live) {
		rc = store_live_seen(s, name, t.dns, round_ttl(l->mx_ttl), p->now, &first, err);
		if (rc == 0)
			rc = store_live_gone(s, name, t.away, err);
	} else {
		rc = note_away(p, name, &t, err);
	}
	if (rc < 0)
		return rc;
	return x->served ? store_live_seen(s, name, t.line, 0, p->now, &first, err)
			 : store_live_gone(s, name, t.line, err);
}

static int recall_server(
	struct publish *p, const struct look *l, struct mx_fact *x, struct err *err)
{
	struct store *s = p->session.store;
	const char *name = l->domain->name;
	struct thing_names t = {0};
	int rc;

	name_things(x->host, &t);
	rc = store_live_since(s, name, t.dns, &x->live_since, err);
	if (rc == 0)
		rc = store_live_until(s, name, t.dns, &x->known_until, err);
	return rc == 0 ? store_live_since(s, name, t.line, &x->line_since, err) : rc;
}

/* A mail server that the store knows, as name_things calls it. */
static int keep_left(void *arg, const char *rest)
{
	struct mail_servers *m = arg;
	char **grown = reallocarray(m->left, m->n_left + 1, sizeof(*grown));

	if (!grown)
		return ERR_OS;
	m->left = grown;
	grown[m->n_left] = strndup(rest, strcspn(rest, "/"));
	if (!grown[m->n_left])
		return ERR_OS;
	m->n_left++;
	return 0;
}

static void free_servers(struct mail_servers *m)
{
	size_t i;

	for (i = 0; i < m->n_left; i++)
		free(m->left[i]);
	free(m->left);
	free(m->v);
}

/* Of DNS, of FILE, of the live policy, and those that have left DNS, which perhaps only a "*." of
 * the policy was for. free_servers in any case. */
static int list_servers(
	struct publish *p, const struct look *l, struct mail_servers *m, struct err *err)
{
	const struct check_reply *r = m->live;
	size_t i;
	int rc = store_live_each(p->session.store, l->domain->name, MX_THING, keep_left, m, err);

	if (rc == ERR_OS)
		return err_set(err, ERR_OS, "out of memory");
	if (rc < 0)
		return rc;
	m->v = calloc(r->n_mx + r->sts.n_mx + m->section->mx.n + m->n_left + 1, sizeof(*m->v));
	if (!m->v)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < r->n_mx; i++)
		add_server(m, r->mx[i].host);
	for (i = 0; i < m->section->mx.n; i++)
		add_server(m, m->section->mx.v[i]);
	for (i = 0; serves_lines(r) && i < r->sts.n_mx; i++)
		add_server(m, r->sts.mx[i]);
	for (i = 0; i < m->n_left; i++)
		add_server(m, m->left[i]);
	return 0;
}

int mx_note(struct publish *p, const struct look *l, struct err *err)
{
	struct mail_servers m = {.section = l->domain->section, .live = &l->t.reply};
	size_t i;
	int rc;

	if (!l->t.answered || l->domain->sts == PUBLISH_STS_OFF ||
		l->t.reply.mx_outcome != CHECK_FOUND || l->t.reply.sts.policy == CHECK_UNKNOWN)
		return 0;
	rc = list_servers(p, l, &m, err);
	for (i = 0; rc == 0 && i < m.n; i++)
		rc = note_server(p, l, &m.v[i], err);
	free_servers(&m);
	return rc;
}

/* write does what it can, and reports what it refuses; plan reports all that is to come. */
static bool tells_next(const struct publish *p, enum mx_next next)
{
	return p->args->what != PUBLISH_WRITE || publish_mx_keeps_line(next) || next == MX_UNNAMED;
}

static int judge_servers(struct publish *p, struct step_list *steps, const struct publish_domain *d,
	const struct mx_facts *f, struct mx_kept *kept, struct err *err)
{
	struct step_verdict verdict;
	enum mx_next next;
	int64_t when;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < f->n; i++) {
		next = publish_mx_next(f, i, &when);
		if (next == MX_SETTLED || step_is_forced(p, STEP_MX, f->v[i].host) ||
			step_is_forced(p, STEP_MX, d->name))
			continue;
		if (publish_mx_keeps_line(next)) {
			kept->line[kept->n] = strdup(f->v[i].host);
			if (!kept->line[kept->n])
				return err_set(err, ERR_OS, "out of memory");
			kept->n++;
		}
		kept->refused |= next == MX_UNNAMED;
		publish_mx_verdict(next, f->now, when, &verdict);
		if (tells_next(p, next))
			rc = step_add(steps, d, STEP_MX, f->v[i].host, &verdict, err);
	}
	return rc;
}

int mx_judge(struct publish *p, struct step_list *steps, const struct publish_domain *d,
	const struct look *l, struct mx_kept *kept, struct err *err)
{
	const struct check_reply *r = &l->t.reply;
	struct mail_servers m = {.section = d->section, .live = r};
	struct mx_facts f = {
		.now = p->now, .ttl = round_ttl(l->sts_ttl), .max_age = r->sts.max_age};
	size_t i;
	int rc = list_servers(p, l, &m, err);

	*kept = (struct mx_kept){.line = calloc(m.n + 1, sizeof(*kept->line))};
	if (rc == 0 && !kept->line)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = store_live_until_other(p->session.store, d->name, "policy-enforce", f.max_age,
			&f.older_until, err);
	for (i = 0; rc == 0 && i < m.n; i++)
		rc = recall_server(p, l, &m.v[i], err);
	f.v = m.v;
	f.n = m.n;
	if (rc == 0)
		rc = judge_servers(p, steps, d, &f, kept, err);
	free_servers(&m);
	return rc;
}

void mx_kept_free(struct mx_kept *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		free(k->line[i]);
	free(k->line);
	*k = (struct mx_kept){.n = 0};
}
