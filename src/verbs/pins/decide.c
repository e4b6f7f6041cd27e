/* SPDX-License-Identifier: ISC */
/* accept, reject and verify: decisions about a certificate. */
#include "verbs/pins/decide.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "store/candidates.h"

#define V4_DIGITS 40
#define V6_DIGITS 64
#define GROUPED_MAX (CERT_FPR_MAX + CERT_FPR_MAX / 4 + 2)

/* What is stored for an address. */
struct choice {
	struct pin *pin;          /* owned; state PIN_NONE when there is none */
	struct held *held;        /* owned; fpr "" when nothing is held */
	char given[CERT_FPR_MAX]; /* the fingerprint that was named; "" if none was */
	struct aside aside;       /* what is set aside under that name; fpr "" if nothing is */
	struct candidate *learnt; /* owned; what received mail had under that name; likewise */
};

/*
 * The fingerprint in what follows the address: in one word or several, in groups or not, in either
 * case, perhaps with 0x. It must be complete: a part can be forged. ERR_USAGE.
 */
static int parse_fpr(char *const *word, int n, char *out, struct err *err)
{
	char digits[CERT_FPR_MAX];
	size_t len = 0;
	const char *c;
	int i;

	for (i = 0; i < n; i++) {
		c = word[i];
		if (i == 0 && c[0] == '0' && (c[1] == 'x' || c[1] == 'X'))
			c += 2;
		for (; *c; c++) {
			if (*c == ' ' || *c == '\t')
				continue;
			if (!isxdigit((unsigned char)*c))
				return err_set(
					err, ERR_USAGE, "%.100s: is not a fingerprint", word[i]);
			if (len + 1 == sizeof(digits))
				return err_set(err, ERR_USAGE,
					"the fingerprint is too long (%d or %d digits)", V4_DIGITS,
					V6_DIGITS);
			digits[len++] = (char)toupper((unsigned char)*c);
		}
	}
	if (len != V4_DIGITS && len != V6_DIGITS)
		return err_set(err, ERR_USAGE,
			"%zu digits are not a whole fingerprint (%d or %d), and a part of one "
			"proves nothing",
			len, V4_DIGITS, V6_DIGITS);
	digits[len] = '\0';
	memcpy(out, digits, len + 1);
	return 0;
}

static bool is_alive(int64_t expires, bool revoked, size_t n_enc)
{
	return !revoked && (expires == 0 || expires > (int64_t)time(NULL)) && n_enc > 0;
}

bool pins_acceptable(const struct pin *pin)
{
	return pin->fpr[0] != '\0' && is_alive(pin->expires, pin->revoked, pin->n_enc);
}

bool pins_undo_to(struct pins_done *done, const struct pin *was)
{
	if (was->state == PIN_CLEAR) {
		pins_undo_by(done, "allow-clear", "");
		return true;
	}
	if (!pins_acceptable(was))
		return false;
	pins_undo_by(done, "accept", was->fpr);
	if (was->state != PIN_TOFU)
		pins_undo_by(done, was->state == PIN_VERIFIED ? "verify" : "reject", was->fpr);
	return true;
}

static int find_aside(const struct aside *a, void *arg)
{
	struct choice *c = arg;

	if (strcmp(a->fpr, c->given) != 0)
		return 0;
	c->aside = *a;
	return 1;
}

static void choice_free(struct choice *c)
{
	pin_free(c->pin);
	held_free(c->held);
	if (c->learnt)
		candidate_free(c->learnt);
	free(c->learnt);
	free(c->pin);
	free(c->held);
}

/* Reads what there is. On failure there is nothing to free. */
static int choose(struct pins *p, const char *name, struct choice *c, struct err *err)
{
	int rc;

	c->pin = calloc(1, sizeof(*c->pin));
	c->held = calloc(1, sizeof(*c->held));
	c->learnt = calloc(1, sizeof(*c->learnt));
	rc = c->pin && c->held && c->learnt ? store_pin_get(p->store, name, c->pin, err)
					    : err_set(err, ERR_OS, "out of memory");
	if (rc >= 0)
		rc = store_held_get(p->store, name, c->held, err);
	if (rc >= 0 && c->given[0] != '\0')
		rc = store_aside_each(p->store, name, find_aside, c, err);
	if (rc >= 0 && c->given[0] != '\0')
		rc = store_candidate_get(p->store, name, c->given, c->learnt, err);
	if (rc < 0)
		choice_free(c);
	return rc < 0 ? rc : 0;
}

/* The address, and the fingerprint behind it if there is one. */
static int parse_choice(struct pins *p, struct pins_target *t, struct choice *c, struct err *err)
{
	int rc = pins_target(p->argv[0], t, err);

	if (rc == 0 && t->whole)
		rc = err_set(err, ERR_USAGE, "%s: is a domain, and certificates are of addresses",
			t->name);
	if (rc == 0 && p->argc > 1)
		rc = parse_fpr(p->argv + 1, p->argc - 1, c->given, err);
	return rc;
}

static bool same_fpr(const char *fpr, const char *other)
{
	return fpr[0] != '\0' && strcmp(fpr, other) == 0;
}

static const char *why_dead(int64_t expires, bool revoked)
{
	if (revoked)
		return "is revoked";
	return expires != 0 && expires <= (int64_t)time(NULL) ? "has expired" : "cannot encrypt";
}

/* Another process changed it meanwhile. */
static int changed_meanwhile(const char *name)
{
	log_error("%s: changed in the meantime; nothing was done", name);
	pins_hint("show", name, "");
	return 1;
}

/* Decides about the pin and the held certificate that c has read, and no others: 0 if they have
 * changed since, as of decide. */
static int decide_as_read(struct pins *p, const char *name, const struct choice *c, const char *fpr,
	int (*decide)(struct store *s, const char *address, const char *fpr, struct err *err),
	struct err *err)
{
	struct pin now = {.state = PIN_NONE};
	int rc = store_begin(p->store, err);

	if (rc < 0)
		return rc;
	rc = store_pin_get(p->store, name, &now, err);
	if (rc >= 0)
		rc = now.state == c->pin->state && strcmp(now.fpr, c->pin->fpr) == 0 &&
				     strcmp(now.held_fpr, c->pin->held_fpr) == 0
			     ? decide(p->store, name, fpr, err)
			     : 0;
	pin_free(&now);
	return store_end(p->store, rc, err);
}

/*
 * Determines what to accept: fpr, or "" after printing why not. Only a held certificate needs no
 * fingerprint.
 */
static const char *to_accept(const struct choice *c, const char *name)
{
	const struct held *h = c->held;
	const struct pin *pin = c->pin;

	if (c->given[0] == '\0' && h->fpr[0] == '\0') {
		log_error("%s: nothing is held", name);
	} else if (c->given[0] == '\0' || same_fpr(h->fpr, c->given)) {
		if (is_alive(h->expires, h->revoked, h->n_enc))
			return h->fpr;
		log_error("%s: what is held %s and is not accepted", name,
			why_dead(h->expires, h->revoked));
	} else if (same_fpr(pin->fpr, c->given)) {
		if (pin->state == PIN_TOFU)
			log_error("%s: that is the pin already", name);
		else if (is_alive(pin->expires, pin->revoked, pin->n_enc))
			return pin->fpr;
		else
			log_error("%s: that pin %s and is not accepted", name,
				why_dead(pin->expires, pin->revoked));
	} else if (c->aside.fpr[0] != '\0') {
		if (is_alive(c->aside.expires, c->aside.revoked, c->aside.can_encrypt))
			return c->aside.fpr;
		log_error("%s: that certificate %s and is not accepted", name,
			why_dead(c->aside.expires, c->aside.revoked));
	} else if (c->learnt->fpr[0] != '\0') {
		if (is_alive(c->learnt->expires, c->learnt->revoked, c->learnt->can_encrypt))
			return c->learnt->fpr;
		log_error("%s: that certificate %s and is not accepted", name,
			why_dead(c->learnt->expires, c->learnt->revoked));
	} else if (h->fpr[0] != '\0') {
		log_error("%s: %s is not what is held, which is %s", name, c->given, h->fpr);
		pins_hint("show", name, "");
	} else {
		log_error("%s: nothing is held, and %s is not known", name, c->given);
	}
	return "";
}

static int accept_one(struct pins *p, const char *name, const struct choice *c, struct err *err)
{
	const struct pin *pin = c->pin;
	const char *fpr = to_accept(c, name);
	struct pins_done done = {
		.address = name, .event = "accepted", .fpr = fpr, .before = pin->fpr};
	char words[512];
	int rc;

	if (fpr[0] == '\0')
		return 1;
	rc = decide_as_read(p, name, c, fpr, store_pin_accept, err);
	if (rc <= 0)
		return rc < 0 ? rc : changed_meanwhile(name);
	if (same_fpr(pin->fpr, fpr)) {
		snprintf(words, sizeof(words), "accepted: %s is not %s any more (state tofu)", fpr,
			pin_state_name(pin->state));
		pins_undo_by(&done, pin->state == PIN_REJECTED ? "reject" : "verify", fpr);
	} else {
		snprintf(words, sizeof(words), "accepted: %s is the pin now (state tofu)%s%s%s",
			fpr, pin->fpr[0] ? "; " : "", pin->fpr, pin->fpr[0] ? " is set aside" : "");
		if (!pins_undo_to(&done, pin))
			pins_undo_by(&done, "reject", fpr);
	}
	done.words = words;
	return pins_say(p, &done, err);
}

/* What the last refusal's recipients have held, and nothing else of them. */
static int accept_last(struct pins *p, struct err *err)
{
	struct pins_last l = {.all = true};
	struct choice c;
	size_t i, held = 0;
	int rc, undone = 0;

	rc = pins_last(p, &l, err);
	for (i = 0; i < l.n && rc >= 0; i++) {
		memset(&c, 0, sizeof(c));
		rc = choose(p, l.address[i], &c, err);
		if (rc < 0)
			break;
		if (c.held->fpr[0] != '\0') {
			held++;
			rc = accept_one(p, l.address[i], &c, err);
			undone |= rc > 0;
		}
		choice_free(&c);
	}
	if (rc >= 0 && held == 0) {
		log_error(l.found ? "nothing is held for the recipients of the last refusal"
				  : "nothing has been refused");
		undone = 1;
	}
	free(l.address);
	return rc < 0 ? rc : undone;
}

int pins_accept(struct pins *p, struct err *err)
{
	struct choice c = {.pin = NULL};
	struct pins_target t;
	int rc;

	if (p->last)
		return accept_last(p, err);
	rc = parse_choice(p, &t, &c, err);
	if (rc == 0)
		rc = choose(p, t.name, &c, err);
	if (rc < 0)
		return rc;
	rc = accept_one(p, t.name, &c, err);
	choice_free(&c);
	return rc;
}

/* As to_accept. Without a name: what is held, else the pin. */
static const char *to_reject(const struct choice *c, const char *name)
{
	const char *fpr = c->given;

	if (fpr[0] == '\0')
		fpr = c->held->fpr[0] != '\0' ? c->held->fpr : c->pin->fpr;
	if (fpr[0] == '\0')
		log_error("%s: %s", name,
			c->pin->state == PIN_CLEAR
				? "clear text is allowed, there is no certificate"
				: "there is no pin");
	else if (same_fpr(c->held->fpr, fpr))
		return fpr;
	else if (same_fpr(c->pin->fpr, fpr) ? c->pin->state == PIN_REJECTED : c->aside.rejected)
		log_error("%s: %s was rejected before", name, fpr);
	else if (same_fpr(c->pin->fpr, fpr) || same_fpr(c->aside.fpr, fpr) ||
		 same_fpr(c->learnt->fpr, fpr))
		return fpr;
	else
		log_error("%s: %s is neither held, nor learnt, nor the pin", name, fpr);
	return "";
}

/* Whether a rejected certificate could be accepted again. */
static bool is_alive_choice(const struct choice *c, const char *fpr)
{
	if (same_fpr(c->held->fpr, fpr))
		return is_alive(c->held->expires, c->held->revoked, c->held->n_enc);
	if (same_fpr(c->aside.fpr, fpr))
		return is_alive(c->aside.expires, c->aside.revoked, c->aside.can_encrypt);
	return is_alive(c->learnt->expires, c->learnt->revoked, c->learnt->can_encrypt);
}

/* Only to accept a certificate takes its rejection back; then the pin is made what it was. */
static void undo_reject(struct pins_done *done, const struct choice *c, const char *fpr)
{
	if (same_fpr(c->pin->fpr, fpr)) {
		(void)pins_undo_to(done, c->pin);
	} else if (is_alive_choice(c, fpr)) {
		pins_undo_by(done, "accept", fpr);
		(void)pins_undo_to(done, c->pin);
	}
}

static int reject_one(struct pins *p, const char *name, const struct choice *c, struct err *err)
{
	const char *fpr = to_reject(c, name);
	struct pins_done done = {
		.address = name, .event = "rejected", .fpr = fpr, .before = c->pin->fpr};
	char words[512];
	int rc;

	if (fpr[0] == '\0')
		return 1;
	rc = decide_as_read(p, name, c, fpr, store_pin_reject, err);
	if (rc <= 0)
		return rc < 0 ? rc : changed_meanwhile(name);
	if (same_fpr(c->pin->fpr, fpr))
		snprintf(words, sizeof(words),
			"rejected: the pin %s is never used again, and nothing is sealed until "
			"another one is accepted",
			fpr);
	else
		snprintf(words, sizeof(words),
			"rejected: %s is never used; the pin stays %s (state %s)", fpr,
			c->pin->fpr[0] ? c->pin->fpr : "as it is", pin_state_name(c->pin->state));
	done.words = words;
	undo_reject(&done, c, fpr);
	return pins_say(p, &done, err);
}

int pins_reject(struct pins *p, struct err *err)
{
	struct choice c = {.pin = NULL};
	struct pins_target t;
	int rc = parse_choice(p, &t, &c, err);

	if (rc == 0)
		rc = choose(p, t.name, &c, err);
	if (rc < 0)
		return rc;
	rc = reject_one(p, t.name, &c, err);
	choice_free(&c);
	return rc;
}

/* In groups of four, as people read it out. out has GROUPED_MAX bytes. */
static void group_digits(char *out, const char *fpr)
{
	size_t i, n = 0;

	for (i = 0; fpr[i] != '\0'; i++) {
		if (i > 0 && i % 4 == 0)
			out[n++] = ' ';
		out[n++] = fpr[i];
	}
	out[n] = '\0';
}

/* Both, one above the other, and a mark below each digit that differs. Fingerprints are
 * hexadecimal. */
static void show_difference(const char *pinned, const char *given)
{
	char a[GROUPED_MAX], b[GROUPED_MAX], marks[GROUPED_MAX];
	size_t i, len;

	group_digits(a, pinned);
	group_digits(b, given);
	len = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
	for (i = 0; i < len; i++)
		marks[i] = a[i] == b[i] ? ' ' : '^';
	marks[len] = '\0';
	fprintf(stderr, "  pinned: %s\n  given:  %s\n          %s\n", a, b, marks);
}

/* Whether the pin is the given one and may be verified; otherwise prints why not. */
static bool may_verify(const struct choice *c, const char *name)
{
	const struct pin *pin = c->pin;

	if (pin->fpr[0] == '\0') {
		log_error("%s: there is no pinned certificate", name);
		pins_hint("show", name, "");
	} else if (same_fpr(c->held->fpr, c->given)) {
		log_error(
			"%s: that is the fingerprint of what is held, not of the pin %s; accept it "
			"first",
			name, pin->fpr);
		pins_hint("accept", name, c->given);
	} else if (strcmp(pin->fpr, c->given) != 0) {
		log_error("%s: that is not the fingerprint of the pin; nothing was verified", name);
		show_difference(pin->fpr, c->given);
	} else if (pin->revoked) {
		log_error("%s: that pin is revoked and is never used", name);
	} else if (pin->state == PIN_REJECTED) {
		log_error("%s: that pin was rejected; accept it first", name);
		pins_hint("accept", name, c->given);
	} else {
		return true;
	}
	return false;
}

int pins_verify(struct pins *p, struct err *err)
{
	struct choice c = {.pin = NULL};
	struct pins_done done = {.event = "verified"};
	struct pins_target t;
	char words[512];
	int rc = parse_choice(p, &t, &c, err);

	if (rc == 0)
		rc = choose(p, t.name, &c, err);
	if (rc < 0)
		return rc;
	if (!may_verify(&c, t.name)) {
		choice_free(&c);
		return 1;
	}
	rc = decide_as_read(p, t.name, &c, c.given, store_pin_verify, err);
	if (rc == 0) {
		rc = changed_meanwhile(t.name);
	} else if (rc > 0) {
		snprintf(words, sizeof(words), "verified: %s%s", c.given,
			is_alive(c.pin->expires, false, c.pin->n_enc)
				? ""
				: "; it cannot be used now, for it has expired");
		done.address = t.name;
		done.fpr = done.before = c.given;
		if (c.pin->state == PIN_TOFU)
			pins_undo_by(&done, "accept", c.given);
		done.words = words;
		rc = pins_say(p, &done, err);
	}
	choice_free(&c);
	return rc;
}
