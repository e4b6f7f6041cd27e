/* SPDX-License-Identifier: ISC */
/*
 * Customers' hosts that were never seen answering: each is contacted once, one a second, before
 * everything is queried at once. The web server fetches a certificate at the first request, and
 * refuses too many at once.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "print/progress.h"
#include "store/live.h"
#include "verbs/publish/look.h"
#include "verbs/publish/records.h"

#define PACE_MS 1000
#define AT_ONCE_MAX 5 /* Caddy fetches certificates for so many that come together */

struct new_host {
	struct look *look;
	const struct publish_domain *domain;
	const char *label; /* static */
	bool policy;
};

static void new_host_thing(const struct new_host *h, char *out, size_t len)
{
	snprintf(out, len, "opened-%s", h->label);
}

/* Whether the host of a customer was never seen answering. */
static int is_unopened(struct publish *p, const struct new_host *h, bool *out, struct err *err)
{
	char thing[32];
	int64_t first;
	int rc;

	new_host_thing(h, thing, sizeof(thing));
	rc = store_live_since(p->session.store, h->domain->name, thing, &first, err);
	*out = first == 0;
	return rc;
}

/* Those whose certificates are fetched on demand. out has room for two a domain. */
static int list_new(struct publish *p, struct look *l, size_t n, struct new_host *out,
	size_t *count, struct err *err)
{
	size_t i, k;
	int rc = 0;

	*count = 0;
	for (i = 0; rc == 0 && i < n; i++) {
		const struct publish_domain *d = l[i].domain;

		for (k = 0;
			rc == 0 && d->customer && (d->section->servers & PUBLISH_CADDY) && k < 2;
			k++) {
			struct new_host h = {&l[i], d, k ? "mta-sts" : "openpgpkey", k == 1};
			bool is_new = k ? d->sts != PUBLISH_STS_OFF
					: d->section->method != PUBLISH_DIRECT;

			if (is_new)
				rc = is_unopened(p, &h, &is_new, err);
			if (rc == 0 && is_new)
				out[(*count)++] = h;
		}
	}
	return rc;
}

/* Keeps those that point here: no other name may get a certificate. */
static int keep_those_here(struct publish *p, struct new_host *h, size_t *n, struct err *err)
{
	struct world_request *q = calloc(*n + 1, sizeof(*q));
	struct world_reply *a = calloc(*n + 1, sizeof(*a));
	size_t i, left = 0;
	int rc = q && a ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < *n; i++)
		rc = look_add_host(&q[i], h[i].domain, h[i].label, err);
	if (rc == 0)
		rc = look_world(p, q, a, *n, err);
	for (i = 0; q && a && i < *n; i++) {
		if (rc == 0 && look_leads_here(h[i].domain, a[i].answer))
			h[left++] = h[i];
		world_request_free(&q[i]);
		world_reply_free(&a[i]);
	}
	*n = left;
	free(q);
	free(a);
	return rc;
}

static int add_new_host(struct world_request *q, const struct new_host *h, struct err *err)
{
	char name[ADDR_DOMAIN_MAX + 32], path[WORLD_PATH_MAX] = "/.well-known/mta-sts.txt";

	snprintf(name, sizeof(name), "%s.%s", h->label, h->domain->name);
	if (!h->policy)
		snprintf(path, sizeof(path), "/.well-known/openpgpkey/%s/policy", h->domain->name);
	return look_add_file(q, name, "", path, false, err);
}

/* Asks some at once, at most AT_ONCE_MAX, and notes who answers; the domains of the others are
 * marked. */
static int open_hosts(struct publish *p, const struct new_host *h, size_t n, struct err *err)
{
	struct world_request q = {.id = 0};
	struct world_reply a = {.id = 0};
	char thing[32];
	int64_t first;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++)
		rc = add_new_host(&q, &h[i], err);
	if (rc == 0)
		rc = look_world(p, &q, &a, 1, err);
	for (i = 0; rc == 0 && i < n; i++) {
		new_host_thing(&h[i], thing, sizeof(thing));
		if (a.got[i].status != 0)
			rc = store_live_seen(
				p->session.store, h[i].domain->name, thing, 0, p->now, &first, err);
		else
			h[i].look->unopened = true;
	}
	world_request_free(&q);
	world_reply_free(&a);
	return rc;
}

static void wait_until(int64_t when)
{
	int64_t left = when - clock_ms();
	const struct timespec t = {left / 1000, left % 1000 * 1000000};

	if (left > 0)
		nanosleep(&t, NULL);
}

/* Those of customers that lead here; owned by the caller. NULL: an error. */
static struct new_host *find_new(
	struct publish *p, struct look *l, size_t n, size_t *count, struct err *err)
{
	struct new_host *h = calloc(2 * n + 1, sizeof(*h));
	int rc = h ? list_new(p, l, n, h, count, err) : err_set(err, ERR_OS, "out of memory");

	if (rc == 0 && *count > 0)
		rc = keep_those_here(p, h, count, err);
	if (rc == 0)
		return h;
	free(h);
	return NULL;
}

int open_new_hosts(struct publish *p, struct look *l, size_t n, struct err *err)
{
	struct progress line;
	int64_t next = 0;
	size_t i, count = 0;
	struct new_host *h = find_new(p, l, n, &count, err);
	int rc = h ? 0 : (int)err->code;

	if (rc == 0 && count > 0) {
		progress_start(&line, "publish verify: new hosts", count);
		for (i = 0; rc == 0 && i < count; i++) {
			wait_until(next);
			next = clock_ms() + PACE_MS;
			rc = open_hosts(p, &h[i], 1, err);
			/* It was asked in its turn: whatever came of it, it may be asked again. */
			h[i].look->unopened = false;
			progress_clear(&line, i + 1);
		}
		progress_stop(&line);
	}
	free(h);
	return rc;
}

int open_few_hosts(struct publish *p, struct look *l, size_t n, struct err *err)
{
	size_t i, count = 0, first, left = 0;
	struct new_host *h = find_new(p, l, n, &count, err);
	int rc = h ? 0 : (int)err->code;

	if (rc == 0 && count > AT_ONCE_MAX) {
		/* Each time others, so that those that never answer keep nobody waiting. */
		first = (size_t)(p->now / 60) * AT_ONCE_MAX % (count - AT_ONCE_MAX + 1);
		for (i = 0; i < count; i++)
			h[i].look->unopened |= i < first || i >= first + AT_ONCE_MAX;
		rc = open_hosts(p, h + first, AT_ONCE_MAX, err);
		for (i = 0; i < n; i++)
			left += l[i].unopened;
		log_warn("%zu domains have new hosts that are not asked yet, as Caddy fetches few "
			 "certificates at a time; sealpost publish verify opens them",
			left);
	}
	free(h);
	return rc;
}
