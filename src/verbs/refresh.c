/* SPDX-License-Identifier: ISC */
/*
 * The verb refresh: selects the pins that are due, looks them up again in batches, and prints the
 * results.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "discovery/candidates.h"
#include "discovery/pin_update.h"
#include "conf/never_ask.h"
#include "print/output.h"
#include "print/progress.h"
#include "print/quote.h"
#include "discovery/refresh_outcome.h"
#include "mime/recipients.h"
#include "print/app.h"
#include "process/session.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#define BATCH 512        /* addresses asked about at the same time: a finding takes some 5 kB */
#define PINS_MAX 1000000 /* of one run */

static const char usage[] =
	"usage: sealpost refresh [--json] [--all | ADDRESS...]\n"
	"\n"
	"Asks again about the pins that are due: not seen for a week, or about to expire.\n"
	"The same key is updated (subkeys, expiry, revocation); a different one is held.\n"
	"An ADDRESS is looked up whether it is due or not.\n"
	"\n"
	"  --all   every pin with a key\n"
	"  --json  one JSON object for each address\n"
	"\n"
	"Exit status, the highest: 0 done, 1 an ADDRESS has no pin, 75 some could not be\n"
	"asked, 77 a different certificate is held.\n";

/* A pin to be asked about. */
struct target {
	char *address; /* owned */
	bool revoked, held;
};

struct refresh {
	struct app *app;
	bool json, all;
	struct session s;
	struct target *v; /* owned */
	size_t n, cap;
	int64_t now;
	int status; /* the highest so far */
	bool hinted;
	bool memory; /* there was none */
	size_t done;
	struct progress progress;
};

static void raise_status(struct refresh *r, int status)
{
	if (status > r->status)
		r->status = status;
}

/* p may be held or revoked; address as it is to be asked about. */
static int add_target(struct refresh *r, const char *address, const struct pin *p)
{
	size_t cap = r->cap ? 2 * r->cap : 64;
	struct target *grown = r->v;

	if (r->n == PINS_MAX)
		return -1;
	if (r->n == r->cap) {
		grown = reallocarray(r->v, cap, sizeof(*grown));
		if (!grown)
			return -1;
		r->v = grown;
		r->cap = cap;
	}
	r->v[r->n] = (struct target){strdup(address), p->revoked, p->held};
	return r->v[r->n].address ? (r->n++, 0) : -1;
}

/* Those that may be due; what the log knows comes later, outside of this reading. */
static int candidate(const struct pin *p, void *arg)
{
	struct refresh *r = arg;
	struct refresh_when w = {.last_seen = p->last_seen, .expires = p->expires};
	struct addr a;

	if ((p->state != PIN_TOFU && p->state != PIN_VERIFIED) ||
		addr_parse(p->address, &a, NULL) < 0 || !addr_discoverable(&a) ||
		never_ask(&r->app->conf, &a))
		return 0;
	if (!r->all && !refresh_due(p->address, &w, r->now))
		return 0;
	r->memory = add_target(r, p->address, p) < 0;
	return r->memory;
}

/* Leaves those out that were asked about lately without success. */
static int drop_not_due(struct refresh *r, struct err *err)
{
	struct pin *p = calloc(1, sizeof(*p));
	size_t i, left = 0;
	int rc = p ? 0 : err_set(err, ERR_OS, "out of memory");

	for (i = 0; i < r->n; i++) {
		if (rc >= 0)
			rc = store_pin_get(r->s.store, r->v[i].address, p, err);
		if (rc > 0)
			rc = refresh_pin_due(r->s.store, p, r->now, err);
		if (rc > 0)
			r->v[left++] = r->v[i];
		else
			free(r->v[i].address);
		pin_free(p);
	}
	r->n = left;
	free(p);
	return rc < 0 ? rc : 0;
}

static int collect_due(struct refresh *r, struct err *err)
{
	int rc = store_pin_each(r->s.store, candidate, r, err);

	if (rc == 0 && r->memory)
		rc = err_set(err, ERR_OS, "out of memory for that many pins");
	if (rc == 0 && !r->all)
		rc = drop_not_due(r, err);
	return rc;
}

static int collect_named(struct refresh *r, int argc, char **argv, struct err *err)
{
	struct pin *p = calloc(1, sizeof(*p));
	int i, rc = p ? 0 : err_set(err, ERR_OS, "out of memory");
	struct addr a;

	for (i = 0; i < argc && rc >= 0; i++) {
		rc = address_argument(argv[i], &a, err);
		if (rc == 0)
			rc = store_pin_get(r->s.store, a.name, p, err);
		/* A domain to which clear text is allowed has no key of its own. */
		if (rc > 0 && !strchr(a.name, '@') && strchr(a.name, '.'))
			rc = 0;
		if (rc > 0 && add_target(r, a.text, p) < 0)
			rc = err_set(err, ERR_OS, "out of memory");
		if (rc == 0) {
			log_error("%s: there is no pin", a.name);
			raise_status(r, 1);
		}
		pin_free(p);
	}
	free(p);
	return rc < 0 ? rc : 0;
}

static int print_outcome_json(
	const struct finding *f, enum refresh_outcome o, const char *reason, bool held)
{
	struct out *out = out_new();

	out_str(out, "address", f->addr->name);
	out_str(out, "outcome", refresh_outcome_name(o));
	out_str(out, "fingerprint", f->cert.fpr);
	out_str(out, "pinned_fingerprint", f->pin.fpr);
	out_time(out, "expires", f->cert.expires);
	out_bool(out, "held", held);
	out_str(out, "reason", reason);
	out_object_text(out, "evidence", f->evidence);
	return out_print(out, stdout);
}

static void print_outcome_text(struct refresh *r, const struct finding *f, enum refresh_outcome o,
	const char *reason, bool held)
{
	char word[ERR_HINT_MAX];

	out_safe(stdout, f->addr->name, 0);
	printf(": %s", refresh_outcome_name(o));
	if (o != REFRESH_UNCHANGED) {
		fputs(": ", stdout);
		out_safe(stdout, reason, 0);
	}
	fputs(held && o != REFRESH_HELD ? "; another certificate is held\n" : "\n", stdout);
	if (!held || r->hinted || quote_shell(word, sizeof(word), f->addr->name) < 0)
		return;
	r->hinted = true;
	fputs("hint: sealpost pins show ", stderr);
	out_safe(stderr, word, 0);
	fputc('\n', stderr);
}

/* What was held may be what has become the pin. */
static int still_held(struct refresh *r, const struct finding *f, bool *held, struct err *err)
{
	struct pin now = {0};
	int rc = store_pin_get(r->s.store, f->addr->name, &now, err);

	*held = rc > 0 && now.held;
	pin_free(&now);
	return rc < 0 ? rc : 0;
}

/* Logs, prints and counts the result for one address. */
static int settle_target(struct refresh *r, struct discover *d, const struct target *t,
	struct finding *f, struct err *err)
{
	char reason[REFRESH_REASON_MAX];
	enum refresh_outcome o;
	bool held;
	int rc;

	rc = keep_first(d, f, err); /* of a named address where clear text was allowed */
	if (rc < 0)
		return rc;
	o = refresh_outcome(f, t->revoked);
	rc = refresh_note(r->s.store, f, o, err);
	if (rc < 0)
		return rc;
	held = o == REFRESH_HELD || t->held;
	if (o == REFRESH_REPLACED && t->held && still_held(r, f, &held, err) < 0)
		return err->code;
	refresh_reason(reason, f, o);
	progress_clear(&r->progress, ++r->done);
	if (!r->json)
		print_outcome_text(r, f, o, reason, held);
	else if (print_outcome_json(f, o, reason, held) < 0)
		return out_failed(err, ERR_IO);
	raise_status(r, refresh_exit(o, held));
	return 0;
}

/* n, at most BATCH, of the targets at t. */
static int ask_batch(struct refresh *r, const struct target *t, size_t n, struct err *err)
{
	struct discover d = {.app = r->app,
		.runner = &r->s.runner,
		.store = r->s.store,
		.fresh = true,
		.keep = true};
	struct addr *a = calloc(n, sizeof(*a));
	struct finding *f = calloc(n, sizeof(*f));
	int rc = a && f ? 0 : err_set(err, ERR_OS, "out of memory");
	size_t i;

	for (i = 0; i < n && rc == 0; i++) {
		rc = addr_parse(t[i].address, &a[i], err);
		f[i] = (struct finding){.addr = &a[i], .wanted = true};
	}
	if (rc == 0)
		rc = discover_all(&d, f, n, err);
	if (rc == 0)
		rc = gnupg_pins_check(&d, &r->s.daemons, f, n, err);
	for (i = 0; i < n && rc == 0; i++)
		rc = settle_target(r, &d, &t[i], &f[i], err);
	(void)fflush(stdout); /* gpg is forked next: buffered output would be written twice */
	findings_free(f, f ? n : 0);
	free(a);
	return rc;
}

static int run_refresh(struct refresh *r, int argc, char **argv, struct err *err)
{
	struct session_opts opts = {.runner = true};
	size_t i, n;
	int rc = session_open(&r->s, r->app, &opts, err);

	if (rc < 0)
		return rc;
	r->now = (int64_t)time(NULL);
	rc = argc > 0 ? collect_named(r, argc, argv, err) : collect_due(r, err);
	progress_start(&r->progress, "refresh", r->n);
	for (i = 0; i < r->n && rc == 0; i += n) {
		n = r->n - i < BATCH ? r->n - i : BATCH;
		rc = ask_batch(r, r->v + i, n, err);
	}
	progress_stop(&r->progress);
	if (rc == 0 && r->n == 0 && argc == 0)
		log_info("no pin is due");
	if (rc == 0 && out_finish() < 0)
		rc = out_failed(err, ERR_IO);
	session_close(&r->s);
	return rc;
}

/* All arguments are parsed before anything is done. */
static int check_addresses(int argc, char **argv, struct err *err)
{
	struct err why = ERR_INIT;
	struct addr a;
	int i;

	for (i = 0; i < argc; i++) {
		if (address_argument(argv[i], &a, &why) < 0)
			return err_set(err, ERR_USAGE, "%.300s: %.600s", argv[i], why.msg);
	}
	return 0;
}

int cmd_refresh(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"all", no_argument, NULL, 'a'},
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	struct refresh r = {.app = app};
	struct err err = ERR_INIT;
	size_t i;
	int c, rc;

	while ((c = option_next(argc, argv, "h", longs, &err)) > 0) {
		if (c == 'h')
			return app_help(usage);
		r.all |= c == 'a';
		r.json |= c == 'j';
	}
	if (c < 0)
		return app_usage_err(app->verb, &err);
	argc -= optind;
	argv += optind;
	if (r.all && argc > 0)
		return app_usage(app->verb, "--all and an address exclude each other");
	if (check_addresses(argc, argv, &err) < 0)
		return app_usage_err(app->verb, &err);
	rc = run_refresh(&r, argc, argv, &err);
	for (i = 0; i < r.n; i++)
		free(r.v[i].address);
	free(r.v);
	return rc < 0 ? app_fail(&err) : r.status;
}
