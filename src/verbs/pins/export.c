/* SPDX-License-Identifier: ISC */
/* The verb pins export: all pins as text, or as a shared certificate directory. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "print/output.h"
#include "pgp/cert/certd.h"
#include "print/app.h"
#include "verbs/options.h"
#include "verbs/pins/file.h"
#include "verbs/pins/move.h"

static const char usage[] =
	"usage: sealpost pins export [--cert-d FOLDER]\n"
	"\n"
	"Writes every pin to standard output, as text for \"sealpost pins import\": state,\n"
	"fingerprint, dates, evidence and certificate, what is held, and what was learnt.\n"
	"\n"
	"  --cert-d FOLDER  adds the pinned certificates to a Shared OpenPGP Certificate\n"
	"                   Directory instead, where sq and others read them; what is\n"
	"                   there stays\n"
	"\n"
	"Exit status: 0 done, 1 there are no pins, or some could not be written.\n";

struct export
{
	struct store *store;
	struct certd certd; /* when not as text */
	struct held *h;
	size_t n, written, bad;
	int rc;
	struct err err;
};

/* The whole of one address as text. */
static int text_one(const struct pin *p, void *arg)
{
	struct export *x = arg;
	char *evidence = NULL;
	int held = 0;

	if (x->n++ == 0)
		pins_file_head(stdout);
	if (store_pin_evidence(x->store, p->address, &evidence, &x->err) < 0)
		x->rc = x->err.code;
	else if (pins_file_pin(stdout, p, evidence ? evidence : "") < 0)
		x->rc = err_set(&x->err, ERR_OS, "out of memory");
	free(evidence);
	if (x->rc == 0 && p->held)
		held = store_held_get(x->store, p->address, x->h, &x->err);
	if (held < 0)
		x->rc = held;
	if (held > 0 && pins_file_held(stdout, p->address, x->h) < 0)
		x->rc = err_set(&x->err, ERR_OS, "out of memory");
	if (held > 0)
		held_free(x->h);
	return x->rc < 0 || ferror(stdout);
}

/* A candidate, once for each source. Rejected ones are exported with the pin. */
static int learnt_one(struct candidate *c, void *arg)
{
	struct export *x = arg;
	size_t i;

	for (i = 0; x->rc == 0 && i < c->n_seen && !c->rejected; i++) {
		if (x->n++ == 0)
			pins_file_head(stdout);
		if (pins_file_learnt(stdout, c, &c->seen[i]) < 0)
			x->rc = err_set(&x->err, ERR_OS, "out of memory");
	}
	return x->rc < 0 || ferror(stdout);
}

/* Only certificates that are or were usable: rejected ones are not recommended to others. */
static int certd_one(const struct pin *p, void *arg)
{
	struct export *x = arg;
	struct err err = ERR_INIT;
	int rc;

	if (p->state != PIN_TOFU && p->state != PIN_VERIFIED)
		return 0;
	x->n++;
	rc = certd_put(&x->certd, p->fpr, p->cert, p->cert_len, &err);
	if (rc == ERR_DATA) {
		log_error("%s: not written: %s", p->address, err.msg);
		x->bad++;
	} else if (rc < 0) {
		x->rc = rc;
		x->err = err;
	} else if (rc > 0) {
		log_info("%s: %s", p->address, p->fpr);
		x->written++;
	}
	return x->rc < 0;
}

static int export_text(struct app *app, struct export *x)
{
	int rc = store_open(&x->store, app->conf.data_dir, true, &x->err);

	x->h = rc == 0 ? calloc(1, sizeof(*x->h)) : NULL;
	if (rc == 0 && !x->h)
		rc = err_set(&x->err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = store_pin_each(x->store, text_one, x, &x->err);
	if (rc == 0)
		rc = x->rc;
	if (rc == 0)
		rc = store_candidate_each(x->store, NULL, learnt_one, x, &x->err);
	if (rc == 0)
		rc = x->rc;
	if (rc == 0 && out_finish() < 0)
		rc = out_failed(&x->err, ERR_IO);
	free(x->h);
	store_close(x->store);
	return rc;
}

static const char folder_hint[] = "name a folder whose parent exists and that you may write to";

static int export_certd(struct app *app, struct export *x, const char *path)
{
	struct move m;
	int rc;

	/* Before the sandbox, which can only name folders that exist. */
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		rc = err_set(&x->err, err_of_errno(errno, ERR_CREATE), "cannot make %s: %s", path,
			strerror(errno));
		err_hint(&x->err, folder_hint);
		return rc;
	}
	rc = move_open(&m, app, true, path, NULL, &x->err);
	if (rc < 0)
		return rc;
	rc = certd_open(&x->certd, path, true, &x->err);
	if (rc == 0) {
		rc = store_pin_each(m.store, certd_one, x, &x->err);
		certd_close(&x->certd);
	} else if (rc == ERR_CREATE) {
		err_hint(&x->err, folder_hint);
	}
	move_close(&m);
	if (rc == 0)
		rc = x->rc;
	if (rc < 0 || x->n == 0)
		return rc;
	out_safe(stdout, path, 0);
	printf(": %zu of %zu certificates were new or had something new\n", x->written, x->n);
	return out_finish() < 0 ? out_failed(&x->err, ERR_IO) : 0;
}

int pins_export(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"cert-d", required_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct export x = {.err = ERR_INIT};
	const char *dir = NULL;
	int c, rc;

	optind = 0;
	while ((c = option_next(argc, argv, "h", longs, &x.err)) > 0) {
		if (c == 'h')
			return app_help(usage);
		dir = optarg;
	}
	if (c < 0)
		return app_usage_err(app->verb, &x.err);
	if (optind < argc)
		return app_usage(app->verb, "pins export: too many arguments");
	if (dir && !*dir)
		return app_usage(app->verb, "pins export: no folder is named");
	rc = dir ? export_certd(app, &x, dir) : export_text(app, &x);
	if (rc < 0)
		return app_fail(&x.err);
	if (x.n == 0)
		log_warn("there are no pins to export");
	return x.n == 0 || x.bad > 0;
}
