/* SPDX-License-Identifier: ISC */
#include "verbs/publish/look.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/pattern.h"
#include "decide/publish_caa.h"
#include "store/live.h"
#include "verbs/publish/mx.h"
#include "verbs/publish/records.h"

#define OWED_MAX 1024 /* sets and files pending in the helper at a time */
#define RECORD_MX 15
#define TESTING_DAYS 7 /* advised, as publish_steps.c says */

int look_add_set(struct world_request *q, const char *name, uint16_t type, struct err *err)
{
	struct world_set *grown = reallocarray(q->set, q->n_set + 1, sizeof(*grown));

	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	q->set = grown;
	grown[q->n_set] = (struct world_set){strdup(name), type};
	if (!grown[q->n_set].name)
		return err_set(err, ERR_OS, "out of memory");
	q->n_set++;
	return 0;
}

int look_add_file(struct world_request *q, const char *host, const char *at, const char *path,
	bool head, struct err *err)
{
	struct world_file *grown = reallocarray(q->file, q->n_file + 1, sizeof(*grown)), f;

	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	q->file = grown;
	f = (struct world_file){strdup(host), strdup(at), strdup(path), head};
	grown[q->n_file++] = f;
	return f.host && f.at && f.path ? 0 : err_set(err, ERR_OS, "out of memory");
}

/* Pending questions and their answers. */
struct world_talk {
	int sock;
	int64_t until;
	struct world_request *q;
	struct world_reply *a;
	size_t n, next, left; /* the first that was not sent; not answered */
	size_t owed;          /* sets and files that were asked for and have not come */
};

static size_t parts_of(const struct world_request *q)
{
	return q->n_set + q->n_file + q->n_pem;
}

/* Sends as many as may be pending: with more, both sides could block on writing. ERR_TEMP: the
 * helper has exited. */
static int send_requests(struct world_talk *t, struct err *err)
{
	int rc = 0;

	while (rc == 0 && t->next < t->n &&
		(t->owed == 0 || t->owed + parts_of(&t->q[t->next]) <= OWED_MAX)) {
		struct world_request *q = &t->q[t->next];
		struct wr w = WR_INIT;

		q->id = (uint32_t)t->next++;
		t->owed += parts_of(q);
		world_request_write(&w, q);
		rc = frame_send(t->sock, t->until, FRAME_WORLD, &w, -1, err);
		wr_free(&w);
	}
	return rc == ERR_OS || rc == ERR_TEMP
		       ? err_set(err, ERR_TEMP, "sealpost-net does not answer")
		       : rc;
}

/* One reply; ERR_TEMP: the helper is gone or hangs. */
static int take_world(struct world_talk *t, struct err *err)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct world_reply one;
	enum frame_kind kind;
	struct rd r;
	int rc = frame_recv(t->sock, t->until, &kind, &body, NULL, NULL, err);

	if (rc < 0) {
		rc = rc == ERR_INTERNAL ? rc
					: err_set(err, ERR_TEMP, "sealpost-net does not answer");
	} else if (kind == FRAME_TRACE) {
		log_info("%s", buf_str(&body));
	} else if (kind != FRAME_WORLD_TOLD) {
		rc = err_set(err, ERR_INTERNAL, "sealpost-net sent an invalid message");
	} else {
		rd_init(&r, body.p, body.len);
		rc = world_reply_read(&r, &one, err);
		if (rc == 0 && (one.id >= t->next || t->a[one.id].answer ||
				       one.n_answer != t->q[one.id].n_set ||
				       one.n_got != t->q[one.id].n_file ||
				       one.n_key != t->q[one.id].n_pem)) {
			world_reply_free(&one);
			rc = err_set(err, ERR_INTERNAL, "sealpost-net sent an unexpected answer");
		}
		if (rc == 0) {
			t->a[one.id] = one;
			t->left--;
			t->owed -= parts_of(&t->q[one.id]);
		}
	}
	buf_free(&body);
	return rc;
}

int look_world(struct publish *p, struct world_request *q, struct world_reply *a, size_t n,
	struct err *err)
{
	struct world_talk t = {.q = q, .a = a, .n = n, .left = n};
	size_t i, parts = TALK_TOGETHER;
	int rc = n && p->net < 0 ? runner_net(&p->session.runner, 0, &p->net, err) : 0;

	memset(a, 0, n * sizeof(*a));
	for (i = 0; i < n; i++)
		parts += parts_of(&q[i]);
	t.until = clock_ms() + talk_ms(p->app->conf.net.timeout_ms, parts);
	t.sock = p->net;
	while (rc == 0 && t.left > 0) {
		rc = send_requests(&t, err);
		if (rc == 0)
			rc = take_world(&t, err);
	}
	if (rc < 0)
		look_end(p);
	return rc;
}

void look_end(struct publish *p)
{
	if (p->net >= 0)
		close(p->net);
	p->net = -1;
}

/* How many queries look_add_host adds. */
static size_t host_sets(const struct publish_domain *d)
{
	return d->section->web_is_host ? 3 : 2;
}

int look_add_host(
	struct world_request *q, const struct publish_domain *d, const char *label, struct err *err)
{
	char name[ADDR_DOMAIN_MAX + 32];
	int rc;

	snprintf(name, sizeof(name), "%s.%s", label, d->name);
	rc = look_add_set(q, name, RECORD_A, err);
	if (rc == 0)
		rc = look_add_set(q, name, RECORD_AAAA, err);
	/* The web server's name may be an alias itself. */
	if (rc == 0 && d->section->web_is_host)
		rc = look_add_set(q, name, RECORD_CNAME, err);
	return rc;
}

/* Whether a set is an alias of one name. */
static bool is_alias_of(const struct world_answer *a, const char *name)
{
	return a->state <= DNS_INSECURE && a->n_record == 1 && a->record[0].len == strlen(name) &&
	       memcmp(a->record[0].data, name, a->record[0].len) == 0;
}

/* By one of its sets of addresses. */
static bool addresses_lead_here(const struct publish_domain *d, const struct world_answer *a)
{
	const struct publish_section *s = d->section;
	char to[ADDR_DOMAIN_MAX + 1];
	size_t i;

	if (a->state > DNS_INSECURE || a->n_record == 0)
		return false;
	if (d->customer) {
		customer_target(d, to);
		if (strcmp(a->canon, to) == 0)
			return true;
		/* A token's own alias may lead on to the web server. */
		if (d->token)
			return false;
	}
	if (s->web_is_host)
		return strcmp(a->canon, s->web.v[0]) == 0;
	for (i = 0; i < a->n_record && publish_is_web(s, a->record[i].data, a->record[i].len); i++)
		;
	return i == a->n_record;
}

bool look_leads_here(const struct publish_domain *d, const struct world_answer *a)
{
	char to[ADDR_DOMAIN_MAX + 1];

	if (addresses_lead_here(d, &a[0]) || addresses_lead_here(d, &a[1]))
		return true;
	if (!d->section->web_is_host || (a[0].n_record == 0 && a[1].n_record == 0))
		return false;
	if (!d->customer)
		return is_alias_of(&a[2], d->section->web.v[0]);
	customer_target(d, to);
	return is_alias_of(&a[2], to);
}

/* Whether CAA lines are to be told in the domain's own zone. */
static bool has_caa(const struct publish_domain *d)
{
	return d->section->caa.n > 0 && !d->customer;
}

/* The domain's own records, NULL if they are not known. */
static const struct check_caa *caa_now(const struct look *l)
{
	size_t i;

	for (i = 0; l && l->t.answered && i < l->t.reply.n_caa; i++) {
		const struct check_caa *c = &l->t.reply.caa[i];

		if (strcmp(c->name, l->domain->name) == 0)
			return c->outcome == CHECK_FOUND || c->outcome == CHECK_NONE ? c : NULL;
	}
	return NULL;
}

/* Hosts of the domain whose certificates CAA is about. */
static const char *const site_labels[LOOK_SITES] = {"", "www.", "openpgpkey.", "mta-sts."};

/* Asks them, if CAA is to forbid more than it does. */
static int ask_sites(struct look *l, struct world_request *q, struct err *err)
{
	const struct check_caa *now = caa_now(l);
	char name[ADDR_DOMAIN_MAX + 32];
	size_t i;
	int rc = 0;

	l->asks_sites = has_caa(l->domain) && now && !l->caa_live &&
			publish_caa_narrows(now, l->domain->name);
	for (i = 0; rc == 0 && l->asks_sites && i < LOOK_SITES; i++) {
		snprintf(name, sizeof(name), "%s%s", site_labels[i], l->domain->name);
		rc = look_add_file(q, name, "", "/", true, err);
	}
	return rc;
}

/* The sites come first, then whether the tree is served at the web server already, by the name that
 * has no address yet. */
static int ask_where(const struct look *l, struct world_request *q, struct err *err)
{
	const struct publish_domain *d = l->domain;
	char name[ADDR_DOMAIN_MAX + 32], path[WORLD_PATH_MAX];
	int rc = look_add_host(q, d, "openpgpkey", err);

	if (rc == 0)
		rc = look_add_host(q, d, "mta-sts", err);
	snprintf(name, sizeof(name), "_mta-sts.%s", d->name);
	if (rc == 0)
		rc = look_add_set(q, d->name, RECORD_MX, err);
	if (rc == 0)
		rc = look_add_set(q, name, RECORD_TXT, err);
	snprintf(name, sizeof(name), "openpgpkey.%s", d->name);
	if (rc == 0)
		rc = look_add_set(q, name, RECORD_TXT, err);
	if (rc == 0 && d->section->method != PUBLISH_DIRECT && d->section->web.n > 0 &&
		!l->unopened) {
		snprintf(path, sizeof(path), "/.well-known/openpgpkey/%s/policy", d->name);
		rc = look_add_file(q, name, d->section->web.v[0], path, false, err);
	}
	return rc;
}

static bool is_alias(const struct world_answer *a)
{
	return a->state <= DNS_INSECURE && a->canon && a->canon[0] != '\0';
}

/* Whether a TXT record with one empty string is there. */
static bool has_empty_text(const struct world_answer *a)
{
	size_t i;

	for (i = 0; a->state <= DNS_INSECURE && !is_alias(a) && i < a->n_record; i++) {
		if (a->record[i].len == 1 && a->record[i].data[0] == 0)
			return true;
	}
	return false;
}

static void take_where(struct look *l, const struct world_reply *a)
{
	size_t n = host_sets(l->domain), i = 0;

	/* Of two hosts, the MX, the record of MTA-STS, and the text beside openpgpkey.'s address.
	 */
	if (a->n_answer == 2 * n + 3) {
		l->key_host = look_leads_here(l->domain, &a->answer[0]);
		l->policy_host = look_leads_here(l->domain, &a->answer[n]);
		l->mx_ttl = a->answer[2 * n].ttl;
		l->sts_ttl = a->answer[2 * n + 1].ttl;
		l->key_alias = is_alias(&a->answer[0]) || is_alias(&a->answer[1]);
		l->key_guarded = has_empty_text(&a->answer[2 * n + 2]);
	}
	for (; l->asks_sites && i < LOOK_SITES && i < a->n_got; i++) {
		l->site[i].nobody = a->got[i].no_host || a->got[i].refused;
		l->site[i].issuer = strdup(a->got[i].issuer);
	}
	l->served = i == a->n_got ? FACT_UNKNOWN : a->got[i].status == 200 ? FACT_YES : FACT_NO;
}

/* Records when it was first seen live: waiting times count from then. */
static int note_policy(struct publish *p, struct look *l, struct err *err)
{
	const struct check_sts *s = &l->t.reply.sts;
	struct store *store = p->session.store;
	const char *name = l->domain->name, *mode;
	char thing[32];
	int rc;

	if (!l->t.answered)
		return 0;
	rc = store_live_until(store, name, "policy-", &l->kept_until, err);
	if (rc < 0 || s->policy != CHECK_FOUND || s->kept)
		return rc;
	mode = check_sts_mode_name(s->mode);
	snprintf(thing, sizeof(thing), "%s-%s", s->mode == STS_MODE_NONE ? "left" : "policy", mode);
	/* What was served before may have been until now. */
	rc = store_live_changed(store, name, "policy-", thing, s->max_age, p->now, err);
	if (rc == 0)
		rc = store_live_seen(store, name, thing, s->max_age, p->now, &l->mode_since, err);
	if (rc < 0)
		return rc;
	if (s->mode == STS_MODE_NONE)
		l->none_since = l->mode_since;
	else
		rc = store_live_gone(store, name, "left-none", err);
	return rc < 0 ? rc : store_live_until(store, name, "policy-", &l->kept_until, err);
}

/* A state of the domain: since when it is so. */
static int note_state(struct publish *p, struct look *l, const char *thing, bool yes,
	int64_t *since, struct err *err)
{
	struct store *s = p->session.store;

	*since = 0;
	return yes ? store_live_seen(s, l->domain->name, thing, 0, p->now, since, err)
		   : store_live_gone(s, l->domain->name, thing, err);
}

/* Records of CAA that came while we looked: since when, until authorities know of them. */
static int note_caa(struct publish *p, struct look *l, struct err *err)
{
	const struct publish_domain *d = l->domain;
	struct store *s = p->session.store;
	int64_t away = 0;
	int rc;

	if (!has_caa(d) || !caa_now(l))
		return 0;
	rc = note_state(p, l, "caa", l->caa_live, &l->caa_since, err);
	if (rc == 0 && !l->caa_live)
		return store_live_seen(s, d->name, "caa-away", 0, p->now, &away, err);
	if (rc == 0)
		rc = store_live_since(s, d->name, "caa-away", &away, err);
	if (rc == 0 && away != 0 && p->now < l->caa_since + d->section->ttl)
		return 0;
	l->caa_since = 0;
	return rc == 0 ? store_live_gone(s, d->name, "caa-away", err) : rc;
}

/* What is not known changes nothing. */
static int note_names(struct publish *p, struct look *l, struct err *err)
{
	const struct check_reply *r = &l->t.reply;
	enum check_outcome address = l->t.answered ? r->wkd[0].address : CHECK_UNKNOWN;
	enum check_outcome txt = l->t.answered ? r->sts.txt : CHECK_UNKNOWN;
	int rc = 0;

	if (address == CHECK_FOUND || address == CHECK_NONE)
		rc = note_state(p, l, "key-host", l->key_host, &l->key_host_since, err);
	if (rc == 0 && (address == CHECK_FOUND || address == CHECK_NONE))
		rc = note_state(p, l, "key-away", address == CHECK_NONE, &l->key_away_since, err);
	if (rc == 0 && txt != CHECK_UNKNOWN && txt != CHECK_NOT_ASKED)
		rc = note_state(p, l, "sts-away", txt == CHECK_NONE, &l->sts_away_since, err);
	return rc;
}

static int ask_hosts(struct publish *p, struct look *l, size_t n, struct err *err)
{
	struct world_request *q = calloc(n + 1, sizeof(*q));
	struct world_reply *a = calloc(n + 1, sizeof(*a));
	size_t i;
	int rc = q && a ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < n; i++)
		rc = ask_sites(&l[i], &q[i], err);
	for (i = 0; rc == 0 && i < n; i++)
		rc = ask_where(&l[i], &q[i], err);
	if (rc == 0)
		rc = look_world(p, q, a, n, err);
	for (i = 0; q && a && i < n; i++) {
		if (rc == 0)
			take_where(&l[i], &a[i]);
		world_request_free(&q[i]);
		world_reply_free(&a[i]);
	}
	free(q);
	free(a);
	return rc;
}

/* In one transaction: separate ones would each wait for the disk. */
static int note_all(struct publish *p, struct look *l, size_t n, struct err *err)
{
	size_t i;
	int rc = store_begin(p->session.store, err);

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < n; i++) {
		rc = note_policy(p, &l[i], err);
		if (rc == 0)
			rc = note_names(p, &l[i], err);
		if (rc == 0)
			rc = note_caa(p, &l[i], err);
		if (rc == 0)
			rc = mx_note(p, &l[i], err);
	}
	return store_end(p->session.store, rc, err);
}

/* The helper is kept for later questions about the same names, as it has cached their keys; not if
 * it has not answered everything. */
static int ask_transports(struct publish *p, struct transport *t, size_t n, struct err *err)
{
	struct transport_round r;
	int kept, rc = transport_begin(&r, p->app, &p->session.runner, NULL, t, n, err);

	if (rc < 0) {
		transport_cancel(&r);
		return rc;
	}
	kept = r.sock < 0 ? -1 : fcntl(r.sock, F_DUPFD_CLOEXEC, 0);
	rc = transport_end(&r, false, err);
	look_end(p);
	p->net = kept;
	if (rc < 0 || r.left > 0)
		look_end(p);
	return rc;
}

static void look_at_caa(struct look *l)
{
	const struct publish_values *set = &l->domain->section->caa;
	const struct check_caa *now = caa_now(l);

	l->caa_live = now && publish_caa_is_live(now, l->domain->name, set->v, set->n);
}

int look_ask(struct publish *p, struct look *l, size_t n, struct err *err)
{
	struct transport *t = calloc(n + 1, sizeof(*t));
	size_t i, k = 0;
	int rc = t ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < n; i++) {
		if (l[i].unopened)
			continue;
		t[k].q.want = CHECK_TRANSPORT | CHECK_KEYS | CHECK_REST;
		if (!p->args->no_smtp &&
			(p->args->what == PUBLISH_VERIFY || publish_tlsa_concerns(l[i].domain) ||
				has_caa(l[i].domain) || l[i].domain->sts == PUBLISH_STS_ENFORCE))
			t[k].q.want |= CHECK_LIVE | CHECK_EACH_IP;
		snprintf(t[k].q.domain, sizeof(t[k].q.domain), "%s", l[i].domain->name);
		k++;
	}
	if (rc == 0)
		rc = ask_transports(p, t, k, err);
	for (i = k = 0; t && i < n; i++) {
		if (!l[i].unopened)
			l[i].t = t[k++];
		look_at_caa(&l[i]);
	}
	free(t);
	if (rc == 0)
		rc = ask_hosts(p, l, n, err);
	return rc == 0 ? note_all(p, l, n, err) : rc;
}

void look_free(struct look *l, size_t n)
{
	size_t i, k;

	for (i = 0; l && i < n; i++) {
		transport_free(&l[i].t);
		for (k = 0; k < LOOK_SITES; k++)
			free(l[i].site[k].issuer);
	}
	free(l);
}

bool look_knows_mx(const struct look *l)
{
	return l && l->t.answered && l->t.reply.mx_outcome == CHECK_FOUND && l->t.reply.n_mx > 0;
}

/* Whether every live MX is named. */
static enum check_fact all_named(const struct look *l)
{
	const struct publish_section *s = l->domain->section;
	size_t i, k;

	if (l->t.reply.mx_outcome == CHECK_UNKNOWN || l->t.reply.mx_left_off > 0)
		return FACT_UNKNOWN;
	for (i = 0; i < l->t.reply.n_mx && s->mx.n > 0; i++) {
		for (k = 0; k < s->mx.n && !pattern_match_mx(s->mx.v[k], l->t.reply.mx[i].host);
			k++)
			;
		if (k == s->mx.n)
			return FACT_NO;
	}
	return l->t.reply.n_mx > 0 ? FACT_YES : FACT_NO;
}

void look_enforce(const struct look *l, struct step_facts *f)
{
	size_t i;

	f->ready = l && l->t.answered ? all_named(l) : FACT_UNKNOWN;
	f->allowed = f->ready == FACT_UNKNOWN ? FACT_UNKNOWN : FACT_YES;
	for (i = 0; l && l->t.answered && i < l->t.reply.n_mx; i++) {
		const struct check_smtp *s = &l->t.reply.mx[i].live;

		if (s->starttls == FACT_NO || s->pkix == FACT_NO) {
			f->allowed = FACT_NO;
			return;
		}
		if (s->pkix != FACT_YES)
			f->allowed = FACT_UNKNOWN;
	}
	if (l && l->t.answered && l->t.reply.sts.policy == CHECK_FOUND &&
		l->t.reply.sts.mode == STS_MODE_TESTING) {
		f->since = l->mode_since;
		f->wait = TESTING_DAYS * PUBLISH_DAY;
	}
}

void look_leave(const struct look *l, struct step_facts *f)
{
	if (!l || !l->t.answered || l->t.reply.sts.policy == CHECK_UNKNOWN) {
		f->ready = FACT_UNKNOWN;
		return;
	}
	f->ready = l->none_since ? FACT_YES : FACT_NO;
	f->since = l->none_since;
	f->wait = l->kept_until > l->none_since ? l->kept_until - l->none_since : 0;
}

#define MX_SITES (CHECK_MX_MAX + CHECK_CERTS_MAX)

/* Mail servers in the domain's zone: each certificate that they show. v has room for MX_SITES and
 * one more, which is for those that are not known. */
static size_t list_mx_sites(const struct look *l, struct caa_site *v)
{
	const struct check_reply *r = &l->t.reply;
	bool known = r->mx_outcome != CHECK_UNKNOWN && r->mx_left_off == 0;
	size_t i, k, n = 0, before;

	for (i = 0; i < r->n_mx && n < MX_SITES; i++) {
		if (!addr_in_zone(r->mx[i].host, l->domain->name))
			continue;
		before = n;
		for (k = 0; k < r->n_cert && n < MX_SITES; k++) {
			if (r->cert[k].port == CHECK_SMTP_PORT &&
				strcmp(r->cert[k].name, r->mx[i].host) == 0)
				v[n++] = (struct caa_site){.issuer = r->cert[k].issuer};
		}
		if (n == before)
			v[n++] = (struct caa_site){.nobody = r->mx[i].address == CHECK_NONE ||
							     r->mx[i].live.starttls == FACT_NO};
	}
	if (!known || i < r->n_mx)
		v[n++] = (struct caa_site){.nobody = false};
	return n;
}

void look_caa(const struct look *l, struct step_facts *f)
{
	struct caa_site site[LOOK_SITES + MX_SITES + 1];
	const struct publish_values *set = l ? &l->domain->section->caa : NULL;
	const struct check_caa *now = caa_now(l);
	size_t i, n;

	f->ready = FACT_UNKNOWN;
	f->since = 1;
	if (!f->wanted || !now)
		return;
	if (l->caa_live) {
		f->wanted = l->caa_since != 0;
		f->ready = FACT_YES;
		f->since = l->caa_since;
		f->wait = l->domain->section->ttl;
		return;
	}
	for (i = 0; i < LOOK_SITES; i++)
		site[i] = (struct caa_site){l->site[i].issuer, l->site[i].nobody};
	n = LOOK_SITES + list_mx_sites(l, site + LOOK_SITES);
	f->ready = publish_caa_narrows(now, l->domain->name)
			   ? publish_caa_covers(site, n, set->v, set->n)
			   : FACT_YES;
}

bool look_wants_openpgpkey(const struct look *l, const struct publish_domain *d)
{
	return d->section->openpgpkey && !(l && l->t.answered && l->t.reply.dnssec == DNS_INSECURE);
}

/* Of a name that does not exist yet the records of the domain count. */
static const struct check_caa *caa_of(const struct look *l, const char *host)
{
	const struct check_reply *r = &l->t.reply;
	const struct check_caa *found = NULL;
	size_t i;

	for (i = 0; i < r->n_caa; i++) {
		if (strcmp(r->caa[i].name, host) == 0)
			return &r->caa[i];
		if (strcmp(r->caa[i].name, l->domain->name) == 0)
			found = &r->caa[i];
	}
	return found;
}

enum check_fact look_may_issue(const struct look *l, const char *host)
{
	const struct check_caa *c = caa_of(l, host);
	bool named = false;
	size_t i;

	if (!c || c->outcome == CHECK_NONE)
		return FACT_YES;
	if (c->outcome == CHECK_UNKNOWN)
		return FACT_UNKNOWN;
	if (c->forbidden)
		return FACT_NO;
	for (i = 0; i < c->n_record; i++) {
		if (strcmp(c->record[i].tag, "issue") != 0)
			continue;
		if (c->record[i].issuer[0] &&
			publish_acme_is(l->domain->section, c->record[i].issuer) != 0)
			return FACT_YES;
		named = true;
	}
	return named ? FACT_NO : FACT_YES;
}

void look_host(const struct look *l, struct step_facts *f)
{
	const struct check_reply *r = l && l->t.answered ? &l->t.reply : NULL;

	f->ready = f->allowed = FACT_UNKNOWN;
	if (!r) {
		/* It has its address. */
		f->wanted = !l || !l->unopened;
		return;
	}
	/* Nobody has keys by the direct method, or the host is there: nothing can be lost. */
	f->wanted = r->wkd[0].address == CHECK_NONE && r->wkd[1].policy.outcome == CHECK_FOUND;
	f->ready = l->served;
	f->allowed = look_may_issue(l, r->wkd[0].host);
}
