/* SPDX-License-Identifier: ISC */
#include "discovery/discover_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/never_ask.h"
#include "decide/policy.h"
#include "discovery/refresh_outcome.h"

/* never-ask: the user says that nothing is published there. That is no proof of absence, and a pin
 * still counts. */
static void by_rule(struct finding *f)
{
	if (pin_good(&f->pin)) {
		use_pin(f, "pinned; its domain is not asked (never-ask)");
		f->tofu = TOFU_USE_PIN;
	} else if (pin_has_key(&f->pin)) {
		finding_set(f, KEY_UNUSABLE,
			"the pinned certificate is revoked or expired, and its domain is not asked "
			"(never-ask)");
	} else {
		finding_set(f, KEY_ABSENT_UNPROVED,
			"its domain is not asked: the configuration says that it "
			"publishes no keys (never-ask)");
	}
}

/* Completes what can be told without the network. Returns whether a lookup is still needed. */
static bool from_pins(const struct discover *d, struct finding *f)
{
	/* A held key waits for the user's decision; --offline only shows the pin. */
	if (pin_good(&f->pin) && f->pin.held && d->pins_first &&
		policy_on_change(&d->app->conf, d->one, f->addr) == CHANGE_REFUSE) {
		finding_set(f, KEY_CONFLICT, "a different key was published and is held");
		f->tofu = TOFU_HOLD;
		return false;
	}
	if (pin_good(&f->pin) && (d->offline || (d->pins_first && !f->due && !f->pin_weak))) {
		use_pin(f, "pinned");
		f->tofu = TOFU_USE_PIN;
		return false;
	}
	if (!addr_discoverable(f->addr)) {
		finding_set(f, KEY_ABSENT_PROVED,
			f->addr->literal ? "an address literal has no directory"
					 : "a local address has no directory");
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

/* Whether a usable pin is due for refresh. Fails if the store does. */
static int find_due(const struct discover *d, struct finding *f, struct err *err)
{
	int rc = 0;

	if (d->store && d->pins_first && d->keep && !d->offline && pin_good(&f->pin) &&
		addr_discoverable(f->addr) && !never_ask(&d->app->conf, f->addr))
		rc = refresh_pin_due(d->store, &f->pin, (int64_t)time(NULL), err);
	f->due = rc > 0;
	return rc < 0 ? rc : 0;
}

static int settle_unasked(struct discover *d, struct finding *f, size_t n, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		if (!f[i].wanted || f[i].complete)
			continue;
		finding_set(&f[i], KEY_UNKNOWN, err->msg);
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
			judge_pin_strength(d, &f[i]);
		if (rc >= 0)
			rc = find_due(d, &f[i], err);
		if (rc < 0)
			break;
		due += f[i].due;
		if (from_pins(d, &f[i])) {
			finding_set(&f[i], KEY_UNKNOWN, "no answer came");
			left++;
		} else {
			rc = finish(d, &f[i], err);
		}
	}
	if (rc == 0 && left > 0)
		rc = ask_all(d, f, n, 0, err);
	/* Errors of the lookup do not stop mail whose pins are merely due. */
	if (rc < 0 && rc != ERR_INTERNAL && left > 0 && due == left)
		rc = settle_unasked(d, f, n, err);
	return rc;
}

int discover_servers(struct discover *d, struct finding *f, size_t n, struct err *err)
{
	char host[ADDR_DOMAIN_MAX + 1];
	size_t i, left = 0;
	int rc = 0;

	for (i = 0; rc >= 0 && i < n; i++) {
		if (!f[i].wanted)
			continue;
		rc = d->store ? store_pin_get(d->store, f[i].addr->name, &f[i].pin, err) : 0;
		f[i].complete = server_of_turn(d, &f[i], 1, host) < 0;
		left += !f[i].complete;
	}
	return rc < 0 || left == 0 ? (rc < 0 ? rc : 0) : ask_all(d, f, n, 1, err);
}
