/* SPDX-License-Identifier: ISC */
/*
 * The verb lookup: reads addresses, finds their certificates in batches, and prints them in the
 * order they were given in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text_file.h"
#include "decide/candidate.h"
#include "discovery/candidates.h"
#include "discovery/discover.h"
#include "discovery/learnt.h"
#include "discovery/pin_update.h"
#include "mime/recipients.h"
#include "pgp/cert/armour.h"
#include "pgp/gpg/home.h"
#include "print/app.h"
#include "print/ordered.h"
#include "verbs/lookup_output.h"
#include "print/progress.h"
#include "process/session.h"
#include "verbs/options.h"
#include "verbs/stdin_lines.h"
#include "verbs/verbs.h"

#define ADDRESSES_MAX 100000
#define CHUNK 1024 /* addresses at the same time: a finding takes some 5 kB */

static const char usage[] =
	"usage: sealpost lookup [--json] [--export] [--pin] [--offline] [--fresh]\n"
	"                       ADDRESS...\n"
	"\n"
	"Finds the OpenPGP certificate of each address and says how it was found and how\n"
	"it compares with the pin. ADDRESS may be \"Name <address>\"; - reads addresses\n"
	"from standard input.\n"
	"\n"
	"  --json      one JSON object a line\n"
	"  --export    write the certificates, ASCII-armoured, to standard output\n"
	"  --pin       pin what was found on first use\n"
	"  --offline   use the pins only, not the network\n"
	"  --fresh     ask the network even if the answer is cached; of an own address:\n"
	"              what others get\n"
	"\n"
	"Exit status: 0 usable, 1 absent, 69 unusable, 75 unknown, 77 differs from the\n"
	"pin; of several addresses, the highest. 65: a line of standard input is no\n"
	"address; the others were looked up.\n";

struct lookup {
	bool json, armour, pin, offline, fresh;
	struct style style; /* of standard output */
	bool table;         /* several, for a person */
	struct addr *addr;  /* owned */
	size_t n, bad;      /* bad: lines of standard input that are no addresses */
};

struct run {
	const struct lookup *l;
	struct key_search search; /* besides pins and domain */
	struct err unread;
	struct discover d;
	struct finding *f; /* those that are being worked on */
	struct ordered out;
	struct progress progress;
	size_t n_done;
	int status; /* the highest so far */
};

static int too_many(struct err *err)
{
	err_set(err, ERR_DATA, "more than %d addresses", ADDRESSES_MAX);
	err_hint(err, "name fewer at a time");
	return ERR_DATA;
}

static int add_lookup_address(struct lookup *l, const char *s, struct err *err)
{
	struct addr *grown;
	char why[ERR_MSG_MAX];

	if (l->n == ADDRESSES_MAX)
		return too_many(err);
	grown = reallocarray(l->addr, l->n + 1, sizeof(*l->addr));
	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	l->addr = grown;
	if (address_argument(s, &l->addr[l->n], err) < 0) {
		memcpy(why, err->msg, sizeof(why));
		return err_set(err, ERR_USAGE, "%.300s: %.600s", *s ? s : "\"\"", why);
	}
	l->n++;
	return 0;
}

/* A line of standard input: an address, or "Name <a@b>". */
static int take_lookup_address(void *l, char *line, struct err *err)
{
	int rc = 0;

	if (strchr(line, '<'))
		line[strcspn(line, "\r")] = '\0';
	else
		rc = stdin_word(line, err);
	return rc == 0 ? add_lookup_address(l, line, err) : rc;
}

/* 0 go on, 1 done (help was printed), or an error. */
static int lookup_options(struct lookup *l, int argc, char **argv, struct err *err)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"export", no_argument, NULL, 'e'}, {"pin", no_argument, NULL, 'p'},
		{"offline", no_argument, NULL, 'o'}, {"fresh", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c, rc = 0;

	while ((c = option_next(argc, argv, "h", longs, err)) > 0) {
		if (c == 'h') {
			app_help(usage);
			return 1;
		}
		l->json |= c == 'j';
		l->armour |= c == 'e';
		l->pin |= c == 'p';
		l->offline |= c == 'o';
		l->fresh |= c == 'f';
	}
	if (c < 0)
		return c;
	if (l->json && l->armour)
		return err_set(err, ERR_USAGE, "--json and --export exclude each other");
	if (l->pin && l->offline)
		return err_set(err, ERR_USAGE, "--pin and --offline exclude each other");
	if (l->fresh && l->offline)
		return err_set(err, ERR_USAGE, "--fresh and --offline exclude each other");
	for (; rc == 0 && optind < argc; optind++)
		rc = strcmp(argv[optind], "-") == 0
			     ? stdin_lines(take_lookup_address, l, &l->bad, err)
			     : add_lookup_address(l, argv[optind], err);
	if (rc == 0 && l->n == 0)
		rc = stdin_none("address", l->bad, err);
	return rc;
}

static void print_armour(FILE *out, const struct finding *f)
{
	struct buf text = BUF_INIT(1u << 22);

	if (cert_armour(f->cert.data, f->cert.len, &text) == 0)
		fwrite(text.p, 1, text.len, out);
	buf_free(&text);
}

/* A finding as it is printed, and where: what cannot be exported is told on stderr. */
static int render(const struct lookup *l, const struct finding *f,
	const struct learnt_known *learnt, char **text, size_t *len)
{
	struct text_file t;
	FILE *out = text_file_open(&t);
	int rc = 0, to = STDOUT_FILENO;

	if (!out)
		return -1;
	if (l->json) {
		rc = lookup_print_json(out, f, learnt);
	} else if (l->armour && f->status == KEY_USABLE) {
		print_armour(out, f);
	} else {
		if (l->table)
			lookup_print_row(out, f, &l->style);
		else
			lookup_print_text(out, f, learnt, &l->style);
		to = l->armour ? STDERR_FILENO : to;
	}
	*text = text_file_close(&t, out, len);
	if (!*text || rc < 0) {
		free(*text);
		return -1;
	}
	return to;
}

/* If its domain has no key. */
static int own_key_of(struct run *r, struct finding *f, struct err *err)
{
	int rc;

	/* A keyring that could not be read for one is not tried for the next. */
	if (!key_absent(f->status) || r->unread.code != ERR_NONE)
		return 0;
	rc = own_keys_find(&r->search, f, 1, err);
	if (r->unread.code != ERR_NONE)
		log_info("your own keys are not known: %s", r->unread.msg);
	if (f->own)
		finding_set(f, KEY_USABLE, "no key is published; your own is used");
	return rc;
}

/* Whether the user's keyring or received mail may have a key that send would use. learnt: what
 * received mail has. */
static bool may_have_candidate(
	const struct run *r, const struct finding *f, const struct learnt_known *learnt)
{
	const struct candidate_of of = {f->addr, f->wanted, f->status, f->asked != 0, f->pin.state};
	enum candidate_look look = candidate_look(&r->d.app->conf, NULL, NULL, &of);

	return look == LOOK_USE || look == LOOK_USE_FULL ||
	       (key_absent(f->status) && f->pin.state == PIN_NONE &&
		       learnt->choice.answer == SOURCE_HAS);
}

/* Only where it may be used without asking a person. */
static int look_for_candidate(
	struct run *r, struct finding *f, const struct learnt_known *learnt, struct err *err)
{
	int rc = 0;

	if (!may_have_candidate(r, f, learnt))
		return 0;
	rc = gpg_init(err);
	return rc == 0 ? candidates_find(&r->search, f, 1, err) : rc;
}

/*
 * Where the domain has no key, send may use one of the user's own, of the keyring or of received
 * mail. --fresh is for what others get of an own address.
 */
static int look_further(
	struct run *r, struct finding *f, struct learnt_known *learnt, struct err *err)
{
	int rc = learnt_read(r->d.store, f->addr->name, (int64_t)time(NULL), learnt, err);

	if (rc == 0 && !r->l->fresh)
		rc = gnupg_pins_check(&r->d, &r->search.session->daemons, f, 1, err);
	if (rc == 0 && !r->l->offline && !r->l->fresh)
		rc = own_key_of(r, f, err);
	if (rc == 0 && !r->l->offline && !f->own)
		rc = look_for_candidate(r, f, learnt, err);
	return rc;
}

/* One is found out about: it is pinned, printed in its turn, and let go. */
static int on_done(void *arg, struct finding *f, struct err *err)
{
	struct run *r = arg;
	struct learnt_known learnt = {.v = NULL};
	char *text = NULL;
	size_t len = 0;
	int one, to, rc = look_further(r, f, &learnt, err);

	if (rc >= 0 && r->l->pin && !f->own)
		rc = keep_first(&r->d, f, err);
	if (rc < 0) {
		learnt_known_free(&learnt);
		return rc;
	}
	one = key_status_exit(f->status);
	r->status = one > r->status ? one : r->status;
	to = render(r->l, f, &learnt, &text, &len);
	learnt_known_free(&learnt);
	if (to < 0)
		return err_set(err, ERR_OS, "out of memory");
	progress_clear(&r->progress, ++r->n_done);
	rc = ordered_put(&r->out, (size_t)(f - r->f), to, text, len, err);
	finding_free(f);
	return rc;
}

/* n, at most CHUNK, of the addresses from first on. */
static int run_chunk(struct run *r, size_t first, size_t n, struct err *err)
{
	size_t i;
	int rc = ordered_init(&r->out, n, err);

	r->f = calloc(n, sizeof(*r->f));
	if (rc == 0 && !r->f)
		rc = err_set(err, ERR_OS, "out of memory");
	for (i = 0; rc == 0 && i < n; i++)
		r->f[i] = (struct finding){.addr = &r->l->addr[first + i], .wanted = true};
	if (rc == 0)
		rc = discover_all(&r->d, r->f, n, err);
	findings_free(r->f, n);
	ordered_free(&r->out);
	return rc;
}

static int run_lookup(struct app *app, const struct lookup *l, struct err *err)
{
	struct session_opts opts = {.runner = !l->offline, .readonly = !l->pin};
	struct session s;
	struct run r = {.l = l, .search = {.app = app, .session = &s, .unread = &r.unread}};
	size_t i, n;
	int rc;

	rc = session_open(&s, app, &opts, err);
	if (rc < 0)
		return rc;
	r.d = (struct discover){.app = app,
		.keyservers = true,
		.runner = &s.runner,
		.store = s.store,
		.offline = l->offline,
		.fresh = l->fresh,
		.keep = l->pin,
		.done = on_done,
		.arg = &r};
	if (l->table)
		lookup_print_head(stdout, &l->style);
	(void)fflush(stdout);
	progress_start(&r.progress, "lookup", l->n);
	for (i = 0; rc == 0 && i < l->n; i += n) {
		n = l->n - i < CHUNK ? l->n - i : CHUNK;
		rc = run_chunk(&r, i, n, err);
	}
	progress_stop(&r.progress);
	session_close(&s);
	return rc < 0 ? rc : r.status;
}

int cmd_lookup(struct app *app, int argc, char **argv)
{
	struct lookup l = {0};
	struct err err = ERR_INIT;
	int rc;

	rc = lookup_options(&l, argc, argv, &err);
	if (rc == ERR_USAGE) {
		rc = app_usage_err(app->verb, &err);
	} else if (rc == 1) {
		rc = 0;
	} else {
		l.style = style_of(stdout);
		l.table = l.style.terminal && l.n > 1 && !l.json && !l.armour;
		if (rc == 0)
			rc = stdin_status(run_lookup(app, &l, &err), l.bad);
		if (rc < 0)
			rc = app_fail(&err);
	}
	free(l.addr);
	return rc;
}
