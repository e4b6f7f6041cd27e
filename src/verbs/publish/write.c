/* SPDX-License-Identifier: ISC */
#include "verbs/publish/write.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "base/wkd_name.h"
#include "pgp/cert/split.h"
#include "print/output.h"
#include "store/live.h"

/* Where the keys of an address lie: by one method, or by both. */
static size_t key_paths(const struct key_served *s, char path[2][FILE_PATH_MAX])
{
	enum publish_method method = s->domain->section->method;
	char name[3 + WKD_HASH_LEN + 1] = "hu/";
	size_t n = 0;

	wkd_hash(s->addr, name + 3);
	if (method != PUBLISH_DIRECT)
		tree_key_path(path[n++], s->domain, true, name);
	if (method != PUBLISH_ADVANCED)
		tree_key_path(path[n++], s->domain, false, name);
	return n;
}

static bool wants_octets(void *arg, const struct key_served *s)
{
	struct writing *w = arg;
	char path[2][FILE_PATH_MAX];
	size_t i, n = key_paths(s, path);
	bool all = true;

	for (i = 0; i < n; i++)
		all &= tree_has(&w->tree, path[i], s->digest, s->len);
	return !all;
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

static int put_served(void *arg, const struct key_served *s, struct err *err)
{
	struct writing *w = arg;
	char path[2][FILE_PATH_MAX];
	size_t i, n = key_paths(s, path);
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

/* The address of a key that is served, and until when whoever pinned it seals to it; 0: no end.
 * 1: it cannot be used any more. */
static int old_key(
	struct writing *w, const char *path, struct addr *addr, int64_t *until, struct err *err)
{
	struct buf old = BUF_INIT(KEYS_SOURCE_MAX);
	struct addr *all = calloc(SPLIT_ADDRESSES_MAX, sizeof(*all));
	struct cert_set set = {.n = 0};
	struct intake in = {.addr = addr};
	const struct cert *used;
	int rc = all ? tree_read_old(&w->tree, path, &old, err)
		     : err_set(err, ERR_OS, "out of memory");

	if (rc == 0 && split_addresses(old.p, old.len, all) == 0)
		rc = 1;
	if (rc == 0) {
		*addr = all[0];
		rc = intake_read(&in, old.p, old.len, &set, err);
		used = rc == 0 ? cert_set_choose(&set, NULL) : NULL;
		*until = used ? used->expires : 0;
		if (rc == 0 && !used)
			rc = 1;
	}
	cert_set_free(&set);
	free(all);
	buf_free(&old);
	return rc;
}

/* Whether the address has keys by the other method: it is not without them. */
static bool served_otherwise(
	struct writing *w, const struct publish_domain *d, const struct tree_entry *e)
{
	const char *name = strstr(e->path, "/hu/") + 1;
	char path[2][FILE_PATH_MAX];

	tree_key_path(path[0], d, true, name);
	tree_key_path(path[1], d, false, name);
	return tree_will_have(&w->tree, path[0]) || tree_will_have(&w->tree, path[1]);
}

/* Keys that were published and are not any more. */
static int look_at_withdrawn(struct writing *w, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc >= 0 && i < w->tree.n_old; i++) {
		struct tree_entry *e = &w->tree.old[i];
		const struct publish_domain *d = publish_find(&w->p->conf, e->domain);
		struct step_facts f = {.wanted = true, .ready = FACT_NO};
		struct addr addr;

		if (e->wanted || !strstr(e->path, "/hu/") || !d || served_otherwise(w, d, e))
			continue;
		rc = old_key(w, e->path, &addr, &f.until, err);
		if (rc == 0 && !step_allowed(w->p, &w->steps, d, STEP_WITHDRAW, addr.name, &f))
			e->wanted = true;
	}
	return rc < 0 ? rc : 0;
}

/* What belongs to domains that were not named with -d, or that FILE does not name any more. */
static void keep_others(struct writing *w)
{
	const struct publish *p = w->p;
	size_t i;

	for (i = 0; i < w->tree.n_old; i++) {
		struct tree_entry *e = &w->tree.old[i];
		const struct publish_domain *d = publish_find(&p->conf, e->domain);

		if (d ? !p->chosen[publish_index(p, d)]
		      : p->n_chosen < p->conf.n_domain && strcmp(e->domain, TREE_NO_DOMAIN) != 0)
			e->wanted = true;
		/* What the world resolves cannot be told offline. */
		if (p->args->offline && strncmp(e->path, "hosts/", 6) == 0)
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

static int prepare_all(struct writing *w, struct err *err)
{
	struct publish *p = w->p;
	const struct key_sink sink = {wants_octets, put_served, w};
	size_t i;
	int rc = keys_judge(p, &w->keys, &sink, err);

	if (rc == 0)
		keep_others(w);
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

/* What the world sees of the chosen domains. */
static int ask_world(struct writing *w, struct err *err)
{
	struct publish *p = w->p;
	size_t i, n = 0;

	if (p->args->offline)
		return 0;
	w->look = calloc(p->n_chosen + 1, sizeof(*w->look));
	if (!w->look)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < p->conf.n_domain; i++) {
		if (p->chosen[i])
			w->look[n++].domain = &p->conf.domain[i];
	}
	return look_ask(p, w->look, n, err);
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
	if (rc == 0) {
		tell_left_out(&w);
		tell_steps(&w);
		status = publish_worse_exit(w.keys.n_left_out ? 1 : 0, steps_exit(&w.steps));
		if (log_level() != LOG_QUIET)
			printf("%zu keys published, %zu left out; %zu files written, %zu removed\n",
				w.keys.n_published, w.keys.n_left_out, w.tree.n_written,
				w.tree.n_removed);
		if (out_finish() < 0)
			rc = err_set(err, ERR_IO, "standard output cannot be written");
	}
	look_free(w.look, w.look ? p->n_chosen : 0);
	steps_free(&w.steps);
	hosts_free(&w.hosts);
	free(w.gone);
	tree_close(&w.tree);
	keys_free(&w.keys);
	return rc < 0 ? rc : status;
}
