#include "discovery/discover_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/never_ask.h"
#include "decide/policy.h"
#include "decide/refresh_due.h"

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

void finding_set(struct finding *f, enum verdict_status status, const char *reason)
{
	f->status = status;
	if (reason != f->reason)
		snprintf(f->reason, sizeof(f->reason), "%s", reason);
}

void use_pin(struct finding *f, const char *reason)
{
	f->method = METHOD_NONE;
	if (cert_from_pin(&f->cert, &f->pin) < 0)
		finding_set(f, VERDICT_UNKNOWN, "out of memory");
	else
		finding_set(f, VERDICT_USABLE, reason);
}

void finding_unasked(struct finding *f)
{
	if (pin_has_key(&f->pin))
		finding_set(f, VERDICT_UNUSABLE, "the pinned certificate is revoked or expired");
	else
		finding_set(f, VERDICT_UNKNOWN, "there is no pin, and the network was not asked");
}

/* never-ask: the user says that nothing is published there. That is no proof, and a pin is still
 * one. */
static void by_rule(struct finding *f)
{
	if (pin_good(&f->pin)) {
		use_pin(f, "pinned; its domain is not asked (never-ask)");
		f->tofu = TOFU_USE_PIN;
	} else if (pin_has_key(&f->pin)) {
		finding_set(f, VERDICT_UNUSABLE,
			"the pinned certificate is revoked or expired, and its domain is not asked "
			"(never-ask)");
	} else {
		finding_set(f, VERDICT_ABSENT,
			"its domain is not asked: the configuration says that it "
			"publishes no keys (never-ask)");
	}
}

/* What can be told without the network. Whether the address is still to be asked about. */
static bool from_pins(const struct discover *d, struct finding *f)
{
	/* Until a person decides; --offline is only asked what the pin is. */
	if (pin_good(&f->pin) && f->pin.held && d->pins_first &&
		policy_on_change(&d->app->conf, f->addr) == CHANGE_REFUSE) {
		finding_set(f, VERDICT_CONFLICT, "a different key was published and is held");
		f->tofu = TOFU_HOLD;
		return false;
	}
	if (pin_good(&f->pin) && (d->offline || (d->pins_first && !f->due))) {
		use_pin(f, "pinned");
		f->tofu = TOFU_USE_PIN;
		return false;
	}
	if (!addr_discoverable(f->addr)) {
		finding_set(f, VERDICT_ABSENT,
			f->addr->literal ? "an address literal has no directory"
					 : "a local address has no directory");
		f->proved = true;
		return false;
	}
	if (never_ask(&d->app->conf, f->addr)) {
		by_rule(f);
		return false;
	}
	if (d->offline && !d->remembered) {
		finding_unasked(f);
		return false;
	}
	return true;
}

/* A pin that would do, but is to be kept current. Failure is the store's. */
static int find_due(const struct discover *d, struct finding *f, struct err *err)
{
	int rc = 0;

	if (d->store && d->pins_first && d->keep && !d->offline && pin_good(&f->pin) &&
		addr_discoverable(f->addr) && !never_ask(&d->app->conf, f->addr))
		rc = refresh_pin_due(d->store, &f->pin, (int64_t)time(NULL), err);
	f->due = rc > 0;
	return rc < 0 ? rc : 0;
}

/* Where a due pin brought no answer, whatever the reason, it stays in use, and the log says so. */
static int settle_due(struct discover *d, struct finding *f, struct err *err)
{
	char why[VERDICT_REASON_MAX];

	if (f->status != VERDICT_UNKNOWN || f->tofu != TOFU_NOTHING)
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

static int settle_unasked(struct discover *d, struct finding *f, size_t n, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		if (!f[i].wanted || f[i].complete)
			continue;
		finding_set(&f[i], VERDICT_UNKNOWN, err->msg);
		rc = finish(d, &f[i], err);
	}
	return rc;
}

int discover_all(struct discover *d, struct finding *f, size_t n, struct err *err)
{
	size_t i, left = 0, due = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		if (!f[i].wanted)
			continue;
		rc = d->store ? store_pin_get(d->store, f[i].addr->name, &f[i].pin, err) : 0;
		if (rc >= 0)
			rc = find_due(d, &f[i], err);
		if (rc < 0)
			break;
		due += f[i].due;
		if (from_pins(d, &f[i])) {
			finding_set(&f[i], VERDICT_UNKNOWN, "no answer came");
			left++;
		} else {
			rc = finish(d, &f[i], err);
		}
	}
	if (rc == 0 && left > 0)
		rc = ask_all(d, f, n, err);
	/* What stands in the way of asking stops no mail whose pins are only due. */
	if (rc < 0 && rc != ERR_INTERNAL && left > 0 && due == left)
		rc = settle_unasked(d, f, n, err);
	return rc;
}

void finding_free(struct finding *f)
{
	pin_free(&f->pin);
	cert_free(&f->cert);
	free(f->evidence);
	f->evidence = NULL;
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
	if (f->tofu == TOFU_HOLD || f->tofu == TOFU_REJECTED || f->status == VERDICT_CONFLICT)
		return "conflict";
	return "match";
}
