/* SPDX-License-Identifier: ISC */
#include "verbs/learn/judge.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pgp/cert/armour.h"
#include "pgp/cert/filter.h"
#include "pgp/cert/split.h"

#define KEY_MS 2000 /* for gpg, for one key that is neither clearly good nor bad */
#define MORE_MAX 16 /* mails with the same key that wait with the first */

/* A key that waits for gpg, and the mails that have it. */
struct learn_job {
	struct learn_find find;
	uint8_t sum[DIGEST_LEN];
	char fpr[CERT_FPR_MAX];           /* from its packets; "" if unknown */
	struct candidate stored;          /* the same key, as it is stored */
	struct learn_find more[MORE_MAX]; /* without key */
	size_t n_more;
};

/* A mail whose key is stored. */
struct known_find {
	struct learn_find find; /* without key */
	char fpr[CERT_FPR_MAX];
};

/* Why bytes were refused in this run. */
struct refused_key {
	uint8_t sum[DIGEST_LEN];
	char why[256];
};

void learn_find_free(struct learn_find *f)
{
	buf_free(&f->key);
	free(f->evidence);
	free(f->path);
	f->evidence = f->path = NULL;
}

/* Moves it, and leaves nothing to be freed behind. */
static struct learn_find take_learn_find(struct learn_find *f)
{
	struct learn_find out = *f;

	f->key = (struct buf)BUF_INIT(f->key.max);
	f->evidence = f->path = NULL;
	return out;
}

static int by_key(const void *a, const void *b)
{
	const struct learn_touched *x = a, *y = b;
	int rc = strcmp(x->address, y->address);

	return rc != 0 ? rc : strcmp(x->fpr, y->fpr);
}

static int by_sum(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_LEN);
}

int learn_judge_begin(struct judge *j, struct err *err)
{
	j->job = calloc(LEARN_BATCH, sizeof(*j->job));
	j->known = calloc(LEARN_KNOWN, sizeof(*j->known));
	return j->job && j->known ? 0 : err_set(err, ERR_OS, "out of memory");
}

static void leave_out(const struct judge *j, const struct learn_find *f, const char *why)
{
	j->left_out(j->arg, f->path, f->addr.name, why);
}

/* Remembers that the run has seen it. */
static int touch_candidate(struct judge *j, const char *address, const char *fpr,
	enum learnt_how how, bool is_new, struct err *err)
{
	struct learn_touched *t = calloc(1, sizeof(*t)), **there;
	const bool room = j->n_touched < LEARN_REMEMBERED_MAX;
	int rc;

	if (t)
		t->address = strdup(address);
	if (!t || !t->address) {
		free(t);
		return err_set(err, ERR_OS, "out of memory");
	}
	snprintf(t->fpr, sizeof(t->fpr), "%s", fpr);
	there = room ? tsearch(t, &j->touched, by_key) : tfind(t, &j->touched, by_key);
	rc = room && !there ? err_set(err, ERR_OS, "out of memory") : 0;
	if (there && *there == t)
		j->n_touched++;
	if (there) {
		(*there)->is_new |= is_new;
		(*there)->hows |= 1u << how;
	}
	if (!there || *there != t) {
		free(t->address);
		free(t);
	}
	return rc;
}

static void refuse_key(struct judge *j, const struct learn_job *job, const char *why)
{
	struct refused_key *r, **there;
	size_t i;

	leave_out(j, &job->find, why);
	for (i = 0; i < job->n_more; i++)
		leave_out(j, &job->more[i], why);
	r = j->n_refused < LEARN_REMEMBERED_MAX ? calloc(1, sizeof(*r)) : NULL;
	if (!r)
		return;
	memcpy(r->sum, job->sum, DIGEST_LEN);
	snprintf(r->why, sizeof(r->why), "%s", why);
	there = tsearch(r, &j->refused, by_sum);
	if (there && *there == r)
		j->n_refused++;
	else
		free(r);
}

static struct candidate_note make_note(const struct learn_find *f, const char *fpr)
{
	return (struct candidate_note){.address = f->addr.name,
		.fpr = fpr,
		.source = learnt_how_name(f->how),
		.date = f->date,
		.mutual = f->mutual,
		.evidence = f->evidence};
}

/* Adds a note for each mail that has the key, to be written with others. */
static int add_notes(struct judge *j, const struct learn_job *job, const struct cert *cert,
	const uint8_t *sum, struct err *err)
{
	struct candidate_note *n;
	size_t i;

	n = reallocarray(j->note, j->n_note + job->n_more + 1, sizeof(*n));
	if (!n)
		return err_set(err, ERR_OS, "out of memory");
	j->note = n;
	n += j->n_note;
	for (i = 0; i <= job->n_more; i++)
		n[i] = make_note(i == 0 ? &job->find : &job->more[i - 1], cert->fpr);
	n[0].cert = cert;
	n[0].sum = sum;
	j->n_note += job->n_more + 1;
	return 0;
}

static int write_notes(struct judge *j, struct err *err)
{
	size_t i;
	int rc = j->n_note > 0 ? store_candidates_note(j->store, j->note, j->n_note, err) : 0;

	for (i = 0; rc == 0 && i < j->n_note; i++)
		rc = touch_candidate(j, j->note[i].address, j->note[i].fpr,
			learnt_how_parse(j->note[i].source), j->note[i].is_new, err);
	j->n_note = 0;
	return rc;
}

/* Writes those that are known. */
static int flush_known(struct judge *j, struct err *err)
{
	struct candidate_note n[LEARN_KNOWN];
	size_t i;
	int rc = 0;

	for (i = 0; i < j->n_known; i++)
		n[i] = make_note(&j->known[i].find, j->known[i].fpr);
	if (j->n_known > 0)
		rc = store_candidates_note(j->store, n, j->n_known, err);
	for (i = 0; i < j->n_known; i++)
		learn_find_free(&j->known[i].find);
	j->n_known = 0;
	return rc;
}

/* Its revocation, wherever the key is stored, and with its certificate, so that a version from
 * before, which is read later, is not taken for good. */
static int keep_revocation(
	struct judge *j, const struct learn_job *job, const struct cert *c, struct err *err)
{
	struct candidate_note n = make_note(&job->find, c->fpr);
	int rc = store_revoke(j->store, c->fpr, "", err);

	n.cert = c;
	return rc < 0 ? rc : store_candidates_note(j->store, &n, 1, err);
}

/* Judges one of the certificates in a key. 1: it is a candidate. */
static int settle_cert(struct judge *j, const struct learn_job *job, const struct cert *c,
	bool alone, const char **why, struct err *err)
{
	int rc;

	if (c->use == CERT_REVOKED && c->fpr[0] != '\0') {
		rc = keep_revocation(j, job, c, err);
		*why = "the key is revoked";
		return rc < 0 ? rc : 0;
	}
	if (c->use != CERT_USABLE) {
		*why = c->why;
		return 0;
	}
	if (c->len > CANDIDATE_CERT_MAX) {
		*why = "the key is too large";
		return 0;
	}
	rc = store_rejected(j->store, job->find.addr.name, c->fpr, err);
	if (rc != 0) {
		*why = "the key was rejected";
		return rc < 0 ? rc : 0;
	}
	rc = add_notes(j, job, c, alone ? job->sum : NULL, err);
	return rc < 0 ? rc : 1;
}

static int settle_learnt(
	struct judge *j, const struct learn_job *job, const struct intake_job *x, struct err *err)
{
	const char *why = "it holds no key";
	size_t i, taken = 0;
	int rc = 0;

	if (x->rc == ERR_CONFIG || x->rc == ERR_OS || x->rc == ERR_CREATE) {
		*err = x->err;
		return x->rc;
	}
	if (x->rc < 0)
		why = x->err.msg;
	else if (x->set.secret)
		why = "it holds a secret key";
	else if (job->find.how != LEARNT_ATTACHED && x->set.n > 1)
		why = "it holds more than one key";
	else
		for (i = 0; rc >= 0 && i < x->set.n; i++) {
			rc = settle_cert(j, job, &x->set.v[i], x->set.n == 1, &why, err);
			taken += rc > 0;
		}
	if (rc >= 0 && taken == 0)
		refuse_key(j, job, why);
	return rc < 0 ? rc : 0;
}

static void free_learn_job(struct learn_job *job)
{
	size_t i;

	learn_find_free(&job->find);
	for (i = 0; i < job->n_more; i++)
		learn_find_free(&job->more[i]);
	candidate_free(&job->stored);
	job->n_more = 0;
}

int learn_judge_flush(struct judge *j, struct err *err)
{
	struct intake_job x[LEARN_BATCH];
	struct intake_body body[LEARN_BATCH];
	size_t i;
	int rc = 0;

	for (i = 0; i < j->n_job; i++) {
		const struct learn_job *job = &j->job[i];

		body[i] = (struct intake_body){job->find.key.p, job->find.key.len};
		x[i] = (struct intake_job){.in = {.addr = &job->find.addr,
						   .budget_ms = KEY_MS,
						   .pinned = job->stored.cert,
						   .pinned_len = job->stored.cert_len,
						   .pinned_fpr = job->stored.cert ? job->fpr : ""},
			.body = &body[i],
			.n_body = 1};
	}
	if (j->n_job > 0)
		intake_many(x, j->n_job, NULL);
	for (i = 0; i < j->n_job; i++) {
		if (rc == 0)
			rc = settle_learnt(j, &j->job[i], &x[i], err);
	}
	if (rc == 0)
		rc = write_notes(j, err);
	for (i = 0; i < j->n_job; i++) {
		if (x[i].rc == 0)
			cert_set_free(&x[i].set);
		free_learn_job(&j->job[i]);
	}
	j->n_job = j->n_note = 0;
	return rc < 0 ? rc : flush_known(j, err);
}

/* Whether it waits already; then f joins it. */
static bool joins_waiting(struct judge *j, struct learn_find *f, const uint8_t sum[DIGEST_LEN])
{
	size_t i;

	for (i = 0; i < j->n_job; i++) {
		struct learn_job *job = &j->job[i];

		if (memcmp(job->sum, sum, DIGEST_LEN) != 0 || job->n_more == MORE_MAX)
			continue;
		buf_free(&f->key);
		job->more[job->n_more++] = take_learn_find(f);
		return true;
	}
	return false;
}

/* The fingerprint that the first key of these bytes claims; "" if it cannot be read. ERR_OS. */
static int claimed_fpr(const struct buf *key, char *fpr, struct err *err)
{
	struct buf binary = BUF_INIT(FILTER_OCTETS_MAX);
	const uint8_t *p = key->p, *cert;
	size_t len = key->len, cert_len;
	struct armour a;
	int rc;

	fpr[0] = '\0';
	errno = 0;
	rc = armour_read(key->p, key->len, &binary, &a);
	if (rc == 0 && a.found) {
		p = binary.p;
		len = binary.len;
	}
	rc = err_left_out(rc, err);
	if (rc == 0 && p && split_next(&p, &len, &cert, &cert_len) == 1 &&
		split_fpr(cert, cert_len, fpr) < 0)
		fpr[0] = '\0';
	buf_free(&binary);
	return rc;
}

/* Another version of the same key waits: it has to be stored before the two can be merged. */
static bool waits_for_another(const struct judge *j, const struct learn_find *f, const char *fpr)
{
	size_t i;

	for (i = 0; i < j->n_job; i++) {
		if (fpr[0] != '\0' && strcmp(j->job[i].fpr, fpr) == 0 &&
			strcmp(j->job[i].find.addr.name, f->addr.name) == 0)
			return true;
	}
	return false;
}

static int queue_find(
	struct judge *j, struct learn_find *f, const uint8_t sum[DIGEST_LEN], struct err *err)
{
	char fpr[CERT_FPR_MAX];
	struct learn_job *job;
	int rc = claimed_fpr(&f->key, fpr, err);

	if (rc < 0)
		return rc;
	if (j->n_job == LEARN_BATCH || waits_for_another(j, f, fpr))
		rc = learn_judge_flush(j, err);
	if (rc < 0)
		return rc;
	job = &j->job[j->n_job];
	memset(job, 0, sizeof(*job));
	if (fpr[0] != '\0')
		rc = store_candidate_get(j->store, f->addr.name, fpr, &job->stored, err);
	if (rc < 0)
		return rc;
	memcpy(job->sum, sum, DIGEST_LEN);
	memcpy(job->fpr, fpr, sizeof(fpr));
	job->find = take_learn_find(f);
	j->n_job++;
	return 0;
}

/* 1: it was read before, and is noted; 0: it was not. */
static int note_known(
	struct judge *j, struct learn_find *f, const uint8_t sum[DIGEST_LEN], struct err *err)
{
	struct refused_key want, **refused;
	struct known_find *k = &j->known[j->n_known];
	int rc;

	memcpy(want.sum, sum, DIGEST_LEN);
	refused = tfind(&want, &j->refused, by_sum);
	if (refused) {
		leave_out(j, f, (*refused)->why);
		return 1;
	}
	rc = store_candidate_known(j->store, f->addr.name, sum, k->fpr, err);
	if (rc <= 0)
		return rc;
	buf_free(&f->key);
	k->find = take_learn_find(f);
	rc = touch_candidate(j, k->find.addr.name, k->fpr, k->find.how, false, err);
	if (++j->n_known == LEARN_KNOWN && rc == 0)
		rc = flush_known(j, err);
	return rc < 0 ? rc : 1;
}

int learn_judge(struct judge *j, struct learn_find *f, struct err *err)
{
	const struct digest_part part[] = {
		{f->addr.name, strlen(f->addr.name) + 1}, {f->key.p, f->key.len}};
	uint8_t sum[DIGEST_LEN];
	int rc = digest_sha256(part, 2, sum) < 0 ? err_set(err, ERR_OS, "out of memory") : 0;

	if (rc == 0)
		rc = note_known(j, f, sum, err);
	if (rc == 0 && !joins_waiting(j, f, sum))
		rc = queue_find(j, f, sum, err);
	learn_find_free(f);
	return rc < 0 ? rc : 0;
}

struct judge_walk {
	int (*cb)(void *arg, const struct learn_touched *t);
	void *arg;
	int rc;
};

static void visit_touched(const void *node, VISIT which, void *closure)
{
	struct judge_walk *w = closure;

	if (w->rc == 0 && (which == postorder || which == leaf))
		w->rc = w->cb(w->arg, *(const struct learn_touched *const *)node);
}

int learn_judge_each(
	struct judge *j, int (*cb)(void *arg, const struct learn_touched *t), void *arg)
{
	struct judge_walk w = {cb, arg, 0};

	twalk_r(j->touched, visit_touched, &w);
	return w.rc;
}

static void free_touched(void *p)
{
	struct learn_touched *t = p;

	free(t->address);
	free(t);
}

void learn_judge_end(struct judge *j)
{
	size_t i;

	for (i = 0; i < j->n_job; i++)
		free_learn_job(&j->job[i]);
	for (i = 0; i < j->n_known; i++)
		learn_find_free(&j->known[i].find);
	free(j->job);
	free(j->known);
	free(j->note);
	tdestroy(j->touched, free_touched);
	tdestroy(j->refused, free);
	memset(j, 0, sizeof(*j));
}
