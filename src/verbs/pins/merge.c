/* SPDX-License-Identifier: ISC */
#include "verbs/pins/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH_MAX 64            /* as many as gpg looks at together */
#define BATCH_OCTETS (8u << 20) /* of certificates */

/* The state while one item is merged. */
struct work {
	struct store *s;
	const struct merge_item *m;
	struct addr addr;
	struct pin old;          /* PIN_NONE without one */
	struct pin new_;         /* what is written; borrows its certificate */
	bool wants_gpg;          /* out: gpg must check the certificate first */
	const struct pin *was;   /* the pin that gpg checked it with; NULL: not yet checked */
	struct intake_job *job;  /* what it found */
	const struct cert *cert; /* the item's, of job */
	char *why;
};

const char *merge_name(enum merge_result r)
{
	static const char *const name[] = {
		[MERGE_UNCHANGED] = "unchanged",
		[MERGE_PINNED] = "pinned",
		[MERGE_UPDATED] = "updated",
		[MERGE_REVOKED] = "revoked",
		[MERGE_CLEAR] = "clear text is allowed",
		[MERGE_REJECTED] = "rejected",
		[MERGE_HELD] = "held",
		[MERGE_NO_PIN] = "has no pin",
		[MERGE_LEARNT] = "learnt",
		[MERGE_LEFT] = "not imported",
	};

	_Static_assert(sizeof(name) / sizeof(name[0]) == MERGE_LEFT + 1, "a name for each");
	return name[r];
}

static int because(struct work *w, enum merge_result r, const char *why)
{
	snprintf(w->why, MERGE_WHY_MAX, "%s", why);
	return (int)r;
}

static bool is_domain(const char *address)
{
	return !strchr(address, '@') && strchr(address, '.') != NULL;
}

/* The times of a pin that is new here: no claim about the future. */
static void set_times(struct pin *p, const struct merge_item *m)
{
	int64_t now = (int64_t)time(NULL);

	p->last_seen = m->last_seen > 0 && m->last_seen < now ? m->last_seen : now;
	p->first_seen =
		m->first_seen > 0 && m->first_seen < p->last_seen ? m->first_seen : p->last_seen;
}

static void set_cert(struct pin *p, const struct cert *c)
{
	memcpy(p->fpr, c->fpr, sizeof(p->fpr));
	p->cert = c->data;
	p->cert_len = c->len;
	p->expires = c->expires;
	memcpy(p->enc_keyid, c->enc_keyid, sizeof(p->enc_keyid));
	p->n_enc = c->use == CERT_UID_REVOKED ? 0 : c->n_enc; /* see keep_copy */
}

/* Writes new_ where there is no pin, or only an allow-clear. */
static int put_first(struct work *w, enum merge_result done, const char *why, struct err *err)
{
	struct pin *p = &w->new_;
	int rc;

	snprintf(p->address, sizeof(p->address), "%s", w->m->address);
	p->state = w->m->state;
	set_times(p, w->m);
	snprintf(p->method, sizeof(p->method), "%s", w->m->method);
	p->evidence = p->state == PIN_CLEAR ? "" : w->m->evidence;
	rc = store_pin_first(w->s, p, err);
	if (rc < 0)
		return rc;
	return rc > 0 ? because(w, done, why)
		      : because(w, MERGE_LEFT,
				"the pin was changed at the same time; import again");
}

/* Clear text: a decision, imported only if there is none yet. */
static int merge_clear(struct work *w, struct err *err)
{
	int rc;

	if (w->old.state == PIN_CLEAR)
		return MERGE_UNCHANGED;
	if (w->old.state != PIN_NONE)
		return because(
			w, MERGE_LEFT, "clear text was allowed there, and there is a pin here");
	if (is_domain(w->m->address)) {
		rc = store_domain_served(w->s, w->m->address, err);
		if (rc != 0)
			return rc < 0 ? rc
				      : because(w, MERGE_LEFT,
						"clear text was allowed there, but the domain has "
						"served a key");
	}
	return put_first(w, MERGE_CLEAR, "", err);
}

static bool is_unchanged(const struct pin *a, const struct pin *b)
{
	return strcmp(a->fpr, b->fpr) == 0 && a->cert_len == b->cert_len &&
	       (a->cert_len == 0 || memcmp(a->cert, b->cert, a->cert_len) == 0);
}

/*
 * What gpg says of the certificate, which it looked at together with the pinned one. 1: w->cert is
 * it; 0: w->why, or it was not checked yet.
 */
static int read_cert(struct work *w, struct err *err)
{
	const struct cert_set *set = &w->job->set;
	int rc;

	if (!w->was) {
		w->wants_gpg = true;
		return 0;
	}
	if (!is_unchanged(w->was, &w->old))
		return because(w, 0, "the pin was changed at the same time; import again");
	if (w->job->rc == ERR_DATA)
		return because(w, 0, w->job->err.msg);
	if (w->job->rc < 0) {
		if (err)
			*err = w->job->err;
		return w->job->rc;
	}
	w->cert = cert_set_find(set, w->m->fpr);
	if (set->secret)
		return because(w, 0, "it holds a secret key");
	if (w->cert && w->cert->use == CERT_REVOKED) {
		rc = store_revoke(w->s, w->cert->fpr, w->m->address, err);
		if (rc < 0)
			return rc;
	}
	if (!w->cert)
		return because(w, 0, "the certificate is not the one of its fingerprint");
	if (!w->cert->data && w->cert->use != CERT_REVOKED)
		return because(w, 0, w->cert->why);
	return 1;
}

/* Whether an unusable certificate may be pinned: so that another key does not replace it unnoticed.
 */
static bool may_pin(const struct merge_item *m, const struct cert *c)
{
	if (c->use == CERT_USABLE)
		return true;
	return m->was_pin && c->data &&
	       (c->use == CERT_REVOKED || c->use == CERT_EXPIRED || c->use == CERT_NO_ENCRYPTION ||
		       c->use == CERT_UID_REVOKED);
}

/* For an address without a pin, or with clear text allowed. */
static int merge_new(struct work *w, struct err *err)
{
	const struct merge_item *m = w->m;
	int rc;

	if (m->observed)
		return MERGE_NO_PIN;
	if (m->held)
		return because(w, MERGE_LEFT, "it was held there, and there is no pin here");
	if (m->state == PIN_REJECTED && w->old.state == PIN_CLEAR)
		return because(
			w, MERGE_LEFT, "a key was rejected there, and clear text is allowed here");
	rc = store_rejected(w->s, m->address, m->fpr, err);
	if (rc < 0)
		return rc;
	if (rc > 0)
		return m->state == PIN_REJECTED
			       ? (int)MERGE_UNCHANGED
			       : because(w, MERGE_LEFT, "this certificate was rejected here");
	rc = read_cert(w, err);
	if (rc <= 0)
		return rc < 0 ? rc : MERGE_LEFT;
	if (!may_pin(m, w->cert))
		return because(w, MERGE_LEFT, w->cert->why);
	set_cert(&w->new_, w->cert);
	w->new_.revoked = m->revoked || w->cert->use == CERT_REVOKED;
	if (m->state == PIN_REJECTED)
		return put_first(w, MERGE_REJECTED, "", err);
	return put_first(w, MERGE_PINNED,
		w->cert->use != CERT_USABLE ? w->cert->why
		: w->old.state == PIN_CLEAR ? "in place of the allow-clear"
					    : "",
		err);
}

static bool nothing_new(const struct work *w)
{
	const struct pin *o = &w->old, *n = &w->new_;

	return o->cert_len == n->cert_len && o->revoked == n->revoked && o->expires == n->expires &&
	       (o->cert_len == 0 || memcmp(o->cert, n->cert, o->cert_len) == 0);
}

static const char *state_differs(const struct work *w)
{
	if (w->m->state == PIN_VERIFIED && w->old.state == PIN_TOFU)
		return "it was verified there, and is not here";
	return "";
}

/* The pinned certificate, with what is new in the other copy: subkeys, expiry, revocation. */
static int merge_same(struct work *w, struct err *err)
{
	const struct merge_item *m = w->m;
	bool revoked;
	int rc;

	if (w->old.state == PIN_REJECTED)
		return m->state == PIN_REJECTED
			       ? (int)MERGE_UNCHANGED
			       : because(w, MERGE_LEFT, "this certificate was rejected here");
	if (m->state == PIN_REJECTED)
		return because(
			w, MERGE_LEFT, "this certificate was rejected there, and is the pin here");
	rc = read_cert(w, err);
	if (rc <= 0)
		return rc < 0 ? rc : MERGE_LEFT;
	if (w->cert->use == CERT_WRONG_UID || w->cert->use == CERT_UNSUPPORTED)
		return because(w, MERGE_LEFT, w->cert->why);
	revoked = m->revoked || w->cert->use == CERT_REVOKED;
	w->new_ = w->old;
	if (w->cert->data)
		set_cert(&w->new_, w->cert);
	w->new_.revoked |= revoked;
	if (nothing_new(w))
		return because(w, MERGE_UNCHANGED, state_differs(w));
	revoked &= !w->old.revoked;
	rc = store_pin_update(w->s, &w->new_, w->old.fpr, revoked ? "revoked" : "updated", err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return because(w, MERGE_LEFT, "the pin was changed at the same time; import again");
	return because(w, revoked ? MERGE_REVOKED : MERGE_UPDATED, state_differs(w));
}

/* Another certificate than the pin's. */
static int merge_other(struct work *w, struct err *err)
{
	const struct merge_item *m = w->m;
	int rc;

	if (m->state == PIN_REJECTED)
		return because(
			w, MERGE_LEFT, "it was rejected there, and there is another pin here");
	rc = store_rejected(w->s, m->address, m->fpr, err);
	if (rc != 0)
		return rc < 0 ? rc : because(w, MERGE_LEFT, "this certificate was rejected here");
	if (w->old.held && strcmp(w->old.held_fpr, m->fpr) == 0)
		return because(w, MERGE_UNCHANGED, "it is held here");
	if (w->old.held)
		return because(w, MERGE_LEFT,
			"it differs from the pin, and another one is held already; decide about "
			"that "
			"first");
	rc = read_cert(w, err);
	if (rc <= 0)
		return rc < 0 ? rc : MERGE_LEFT;
	if (w->cert->use != CERT_USABLE)
		return because(w, MERGE_LEFT, w->cert->why);
	rc = store_pin_hold(w->s, m->address, w->cert, m->method, m->evidence, err);
	if (rc < 0)
		return rc;
	return rc > 0 ? because(w, MERGE_LEFT, "this certificate was rejected here")
		      : because(w, MERGE_HELD, "it differs from the pin");
}

static int merge_item(struct work *w, struct err *err)
{
	const struct merge_item *m = w->m;
	int rc = store_pin_get(w->s, m->address, &w->old, err);

	if (rc < 0)
		return rc;
	if (m->state == PIN_CLEAR && !m->held)
		return merge_clear(w, err);
	if (is_domain(m->address) || addr_parse(m->address, &w->addr, NULL) < 0)
		return because(w, MERGE_LEFT, "only an address can have a key");
	if (w->old.state == PIN_NONE || w->old.state == PIN_CLEAR)
		return merge_new(w, err);
	return strcmp(w->old.fpr, m->fpr) == 0 ? merge_same(w, err) : merge_other(w, err);
}

/* One that waits. The item's pointers are to copies. */
struct entry {
	struct merge_item m;
	struct addr addr;
	struct pin was; /* what gpg looks at it with */
	size_t job;     /* its number, if wants_gpg */
	bool wants_gpg;
	int result;
	char why[MERGE_WHY_MAX];
};

struct merge_batch {
	struct store *s;
	merge_done *done;
	void *arg;
	struct entry *e; /* BATCH_MAX */
	size_t n, octets;
	struct intake_job job[BATCH_MAX];
	struct intake_body body[BATCH_MAX];
	size_t n_job;
};

struct merge_batch *merge_batch_new(struct store *s, merge_done *done, void *arg)
{
	struct merge_batch *b = calloc(1, sizeof(*b));

	if (b)
		b->e = calloc(BATCH_MAX, sizeof(*b->e));
	if (!b || !b->e) {
		free(b);
		return NULL;
	}
	b->s = s;
	b->done = done;
	b->arg = arg;
	return b;
}

static void free_entry(struct entry *e)
{
	free((char *)e->m.address);
	free((char *)e->m.fpr);
	free((char *)e->m.method);
	free((char *)e->m.evidence);
	free((uint8_t *)e->m.cert);
	pin_free(&e->was);
	memset(e, 0, sizeof(*e));
}

static void empty_batch(struct merge_batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++)
		free_entry(&b->e[i]);
	for (i = 0; i < b->n_job; i++) {
		if (b->job[i].rc == 0)
			cert_set_free(&b->job[i].set);
	}
	b->n = b->n_job = b->octets = 0;
}

void merge_batch_free(struct merge_batch *b)
{
	if (!b)
		return;
	empty_batch(b);
	free(b->e);
	free(b);
}

/* Merges one. The first time it may turn out that gpg is needed. */
static int merge_entry(struct merge_batch *b, struct entry *e, struct err *err)
{
	struct work *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return err_set(err, ERR_OS, "out of memory");
	e->why[0] = '\0';
	w->s = b->s;
	w->m = &e->m;
	w->why = e->why;
	w->was = e->wants_gpg ? &e->was : NULL;
	w->job = &b->job[e->job];
	rc = merge_item(w, err);
	if (rc >= 0 && w->wants_gpg) {
		e->wants_gpg = true;
		e->addr = w->addr;
		e->was = w->old;
		memset(&w->old, 0, sizeof(w->old));
	}
	e->result = rc;
	pin_free(&w->old);
	free(w);
	return rc < 0 ? rc : 0;
}

/* Either all of them, or again those that gpg has looked at: in one transaction. */
static int merge_entries(struct merge_batch *b, bool again, struct err *err)
{
	int rc = store_begin(b->s, err);
	size_t i;

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < b->n; i++) {
		if (!again || b->e[i].wants_gpg)
			rc = merge_entry(b, &b->e[i], err);
	}
	return store_end(b->s, rc, err);
}

static void ask_gpg(struct merge_batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		struct entry *e = &b->e[i];

		if (!e->wants_gpg)
			continue;
		e->job = b->n_job++;
		b->body[e->job] = (struct intake_body){e->m.cert, e->m.cert_len};
		b->job[e->job] = (struct intake_job){
			.in = {.addr = &e->addr,
				.wildcard_uid = strcmp(e->m.method, "openpgpkey") == 0,
				.pinned = e->was.cert,
				.pinned_len = e->was.cert_len,
				.pinned_fpr = e->was.fpr},
			.body = &b->body[e->job],
			.n_body = 1};
	}
	if (b->n_job > 0)
		intake_many(b->job, b->n_job, NULL);
}

int merge_flush(struct merge_batch *b, struct err *err)
{
	size_t i;
	int rc = b->n > 0 ? merge_entries(b, false, err) : 0;

	if (rc == 0)
		ask_gpg(b);
	if (rc == 0 && b->n_job > 0)
		rc = merge_entries(b, true, err);
	for (i = 0; rc == 0 && i < b->n; i++)
		rc = b->done(
			&b->e[i].m, (enum merge_result)b->e[i].result, b->e[i].why, b->arg, err);
	empty_batch(b);
	return rc;
}

static int copy_item(struct entry *e, const struct merge_item *m)
{
	uint8_t *cert = m->cert_len > 0 ? malloc(m->cert_len) : NULL;

	if (cert)
		memcpy(cert, m->cert, m->cert_len);
	e->m = *m;
	e->m.address = strdup(m->address);
	e->m.fpr = strdup(m->fpr);
	e->m.method = strdup(m->method);
	e->m.evidence = strdup(m->evidence);
	e->m.cert = cert;
	return e->m.address && e->m.fpr && e->m.method && e->m.evidence &&
			       (cert || m->cert_len == 0)
		       ? 0
		       : -1;
}

int merge_add(struct merge_batch *b, const struct merge_item *m, struct err *err)
{
	bool full = b->n == BATCH_MAX || b->octets + m->cert_len > BATCH_OCTETS;
	size_t i;
	int rc;

	for (i = 0; i < b->n && !full; i++)
		full = strcmp(b->e[i].m.address, m->address) == 0;
	rc = full ? merge_flush(b, err) : 0;
	if (rc < 0)
		return rc;
	b->octets += m->cert_len;
	if (copy_item(&b->e[b->n++], m) < 0)
		return err_set(err, ERR_OS, "out of memory");
	return 0;
}
