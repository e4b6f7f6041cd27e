/* SPDX-License-Identifier: ISC */
/* allow-clear and forget, and the common parts of all decisions: their argument, the last refusal,
 * output. */
#include "verbs/pins/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "print/output.h"
#include "print/quote.h"

/* All arguments are parsed before anything is done. */
static int check_targets(struct pins *p, struct err *err)
{
	struct pins_target t;
	int i, rc = 0;

	for (i = 0; i < p->argc && rc == 0; i++)
		rc = pins_target(p->argv[i], &t, err);
	return rc;
}

static int count_rejected(const struct aside *a, void *arg)
{
	*(size_t *)arg += a->rejected;
	return 0;
}

/* 1: there was no pin. */
static int forget_one(struct pins *p, const char *name, struct err *err)
{
	struct pins_done done = {.address = name, .event = "forgotten"};
	struct pin *old = calloc(1, sizeof(*old));
	char words[256] = "forgotten";
	size_t rejected = 0;
	int found, rc;

	if (!old)
		return err_set(err, ERR_OS, "out of memory");
	rc = store_pin_get(p->store, name, old, err);
	if (rc >= 0)
		rc = found = store_pin_forget(p->store, name, err);
	if (rc >= 0)
		rc = store_aside_each(p->store, name, count_rejected, &rejected, err);
	if (rc < 0)
		goto out;
	if (!found) {
		log_error("%s: there is no pin%s", name,
			rejected > 0 ? ", and what was rejected stays rejected" : "");
		rc = 1;
		goto out;
	}
	if (rejected > 0)
		snprintf(words, sizeof(words), "forgotten; %zu rejected fingerprint%s stay%s so",
			rejected, rejected == 1 ? "" : "s", rejected == 1 ? "s" : "");
	done.before = old->fpr;
	done.words = words;
	/* A pin that is gone is gone: what is published next is pinned. */
	if (old->state == PIN_CLEAR)
		pins_undo_by(&done, "allow-clear", "");
	rc = pins_say(p, &done, err);
out:
	pin_free(old);
	free(old);
	return rc;
}

int pins_forget(struct pins *p, struct err *err)
{
	struct pins_target t;
	int i, rc, missing = 0;

	rc = check_targets(p, err);
	for (i = 0; i < p->argc && rc >= 0; i++) {
		rc = pins_target(p->argv[i], &t, err);
		if (rc == 0)
			rc = forget_one(p, t.name, err);
		missing |= rc > 0;
	}
	return rc < 0 ? rc : missing;
}

/* Writes the allow-clear for an exact address, in place of its pin. */
static int allow_address(struct pins *p, const struct pins_target *t, struct err *err)
{
	struct pin *old = calloc(2, sizeof(*old));
	struct pin *clear = old ? old + 1 : NULL;
	struct pins_done done = {.address = t->name, .event = "allow-clear"};
	char what[256];
	int rc;

	if (!old)
		return err_set(err, ERR_OS, "out of memory");
	rc = store_pin_get(p->store, t->name, old, err);
	if (rc < 0)
		goto out;
	memcpy(clear->address, t->name, sizeof(clear->address));
	clear->state = PIN_CLEAR;
	rc = store_pin_put(p->store, clear, "allow-clear", err);
	if (rc < 0)
		goto out;
	snprintf(what, sizeof(what), "clear text is allowed while no usable key is found%s%s%s",
		old->fpr[0] ? "; its pin " : "", old->fpr, old->fpr[0] ? " is set aside" : "");
	done.before = old->fpr;
	done.words = what;
	if (old->state != PIN_CLEAR && !pins_undo_to(&done, old))
		pins_undo_by(&done, "forget", "");
	rc = pins_say(p, &done, err);
out:
	pin_free(old);
	free(old);
	return rc;
}

/* For a domain as a whole: not where a key was ever served. 1: not done. */
static int allow_domain(struct pins *p, const struct pins_target *t, struct err *err)
{
	struct pins_done done = {.address = t->domain,
		.event = "allow-clear",
		.words = "clear text is allowed to its addresses without a pin, until it serves a "
			 "key"};
	struct pin *old, *clear;
	int rc = store_domain_served(p->store, t->domain, err);

	if (rc < 0)
		return rc;
	if (rc > 0) {
		log_error("%s: has served a key, so clear text is allowed by exact address only",
			t->domain);
		fputs("hint: sealpost pins allow-clear ADDRESS\n", stderr);
		return 1;
	}
	old = calloc(2, sizeof(*old));
	if (!old)
		return err_set(err, ERR_OS, "out of memory");
	clear = old + 1;
	rc = store_pin_get(p->store, t->name, old, err);
	if (rc == 0)
		pins_undo_by(&done, "forget", "");
	memcpy(clear->address, t->name, sizeof(clear->address));
	clear->state = PIN_CLEAR;
	if (rc >= 0)
		rc = store_pin_put(p->store, clear, "allow-clear", err);
	pin_free(old);
	free(old);
	return rc < 0 ? rc : pins_say(p, &done, err);
}

/* One address of it. Only its own name on the command line takes a pin away: 1, not done. */
static int allow_of_last(struct pins *p, const char *address, struct err *err)
{
	struct pin *pin;
	struct pins_target t = {.whole = false};
	struct addr a;
	int rc;

	if (addr_parse(address, &a, err) < 0)
		return err_set(err, ERR_IO, "the last refusal names no valid address");
	memcpy(t.name, a.name, sizeof(t.name));
	memcpy(t.domain, a.domain, sizeof(t.domain));
	pin = calloc(1, sizeof(*pin));
	if (!pin)
		return err_set(err, ERR_OS, "out of memory");
	rc = store_pin_get(p->store, t.name, pin, err);
	if (rc > 0 && pin->fpr[0]) {
		log_error("%s: has a pinned key; name it explicitly to allow clear text", t.name);
		pins_hint("allow-clear", t.name, "");
		rc = 1;
	} else if (rc >= 0) {
		rc = allow_address(p, &t, err);
	}
	pin_free(pin);
	free(pin);
	return rc;
}

static int allow_last(struct pins *p, struct err *err)
{
	struct pins_last l = {.n = 0};
	int rc, undone = 0;
	size_t i;

	rc = pins_last(p, &l, err);
	if (rc == 0 && l.n == 0) {
		log_error(l.found ? "the last refusal has no recipient for whom allow-clear would "
				    "help"
				  : "nothing has been refused");
		undone = 1;
	}
	for (i = 0; i < l.n && rc >= 0; i++) {
		rc = allow_of_last(p, l.address[i], err);
		undone |= rc > 0;
	}
	free(l.address);
	return rc < 0 ? rc : undone;
}

/* As in the configuration, where it is a pattern. */
static int refuse_pattern(const struct pins_target *t, struct err *err)
{
	if (strncmp(t->name, "*@", 2) != 0)
		return 0;
	err_set(err, ERR_USAGE, "%s: is not a pattern, but one mailbox", t->name);
	err_hint(err, "for all addresses of the domain: sealpost pins allow-clear %.200s",
		t->domain);
	return ERR_USAGE;
}

int pins_allow_clear(struct pins *p, struct err *err)
{
	struct pins_target t;
	int i, rc, undone = 0;

	if (p->last)
		return allow_last(p, err);
	rc = check_targets(p, err);
	for (i = 0; i < p->argc && rc == 0; i++) {
		rc = pins_target(p->argv[i], &t, err);
		if (rc == 0)
			rc = refuse_pattern(&t, err);
	}
	for (i = 0; i < p->argc && rc >= 0; i++) {
		rc = pins_target(p->argv[i], &t, err);
		if (rc == 0)
			rc = t.whole ? allow_domain(p, &t, err) : allow_address(p, &t, err);
		undone |= rc > 0;
	}
	return rc < 0 ? rc : undone;
}
