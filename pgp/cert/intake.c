/* SPDX-License-Identifier: ISC */
#include "pgp/cert/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pgp/cert/intake_priv.h"
#include "pgp/cert/plain.h"

static int filter_bodies(struct work *w, const struct filter *f, const struct intake_body *body,
	size_t n, struct err *err)
{
	struct filter_set one;
	size_t i;
	int rc = 0;

	w->body.not_openpgp = true;
	for (i = 0; rc == 0 && i < n; i++) {
		rc = filter_certs(f, body[i].data, body[i].len, &one, err);
		if (rc == 0)
			rc = filter_set_join(&w->body, &one, err);
	}
	filter_set_compare(&w->body);
	return rc;
}

static int filter_input(struct work *w, const struct intake_body *body, size_t n, struct err *err)
{
	const struct intake *in = w->in;
	int64_t now = (int64_t)time(NULL);
	struct filter f = {.addr = in->addr, .wildcard_uid = in->wildcard_uid, .now = now};
	struct filter p = {.addr = in->addr, .wildcard_uid = true, .now = now};
	int rc;

	if (in->pinned && in->pinned_len) {
		f.pinned_fpr = in->pinned_fpr;
		rc = filter_certs(&p, in->pinned, in->pinned_len, &w->pin, err);
		if (rc < 0)
			return rc;
	}
	return filter_bodies(w, &f, body, n, err);
}

/* Whether a copy of it, or the pinned one, has a User ID for the address. */
static bool uid_of_a_copy(const struct work *w, const struct filter_cert *f)
{
	const struct filter_cert *pin = intake_pinned(w);
	size_t i;

	for (i = 0; i < w->body.n; i++) {
		if (!w->body.v[i].no_uid && strcmp(w->body.v[i].fpr, f->fpr) == 0)
			return true;
	}
	return pin && strcmp(pin->fpr, f->fpr) == 0;
}

/* Whether gpg is asked about the same already. (gpg 2.4 may list a subkey twice, of what it has
 * imported twice.) */
static bool is_asked(const struct work *w, size_t n)
{
	const struct filter_cert *f = &w->body.v[n];
	size_t i;

	for (i = 0; i < n; i++) {
		if (w->ask[i] && w->body.v[i].len == f->len &&
			memcmp(w->body.v[i].data, f->data, f->len) == 0)
			return true;
	}
	return false;
}

/* Makes the entries, and finds out which certificates are worth gpg's time. Returns their number.
 */
static int list_certs(struct work *w, struct cert_set *set, size_t *n_ask, struct err *err)
{
	const struct filter_cert *f;
	size_t i;

	*n_ask = 0;
	if (w->body.n == 0)
		return 0;
	set->v = calloc(w->body.n, sizeof(*set->v));
	if (!set->v)
		return err_set(err, ERR_OS, "no memory for certificates");
	for (i = 0; i < w->body.n; i++) {
		f = &w->body.v[i];
		(void)intake_entry(set, f);
		/* A revocation counts even when it comes without a User ID. */
		w->ask[i] = f->data && (!f->no_uid || uid_of_a_copy(w, f)) && !is_asked(w, i);
		*n_ask += w->ask[i];
		w->sigs |= f->uid_sig_expires;
	}
	w->sigs |= intake_pinned(w) != NULL;
	return 0;
}

/* Whether two have the same packets, however each says where they end: gpg writes that anew. */
static bool have_same_packets(const struct filter_cert *a, const struct filter_cert *b)
{
	struct buf x = BUF_INIT(2 * PLAIN_TOGETHER_MAX), y = BUF_INIT(2 * PLAIN_TOGETHER_MAX);
	bool same = a->data && b->data && plain_framed(&x, a->data, a->len) == 0 &&
		    plain_framed(&y, b->data, b->len) == 0 && x.len == y.len &&
		    memcmp(x.p, y.p, x.len) == 0;

	buf_free(&x);
	buf_free(&y);
	return same;
}

/* A copy of the pinned certificate, which can bring it nothing: then it may be looked at like any
 * other, and in a batch. */
static bool is_the_pin(const struct work *w)
{
	const struct filter_cert *pin = intake_pinned(w), *f = &w->body.v[0];

	return pin && w->body.n == 1 && strcmp(pin->fpr, f->fpr) == 0 && !pin->ahead && !f->ahead &&
	       !pin->damaged && !f->no_uid && !f->excess && have_same_packets(pin, f);
}

/* 0; the caller ends it with finish whatever comes of it. */
static int start_work(struct work *w, struct intake_job *j)
{
	int rc;

	memset(w, 0, sizeof(*w));
	w->in = &j->in;
	memset(&j->set, 0, sizeof(j->set));
	rc = filter_input(w, j->body, j->n_body, &j->err);
	if (rc == 0 && is_the_pin(w))
		filter_set_free(&w->pin);
	return rc == 0 ? list_certs(w, &j->set, &w->n_ask, &j->err) : rc;
}

static void finish_work(struct work *w, struct intake_job *j)
{
	j->set.not_openpgp = w->body.not_openpgp;
	j->set.secret = w->body.secret;
	j->set.armoured = w->body.armoured;
	gpg_keys_free(&w->keys);
	gpgme_release(w->ctx);
	gpg_home_remove(&w->home);
	filter_set_free(&w->body);
	filter_set_free(&w->pin);
	if (j->rc < 0)
		cert_set_free(&j->set);
}

/* Nothing to merge, no pin to take part, nothing that is not whole: each certificate can be looked
 * at by itself. */
static bool may_be_plain(const struct work *w)
{
	size_t i, k;

	for (i = 0; i < w->body.n; i++) {
		const struct filter_cert *f = &w->body.v[i];

		if (w->ask[i] && (f->damaged || f->no_uid || f->ahead || f->stray_at < f->len))
			return false;
		for (k = 0; k < i; k++) {
			if (strcmp(w->body.v[k].fpr, f->fpr) == 0)
				return false;
		}
	}
	return w->n_ask > 0 && w->pin.n == 0 && !w->sigs;
}

/* Adds those of w to p; 0, or -1 when there is no room for all of them. */
static int add_plain(const struct work *w, struct plain *p, size_t *n)
{
	size_t i;

	if (w->n_ask > PLAIN_CERTS_MAX - *n)
		return -1;
	for (i = 0; i < w->body.n; i++) {
		if (w->ask[i])
			p[(*n)++] = (struct plain){.from = &w->body.v[i],
				.addr = w->in->addr,
				.wildcard_uid = w->in->wildcard_uid};
	}
	return 0;
}

/* Takes what was found of those of w, if all of them are good. */
static bool take_plain(struct work *w, struct cert_set *set, struct plain *p)
{
	size_t i;
	bool good = true;

	for (i = 0; i < w->n_ask; i++)
		good &= p[i].good;
	for (i = 0; i < w->n_ask; i++) {
		if (good)
			*intake_entry(set, p[i].from) = p[i].cert;
		else if (p[i].good)
			cert_free(&p[i].cert);
	}
	return good;
}

/* What is plain of jobs from first on, as many as there is room for. Returns the number of the
 * first that was left. */
static size_t read_plain(
	struct work *w, struct intake_job *job, size_t first, size_t n, struct plain_gpg *ready)
{
	struct plain p[PLAIN_CERTS_MAX];
	size_t i, end, n_p = 0;

	for (end = first; end < n; end++) {
		w[end].plain = job[end].rc == 0 && may_be_plain(&w[end]);
		if (w[end].plain && add_plain(&w[end], p, &n_p) < 0)
			break;
	}
	if (n_p > 0)
		plain_read(p, n_p, ready);
	for (i = first, n_p = 0; i < end; i++) {
		size_t at = n_p;

		if (!w[i].plain)
			continue;
		n_p += w[i].n_ask;
		w[i].done = take_plain(&w[i], &job[i].set, p + at);
	}
	return end;
}

void intake_many(struct intake_job *job, size_t n, struct plain_gpg *ready)
{
	struct work *w = calloc(n, sizeof(*w));
	struct err none = ERR_INIT;
	size_t i;

	for (i = 0; i < n; i++) {
		job[i].err = none;
		job[i].rc = w ? start_work(&w[i], &job[i])
			      : err_set(&job[i].err, ERR_OS, "out of memory");
	}
	for (i = 0; w && i < n;)
		i = read_plain(w, job, i, n, ready);
	for (i = 0; w && i < n; i++) {
		if (job[i].rc == 0 && w[i].n_ask > 0 && !w[i].done)
			job[i].rc = intake_alone(&w[i], &job[i].set, &job[i].err);
		finish_work(&w[i], &job[i]);
	}
	free(w);
}

int intake_read(const struct intake *in, const uint8_t *data, size_t len, struct cert_set *set,
	struct err *err)
{
	return intake_bodies(in, &(struct intake_body){data, len}, 1, set, err);
}

int intake_bodies(const struct intake *in, const struct intake_body *body, size_t n,
	struct cert_set *set, struct err *err)
{
	struct intake_job job = {.in = *in, .body = body, .n_body = n};

	intake_many(&job, 1, NULL);
	if (job.rc == 0)
		*set = job.set;
	else if (err)
		*err = job.err;
	return job.rc;
}
