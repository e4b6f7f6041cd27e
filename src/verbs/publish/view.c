/* SPDX-License-Identifier: ISC */
#include "verbs/publish/view.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/wkd_name.h"
#include "print/output.h"
#include "store/live.h"
#include "pgp/cert/split.h"
#include "verbs/publish/policy.h"
#include "verbs/publish/tlsa.h"
#include "verbs/publish/write.h"

#define QUIET_DOMAINS 20 /* with more of them only those with something to do are shown */
#define STRANGER "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy" /* a hash that nobody's name has */

struct viewing {
	struct publish *p;
	struct keys keys;
	struct look *look; /* owned */
	struct view *v;    /* owned; of the chosen domains */
	size_t n;
	bool verify;
	struct writing tree; /* what was written where, looked at only; .tree.fd < 0: not known */
};

static struct view *view_of(struct viewing *w, const struct publish_domain *d)
{
	const struct look *l = look_of(&w->tree, d);

	return l ? &w->v[l - w->look] : NULL;
}

/* A file at a host of the domain. path: as for the tree, without "www/HOST". */
static struct view_file *add_view_file(
	struct view *v, const char *label, const char *path, struct err *err)
{
	struct view_file *grown, f = {.state = VIEW_UNKNOWN, .why = ""};

	if ((v->n_file & (v->n_file - 1)) == 0) {
		grown = reallocarray(v->file, v->n_file ? 2 * v->n_file : 1, sizeof(*grown));
		if (!grown) {
			err_set(err, ERR_OS, "out of memory");
			return NULL;
		}
		v->file = grown;
	}
	f.path = strdup(path);
	if (!f.path || asprintf(&f.host, "%s%s", label, v->domain->name) < 0) {
		free(f.path);
		err_set(err, ERR_OS, "out of memory");
		return NULL;
	}
	v->file[v->n_file] = f;
	return &v->file[v->n_file++];
}

/* The part of a tree's path behind the host. */
static const char *path_at_host(const char *path)
{
	const char *slash = strchr(path + strlen("www/"), '/');

	return slash ? slash : path;
}

/* What should be there: what a step keeps, if it is known what was written. */
static int add_key_view(struct viewing *w, struct view *v, bool advanced, const char *name,
	const uint8_t *digest, uint64_t len, struct err *err)
{
	const struct tree_entry *kept;
	char path[FILE_PATH_MAX];
	struct view_file *f;

	tree_key_path(path, v->domain, advanced, name);
	f = add_view_file(v, advanced ? "openpgpkey." : "", path_at_host(path), err);
	if (!f)
		return ERR_OS;
	kept = digest && w->tree.tree.fd >= 0 ? tree_now(&w->tree.tree, path) : NULL;
	f->absent = !digest;
	f->len = kept ? kept->len : len;
	if (digest)
		memcpy(f->digest, kept ? kept->digest : digest, DIGEST_LEN);
	return 0;
}

static int add_key_views(struct viewing *w, struct view *v, const char *name, const uint8_t *digest,
	uint64_t len, struct err *err)
{
	enum publish_method m = domain_method(&w->tree, v->domain);
	int rc = 0;

	if (m != PUBLISH_DIRECT)
		rc = add_key_view(w, v, true, name, digest, len, err);
	if (rc == 0 && m != PUBLISH_ADVANCED)
		rc = add_key_view(w, v, false, name, digest, len, err);
	return rc;
}

static bool view_wants(void *arg, const struct key_served *s)
{
	struct viewing *w = arg;

	return s->domain->section->openpgpkey ||
	       (w->tree.tree.fd >= 0 && served_wants(&w->tree, s));
}

static bool view_served_before(
	void *arg, const struct publish_domain *d, const struct addr *addr, const char *fpr)
{
	struct viewing *w = arg;

	return w->tree.tree.fd >= 0 && served_before(&w->tree, d, addr, fpr);
}

/* OPENPGPKEY of what is to be served. */
static int add_key_sets(struct viewing *w, struct view *v, const struct key_served *s,
	const char *name, struct err *err)
{
	const struct tree_entry *kept = NULL;
	struct buf old = BUF_INIT(KEYS_SOURCE_MAX);
	char path[FILE_PATH_MAX];
	const uint8_t *at = s->data, *cert;
	size_t left = s->len, len;
	int rc = 0;

	tree_key_path(path, s->domain, s->domain->section->method != PUBLISH_DIRECT, name);
	if (w->tree.tree.fd >= 0)
		kept = tree_now(&w->tree.tree, path);
	if (kept && memcmp(kept->digest, s->digest, DIGEST_LEN) != 0) {
		rc = tree_read_old(&w->tree.tree, path, &old, err);
		at = old.p;
		left = old.len;
	}
	while (rc == 0 && split_next(&at, &left, &cert, &len) == 1)
		rc = openpgpkey_records(s->domain, s->addr, cert, len, &v->want, err);
	buf_free(&old);
	return rc < 0 ? rc : 0;
}

static int take_served(void *arg, const struct key_served *s, struct err *err)
{
	struct viewing *w = arg;
	struct view *v = view_of(w, s->domain);
	char name[3 + WKD_HASH_LEN + 1] = "hu/";
	int rc = w->tree.tree.fd >= 0 ? served_put(&w->tree, s, err) : 0;

	if (!v || rc < 0)
		return rc;
	wkd_hash(s->addr, name + 3);
	rc = add_key_views(w, v, name, s->digest, s->len, err);
	if (rc == 0 && s->data && look_wants_openpgpkey(v->look, s->domain))
		rc = add_key_sets(w, v, s, name, err);
	return rc;
}

static int add_tlsa_view(struct viewing *w, struct view *v, struct err *err)
{
	struct record_list l = {.n = 0};
	bool allowed;
	size_t i;
	int rc = tlsa_records(w->p, v->domain, v->look, &v->steps, &l, &allowed, err);

	for (i = 0; rc == 0 && i < l.n; i++)
		rc = record_add(&v->want, l.v[i].name, RECORD_TLSA, l.v[i].ttl, l.v[i].rdata,
			l.v[i].len, err);
	records_free(&l);
	return rc;
}

/* Steps, the policy, and the records that go with them. */
static int decide_view(struct viewing *w, struct view *v, struct err *err)
{
	const struct publish_domain *d = v->domain;
	struct buf old = BUF_INIT(65536);
	struct step_facts host = {.wanted = false},
			  caa = {.wanted = !d->customer && d->section->caa.n > 0};
	struct record_wants wants = {.hide = d->section->method == PUBLISH_DIRECT};
	enum host_drop drop = wants.hide ? HOST_GOES : HOST_STAYS;
	const struct check_sts *live = v->look->t.answered ? &v->look->t.reply.sts : NULL;
	int rc = 0;

	if (live && live->policy == CHECK_FOUND && live->text && !live->kept)
		rc = buf_adds(&old, live->text);
	if (d->section->method != PUBLISH_DIRECT)
		look_host(v->look, &host);
	look_caa(v->look, &caa);
	if (wants.hide && w->tree.tree.fd >= 0)
		drop = may_drop_host(&w->tree, d, v->look);
	wants.hide = drop != HOST_STAYS;
	wants.key_host = drop != HOST_GOES;
	(void)step_allowed(w->p, &v->steps, d, STEP_HOST, d->name, &host);
	(void)step_allowed(w->p, &v->steps, d, STEP_CAA, d->name, &caa);
	wants.caa = d->section->caa.n > 0;
	if (rc == 0)
		rc = policy_choose(
			w->p, &v->steps, d, v->look, &old, &v->policy, &wants.untold, err);
	wants.policy = v->policy.len ? &v->policy : NULL;
	if (rc == 0)
		rc = domain_records(d, &wants, &v->want, err);
	if (rc == 0)
		rc = add_tlsa_view(w, v, err);
	buf_free(&old);
	return rc;
}

static int add_other_files(struct viewing *w, struct view *v, struct err *err)
{
	const struct digest_part empty = {"", 0}, policy = {buf_str(&v->policy), v->policy.len};
	uint8_t digest[DIGEST_LEN];
	struct view_file *f;
	int rc = digest_sha256(&empty, 1, digest);

	if (rc == 0)
		rc = add_key_views(w, v, "policy", digest, 0, err);
	if (rc == 0)
		rc = add_key_views(w, v, "hu/" STRANGER, NULL, 0, err);
	if (rc == 0)
		rc = add_key_views(w, v, "hu/", NULL, 0, err);
	if (rc < 0 || v->policy.len == 0)
		return rc;
	f = add_view_file(v, "mta-sts.", "/.well-known/mta-sts.txt", err);
	if (!f || digest_sha256(&policy, 1, f->digest) < 0)
		return err_set(err, ERR_OS, "out of memory");
	f->len = v->policy.len;
	f->policy = true;
	return 0;
}

static int compare_sets(const void *a, const void *b)
{
	const struct dns_record *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c != 0 ? c : (x->type > y->type) - (x->type < y->type);
}

/* Sets out of records; those that should not be there come last. */
static int make_sets(struct view *v, struct err *err)
{
	static const struct {
		const char *label;
		enum record_type type;
	} ours[] = {{"openpgpkey", RECORD_A}, {"openpgpkey", RECORD_AAAA}, {"_mta-sts", RECORD_TXT},
		{"_smtp._tls", RECORD_TXT}};
	size_t i, k, len = ADDR_DOMAIN_MAX + 32, n_ours = sizeof(ours) / sizeof(ours[0]);

	qsort(v->want.v, v->want.n, sizeof(*v->want.v), compare_sets);
	v->set = calloc(v->want.n + n_ours, sizeof(*v->set));
	v->names = calloc(n_ours, len);
	if (!v->set || !v->names)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < v->want.n; i++) {
		const struct dns_record *r = &v->want.v[i];

		if (i > 0 && compare_sets(r, r - 1) == 0) {
			v->set[v->n_set - 1].n++;
			continue;
		}
		v->set[v->n_set++] = (struct view_set){
			.name = r->name, .type = r->type, .ttl = r->ttl, .first = i, .n = 1};
	}
	for (i = 0; i < n_ours; i++) {
		char *name = v->names + i * len;

		snprintf(name, len, "%s.%s", ours[i].label, v->domain->name);
		for (k = 0; k < v->n_set && (strcmp(v->set[k].name, name) != 0 ||
						    (v->set[k].type != ours[i].type &&
							    v->set[k].type != RECORD_CNAME));
			k++)
			;
		if (k == v->n_set)
			v->set[v->n_set++] = (struct view_set){.name = name, .type = ours[i].type};
	}
	return 0;
}

static enum view_state judge_set(const struct view *v, const struct view_set *s)
{
	size_t i, found = 0;

	if (s->now.state > DNS_INSECURE)
		return VIEW_UNKNOWN;
	for (i = 0; i < s->n; i++)
		found += view_has_record(&s->now, &v->want.v[s->first + i]);
	if (s->n == 0)
		return s->now.n_record > 0 ? VIEW_EXTRA : VIEW_RIGHT;
	if (s->now.n_record == 0)
		return VIEW_MISSING;
	/* Of CAA others may have lines of their own. */
	if (found == s->n && (s->type == RECORD_CAA || found == s->now.n_record))
		return VIEW_RIGHT;
	return VIEW_DIFFERS;
}

static void judge_file(struct view_file *f)
{
	const struct world_got *g = &f->now;

	f->state = VIEW_DIFFERS;
	if (g->status == 0) {
		f->state = !g->no_host ? VIEW_UNKNOWN : f->absent ? VIEW_RIGHT : VIEW_MISSING;
		f->why = f->state == VIEW_RIGHT ? "" : g->reason;
	} else if (f->absent) {
		f->state = g->status == 404 || g->status == 410 ? VIEW_RIGHT : VIEW_DIFFERS;
		f->why = f->state == VIEW_RIGHT
				 ? ""
				 : "404 is expected: other answers do not prove that there is none";
	} else if (g->status == 404 || g->status == 410) {
		f->state = VIEW_MISSING;
	} else if (g->status != 200 || !g->complete) {
		f->why = g->location[0] && f->policy
				 ? "it is redirected, and clients follow no redirect there"
				 : "200 is expected";
	} else if (g->len != f->len || g->digest_len != DIGEST_LEN ||
		   memcmp(g->digest, f->digest, DIGEST_LEN) != 0) {
		f->why = "differs from what was written";
	} else if (f->policy && strncmp(g->content_type, "text/plain", 10) != 0) {
		f->why = "its media type is not text/plain";
	} else if (!f->policy && f->len > 0 && !g->cors) {
		f->why = "Access-Control-Allow-Origin: * is missing: mail in a browser gets no key";
	} else if (!f->policy && f->len > 0 &&
		   strncmp(g->content_type, "application/octet-stream", 24) != 0) {
		f->why = "its media type is not application/octet-stream";
	} else if (f->head.status == 0) {
		f->state = VIEW_UNKNOWN;
		f->why = f->head.reason;
	} else if (f->head.status != 200) {
		f->why = "HEAD and GET are answered differently";
	} else {
		f->state = VIEW_RIGHT;
	}
}

/* Questions about one domain, in as many requests as they take. */
struct questions {
	struct world_request *q; /* owned */
	struct world_reply *a;   /* owned */
	size_t n;
};

static struct world_request *next_request(struct questions *all, bool file)
{
	struct world_request *last = all->n ? &all->q[all->n - 1] : NULL, *grown;

	if (last && (file ? last->n_file < WORLD_FILES_MAX : last->n_set < WORLD_SETS_MAX))
		return last;
	grown = reallocarray(all->q, all->n + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	all->q = grown;
	grown[all->n] = (struct world_request){.id = 0};
	return &grown[all->n++];
}

static int ask_for_file(
	struct questions *all, const struct view_file *f, bool head, struct err *err)
{
	struct world_request *q = next_request(all, true);

	return q ? look_add_file(q, f->host, "", f->path, head, err)
		 : err_set(err, ERR_OS, "out of memory");
}

static int add_questions(struct viewing *w, struct questions *all, struct err *err)
{
	size_t i, k;
	int rc = 0;

	for (i = 0; rc == 0 && i < w->n; i++) {
		for (k = 0; rc == 0 && k < w->v[i].n_set; k++) {
			struct world_request *q = next_request(all, false);

			rc = q ? look_add_set(q, w->v[i].set[k].name, w->v[i].set[k].type, err)
			       : err_set(err, ERR_OS, "out of memory");
		}
	}
	for (i = 0; w->verify && rc == 0 && i < w->n; i++) {
		for (k = 0; rc == 0 && k < w->v[i].n_file; k++) {
			const struct view_file *f = &w->v[i].file[k];

			rc = ask_for_file(all, f, false, err);
			if (rc == 0 && !f->absent)
				rc = ask_for_file(all, f, true, err);
		}
	}
	return rc;
}

/* The next answer about a file; its place goes on. */
static struct world_got next_got(struct questions *all, size_t *at, size_t *file)
{
	struct world_got got;

	for (; *file == all->a[*at].n_got; (*at)++, *file = 0)
		;
	got = all->a[*at].got[*file];
	all->a[*at].got[(*file)++] = (struct world_got){.status = 0};
	return got;
}

/* Distributes the answers, in the order of the questions. */
static void take_answers(struct viewing *w, struct questions *all)
{
	size_t i, k, at = 0, set = 0, file_at = 0, file = 0;

	for (i = 0; i < w->n; i++) {
		for (k = 0; k < w->v[i].n_set; k++) {
			for (; set == all->a[at].n_answer; at++, set = 0)
				;
			w->v[i].set[k].now = all->a[at].answer[set];
			all->a[at].answer[set++] = (struct world_answer){.state = DNS_ERROR};
			w->v[i].set[k].state = judge_set(&w->v[i], &w->v[i].set[k]);
		}
	}
	for (i = 0; w->verify && i < w->n; i++) {
		for (k = 0; k < w->v[i].n_file; k++) {
			struct view_file *f = &w->v[i].file[k];

			f->now = next_got(all, &file_at, &file);
			if (!f->absent)
				f->head = next_got(all, &file_at, &file);
			judge_file(f);
		}
	}
}

static int ask_about_views(struct viewing *w, struct err *err)
{
	struct questions all = {.n = 0};
	size_t i;
	int rc = add_questions(w, &all, err);

	all.a = calloc(all.n + 1, sizeof(*all.a));
	if (rc == 0 && !all.a)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = look_world(w->p, all.q, all.a, all.n, err);
	if (rc == 0)
		take_answers(w, &all);
	for (i = 0; i < all.n; i++) {
		world_request_free(&all.q[i]);
		if (all.a)
			world_reply_free(&all.a[i]);
	}
	free(all.q);
	free(all.a);
	return rc;
}

/* Keys that are served as they should be: waits count from the first time. */
static int note_live_keys(struct viewing *w, struct err *err)
{
	struct store *store = w->p->session.store;
	size_t i, k;
	int64_t first;
	char thing[32];
	int rc = store_begin(store, err);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < w->n; i++) {
		for (k = 0; rc == 0 && k < w->v[i].n_file; k++) {
			const struct view_file *f = &w->v[i].file[k];

			if (f->state != VIEW_RIGHT || f->absent || f->policy || f->len == 0)
				continue;
			key_thing(f->digest, thing);
			rc = store_live_seen(
				store, w->v[i].domain->name, thing, 0, w->p->now, &first, err);
		}
	}
	return store_end(store, rc, err);
}

static int make_views(struct viewing *w, struct err *err)
{
	struct publish *p = w->p;
	size_t i;
	int rc;

	w->v = calloc(p->n_chosen + 1, sizeof(*w->v));
	w->look = calloc(p->n_chosen + 1, sizeof(*w->look));
	if (!w->v || !w->look)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < p->conf.n_domain; i++) {
		if (!p->chosen[i])
			continue;
		w->look[w->n].domain = &p->conf.domain[i];
		w->v[w->n] = (struct view){.domain = &p->conf.domain[i],
			.look = &w->look[w->n],
			.policy = BUF_INIT(65536)};
		w->n++;
	}
	w->tree.look = w->look;
	w->tree.n_look = w->n;
	rc = w->verify ? open_new_hosts(p, w->look, w->n, err)
		       : open_few_hosts(p, w->look, w->n, err);
	return rc == 0 ? look_ask(p, w->look, w->n, err) : rc;
}

static int print_views(struct viewing *w, struct err *err)
{
	size_t i, hidden = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < w->n; i++) {
		if (w->p->args->json)
			rc = view_json(stdout, w->p, &w->keys, &w->v[i]);
		else if (w->n > QUIET_DOMAINS && !w->p->args->all && view_exit(&w->v[i]) == 0)
			hidden++;
		else
			view_print(stdout, w->p, &w->keys, &w->v[i]);
	}
	for (i = 0; rc == 0 && i < w->tree.steps.n; i++) {
		if (w->p->args->json)
			rc = view_json_gone(stdout, &w->tree.steps.v[i]);
		else
			view_print_gone(stdout, &w->tree.steps.v[i]);
	}
	if (rc == 0 && !w->verify)
		rc = view_costs(stdout, w->p, w->v, w->n, err);
	if (hidden > 0)
		printf("%zu domain%s nothing to do\n", hidden, hidden == 1 ? " has" : "s have");
	if (rc == 0 && out_finish() == 0)
		return 0;
	return out_failed(err, ERR_IO);
}

static void free_view(struct view *v)
{
	size_t i;

	buf_free(&v->policy);
	records_free(&v->want);
	for (i = 0; i < v->n_set; i++)
		world_answer_free(&v->set[i].now);
	for (i = 0; i < v->n_file; i++) {
		world_got_free(&v->file[i].now);
		world_got_free(&v->file[i].head);
		free(v->file[i].host);
		free(v->file[i].path);
	}
	view_findings_free(v);
	free(v->set);
	free(v->file);
	free(v->names);
	steps_free(&v->steps);
}

/* What was written, if it is known where: what write would refuse, plan tells. */
static void look_at_tree(struct viewing *w)
{
	struct err why = ERR_INIT;
	char real[FILE_PATH_MAX];

	w->tree = (struct writing){.p = w->p, .tree = {.fd = -1, .temp_fd = -1}};
	if (publish_recall_dir(w->p, real) && tree_look(&w->tree.tree, real, w->p->now, &why) < 0)
		log_info("what was written is not known: %s", why.msg);
}

static int judge_tree(struct viewing *w, struct err *err)
{
	int rc = 0;

	if (w->tree.tree.fd < 0)
		return 0;
	keep_others(&w->tree);
	rc = look_at_withdrawn(&w->tree, err);
	return rc == 0 ? look_at_gone(&w->tree, err) : rc;
}

static void free_viewing(struct viewing *w)
{
	size_t i;

	for (i = 0; w->v && i < w->n; i++)
		free_view(&w->v[i]);
	free(w->v);
	look_free(w->look, w->n);
	steps_free(&w->tree.steps);
	hosts_free(&w->tree.hosts);
	free(w->tree.gone);
	tree_close(&w->tree.tree);
	keys_free(&w->keys);
}

/* Everything wanted, and the steps before it. */
static int decide_views(struct viewing *w, struct err *err)
{
	const struct key_sink sink = {view_wants, view_served_before, take_served, w};
	size_t i;
	int rc = keys_judge(w->p, &w->keys, &sink, err);

	if (rc == 0)
		rc = judge_tree(w, err);
	for (i = 0; rc == 0 && i < w->n; i++) {
		rc = decide_view(w, &w->v[i], err);
		steps_move(&w->tree.steps, &w->v[i].steps, w->v[i].domain);
		if (rc == 0)
			rc = make_sets(&w->v[i], err);
		if (rc == 0)
			rc = add_other_files(w, &w->v[i], err);
	}
	return rc;
}

int publish_view(struct publish *p, struct err *err)
{
	struct viewing w = {.p = p, .verify = p->args->what == PUBLISH_VERIFY};
	size_t i;
	int rc = keys_find(p, &w.keys, err), status = 0;

	look_at_tree(&w);
	if (rc == 0)
		rc = make_views(&w, err);
	if (rc == 0)
		rc = decide_views(&w, err);
	if (rc == 0)
		rc = ask_about_views(&w, err);
	for (i = 0; rc == 0 && i < w.n; i++)
		rc = view_find(p, &w.v[i], err);
	if (rc == 0 && w.verify)
		rc = note_live_keys(&w, err);
	if (rc == 0)
		rc = print_views(&w, err);
	for (i = 0; rc == 0 && i < w.n; i++)
		status = publish_worse_exit(status, view_exit(&w.v[i]));
	for (i = 0; rc == 0 && i < w.tree.steps.n; i++)
		status = publish_worse_exit(
			status, publish_state_exit(w.tree.steps.v[i].verdict.state));
	if (w.keys.n_left_out)
		status = publish_worse_exit(status, 1);
	free_viewing(&w);
	return rc < 0 ? rc : status;
}
