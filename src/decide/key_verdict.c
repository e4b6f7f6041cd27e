/* SPDX-License-Identifier: ISC */
#include "decide/key_verdict.h"

#include <stdio.h>
#include <string.h>

enum side_state { SIDE_NONE, SIDE_USABLE, SIDE_UNUSABLE, SIDE_ABSENT, SIDE_FAILED };

/* One method, after its certificates were looked at. */
struct side {
	enum side_state state;
	const struct method_result *method;
	const struct cert_set *set;
	const struct cert *cert;
	bool proved;
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
		s->state = SIDE_FAILED;
		return;
	}
	switch (s->method->control) {
	case CONTROL_ALIKE:
		s->state = SIDE_ABSENT;
		s->why = "the web server answers, but alike to every name, so it has no key";
		return;
	case CONTROL_FAILED:
		s->state = SIDE_FAILED;
		s->why = "what the web server answers is not a certificate, and whether it answers "
			 "so to every name could not be told";
		return;
	case CONTROL_NONE:
	case CONTROL_OTHER:
		break;
	}
	s->state = SIDE_UNUSABLE;
	s->why = unusable_why(s->set);
}

static void judge(struct side *s, const struct method_result *m, const struct cert_set *set,
	const char *pinned_fpr)
{
	memset(s, 0, sizeof(*s));
	s->method = m;
	s->set = set;
	s->why = m->reason ? m->reason : "";
	switch (m->status) {
	case METHOD_NOT_ASKED:
		return;
	case METHOD_FAILED:
		s->state = SIDE_FAILED;
		return;
	case METHOD_ABSENT:
		s->state = SIDE_ABSENT;
		/* In a provably unsigned zone no OPENPGPKEY record could ever be used: nothing to
		 * forge. */
		s->proved =
			m->proved || (m->method == METHOD_OPENPGPKEY && m->dnssec == DNS_INSECURE);
		return;
	case METHOD_FOUND:
		break;
	}
	if (set->not_openpgp && !set->secret) {
		judge_unreadable(s);
		return;
	}
	s->cert = set->secret ? NULL : cert_set_choose(set, pinned_fpr);
	s->state = s->cert ? SIDE_USABLE : SIDE_UNUSABLE;
	if (!s->cert)
		s->why = unusable_why(set);
}

/* A revocation seen anywhere counts everywhere. */
static void heed_revocation(struct side *s, const struct side *other)
{
	size_t i;

	if (s->state != SIDE_USABLE || other->method->status != METHOD_FOUND)
		return;
	for (i = 0; i < other->set->n; i++) {
		if (other->set->v[i].use == CERT_REVOKED &&
			strcmp(other->set->v[i].fpr, s->cert->fpr) == 0) {
			s->state = SIDE_UNUSABLE;
			s->cert = NULL;
			s->why = "the certificate is revoked";
			return;
		}
	}
}

static void take(struct verdict *out, enum verdict_status status, const struct side *s)
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
		take(out, VERDICT_USABLE, w);
		snprintf(out->reason, sizeof(out->reason), "WKD and OPENPGPKEY agree");
	} else if (strcmp(w->cert->fpr, pinned_fpr) == 0 || strcmp(d->cert->fpr, pinned_fpr) == 0) {
		take(out, VERDICT_USABLE, strcmp(w->cert->fpr, pinned_fpr) == 0 ? w : d);
		snprintf(out->reason, sizeof(out->reason),
			"WKD publishes %s and OPENPGPKEY %s; the pinned one of them is used",
			w->cert->fpr, d->cert->fpr);
	} else {
		out->status = VERDICT_CONFLICT;
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

static void none_usable(struct verdict *out, const struct side *w, const struct side *d)
{
	const struct side *failed = w->state == SIDE_FAILED ? w : d;

	if (w->state == SIDE_UNUSABLE || d->state == SIDE_UNUSABLE) {
		take(out, VERDICT_UNUSABLE, w->state == SIDE_UNUSABLE ? w : d);
	} else if (w->state == SIDE_FAILED || d->state == SIDE_FAILED) {
		take(out, VERDICT_UNKNOWN, failed);
		out->cert = NULL;
	} else if (w->state == SIDE_NONE && d->state == SIDE_NONE) {
		out->status = VERDICT_UNKNOWN;
		snprintf(out->reason, sizeof(out->reason), "nobody was asked");
	} else {
		take(out, VERDICT_ABSENT, w->state == SIDE_NONE ? d : w);
		out->proved = (w->state == SIDE_NONE || w->proved) &&
			      (d->state == SIDE_NONE || d->proved);
	}
}

void verdict_combine(const struct verdict_in *in, struct verdict *out)
{
	struct side w, d;

	memset(out, 0, sizeof(*out));
	judge(&w, in->wkd, in->wkd_set, in->pinned_fpr);
	judge(&d, in->dane, in->dane_set, in->pinned_fpr);
	heed_revocation(&w, &d);
	heed_revocation(&d, &w);
	if (w.state == SIDE_USABLE && d.state == SIDE_USABLE) {
		both_usable(out, &w, &d, in->pinned_fpr);
	} else if (w.state == SIDE_USABLE) {
		take(out, VERDICT_USABLE, &w);
		note_choice(out, &w);
	} else if (d.state == SIDE_USABLE) {
		take(out, VERDICT_USABLE, &d);
		note_choice(out, &d);
	} else {
		none_usable(out, &w, &d);
	}
}

const char *verdict_name(enum verdict_status s)
{
	static const char *const name[] = {[VERDICT_USABLE] = "usable",
		[VERDICT_ABSENT] = "absent",
		[VERDICT_UNUSABLE] = "unusable",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_CONFLICT] = "conflict"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == VERDICT_CONFLICT + 1, "a name for each");
	return name[s];
}

int verdict_exit(enum verdict_status s)
{
	static const int status[] = {[VERDICT_USABLE] = 0,
		[VERDICT_ABSENT] = 1,
		[VERDICT_UNUSABLE] = 69,
		[VERDICT_UNKNOWN] = 75,
		[VERDICT_CONFLICT] = 77};

	_Static_assert(sizeof(status) / sizeof(status[0]) == VERDICT_CONFLICT + 1, "one for each");
	return status[s];
}
