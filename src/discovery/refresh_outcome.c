/* SPDX-License-Identifier: ISC */
#include "discovery/refresh_outcome.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Events of the log: an answer without the key; and finding.c's, an attempt that left the pin in
 * use. */
#define EVENT_ASKED "asked"
#define EVENT_KEPT "kept"

static int read_attempt(const struct log_line *l, void *arg)
{
	struct refresh_when *w = arg;
	bool answered = strcmp(l->event, EVENT_ASKED) == 0;

	if (answered)
		w->answered = l->time;
	if (answered || strcmp(l->event, EVENT_KEPT) == 0)
		w->tried = l->time;
	return 0;
}

int refresh_pin_due(struct store *s, const struct pin *p, int64_t now, struct err *err)
{
	struct refresh_when w = {.last_seen = p->last_seen, .expires = p->expires};
	int rc;

	if (p->state != PIN_TOFU && p->state != PIN_VERIFIED)
		return 0;
	if (!refresh_due(p->address, &w, now))
		return 0;
	rc = store_log_each(s, p->address, read_attempt, &w, err);
	return rc < 0 ? rc : refresh_due(p->address, &w, now);
}

static bool same_cert(const struct finding *f)
{
	return f->cert.len == f->pin.cert_len && f->cert.expires == f->pin.expires &&
	       f->cert.n_enc == f->pin.n_enc &&
	       memcmp(f->cert.enc_keyid, f->pin.enc_keyid, f->pin.n_enc * sizeof(uint64_t)) == 0 &&
	       (f->cert.len == 0 || memcmp(f->cert.data, f->pin.cert, f->cert.len) == 0);
}

enum refresh_outcome refresh_outcome(const struct finding *f, bool was_revoked)
{
	const struct refresh_facts facts = {.status = f->status,
		.seen = f->seen,
		.asked = f->asked != 0,
		.tofu = f->tofu,
		.unchanged = same_cert(f),
		.has_cert = f->cert.fpr[0] != '\0',
		.revoked = f->pin.revoked,
		.was_revoked = was_revoked};

	return refresh_judge(&facts);
}

static void changed(char *out, const struct finding *f)
{
	char then[TEXT_TIME_MAX] = "never", now[TEXT_TIME_MAX] = "never";
	bool keys = f->cert.n_enc != f->pin.n_enc || memcmp(f->cert.enc_keyid, f->pin.enc_keyid,
							     f->pin.n_enc * sizeof(uint64_t)) != 0;

	if (f->pin.expires != 0)
		text_time(then, f->pin.expires);
	if (f->cert.expires != 0)
		text_time(now, f->cert.expires);
	if (f->cert.expires != f->pin.expires)
		snprintf(out, REFRESH_REASON_MAX,
			"the pinned key now expires %.10s, before: %.10s%s", now, then,
			keys ? "; other encryption keys" : "");
	else
		snprintf(out, REFRESH_REASON_MAX, "the pinned key has %s",
			keys ? "other encryption keys" : "new signatures");
}

void refresh_reason(char *out, const struct finding *f, enum refresh_outcome o)
{
	if (o == REFRESH_UPDATED)
		changed(out, f);
	else
		snprintf(out, REFRESH_REASON_MAX, "%s", f->reason);
}

int refresh_note(struct store *s, const struct finding *f, enum refresh_outcome o, struct err *err)
{
	char what[VERDICT_REASON_MAX + 32];

	if (!refresh_is_noted(o))
		return 0;
	snprintf(what, sizeof(what), "%s", refresh_outcome_name(o));
	return store_log(s, f->addr->name, EVENT_ASKED, what, err);
}
