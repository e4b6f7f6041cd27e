/* SPDX-License-Identifier: ISC */
#include "discovery/pin_update.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void pin_from_finding(struct pin *p, const struct finding *f)
{
	int64_t now = f->cached ? f->asked : (int64_t)time(NULL);

	*p = (struct pin){.state = f->tofu == TOFU_SAME ? f->pin.state : PIN_TOFU,
		.cert = f->cert.data,
		.cert_len = f->cert.len,
		.expires = f->cert.expires,
		.n_enc = f->cert.n_enc,
		.first_seen = now,
		.last_seen = now};
	if (f->tofu == TOFU_SAME) {
		p->first_seen = f->pin.first_seen;
		if (f->pin.last_seen > now) /* the pin is newer than this (cached) answer */
			p->last_seen = f->pin.last_seen;
	}
	memcpy(p->address, f->addr->name, sizeof(p->address));
	memcpy(p->fpr, f->cert.fpr, sizeof(p->fpr));
	memcpy(p->enc_keyid, f->cert.enc_keyid, sizeof(p->enc_keyid));
	if (f->candidate != SOURCE_NONE)
		snprintf(p->method, sizeof(p->method), "%s", source_pin_method(f->candidate));
	else if (lookup_method_name(f->method))
		snprintf(p->method, sizeof(p->method), "%s", lookup_method_name(f->method));
	p->evidence = f->candidate_evidence ? f->candidate_evidence
		      : f->evidence         ? f->evidence
					    : "";
}

int keep_first(struct discover *d, struct finding *f, struct err *err)
{
	struct pin p, other = {0};
	int rc;

	if (f->tofu != TOFU_FIRST || f->status != KEY_USABLE)
		return 0;
	pin_from_finding(&p, f);
	rc = store_pin_first(d->store, &p, err);
	if (rc < 0)
		return rc;
	rc = store_pin_get(d->store, p.address, &other, err);
	if (rc < 0)
		return rc;
	pin_free(&f->pin);
	f->pin = other;
	if (strcmp(other.fpr, p.fpr) != 0 || other.state == PIN_REJECTED)
		finding_set(
			f, KEY_CONFLICT, "another process has just pinned a different certificate");
	return 0;
}

/* If the user has decided meanwhile, that decision stands, and this mail waits. */
static int update(struct discover *d, struct finding *f, const struct pin *p, const char *event,
	struct err *err)
{
	int rc = store_pin_update(d->store, p, f->pin.fpr, event, err);

	if (rc == 0)
		finding_set(f, KEY_UNKNOWN, "the pin was changed at the same time; try again");
	return rc < 0 ? rc : 0;
}

int keep_copy(struct discover *d, struct finding *f, const struct cert *c, struct err *err)
{
	struct pin p = f->pin;

	p.cert = c->data;
	p.cert_len = c->len;
	p.expires = c->expires;
	p.n_enc = c->use == CERT_USABLE || c->use == CERT_WEAK ? c->n_enc : 0;
	memcpy(p.enc_keyid, c->enc_keyid, sizeof(p.enc_keyid));
	p.last_seen = f->cached ? f->asked : (int64_t)time(NULL);
	return d->keep && d->store ? update(d, f, &p, "updated", err) : 0;
}

static int keep_lapsed(
	struct discover *d, struct finding *f, const struct cert *lapsed, struct err *err)
{
	bool known = f->pin.n_enc == 0 && f->pin.expires == lapsed->expires;

	f->pin.n_enc = 0;
	return known ? 0 : keep_copy(d, f, lapsed, err);
}

int keep_finding(struct discover *d, struct finding *f, bool revoked, const struct cert *lapsed,
	struct err *err)
{
	struct pin p;

	if (lapsed && keep_lapsed(d, f, lapsed, err) < 0)
		return err->code;
	if (!d->keep || !d->store)
		return 0;
	if (f->seen == KEY_USABLE && f->method != METHOD_NONE && f->candidate == SOURCE_NONE &&
		store_served_add(d->store, f->addr->domain, lookup_method_name(f->method), err) < 0)
		return err->code;
	pin_from_finding(&p, f);
	switch (f->tofu) {
	case TOFU_SAME:
		return update(d, f, &p, "updated", err);
	case TOFU_SUCCESSOR:
		return update(d, f, &p, "replaced", err);
	case TOFU_HOLD:
		if (f->cert.fpr[0] != '\0' && store_pin_hold(d->store, p.address, &f->cert,
						      p.method, p.evidence, err) < 0)
			return err->code;
		break;
	case TOFU_USE_PIN:
		return store_log(d->store, p.address, "kept", f->reason, err);
	case TOFU_NOTHING:
	case TOFU_FIRST:
	case TOFU_PIN_DEAD:
	case TOFU_REJECTED:
		break;
	}
	if (!revoked || f->pin.revoked)
		return 0;
	f->pin.revoked = true;
	return update(d, f, &f->pin, "revoked", err);
}
