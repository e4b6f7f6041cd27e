/* SPDX-License-Identifier: ISC */
/* The verb pins import: reads pins, certificates or a keyring, and prints the result for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "print/output.h"
#include "pgp/cert/armour.h"
#include "pgp/cert/certd.h"
#include "pgp/gpg/home.h"
#include "decide/candidate.h"
#include "decide/learnt.h"
#include "store/candidates.h"
#include "pgp/cert/keyring.h"
#include "print/app.h"
#include "verbs/options.h"
#include "verbs/pins/file.h"
#include "verbs/pins/merge.h"
#include "verbs/pins/move.h"
#include "print/quote.h"

#define INPUT_MAX (512u << 20)

static const char usage[] =
	"usage: sealpost pins import FILE|FOLDER|-\n"
	"       sealpost pins import --from-gnupg\n"
	"\n"
	"Takes pins from elsewhere, and says what became of each. Nothing is overridden:\n"
	"the same certificate is brought up to date, a different one is held, and what\n"
	"was decided there counts only where nothing is known here.\n"
	"\n"
	"  FILE          what \"sealpost pins export\" wrote, or OpenPGP certificates,\n"
	"                which are pinned for the addresses of their valid User IDs\n"
	"  FOLDER        a Shared OpenPGP Certificate Directory: it brings pins up to\n"
	"                date and may show a different certificate, which is held;\n"
	"                nothing is pinned\n"
	"  -             standard input, as a FILE\n"
	"  --from-gnupg  the certificates of the user's gpg keyring, for the User IDs of\n"
	"                full or ultimate validity; the others are listed\n"
	"\n"
	"Exit status: 0 done, 1 something is held or was not imported.\n";

struct import {
	struct move m;
	struct merge_batch *batch;
	const char *method; /* of what is no pin yet */
	const char *what;   /* where it is from */
	char *evidence;     /* owned */
	bool observed;
	size_t n, no_pin;
	bool mend; /* something is held, or was not imported */
	struct err err;
};

static void say_merged(struct import *x, const char *address, enum merge_result r, const char *fpr,
	const char *why)
{
	char word[ERR_HINT_MAX];

	x->n++;
	out_safe(stdout, address, 0);
	printf(": %s", merge_name(r));
	if (fpr[0] != '\0')
		printf(" %s", fpr);
	if (why[0] != '\0') {
		fputs(": ", stdout);
		out_safe(stdout, why, 0);
	}
	fputc('\n', stdout);
	(void)fflush(stdout); /* gpg is forked next: buffered output would be written twice */
	if (r == MERGE_HELD && !x->mend && quote_shell(word, sizeof(word), address) == 0) {
		fputs("hint: sealpost pins show ", stderr);
		out_safe(stderr, word, 0);
		fputc('\n', stderr);
	}
	x->mend |= r == MERGE_HELD || r == MERGE_LEFT;
}

static int note_merged(const struct merge_item *m, enum merge_result r, const char *why, void *arg,
	struct err *err)
{
	struct import *x = arg;

	if (r == MERGE_NO_PIN)
		x->no_pin++;
	else
		say_merged(x, m->address, r, m->fpr, why);
	return ferror(stdout) ? out_failed(err, ERR_IO) : 0;
}

/* Where it came from, with what is told of it there (JSON; ""). */
static char *make_evidence(const char *what, const char *there)
{
	struct out *o = out_new();
	char reason[FILE_PATH_MAX + 32];

	snprintf(reason, sizeof(reason), "imported from %.3000s", what);
	out_time(o, "time", (int64_t)time(NULL));
	out_str(o, "method", "import");
	out_str(o, "reason", reason);
	if (there[0] != '\0')
		out_object_text(o, "evidence", there);
	return out_text(o);
}

/* Whether it is usable for the address is for gpg to say, here too. */
static int note_learnt_block(
	struct import *x, const struct pins_block *b, const struct addr *a, struct cert_set *set)
{
	const struct intake in = {.addr = a};
	struct candidate_note n = {.address = b->address,
		.fpr = b->fpr,
		.source = b->method,
		.date = b->last_seen,
		.mutual = b->mutual,
		.evidence = b->evidence.len > 0 ? buf_str(&b->evidence) : x->evidence};
	int rc = intake_read(&in, b->cert.p, b->cert.len, set, &x->err);

	if (rc < 0 && rc != ERR_DATA)
		return rc;
	if (rc == ERR_DATA || set->n != 1 || strcmp(set->v[0].fpr, b->fpr) != 0 ||
		(set->v[0].use != CERT_USABLE && set->v[0].use != CERT_REVOKED)) {
		say_merged(x, b->address, MERGE_LEFT, b->fpr, "it is not usable");
		return 0;
	}
	/* A revoked one is on record for what comes of it later without its revocation. */
	if (set->v[0].use == CERT_REVOKED)
		rc = store_revoke(x->m.store, b->fpr, "", &x->err);
	n.cert = &set->v[0];
	if (rc == 0)
		rc = store_candidates_note(x->m.store, &n, 1, &x->err);
	n.date = b->first_seen;
	if (rc == 0 && n.date > 0 && n.date < b->last_seen) {
		n.cert = NULL;
		rc = store_candidates_note(x->m.store, &n, 1, &x->err);
	}
	if (rc == 0)
		say_merged(x, b->address, MERGE_LEARNT, b->fpr, "");
	return rc;
}

static int take_learnt(struct import *x, const struct pins_block *b)
{
	struct cert_set set = {.v = NULL};
	struct addr a;
	int rc = merge_flush(x->batch, &x->err);

	if (rc < 0)
		return rc;
	if (addr_parse(b->address, &a, NULL) < 0 || learnt_how_parse(b->method) == LEARNT_HOWS ||
		b->last_seen <= 0) {
		say_merged(x, b->address, MERGE_LEFT, b->fpr, "it is not complete");
		return 0;
	}
	rc = note_learnt_block(x, b, &a, &set);
	cert_set_free(&set);
	return rc;
}

static int take_block(const struct pins_block *b, void *arg)
{
	struct import *x = arg;
	char *evidence = make_evidence(x->what, buf_str(&b->evidence));
	struct merge_item m;
	int rc;

	if (evidence && strlen(evidence) >= EVIDENCE_MAX) {
		free(evidence);
		evidence = make_evidence(x->what, "");
	}
	m = (struct merge_item){.address = b->address,
		.state = b->held ? PIN_TOFU : b->state,
		.held = b->held,
		.was_pin = true,
		.fpr = b->fpr,
		.cert = b->cert.p,
		.cert_len = b->cert.len,
		.first_seen = b->first_seen,
		.last_seen = b->last_seen,
		.revoked = b->revoked,
		.method = b->method,
		.evidence = evidence ? evidence : ""};
	rc = b->learnt ? take_learnt(x, b) : merge_add(x->batch, &m, &x->err);
	free(evidence);
	return rc;
}

static int ignore_block(const struct pins_block *b, void *arg)
{
	(void)b;
	(void)arg;
	return 0;
}

/* All of it is parsed before anything is done. */
static int import_pins(struct import *x, const struct buf *in)
{
	struct pins_reader check = {.block = ignore_block}, r = {.block = take_block, .arg = x};
	int rc = pins_file_read(&check, in->p, in->len, &x->err);

	return rc == 0 ? pins_file_read(&r, in->p, in->len, &x->err) : rc;
}

/* The addresses that have a certificate for their pin. */
struct pinned_for {
	const char *fpr;
	struct addr *a; /* SPLIT_ADDRESSES_MAX */
	size_t n;
};

static int note_pinned(const struct pin *p, void *arg)
{
	struct pinned_for *f = arg;

	if (strcmp(p->fpr, f->fpr) == 0 && addr_parse(p->address, &f->a[f->n], NULL) == 0)
		f->n++;
	return f->n == SPLIT_ADDRESSES_MAX;
}

/* A certificate without User IDs, as from key servers: it may have a revocation, which counts for
 * pins with that fingerprint. */
static int find_pinned(struct import *x, const char *fpr, struct addr *a, size_t *n)
{
	struct pinned_for f = {.fpr = fpr, .a = a};
	int rc = store_pin_each(x->m.store, note_pinned, &f, &x->err);

	*n = f.n;
	return rc;
}

static int take_cert(const char *fpr, const uint8_t *cert, size_t len, void *arg)
{
	struct import *x = arg;
	struct addr *a = calloc(SPLIT_ADDRESSES_MAX, sizeof(*a));
	size_t i, n = a ? split_addresses(cert, len, a) : 0;
	int rc = a ? 0 : err_set(&x->err, ERR_OS, "out of memory");

	if (rc == 0 && n == 0)
		rc = merge_flush(x->batch, &x->err); /* it may be the pin of one that waits */
	if (rc == 0 && n == 0)
		rc = find_pinned(x, fpr, a, &n);

	for (i = 0; i < n && rc == 0; i++) {
		struct merge_item m = {.address = a[i].name,
			.state = PIN_TOFU,
			.observed = x->observed,
			.fpr = fpr,
			.cert = cert,
			.cert_len = len,
			.method = x->method,
			.evidence = x->evidence};

		rc = merge_add(x->batch, &m, &x->err);
	}
	if (rc == 0 && n == 0 && !x->observed) {
		printf("%s: %s: no User ID of it has an address, and nobody is pinned to it\n", fpr,
			merge_name(MERGE_LEFT));
		x->mend = true;
	}
	free(a);
	return rc;
}

static int each_cert(struct import *x, const uint8_t *p, size_t len,
	int (*cb)(const char *fpr, const uint8_t *cert, size_t len, void *arg))
{
	char fpr[CERT_FPR_MAX];
	const uint8_t *cert;
	size_t cert_len, n = 0;
	int got, rc = 0;

	while (rc == 0 && (got = split_next(&p, &len, &cert, &cert_len)) != 0) {
		if (got < 0)
			return err_set(&x->err, ERR_DATA,
				"is neither a file of pins nor OpenPGP certificates, or is "
				"damaged");
		n++;
		if (!cb)
			continue;
		got = split_fpr(cert, cert_len, fpr);
		if (got == ERR_OS) {
			rc = err_set(&x->err, ERR_OS, "out of memory");
		} else if (got == 0) {
			rc = cb(fpr, cert, cert_len, x);
		} else if ((rc = merge_flush(x->batch, &x->err)) == 0) {
			printf("%s: a certificate of a version that is not known\n",
				merge_name(MERGE_LEFT));
			x->mend = true;
		}
	}
	if (rc == 0 && n == 0)
		rc = err_set(&x->err, ERR_DATA, "holds nothing");
	return rc;
}

static int import_certs(struct import *x, const struct buf *in)
{
	struct buf binary = BUF_INIT(INPUT_MAX);
	struct armour a = {0};
	const struct buf *b = in;
	int rc = 0;

	if (in->len > 0 && armour_read(in->p, in->len, &binary, &a) < 0)
		rc = err_set(&x->err, ERR_OS, "out of memory");
	else if (a.secret)
		rc = err_set(&x->err, ERR_DATA, "holds a secret key: export the public one");
	else if (a.damaged)
		rc = err_set(&x->err, ERR_DATA, "is damaged");
	if (a.found)
		b = &binary;
	if (rc == 0)
		rc = each_cert(x, b->p, b->len, NULL);
	if (rc == 0)
		rc = each_cert(x, b->p, b->len, take_cert);
	buf_free(&binary);
	return rc;
}

static int import_file(struct import *x, const char *path)
{
	struct buf in = BUF_INIT(INPUT_MAX);
	struct err why = ERR_INIT;
	int rc;

	rc = strcmp(path, "-") == 0 ? fd_read_all(STDIN_FILENO, &in, &x->err)
				    : file_read(path, &in, ERR_IO, &x->err);
	if (rc == 0) {
		rc = pins_file_looks(in.p, in.len) ? import_pins(x, &in) : import_certs(x, &in);
		why = x->err;
		if (rc == ERR_DATA)
			rc = err_set(&x->err, ERR_DATA, "%.300s: %.600s",
				strcmp(path, "-") == 0 ? "standard input" : path, why.msg);
		if (rc == ERR_DATA)
			err_hint(&x->err, "nothing was imported; sealpost pins import --help");
	}
	buf_free(&in);
	return rc;
}

static void bad_file(const char *name, const char *why, void *arg)
{
	struct import *x = arg;

	log_error("%s: %s", name, why);
	x->mend = true;
}

static int import_folder(struct import *x, const char *path)
{
	struct certd d;
	int rc = certd_open(&d, path, false, &x->err);

	x->observed = true;
	x->method = "cert-d";
	if (rc < 0)
		return rc;
	rc = certd_each(&d, take_cert, bad_file, x, &x->err);
	certd_close(&d);
	return rc;
}

/* The keyring while its certificates are gone through. */
struct from_gnupg {
	struct import *x;
	const struct keyring *k;
};

static int take_valid(const char *fpr, const uint8_t *cert, size_t len, void *arg)
{
	struct from_gnupg *g = arg;
	size_t i;
	int rc = 0;

	for (i = 0; i < g->k->n && rc == 0; i++) {
		const struct keyring_uid *u = &g->k->v[i];
		struct merge_item m = {.address = u->addr.name,
			.state = PIN_TOFU,
			.fpr = fpr,
			.cert = cert,
			.cert_len = len,
			.method = g->x->method,
			.evidence = g->x->evidence};

		if (u->valid && strcmp(u->fpr, fpr) == 0)
			rc = merge_add(g->x->batch, &m, &g->x->err);
	}
	return rc;
}

static int import_valid(struct import *x, const struct keyring *k)
{
	struct from_gnupg g = {x, k};
	const uint8_t *p = k->certs.p, *cert;
	size_t len = k->certs.len, cert_len;
	char fpr[CERT_FPR_MAX];
	int got, rc = 0;

	while (rc == 0 && (got = split_next(&p, &len, &cert, &cert_len)) != 0) {
		if (got < 0)
			return err_set(&x->err, ERR_TEMP, "what gpg exported cannot be read");
		got = split_fpr(cert, cert_len, fpr);
		if (got == 0)
			rc = take_valid(fpr, cert, cert_len, &g);
		else if (got == ERR_OS)
			rc = err_set(&x->err, ERR_OS, "out of memory");
	}
	return rc;
}

static int import_gnupg(struct import *x)
{
	struct keyring k = {0};
	const char *unsure = NULL;
	struct gpg_daemons daemons;
	size_t i;
	int rc;

	x->method = "gnupg";
	runner_daemons(&x->m.runner, &daemons);
	rc = keyring_read(&k, candidate_rank, &daemons, &x->err);
	if (rc <= 0)
		return rc;
	rc = import_valid(x, &k);
	if (rc == 0)
		rc = merge_flush(x->batch, &x->err);
	for (i = 0; i < k.n && rc == 0; i++) {
		if (k.v[i].valid)
			continue;
		out_safe(stdout, k.v[i].addr.name, 0);
		printf(": %s %s: %s\n", merge_name(MERGE_LEFT), k.v[i].fpr, k.v[i].why);
		if (k.v[i].unsure && !unsure)
			unsure = k.v[i].fpr;
	}
	x->n += k.n;
	if (rc == 0 && unsure)
		fprintf(stderr,
			"hint: once you have compared the fingerprint with its owner: gpg --export "
			"%s | sealpost pins import -\n",
			unsure);
	keyring_free(&k);
	return rc;
}

/* path NULL: the user's keyring. */
static int run_import(struct import *x, struct app *app, const char *path)
{
	const char *what = !path                    ? "the gpg keyring"
			   : strcmp(path, "-") == 0 ? "standard input"
						    : path;
	struct stat st;
	int rc;

	x->method = "import";
	x->evidence = make_evidence(what, "");
	x->what = what;
	if (!x->evidence)
		return err_set(&x->err, ERR_OS, "out of memory");
	rc = move_open(&x->m, app, false, NULL, path, &x->err);
	if (rc < 0)
		return rc;
	x->batch = merge_batch_new(x->m.store, note_merged, x);
	rc = x->batch ? gpg_init(&x->err) : err_set(&x->err, ERR_OS, "out of memory");
	if (rc == 0 && !path)
		rc = import_gnupg(x);
	else if (rc == 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		rc = import_folder(x, path);
	else if (rc == 0)
		rc = import_file(x, path);
	if (rc == 0)
		rc = merge_flush(x->batch, &x->err);
	merge_batch_free(x->batch);
	move_close(&x->m);
	if (out_finish() < 0 && rc == 0)
		rc = out_failed(&x->err, ERR_IO);
	return rc;
}

int pins_import(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"from-gnupg", no_argument, NULL, 'g'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct import x = {.err = ERR_INIT};
	bool gnupg = false;
	int c, rc;

	optind = 0;
	while ((c = option_next(argc, argv, "h", longs, &x.err)) > 0) {
		if (c == 'h')
			return app_help(usage);
		gnupg = true;
	}
	if (c < 0)
		return app_usage_err(app->verb, &x.err);
	if (argc - optind != !gnupg)
		return app_usage(
			app->verb, "pins import: name one file or folder, or --from-gnupg");
	rc = run_import(&x, app, gnupg ? NULL : argv[optind]);
	free(x.evidence);
	if (rc == ERR_IO && x.err.hint[0] == '\0')
		err_hint(&x.err, "sealpost pins import --help");
	if (rc < 0)
		return app_fail(&x.err);
	if (x.no_pin > 0)
		log_warn("addresses without a pin, ignored: %zu", x.no_pin);
	if (x.n == 0 && x.no_pin == 0)
		log_warn("there was nothing to import");
	return x.mend || (x.n == 0 && x.no_pin == 0);
}
