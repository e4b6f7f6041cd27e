/* SPDX-License-Identifier: ISC */
/* Turns a reply of the network process into a finding: judges it and compares it with the pin. */
#include "discovery/discover_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "discovery/pin_update.h"
#include "discovery/evidence.h"
#include "conf/keyservers.h"
#include "decide/keyserver.h"
#include "decide/policy.h"
#include "decide/remember.h"
#include "decide/served.h"
#include "discovery/cache.h"

/* Whether the reply shows that the pinned certificate is revoked. */
static bool pin_seen_revoked(const struct finding *f, const struct cert_set *set)
{
	const struct cert *c = cert_set_find(set, f->pin.fpr);

	return c && c->use == CERT_REVOKED;
}

/*
 * The pinned certificate in the reply if, with all that its owner has signed, nothing of it can be
 * used any longer; NULL if not, or if another method has it usable.
 */
static const struct cert *pin_seen_lapsed(const struct finding *f, const struct verdict_in *in)
{
	const struct cert_set *set[] = {in->wkd_set, in->dane_set};
	const struct cert *lapsed = NULL, *c;
	size_t i;

	for (i = 0; pin_has_key(&f->pin) && i < 2; i++) {
		c = cert_set_find(set[i], f->pin.fpr);
		if (!c)
			continue;
		if (c->use == CERT_USABLE || c->use == CERT_WEAK)
			return NULL;
		if (c->data && (c->use == CERT_EXPIRED || c->use == CERT_NO_ENCRYPTION ||
				       c->use == CERT_UID_REVOKED))
			lapsed = c;
	}
	return lapsed;
}

/*
 * Records what a lookup saw, for later mails. If that cannot be written the lookup still answers.
 */
static void note_by_the_way(const struct discover *d, const char *fpr)
{
	struct store *s = NULL;
	struct err why = ERR_INIT;
	int rc = store_pinned_alive(d->store, fpr, &why);

	if (rc > 0)
		rc = store_open(&s, d->app->conf.data_dir, false, &why);
	if (rc == 0 && s)
		rc = store_revoke(s, fpr, "", &why);
	if (rc < 0)
		log_warn("%s is revoked, which cannot be kept: %s", fpr, why.msg);
	store_close(s);
}

/* Records a revocation wherever the key is pinned, held, or was pinned earlier. */
static int note_revoked(
	struct discover *d, const struct finding *f, const struct cert_set *set, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; d->store && rc == 0 && i < set->n; i++) {
		if (set->v[i].use != CERT_REVOKED || set->v[i].fpr[0] == '\0')
			continue;
		if (d->keep)
			rc = store_revoke(d->store, set->v[i].fpr, f->addr->name, err);
		else
			note_by_the_way(d, set->v[i].fpr);
	}
	return rc;
}

/* Why nothing came of it, behind what is done instead. */
static void add_cause(struct finding *f, const char *why)
{
	size_t len = strlen(f->reason);

	snprintf(f->reason + len, sizeof(f->reason) - len, ": %s", why);
}

/* What the reply says of the pinned certificate. */
struct pin_seen {
	bool revoked;
	const struct cert *lapsed; /* see pin_seen_lapsed */
};

static int apply_tofu(struct discover *d, struct finding *f, const struct verdict *v,
	const struct pin_seen *seen, struct err *err)
{
	struct tofu_in in = {.state = f->pin.state,
		.pin_revoked = f->pin.revoked || seen->revoked,
		.pin_expired =
			pin_expired(&f->pin) || (seen->lapsed && seen->lapsed->use == CERT_EXPIRED),
		.pin_lapsed = seen->lapsed || (pin_has_key(&f->pin) && f->pin.n_enc == 0),
		/* A key server's other key is no reason to replace a pin. */
		.candidate =
			f->method == METHOD_KEYSERVER ? SOURCE_NONE : source_of_pin(f->pin.method),
		.seen = v->status};
	struct tofu_out out;
	int rc;

	if (v->status == KEY_CONFLICT) { /* the methods disagree, and neither has the pin */
		f->tofu = pin_has_key(&f->pin) ? TOFU_HOLD : TOFU_NOTHING;
		return 0;
	}
	memcpy(in.pin_fpr, f->pin.fpr, sizeof(in.pin_fpr));
	if (v->cert) {
		memcpy(in.seen_fpr, v->cert->fpr, sizeof(in.seen_fpr));
		in.certified_by_pin = v->cert->certified_by_pin;
		rc = d->store ? store_rejected(d->store, f->addr->name, v->cert->fpr, err) : 0;
		if (rc < 0)
			return rc;
		in.seen_rejected = rc > 0;
	}
	out = tofu_decide(&in);
	f->tofu = out.verdict;
	switch (tofu_effect(&out)) {
	case EFFECT_PIN:
		use_pin(f, out.why);
		if (v->status == KEY_UNKNOWN || v->status == KEY_UNUSABLE)
			add_cause(f, v->reason);
		break;
	case EFFECT_CONFLICT:
		finding_set(f, KEY_CONFLICT, out.why);
		break;
	case EFFECT_UNUSABLE:
		finding_set(f, KEY_UNUSABLE, out.why);
		if (seen->lapsed && !in.pin_revoked && !in.pin_expired)
			add_cause(f, seen->lapsed->why);
		break;
	case EFFECT_AS_SEEN:
		if (out.verdict == TOFU_SUCCESSOR && in.candidate != SOURCE_NONE)
			finding_set(f, f->status, out.why);
		break;
	}
	return 0;
}

/* The certificates of one method, as passed to gpg. */
struct reading {
	struct intake_body body[LOOKUP_BODIES_MAX];
	struct intake_job *job; /* NULL: nothing found */
};

static void add_job(const struct finding *f, const struct method_result *m, int budget_ms,
	struct reading *r, struct intake_job *job, size_t *n)
{
	size_t i;

	if (m->status != METHOD_FOUND)
		return;
	r->job = &job[(*n)++];
	for (i = 0; i < m->n_body; i++)
		r->body[i] = (struct intake_body){m->body[i].data, m->body[i].len};
	*r->job = (struct intake_job){.in = {.addr = f->addr,
					      .wildcard_uid = m->method == METHOD_OPENPGPKEY,
					      .pinned = f->pin.cert,
					      .pinned_len = f->pin.cert_len,
					      .pinned_fpr = f->pin.fpr,
					      .budget_ms = budget_ms},
		.body = r->body,
		.n_body = m->n_body};
}

static void trace_certs(
	const struct method_result *m, const struct cert_set *set, const struct cert *chosen)
{
	size_t i;

	for (i = 0; m->status == METHOD_FOUND && i < set->n; i++)
		log_info("certificate %s by %s: %s",
			set->v[i].fpr[0] != '\0' ? set->v[i].fpr : "(unreadable)",
			lookup_method_name(m->method), cert_reason(set, &set->v[i], chosen));
}

/* Copies the network's verdict v to f. */
static int tell_finding(
	struct answered *a, const struct verdict_in *in, const struct verdict *v, struct err *err)
{
	struct finding *f = a->f;

	f->asked = a->times.asked;
	f->cached = a->cached;
	if (v->method) {
		f->method = v->method->method;
		f->dnssec = v->method->dnssec;
		f->tls = v->method->tls;
	}
	f->seen = v->status;
	f->reached = web_answered(&a->reply);
	f->cause = v->otherwise ? CAUSE_OTHERWISE : unknown_cause(&a->reply, f->addr->domain);
	f->evidence = evidence_json(&a->reply, in, v, a->times.asked);
	trace_certs(in->wkd, in->wkd_set, v->cert);
	trace_certs(in->dane, in->dane_set, v->cert);
	log_info("verdict at %s%s: %s: %s", f->addr->domain, a->cached ? ", from the cache" : "",
		key_status_name(v->status), v->reason);
	finding_set(f, v->status, v->reason);
	if (v->cert && cert_copy(&f->cert, v->cert) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return 0;
}

/* Compares with the pin, and stores the result. */
static int settle_finding(struct discover *d, struct finding *f, const struct verdict_in *in,
	const struct verdict *v, struct err *err)
{
	const struct pin_seen seen = {
		.revoked = pin_seen_revoked(f, in->wkd_set) || pin_seen_revoked(f, in->dane_set),
		.lapsed = pin_seen_lapsed(f, in)};
	int rc = apply_tofu(d, f, v, &seen, err);

	if (rc == 0)
		rc = note_revoked(d, f, in->wkd_set, err);
	if (rc == 0)
		rc = note_revoked(d, f, in->dane_set, err);
	if (rc == 0)
		rc = keep_finding(d, f, seen.revoked, seen.lapsed, err);
	/* After holding the new key: policy may prefer the usable pin. */
	if (rc == 0 && f->tofu == TOFU_HOLD && pin_good(&f->pin) && d->pins_first &&
		policy_on_change(&d->app->conf, d->one, f->addr) == CHANGE_USE_PIN)
		use_pin(f, "a different key is published and held; the pinned one is used");
	return rc;
}

int absorb_copy(struct discover *d, struct finding *f, const struct cert_set *set, struct err *err)
{
	static const struct cert_set none;
	static const struct method_result nothing;
	const struct verdict_in in = {
		.wkd = &nothing, .dane = &nothing, .wkd_set = set, .dane_set = &none};
	const struct verdict v = {.status = KEY_UNUSABLE};
	const struct cert *c = cert_set_find(set, f->pin.fpr);
	int rc;

	if (c && c->use == CERT_USABLE) {
		rc = keep_copy(d, f, c, err);
		if (rc == 0 && f->status == KEY_USABLE && cert_copy(&f->cert, c) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
		return rc;
	}
	if (!c || (c->use != CERT_REVOKED && !pin_seen_lapsed(f, &in)))
		return 0;
	cert_free(&f->cert);
	f->cert = (struct cert){.data = NULL};
	return settle_finding(d, f, &in, &v, err);
}

/* Of an answer that cannot be looked into. */
static void unread_evidence(const struct answered *a, char **evidence)
{
	static const struct cert_set none;
	const struct verdict_in in = {
		.wkd = &a->reply.wkd, .dane = &a->reply.dane, .wkd_set = &none, .dane_set = &none};
	const struct verdict v = {.status = KEY_UNKNOWN};

	free(*evidence);
	*evidence = evidence_json(&a->reply, &in, &v, a->times.asked);
}

/* A failed intake says nothing about what is published, so it is not cached. */
static int fail_reply(struct answered *a, const struct err *cannot, struct err *err)
{
	a->stale = a->cached;
	a->f->reached = web_answered(&a->reply);
	if (!a->cached) {
		a->f->asked = a->times.asked;
		unread_evidence(a, &a->f->evidence);
		finding_set(a->f, KEY_UNKNOWN, cannot->msg);
	}
	return cannot->code == ERR_CONFIG ? err_set(err, cannot->code, "%s", cannot->msg) : 0;
}

/* Adds the age of a cached answer to the reason of a refusal. */
static void tell_age(struct finding *f, int64_t age)
{
	size_t len = strlen(f->reason);

	snprintf(f->reason + len, sizeof(f->reason) - len, " (asked %lld %s ago)",
		(long long)(age < 120    ? age
			    : age < 7200 ? age / 60
					 : age / 3600),
		age < 120    ? "s"
		: age < 7200 ? "minutes"
			     : "hours");
}

/* Marks certificates of set that are usable but too weak by the user's policy. Returns whether
 * there are any. */
static bool judge_strengths(const struct discover *d, const struct addr *addr, struct cert_set *set)
{
	struct cert_strength s;
	bool any = false;
	size_t i;

	for (i = 0; i < set->n && !policy_accepts_weak(&d->app->conf, d->one, addr); i++) {
		struct cert *k = &set->v[i];
		char why[KEY_POLICY_WHY_MAX];

		if (k->use != CERT_USABLE)
			continue;
		(void)cert_strength(k->data, k->len, k->enc_keyid, k->n_enc, &s);
		if (key_policy_strong(&s, why))
			continue;
		any = true;
		k->use = CERT_WEAK;
		snprintf(k->why, sizeof(k->why), "%s", why);
	}
	return any;
}

/* Absence is doubted if the domain has published keys by another method before. */
static int heed_way(struct discover *d, const struct finding *f, const struct verdict_in *in,
	struct verdict *v, struct err *err)
{
	char way[SERVED_WAY_MAX] = "";
	int rc;

	if (!key_absent(v->status) || !d->store || pin_has_key(&f->pin))
		return 0;
	rc = store_served_way(d->store, f->addr->domain, way, err);
	if (rc <= 0 || !served_otherwise(served_way(way), in->wkd, in->dane))
		return rc < 0 ? rc : 0;
	v->status = KEY_UNKNOWN;
	v->otherwise = true;
	snprintf(v->reason, sizeof(v->reason),
		"none is found, but keys of its domain came by %s, and that this has ended is not "
		"proved",
		way);
	return 0;
}

/* How long the reply may be cached for its verdict, and whether it has been for too long. */
static void judge_age(const struct discover *d, struct answered *a, const struct verdict *v)
{
	a->seconds = remember_key(&d->app->conf, v);
	a->stale = a->cached && remember_stale(&d->app->conf, v, a->times.asked, a->times.keep,
					(int64_t)time(NULL));
}

int server_of_turn(const struct discover *d, const struct finding *f, size_t turn, char *host)
{
	const struct keyserver_of of = {.status = f->status,
		.pin = f->pin.state,
		.pin_by = source_of_pin(f->pin.method),
		.offered = d->keyservers};
	const char *list = keyserver_list(&d->app->conf, d->one, f->addr, &of);

	return keyservers_nth(&d->app->conf, list, turn - 1, host);
}

int absorb_absence(struct discover *d, struct finding *f, struct err *err)
{
	static const struct cert_set none;
	static const struct method_result nothing;
	const struct verdict_in in = {
		.wkd = &nothing, .dane = &nothing, .wkd_set = &none, .dane_set = &none};
	struct verdict v;

	/* Of a pin that came from there, nothing is known then. */
	if (f->server_failed && pin_has_key(&f->pin)) {
		f->seen = KEY_UNKNOWN;
		finding_set(f, KEY_UNKNOWN, f->reason);
	}
	v = (struct verdict){.status = f->status};
	return settle_finding(d, f, &in, &v, err);
}

/* What a key server has for f becomes the result. */
static int take_server_key(struct answered *a, const char *host, const struct verdict *v,
	enum source_answer answer, struct err *err)
{
	struct finding *f = a->f;

	f->asked = a->times.asked;
	f->cached = a->cached;
	f->method = METHOD_KEYSERVER;
	f->dnssec = a->reply.wkd.dnssec;
	f->tls = a->reply.wkd.tls;
	f->seen = v->status;
	f->candidate = SOURCE_KEYSERVER;
	f->candidate_evidence = f->server_evidence ? strdup(f->server_evidence) : NULL;
	finding_set(f, v->status, v->reason);
	if (answer == SOURCE_HAS)
		snprintf(f->reason, sizeof(f->reason),
			"the domain publishes no key; the key server %s has one", host);
	else
		snprintf(f->reason, sizeof(f->reason), "the key of the key server %s: %.600s", host,
			v->reason);
	if (v->cert && cert_copy(&f->cert, v->cert) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return 0;
}

/* It has none, or failed: the reason says so, and the next one is asked, or the absence stands. */
static int pass_over_server(struct discover *d, struct answered *a, const char *host,
	const struct verdict *v, enum source_answer answer, struct err *err)
{
	struct finding *f = a->f;
	char next[ADDR_DOMAIN_MAX + 1];
	size_t len = strlen(f->reason);

	f->server_failed |= answer == SOURCE_FAILED;
	if (answer == SOURCE_HAS_NONE)
		snprintf(f->reason + len, sizeof(f->reason) - len,
			"%sthe key server %s has none either", len > 0 ? "; " : "", host);
	else
		snprintf(f->reason + len, sizeof(f->reason) - len,
			"%sthe key server %s failed: %.300s", len > 0 ? "; " : "", host, v->reason);
	log_info("key server %s: %s", host,
		answer == SOURCE_HAS_NONE ? "has none" : "does not tell");
	a->further = server_of_turn(d, f, a->turn + 1, next) >= 0;
	return a->further ? 0 : absorb_absence(d, f, err);
}

/* What it has cannot be read, which says nothing of the domain. */
static int server_unread(
	struct discover *d, struct answered *a, const struct err *why, struct err *err)
{
	struct verdict v = {.status = KEY_UNKNOWN};
	char host[ADDR_DOMAIN_MAX + 1] = "";

	(void)server_of_turn(d, a->f, a->turn, host);
	unread_evidence(a, &a->f->server_evidence);
	snprintf(v.reason, sizeof(v.reason), "%s", why->msg);
	return pass_over_server(d, a, host, &v, SOURCE_FAILED, err);
}

/* An answer of a key server; f has the absence that its domain answered. */
static int absorb_server(
	struct discover *d, struct answered *a, const struct reading *r, struct err *err)
{
	static const struct cert_set none;
	const struct verdict_in in = {.wkd = &a->reply.wkd,
		.dane = &a->reply.dane,
		.wkd_set = r->job ? &r->job->set : &none,
		.dane_set = &none,
		.pinned_fpr = a->f->pin.fpr};
	char host[ADDR_DOMAIN_MAX + 1] = "";
	enum source_answer answer;
	struct verdict v;
	bool weak;
	int rc;

	weak = r->job && judge_strengths(d, a->f->addr, &r->job->set);
	verdict_combine(&in, &v);
	answer = keyserver_answer(&v, in.wkd_set);
	if (answer == SOURCE_FAILED)
		v.status = KEY_UNKNOWN;
	judge_age(d, a, &v);
	if (a->stale)
		return 0;
	(void)server_of_turn(d, a->f, a->turn, host);
	free(a->f->server_evidence);
	a->f->server_evidence = evidence_json(&a->reply, &in, &v, a->times.asked);
	trace_certs(in.wkd, in.wkd_set, v.cert);
	if (answer != SOURCE_HAS && answer != SOURCE_UNFIT)
		return pass_over_server(d, a, host, &v, answer, err);
	a->f->weak = weak && v.status == KEY_UNUSABLE;
	rc = take_server_key(a, host, &v, answer, err);
	return rc == 0 ? settle_finding(d, a->f, &in, &v, err) : rc;
}

/*
 * The domain has answered with more than can be read (pgp/cert/filter.h). It publishes keys, and
 * none of them can be used; that is no failure to ask it.
 */
static void refuse_excess(struct intake_job *job)
{
	if (job->rc != ERR_DATA)
		return;
	job->set = (struct cert_set){.v = calloc(1, sizeof(*job->set.v)), .n = 1};
	if (!job->set.v) {
		job->set.n = 0;
		job->rc = err_set(&job->err, ERR_OS, "out of memory");
		return;
	}
	job->set.v[0].use = CERT_UNSUPPORTED;
	snprintf(job->set.v[0].why, sizeof(job->set.v[0].why), "%.200s", job->err.msg);
	job->rc = 0;
}

/* r: by WKD, and by OPENPGPKEY. */
static int absorb_one(
	struct discover *d, struct answered *a, const struct reading r[2], struct err *err)
{
	static const struct cert_set none;
	struct verdict_in in = {.wkd = &a->reply.wkd,
		.dane = &a->reply.dane,
		.wkd_set = r[0].job ? &r[0].job->set : &none,
		.dane_set = r[1].job ? &r[1].job->set : &none,
		.pinned_fpr = a->f->pin.fpr};
	char host[ADDR_DOMAIN_MAX + 1];
	struct verdict v;
	bool weak = false;
	int i, rc;

	a->seconds = 0;
	a->stale = a->further = false;
	for (i = 0; i < 2; i++) {
		if (r[i].job && r[i].job->rc < 0 && a->turn > 0 && !a->cached &&
			r[i].job->err.code != ERR_CONFIG)
			return server_unread(d, a, &r[i].job->err, err);
		if (r[i].job && a->turn == 0)
			refuse_excess(r[i].job);
		if (r[i].job && r[i].job->rc < 0)
			return fail_reply(a, &r[i].job->err, err);
		if (r[i].job)
			weak |= judge_strengths(d, a->f->addr, &r[i].job->set);
	}
	if (a->turn > 0)
		return absorb_server(d, a, r, err);
	verdict_combine(&in, &v);
	rc = heed_way(d, a->f, &in, &v, err);
	if (rc < 0)
		return rc;
	a->f->weak = weak && v.status == KEY_UNUSABLE;
	judge_age(d, a, &v);
	rc = a->stale ? 0 : tell_finding(a, &in, &v, err);
	a->further = rc == 0 && !a->stale && server_of_turn(d, a->f, 1, host) >= 0;
	if (rc == 0 && !a->stale && !a->further)
		rc = settle_finding(d, a->f, &in, &v, err);
	if (rc == 0 && !a->stale && a->cached && d->pins_first)
		tell_age(a->f, (int64_t)time(NULL) - a->times.asked);
	return rc;
}

int absorb(
	struct discover *d, struct answered *a, size_t n, struct plain_gpg *ready, struct err *err)
{
	struct reading(*r)[2] = calloc(n, sizeof(*r));
	struct intake_job *job = calloc(2 * n, sizeof(*job));
	size_t i, n_job = 0;
	int rc = r && job ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; rc == 0 && i < n; i++) {
		bool both = a[i].reply.wkd.status == METHOD_FOUND &&
			    a[i].reply.dane.status == METHOD_FOUND;
		int budget_ms = (int)d->app->conf.net.timeout_ms / (both ? 2 : 1);

		add_job(a[i].f, &a[i].reply.wkd, budget_ms, r[i], job, &n_job);
		add_job(a[i].f, &a[i].reply.dane, budget_ms, r[i] + 1, job, &n_job);
	}
	if (n_job > 0)
		intake_many(job, n_job, ready);
	for (i = 0; rc == 0 && i < n; i++)
		rc = absorb_one(d, &a[i], r[i], err);
	for (i = 0; i < n_job; i++)
		cert_set_free(&job[i].set);
	free(job);
	free(r);
	return rc;
}
