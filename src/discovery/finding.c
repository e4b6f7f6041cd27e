/* SPDX-License-Identifier: ISC */
/* The result for one address, and the pin it may fall back to. */
#include "discovery/discover_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide/policy.h"
#include "discovery/refresh_outcome.h"

int cert_copy(struct cert *out, const struct cert *in)
{
	uint8_t *data = malloc(in->len + 1);

	if (!data)
		return -1;
	if (in->len > 0)
		memcpy(data, in->data, in->len);
	cert_free(out);
	*out = *in;
	out->data = data;
	return 0;
}

static int cert_from_pin(struct cert *out, const struct pin *p)
{
	struct cert c = {
		.data = p->cert, .len = p->cert_len, .expires = p->expires, .n_enc = p->n_enc};

	memcpy(c.fpr, p->fpr, sizeof(c.fpr));
	memcpy(c.enc_keyid, p->enc_keyid, sizeof(c.enc_keyid));
	return cert_copy(out, &c);
}

bool pin_has_key(const struct pin *p)
{
	return p->state == PIN_TOFU || p->state == PIN_VERIFIED;
}

bool pin_expired(const struct pin *p)
{
	return p->expires != 0 && p->expires <= (int64_t)time(NULL);
}

bool pin_good(const struct pin *p)
{
	return pin_has_key(p) && !p->revoked && !pin_expired(p) && p->n_enc > 0;
}

void finding_set(struct finding *f, enum key_status status, const char *reason)
{
	f->status = status;
	if (reason != f->reason)
		snprintf(f->reason, sizeof(f->reason), "%s", reason);
}

void judge_pin_strength(const struct discover *d, struct finding *f)
{
	struct cert_strength s;

	f->pin_weak = false;
	f->pin_why[0] = '\0';
	if (!pin_has_key(&f->pin) || f->pin.n_enc == 0 ||
		policy_accepts_weak(&d->app->conf, d->one, f->addr))
		return;
	(void)cert_strength(f->pin.cert, f->pin.cert_len, f->pin.enc_keyid, f->pin.n_enc, &s);
	f->pin_weak = !key_policy_strong(&s, f->pin_why);
}

void use_pin(struct finding *f, const char *reason)
{
	f->method = METHOD_NONE;
	f->weak = f->pin_weak;
	if (f->pin_weak)
		finding_set(f, KEY_UNUSABLE, f->pin_why);
	else if (cert_from_pin(&f->cert, &f->pin) < 0)
		finding_set(f, KEY_UNKNOWN, "out of memory");
	else
		finding_set(f, KEY_USABLE, reason);
}

void finding_unasked(struct finding *f)
{
	if (pin_has_key(&f->pin) && (f->pin.revoked || pin_expired(&f->pin)))
		finding_set(f, KEY_UNUSABLE, "the pinned certificate is revoked or expired");
	else if (pin_has_key(&f->pin))
		finding_set(f, KEY_UNUSABLE, "the pinned certificate can no longer be used");
	else
		finding_set(f, KEY_UNKNOWN, "there is no pin, and the network was not asked");
}

/* If the lookup of a due pin got no answer, for any reason, the pin stays in use, and the log says
 * so. */
static int settle_due(struct discover *d, struct finding *f, struct err *err)
{
	char why[VERDICT_REASON_MAX];

	if (f->status != KEY_UNKNOWN || f->tofu != TOFU_NOTHING)
		return refresh_note(d->store, f, refresh_outcome(f, false), err);
	snprintf(why, sizeof(why), "%.900s; the pinned key stays in use", f->reason);
	f->tofu = TOFU_USE_PIN;
	use_pin(f, why);
	return store_log(d->store, f->addr->name, "kept", why, err);
}

int finish(struct discover *d, struct finding *f, struct err *err)
{
	int rc = f->due ? settle_due(d, f, err) : 0;

	f->complete = true;
	return rc == 0 && d->done ? d->done(d->arg, f, err) : rc;
}

void finding_free(struct finding *f)
{
	pin_free(&f->pin);
	cert_free(&f->cert);
	free(f->evidence);
	free(f->candidate_evidence);
	free(f->server_evidence);
	free(f->lapsed);
	free(f->lapsed_mend);
	f->lapsed = f->lapsed_mend = NULL;
	f->evidence = f->candidate_evidence = f->server_evidence = NULL;
}

void findings_free(struct finding *f, size_t n)
{
	size_t i;

	for (i = 0; f && i < n; i++)
		finding_free(&f[i]);
	free(f);
}

const char *finding_pin_word(const struct finding *f)
{
	if (!pin_has_key(&f->pin) && f->pin.state != PIN_REJECTED)
		return "none";
	if (f->tofu == TOFU_HOLD || f->tofu == TOFU_REJECTED || f->status == KEY_CONFLICT)
		return "conflict";
	return "match";
}
