/* SPDX-License-Identifier: ISC */
/* For providers: how many names have no certificate yet, and how long the authority's rate limits
 * make them wait. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decide/publish_rates.h"
#include "print/output.h"
#include "verbs/publish/view.h"

struct costs {
	const char **host; /* owned, with what it holds */
	size_t n, most;    /* most: below one registered domain */
	const char *of;    /* one of those */
};

static bool has_certificate(const struct look *l, const char *host, int64_t now)
{
	size_t i;

	for (i = 0; l->t.answered && i < l->t.reply.n_cert; i++) {
		const struct check_cert *c = &l->t.reply.cert[i];

		if (c->port != CHECK_SMTP_PORT && c->not_after > now && strcmp(c->name, host) == 0)
			return true;
	}
	return false;
}

/* The hosts of a provider's customers; those of the domains that were chosen. */
static int count_hosts(struct costs *c, const struct publish_section *s, const struct view *v,
	size_t n, int64_t now)
{
	char *name;
	size_t i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; v[i].domain->section == s && k < 2; k++) {
			if (k ? v[i].policy.len == 0 : s->method == PUBLISH_DIRECT)
				continue;
			if (asprintf(&name, "%s.%s", k ? "mta-sts" : "openpgpkey",
				    v[i].domain->name) < 0)
				return -1;
			if (has_certificate(v[i].look, name, now))
				free(name);
			else
				c->host[c->n++] = name;
		}
	}
	c->most = publish_most_of_one(c->host, c->n, &c->of);
	return 0;
}

static void print_costs(FILE *f, const struct publish_section *s, const struct costs *c)
{
	fprintf(f, "%s: %zu names have no certificate yet\n", s->name, c->n);
	if (publish_acme_has_rates(s)) {
		fprintf(f, "  note     %zu day%s, as Let's Encrypt takes %d orders in %d hours\n",
			publish_order_days(c->n), publish_order_days(c->n) == 1 ? "" : "s",
			RATE_ORDERS, RATE_HOURS);
		if (publish_domain_days(c->most) > publish_order_days(c->n))
			fprintf(f,
				"           %zu days for the %zu of them below %s:\n"
				"           a registered domain gets %d a week\n",
				publish_domain_days(c->most), c->most, publish_registered(c->of),
				RATE_WEEKLY);
	}
	if (s->servers & PUBLISH_CADDY)
		fprintf(f, "  note     Caddy fetches about one a second, at the first visit of "
			   "each\n");
}

static int json_costs(FILE *f, const struct publish_section *s, const struct costs *c)
{
	bool known = publish_acme_has_rates(s);
	size_t days = publish_order_days(c->n), below = publish_domain_days(c->most);
	struct out *o = out_new();

	out_str(o, "provider", s->name);
	out_int_if(o, "certificates_missing", true, (int64_t)c->n);
	out_int_if(o, "days", known, (int64_t)(below > days ? below : days));
	out_str(o, "most_below", c->of ? publish_registered(c->of) : "");
	out_int_if(o, "most", true, (int64_t)c->most);
	return out_print(o, f);
}

int view_costs(FILE *f, const struct publish *p, const struct view *v, size_t n, struct err *err)
{
	struct costs c = {.host = calloc(2 * n + 1, sizeof(*c.host))};
	size_t i, k;
	int rc = c.host ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < p->conf.n_section; i++) {
		const struct publish_section *s = &p->conf.section[i];

		if (!s->provider)
			continue;
		c.n = 0;
		if (count_hosts(&c, s, v, n, p->now) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
		else if (c.n > 0 && p->args->json)
			rc = json_costs(f, s, &c);
		else if (c.n > 0)
			print_costs(f, s, &c);
		for (k = 0; k < c.n; k++)
			free((char *)(uintptr_t)c.host[k]);
	}
	free(c.host);
	return rc;
}
