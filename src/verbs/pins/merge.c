/* SPDX-License-Identifier: ISC */
#include "verbs/pins/merge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What one item is worked on with. */
struct work {
	struct store *s;
	const struct merge_item *m;
	struct addr addr;
	struct pin old;  /* PIN_NONE without one */
	struct pin new_; /* what is written; borrows its certificate */
	struct cert_set set;
	const struct cert *cert; /* the item's, of set */
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
	p->n_enc = c->n_enc;
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

/* Clear text: a decision, taken over only where there is none yet. */
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

/* Lets gpg look at the certificate, together with the pinned one. 1: w->cert is it; 0: w->why. */
static int read_cert(struct work *w, struct err *err)
{
	struct intake in = {.addr = &w->addr,
		.wildcard_uid = strcmp(w->m->method, "openpgpkey") == 0,
		.pinned = w->old.cert,
		.pinned_len = w->old.cert_len,
		.pinned_fpr = w->old.fpr};
	struct err cannot = ERR_INIT;
	size_t i;
	int rc;

	rc = intake_read(&in, w->m->cert, w->m->cert_len, &w->set, &cannot);
	if (rc == ERR_DATA)
		return because(w, 0, cannot.msg);
	if (rc < 0) {
		if (err)
			*err = cannot;
		return rc;
	}
	for (i = 0; i < w->set.n && !w->cert; i++) {
		if (strcmp(w->set.v[i].fpr, w->m->fpr) == 0)
			w->cert = &w->set.v[i];
	}
	if (w->set.secret)
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

/* Whether a pin may be made of a certificate that cannot be used now: so that another key does not
 * take its place unnoticed. */
static bool may_pin(const struct merge_item *m, const struct cert *c)
{
	if (c->use == CERT_USABLE)
		return true;
	return m->was_pin && c->data &&
	       (c->use == CERT_REVOKED || c->use == CERT_EXPIRED || c->use == CERT_NO_ENCRYPTION);
}

/* Where there is nothing, or clear text was allowed. */
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
	if (w->cert->use == CERT_WRONG_UID || w->cert->use == CERT_UID_REVOKED ||
		w->cert->use == CERT_UNSUPPORTED)
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

int merge_one(struct store *s, const struct merge_item *m, char *why, struct err *err)
{
	struct work *w = calloc(1, sizeof(*w));
	int rc;

	why[0] = '\0';
	if (!w)
		return err_set(err, ERR_OS, "out of memory");
	w->s = s;
	w->m = m;
	w->why = why;
	rc = merge_item(w, err);
	cert_set_free(&w->set);
	pin_free(&w->old);
	free(w);
	return rc;
}
