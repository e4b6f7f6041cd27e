/* SPDX-License-Identifier: ISC */
/*
 * The keys that are served, beside those that were: whether another may take a key's place, or
 * nothing. For write and, with a tree that is only looked at, for plan.
 */
#include <stdlib.h>
#include <string.h>

#include "base/wkd_name.h"
#include "pgp/cert/split.h"
#include "store/live.h"
#include "verbs/publish/write.h"

#define NEGATIVE_TTL (3 * 60 * 60) /* that there was no address; RFC 2308 section 5 */

static int compare_look(const void *domain, const void *look)
{
	const struct publish_domain *a = domain, *b = ((const struct look *)look)->domain;

	return (a > b) - (a < b);
}

const struct look *look_of(const struct writing *w, const struct publish_domain *d)
{
	return w->look ? bsearch(d, w->look, w->n_look, sizeof(*w->look), compare_look) : NULL;
}

enum publish_method domain_method(const struct writing *w, const struct publish_domain *d)
{
	enum publish_method wanted = d->section->method;
	const struct look *l = look_of(w, d);
	int64_t since = 0, wait = NEGATIVE_TTL, now = w->p->now;
	char path[FILE_PATH_MAX];

	if (wanted == PUBLISH_BOTH)
		return wanted;
	tree_key_path(path, d, wanted == PUBLISH_DIRECT, "policy");
	if (!tree_old(&w->tree, path))
		return wanted;
	if (wanted == PUBLISH_DIRECT)
		wait = d->section->ttl;
	if (l)
		since = wanted == PUBLISH_DIRECT ? l->key_away_since : l->key_host_since;
	return since != 0 && now >= since + wait ? wanted : PUBLISH_BOTH;
}

/* Where the keys of an address lie: by one method, or by both. */
static size_t key_paths(
	const struct writing *w, const struct key_served *s, char path[2][FILE_PATH_MAX])
{
	enum publish_method method = domain_method(w, s->domain);
	char name[3 + WKD_HASH_LEN + 1] = "hu/";
	size_t n = 0;

	wkd_hash(s->addr, name + 3);
	if (method != PUBLISH_DIRECT)
		tree_key_path(path[n++], s->domain, true, name);
	if (method != PUBLISH_ADVANCED)
		tree_key_path(path[n++], s->domain, false, name);
	return n;
}

bool served_wants(void *arg, const struct key_served *s)
{
	struct writing *w = arg;
	char path[2][FILE_PATH_MAX];
	size_t i, n = key_paths(w, s, path);
	bool all = true;

	for (i = 0; i < n; i++)
		all &= tree_has(&w->tree, path[i], s->digest, s->len);
	return !all;
}

bool served_before(
	void *arg, const struct publish_domain *d, const struct addr *addr, const char *fpr)
{
	struct writing *w = arg;
	const struct key_served s = {.domain = d, .addr = addr};
	char path[2][FILE_PATH_MAX], served[CERT_FPR_MAX];
	struct buf old = BUF_INIT(KEYS_SOURCE_MAX);
	const uint8_t *at, *cert;
	size_t i, left, len, n = key_paths(w, &s, path);
	bool found = false;

	for (i = 0; !found && i < n; i++) {
		buf_reset(&old);
		if (tree_read_old(&w->tree, path[i], &old, NULL) != 0)
			continue;
		at = old.p;
		left = old.len;
		while (!found && split_next(&at, &left, &cert, &len) == 1)
			found = split_fpr(cert, len, served) == 0 && strcmp(served, fpr) == 0;
	}
	buf_free(&old);
	return found;
}

/* Whether a certificate is among those of the address that go out now. */
static bool still_served(const struct key_served *s, const char *fpr)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->claim[i].publish && strcmp(s->claim[i].fpr, fpr) == 0)
			return true;
	}
	return false;
}

/* Whether what was served so far goes without the new one being certified by it. ready: of the
 * step. */
static int look_at_old(struct writing *w, const char *path, const struct key_served *s,
	struct step_facts *f, struct err *err)
{
	struct buf old = BUF_INIT(KEYS_SOURCE_MAX);
	const uint8_t *at, *cert;
	char fpr[CERT_FPR_MAX];
	size_t left, len, i;
	int rc = tree_read_old(&w->tree, path, &old, err);

	at = old.p;
	left = old.len;
	while (rc == 0 && split_next(&at, &left, &cert, &len) == 1) {
		struct intake in = {.addr = s->addr};
		struct cert_set set = {.n = 0};

		if (split_fpr(cert, len, fpr) < 0 || still_served(s, fpr))
			continue;
		rc = intake_read(&in, cert, len, &set, err);
		f->wanted |= rc == 0 && cert_set_choose(&set, NULL) != NULL;
		cert_set_free(&set);
		if (rc < 0 || !f->wanted)
			continue;
		in.pinned = cert;
		in.pinned_len = len;
		in.pinned_fpr = fpr;
		rc = intake_read(&in, s->data, s->len, &set, err);
		f->ready = FACT_NO;
		for (i = 0; rc == 0 && i < set.n; i++) {
			if (set.v[i].use == CERT_USABLE && set.v[i].certified_by_pin)
				f->ready = FACT_YES;
		}
		cert_set_free(&set);
	}
	buf_free(&old);
	return rc < 0 ? rc : 0;
}

/* Since when what is served now was seen live: both keys, if both were. */
static int seen_since(
	struct writing *w, const struct tree_entry *old, struct step_facts *f, struct err *err)
{
	char thing[32];

	key_thing(old->digest, thing);
	f->wait = 30 * PUBLISH_DAY;
	return store_live_since(w->p->session.store, old->domain, thing, &f->since, err);
}

int served_put(void *arg, const struct key_served *s, struct err *err)
{
	struct writing *w = arg;
	char path[2][FILE_PATH_MAX];
	size_t i, n = key_paths(w, s, path);
	int rc = 0;

	for (i = 0; rc == 0 && s->data && i < n; i++) {
		const struct tree_entry *old = tree_old(&w->tree, path[i]);
		struct step_facts f = {.wanted = false};

		if (old && memcmp(old->digest, s->digest, DIGEST_LEN) != 0)
			rc = look_at_old(w, path[i], s, &f, err);
		if (rc == 0 && f.wanted)
			rc = seen_since(w, old, &f, err);
		if (rc < 0)
			break;
		if (step_allowed(w->p, &w->steps, s->domain, STEP_ROTATE, s->addr->name, &f))
			rc = tree_put(&w->tree, path[i], s->domain->name, s->data, s->len, err);
		else
			(void)tree_keep(&w->tree, path[i]);
	}
	return rc;
}

/* The address of a key that is served, and what stands against taking it away. 1: nothing, it
 * cannot be used any more. */
static int old_key(struct writing *w, const char *path, struct addr *addr, struct step_facts *f,
	struct err *err)
{
	struct buf old = BUF_INIT(KEYS_SOURCE_MAX);
	struct addr *all = calloc(SPLIT_ADDRESSES_MAX, sizeof(*all));
	struct cert_set set = {.n = 0};
	struct intake in = {.addr = addr};
	const struct cert *used = NULL;
	bool revoked = false;
	size_t i;
	int rc = all ? tree_read_old(&w->tree, path, &old, err)
		     : err_set(err, ERR_OS, "out of memory");

	if (rc == 0 && split_addresses(old.p, old.len, all) == 0)
		rc = 1;
	if (rc == 0) {
		*addr = all[0];
		rc = intake_read(&in, old.p, old.len, &set, err);
		used = rc == 0 ? cert_set_choose(&set, NULL) : NULL;
	}
	for (i = 0; rc == 0 && !used && !revoked && i < set.n; i++) {
		revoked = set.v[i].use == CERT_REVOKED &&
			  (set.v[i].expires == 0 || set.v[i].expires > w->p->now);
		if (revoked)
			used = &set.v[i];
	}
	if (rc == 0 && !used)
		rc = 1;
	if (rc == 0)
		*f = (struct step_facts){.wanted = true,
			.ready = revoked ? FACT_YES : FACT_NO,
			.until = used->expires,
			.since = used->expires ? w->p->now : 0,
			.wait = used->expires - w->p->now};
	cert_set_free(&set);
	free(all);
	buf_free(&old);
	return rc;
}

/* Whether the address has keys by the other method: it is not without them. */
static bool served_otherwise(
	struct writing *w, const struct publish_domain *d, const struct tree_entry *e)
{
	const char *name = tree_key_name(e->path);
	char path[2][FILE_PATH_MAX];

	tree_key_path(path[0], d, true, name);
	tree_key_path(path[1], d, false, name);
	return tree_will_have(&w->tree, path[0]) || tree_will_have(&w->tree, path[1]);
}

int look_at_withdrawn(struct writing *w, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc >= 0 && i < w->tree.n_old; i++) {
		struct tree_entry *e = &w->tree.old[i];
		const struct publish_domain *d = publish_find(&w->p->conf, e->domain);
		struct step_facts f;
		struct addr addr;

		if (e->wanted || e->kind != TREE_KEY || !d || served_otherwise(w, d, e))
			continue;
		rc = old_key(w, e->path, &addr, &f, err);
		if (rc == 0 && !step_allowed(w->p, &w->steps, d, STEP_WITHDRAW, addr.name, &f))
			e->wanted = true;
	}
	return rc < 0 ? rc : 0;
}
