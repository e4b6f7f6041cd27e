/* SPDX-License-Identifier: ISC */
#include "decide/key_verdict.h"

#include <stdio.h>
#include <string.h>

/* One method, after its certificates were looked at. */
struct side {
	bool asked;
	enum key_status state; /* if it was */
	const struct method_result *method;
	const struct cert_set *set;
	const struct cert *cert;
	const char *why;
};

static const char *unusable_why(const struct cert_set *set)
{
	if (set->secret)
		return "what is published holds a secret key; its owner must replace it at once";
	if (set->n == 0)
		return "what is published is not an OpenPGP certificate";
	return set->v[0].why;
}

/*
 * Something was answered, and nothing of it is OpenPGP. A key that its owner published, and that
 * cannot be read, is not taken for none: only a server that answers alike to every name says that
 * there is none, and that proves nothing.
 */
static void judge_unreadable(struct side *s)
{
	if (s->method->method == METHOD_WKD_DIRECT && s->method->wildcard) {
		s->state = KEY_UNKNOWN;
		return;
	}
	switch (s->method->control) {
	case CONTROL_ALIKE:
		s->state = KEY_ABSENT_UNPROVED;
		s->why = "the web server answers every name alike, so it has no key";
		return;
	case CONTROL_FAILED:
		s->state = KEY_UNKNOWN;
		s->why = "the web server's answer is not a certificate, and it is unknown whether "
			 "it answers every name like that";
		return;
	case CONTROL_NONE:
	case CONTROL_OTHER:
		break;
	}
	s->state = KEY_UNUSABLE;
	s->why = unusable_why(s->set);
}

static void judge_side(struct side *s, const struct method_result *m, const struct cert_set *set,
	const char *pinned_fpr)
{
	bool proved;

	memset(s, 0, sizeof(*s));
	s->asked = m->status != METHOD_NOT_ASKED;
	s->state = KEY_UNKNOWN;
	s->method = m;
	s->set = set;
	s->why = m->reason ? m->reason : "";
	switch (m->status) {
	case METHOD_NOT_ASKED:
		return;
	case METHOD_FAILED:
		s->state = KEY_UNKNOWN;
		return;
	case METHOD_ABSENT:
		/* In a provably unsigned zone no OPENPGPKEY record could ever be used: nothing to
		 * forge. */
		proved = m->proved || (m->method == METHOD_OPENPGPKEY && m->dnssec == DNS_INSECURE);
		s->state = proved ? KEY_ABSENT_PROVED : KEY_ABSENT_UNPROVED;
		return;
	case METHOD_FOUND:
		break;
	}
	if (set->not_openpgp && !set->secret) {
		judge_unreadable(s);
		return;
	}
	s->cert = set->secret ? NULL : cert_set_choose(set, pinned_fpr);
	s->state = s->cert ? KEY_USABLE : KEY_UNUSABLE;
	if (!s->cert)
		s->why = unusable_why(set);
}

/* A revocation seen anywhere counts everywhere. */
static void heed_revocation(struct side *s, const struct side *other)
{
	const struct cert *c;

	if (s->state != KEY_USABLE || other->method->status != METHOD_FOUND)
		return;
	c = cert_set_find(other->set, s->cert->fpr);
	if (c && c->use == CERT_REVOKED) {
		s->state = KEY_UNUSABLE;
		s->cert = NULL;
		s->why = "the certificate is revoked";
	}
}

static void take_side(struct verdict *out, enum key_status status, const struct side *s)
{
	out->status = status;
	out->method = s->method;
	out->cert = s->cert;
	snprintf(out->reason, sizeof(out->reason), "%s", s->why);
}

static void both_usable(
	struct verdict *out, const struct side *w, const struct side *d, const char *pinned_fpr)
{
	if (strcmp(w->cert->fpr, d->cert->fpr) == 0) {
		take_side(out, KEY_USABLE, w);
		snprintf(out->reason, sizeof(out->reason), "WKD and OPENPGPKEY agree");
	} else if (strcmp(w->cert->fpr, pinned_fpr) == 0 || strcmp(d->cert->fpr, pinned_fpr) == 0) {
		take_side(out, KEY_USABLE, strcmp(w->cert->fpr, pinned_fpr) == 0 ? w : d);
		snprintf(out->reason, sizeof(out->reason),
			"WKD publishes %s and OPENPGPKEY %s; the pinned one of them is used",
			w->cert->fpr, d->cert->fpr);
	} else {
		out->status = KEY_CONFLICT;
		out->method = w->method;
		snprintf(out->reason, sizeof(out->reason),
			"WKD publishes %s and OPENPGPKEY a different certificate, %s", w->cert->fpr,
			d->cert->fpr);
	}
}

static void note_choice(struct verdict *out, const struct side *s)
{
	snprintf(out->reason, sizeof(out->reason), "%s publishes it",
		s->method->method == METHOD_OPENPGPKEY ? "the domain's signed DNS zone"
						       : "the domain's Web Key Directory");
	if (s->set->n > 1)
		snprintf(out->reason, sizeof(out->reason),
			"%zu certificates are published; this is the one to use", s->set->n);
}

/* Whether a method that was asked says so. */
static bool side_tells(const struct side *s, enum key_status state)
{
	return s->asked && s->state == state;
}

static void none_usable(struct verdict *out, const struct side *w, const struct side *d)
{
	if (side_tells(w, KEY_UNUSABLE) || side_tells(d, KEY_UNUSABLE)) {
		take_side(out, KEY_UNUSABLE, side_tells(w, KEY_UNUSABLE) ? w : d);
	} else if (side_tells(w, KEY_UNKNOWN) || side_tells(d, KEY_UNKNOWN)) {
		take_side(out, KEY_UNKNOWN, side_tells(w, KEY_UNKNOWN) ? w : d);
		out->cert = NULL;
	} else if (!w->asked && !d->asked) {
		out->status = KEY_UNKNOWN;
		snprintf(out->reason, sizeof(out->reason), "nobody was asked");
	} else {
		take_side(out,
			side_tells(w, KEY_ABSENT_UNPROVED) || side_tells(d, KEY_ABSENT_UNPROVED)
				? KEY_ABSENT_UNPROVED
				: KEY_ABSENT_PROVED,
			w->asked ? w : d);
	}
}

void verdict_combine(const struct verdict_in *in, struct verdict *out)
{
	struct side w, d;

	memset(out, 0, sizeof(*out));
	judge_side(&w, in->wkd, in->wkd_set, in->pinned_fpr);
	judge_side(&d, in->dane, in->dane_set, in->pinned_fpr);
	heed_revocation(&w, &d);
	heed_revocation(&d, &w);
	if (w.state == KEY_USABLE && d.state == KEY_USABLE) {
		both_usable(out, &w, &d, in->pinned_fpr);
	} else if (w.state == KEY_USABLE) {
		take_side(out, KEY_USABLE, &w);
		note_choice(out, &w);
	} else if (d.state == KEY_USABLE) {
		take_side(out, KEY_USABLE, &d);
		note_choice(out, &d);
	} else {
		none_usable(out, &w, &d);
	}
}
