/* SPDX-License-Identifier: ISC */
/* The verb learn: reads received mail for its senders' keys, and prints those found. */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "discovery/learnt.h"
#include "mail/journal.h"
#include "mime/mail_files.h"
#include "pgp/gpg/home.h"
#include "print/app.h"
#include "print/output.h"
#include "print/quote.h"
#include "process/session.h"
#include "store/sealed.h"
#include "verbs/learn/gossip.h"
#include "verbs/learn/read.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

#define SEALED_BATCH 256
#define WRITERS_BATCH 1024
#define SIGNATURE_TRIES 3 /* for each key of an address */

static const char usage[] =
	"usage: sealpost learn [--decrypt] [--json] [FILE | MAILDIR | -]...\n"
	"\n"
	"Reads received mail for its senders' keys: Autocrypt fields, attached keys,\n"
	"and those of valid signatures.\n"
	"The keys found are candidates: one is used if the recipient's domain has no key\n"
	"and its owner asks for encryption (prefer-encrypt=mutual); any other only after\n"
	"\"sealpost pins accept\". Pins, rejected keys and published keys are never\n"
	"changed, and the network is not used. Replies to the sealed mails that it reads\n"
	"are not sent in clear. Without an argument, as with \"-\", it reads standard\n"
	"input.\n"
	"\n"
	"  --decrypt  open sealed mails with your key, if its passphrase is cached, for\n"
	"             the keys of other recipients in them (gossip)\n"
	"  --json     one JSON object for each key, for each thing that was ignored, and\n"
	"             at the end\n"
	"\n"
	"Exit status: 0 done, 1 something could not be read, or there was no mail.\n";

/* The last mail of an address. */
struct learn_writer {
	char *address; /* owned */
	int64_t date;
};

struct learn {
	struct app *app;
	struct session session;
	bool json, decrypt;
	struct gossip_opener gossip;
	int64_t now;
	uint8_t key[JOURNAL_HASH];
	struct judge judge;
	struct sealed_mail sealed[SEALED_BATCH];
	size_t n_sealed; /* waiting */
	void *writers;   /* a tree */
	size_t n_writers;
	void *signers; /* a tree */
	size_t n_signers;
	size_t mails, sealed_mails, left_out, unread, keys, fresh;
	int printed; /* the first error of print_left_out, which cannot return it */
	struct err *err;
};

static void print_left_out(void *arg, const char *path, const char *address, const char *why)
{
	struct learn *l = arg;
	struct out *o;
	int rc;

	l->left_out++;
	if (!l->json) {
		log_info("%s: left out: %s%s%s", path, address, address[0] ? ": " : "", why);
		return;
	}
	o = out_new();
	out_str(o, "path", path);
	out_str(o, "address", address);
	out_str(o, "left_out", why);
	rc = out_print(o, stdout);
	if (l->printed == 0)
		l->printed = rc;
}

/* The error of the lines that print_left_out could not print. */
static int check_printed(const struct learn *l, struct err *err)
{
	return l->printed < 0 ? out_failed(err, l->printed) : 0;
}

static int note_unreadable(void *arg, const char *path, const char *why, struct err *err)
{
	struct learn *l = arg;

	(void)err;
	if (l->unread++ < 10)
		log_error("%s: %s", path, why);
	return 0;
}

static int take_find(void *arg, struct learn_find *f, struct err *err)
{
	struct learn *l = arg;

	return learn_judge(&l->judge, f, err);
}

static int by_writer(const void *a, const void *b)
{
	return strcmp(((const struct learn_writer *)a)->address,
		((const struct learn_writer *)b)->address);
}

static void free_writer(void *p)
{
	struct learn_writer *w = p;

	free(w->address);
	free(w);
}

static int note_writer(struct learn *l, const struct learn_mail *m, struct err *err)
{
	struct learn_writer want = {.address = (char *)(uintptr_t)m->from}, **there, *w;

	there = tfind(&want, &l->writers, by_writer);
	if (there) {
		if ((*there)->date < m->date)
			(*there)->date = m->date;
		return 0;
	}
	if (l->n_writers == LEARN_REMEMBERED_MAX)
		return 0;
	w = calloc(1, sizeof(*w));
	if (w)
		w->address = strdup(m->from);
	if (!w || !w->address) {
		free(w);
		return err_set(err, ERR_OS, "out of memory");
	}
	w->date = m->date;
	if (!tsearch(w, &l->writers, by_writer)) {
		free_writer(w);
		return err_set(err, ERR_OS, "out of memory");
	}
	l->n_writers++;
	return 0;
}

/* A signer of an address, and how often a signature was verified in this run. */
struct learn_signer {
	char *name; /* owned; "ADDRESS FPR" */
	unsigned tries;
};

static int by_signer(const void *a, const void *b)
{
	return strcmp(
		((const struct learn_signer *)a)->name, ((const struct learn_signer *)b)->name);
}

/* Counts a try. 1: it may be made; 0: there were enough. ERR_OS. */
static int may_try(struct learn *l, const char *address, const char *signer, struct err *err)
{
	struct learn_signer *s = calloc(1, sizeof(*s)), **there;
	const bool room = l->n_signers < LEARN_REMEMBERED_MAX;

	if (!s || asprintf(&s->name, "%s %s", address, signer) < 0) {
		free(s);
		return err_set(err, ERR_OS, "out of memory");
	}
	there = room ? tsearch(s, &l->signers, by_signer) : tfind(s, &l->signers, by_signer);
	l->n_signers += there && *there == s;
	if (!there || *there != s) {
		free(s->name);
		free(s);
	}
	if (!there && room)
		return err_set(err, ERR_OS, "out of memory");
	return there && (*there)->tries++ < SIGNATURE_TRIES;
}

struct signer_certs {
	struct buf *certs;
	const char *signer;
	bool known; /* a signature of that key is on record */
	int rc;
	struct err *err;
};

static int add_candidate_cert(struct candidate *c, void *arg)
{
	struct signer_certs *x = arg;
	size_t i;

	for (i = 0; i < c->n_seen; i++) {
		if (strcmp(c->fpr, x->signer) == 0 &&
			learnt_how_parse(c->seen[i].source) == LEARNT_SIGNATURE)
			x->known = true;
	}
	x->rc = err_left_out(buf_add(x->certs, c->cert, c->cert_len), x->err);
	return x->rc;
}

/* One valid signature of each key is enough. */
static int wants_signature(
	void *arg, const char *address, const char *signer, struct buf *certs, struct err *err)
{
	struct learn *l = arg;
	struct signer_certs x = {.certs = certs, .signer = signer, .err = err};
	struct pin pin = {.state = PIN_NONE};
	int rc = store_candidate_each(l->session.store, address, add_candidate_cert, &x, err);

	rc = rc == 0 ? x.rc : rc;
	if (rc == 0)
		rc = store_pin_get(l->session.store, address, &pin, err);
	if (rc > 0 && pin.cert_len > 0)
		rc = err_left_out(buf_add(certs, pin.cert, pin.cert_len), err);
	pin_free(&pin);
	if (rc < 0 || x.known)
		return rc < 0 ? rc : 0;
	return may_try(l, address, signer, err);
}

static void free_signer(void *p)
{
	struct learn_signer *s = p;

	free(s->name);
	free(s);
}

static int open_gossip(
	void *arg, const struct source *src, struct buf *header, const char **why, struct err *err)
{
	struct learn *l = arg;

	return gossip_open(&l->gossip, src, header, why, err);
}

static int flush_sealed(struct learn *l, struct err *err)
{
	int rc = l->n_sealed > 0 ? store_sealed_learnt(
					   l->session.store, l->sealed, l->n_sealed, l->now, err)
				 : 0;

	l->n_sealed = 0;
	return rc;
}

/* Replies to it must not be sent in clear. */
static int note_sealed(struct learn *l, const struct learn_mail *m, struct err *err)
{
	struct sealed_mail *s = &l->sealed[l->n_sealed];
	int rc;

	l->sealed_mails++;
	if (!m->id)
		return 0;
	rc = journal_id(l->key, m->id, strlen(m->id), s->id, err);
	if (rc < 0)
		return rc;
	s->date = m->date;
	return ++l->n_sealed == SEALED_BATCH ? flush_sealed(l, err) : 0;
}

static int read_source_mail(
	struct learn *l, const struct source *src, const char *path, struct err *err)
{
	struct learn_mail m = {.path = path,
		.trusted = l->app->conf.trusted_authserv,
		.now = l->now,
		.found = take_find,
		.wants_signature = wants_signature,
		.open = l->decrypt ? open_gossip : NULL,
		.left_out = print_left_out,
		.arg = l};
	int rc = src->size == 0 ? err_set(err, ERR_DATA, "is empty") : source_one_mail(src, err);

	if (rc == 0)
		rc = learn_read(&m, src, err);
	if (rc == 0)
		l->mails++;
	if (rc == 0 && m.sealed)
		rc = note_sealed(l, &m, err);
	if (rc == 0 && m.from[0] != '\0')
		rc = note_writer(l, &m, err);
	free(m.id);
	return rc < 0 ? rc : check_printed(l, err);
}

static int take_one_mail(void *arg, int fd, const char *path, bool folder, struct err *err)
{
	const struct source_opts opts = {.max = LEARN_MAIL_MAX};
	struct learn *l = arg;
	struct err why = ERR_INIT;
	struct source src;
	int rc = source_open(&src, fd, &opts, &why);

	(void)folder;
	if (rc == 0) {
		rc = read_source_mail(l, &src, path, &why);
		source_close(&src);
	}
	if (rc == ERR_DATA)
		return note_unreadable(l, path, why.msg, err);
	if (rc < 0)
		*err = why;
	return rc;
}

struct writers_batch {
	struct candidate_mail v[WRITERS_BATCH];
	size_t n;
	struct store *store;
	struct err *err;
	int rc;
};

static void flush_writers(struct writers_batch *b)
{
	if (b->n > 0 && b->rc == 0)
		b->rc = store_candidate_mails(b->store, b->v, b->n, b->err);
	b->n = 0;
}

static void visit_writer(const void *node, VISIT which, void *closure)
{
	const struct learn_writer *w = *(const struct learn_writer *const *)node;
	struct writers_batch *b = closure;

	if (which != postorder && which != leaf)
		return;
	b->v[b->n++] = (struct candidate_mail){w->address, w->date};
	if (b->n == WRITERS_BATCH)
		flush_writers(b);
}

/* After the keys, so that whoever has one is known. */
static int store_writers(struct learn *l, struct err *err)
{
	struct writers_batch *b = calloc(1, sizeof(*b));
	int rc;

	if (!b)
		return err_set(err, ERR_OS, "out of memory");
	b->store = l->session.store;
	b->err = err;
	twalk_r(l->writers, visit_writer, b);
	flush_writers(b);
	rc = b->rc;
	free(b);
	return rc;
}

/* Prints how a key is treated. */
static void say_stand(const struct learn_touched *t, const struct pin *pin, bool used)
{
	char word[ERR_HINT_MAX];

	if (used) {
		puts("is used where nothing is published");
		return;
	}
	if (strcmp(pin->fpr, t->fpr) == 0) {
		puts("is the pin");
		return;
	}
	if (pin->fpr[0] != '\0')
		printf("is held; the pin %s stays", pin->fpr);
	else
		fputs("is not used automatically", stdout);
	if (quote_shell(word, sizeof(word), t->address) == 0)
		printf("; to use it: sealpost pins accept %s %s", word, t->fpr);
	putchar('\n');
}

/* Whether it is used where nothing is published. */
static bool is_used(
	const struct learn_touched *t, const struct pin *pin, const struct learnt_known *k)
{
	return learnt_is_used(k, pin->state, k->choice.index) &&
	       strcmp(k->v[k->choice.index].fpr, t->fpr) == 0;
}

static void touched_text(
	const struct learn_touched *t, const struct pin *pin, const struct learnt_known *k)
{
	size_t i;
	bool first = true;

	out_safe(stdout, t->address, 0);
	printf(": %s (", t->fpr);
	for (i = 0; i < LEARNT_HOWS; i++) {
		if (!(t->hows & 1u << i))
			continue;
		printf("%s%s", first ? "" : ", ", learnt_how_name((enum learnt_how)i));
		first = false;
	}
	fputs(") ", stdout);
	say_stand(t, pin, is_used(t, pin, k));
}

static int touched_json(
	const struct learn_touched *t, const struct pin *pin, const struct learnt_known *k)
{
	struct out *o = out_new();
	bool same = strcmp(pin->fpr, t->fpr) == 0;
	size_t i;

	out_str(o, "address", t->address);
	out_bool(o, "new", t->is_new);
	out_str(o, "pin", pin->fpr[0] == '\0' ? "none" : same ? "match" : "conflict");
	for (i = 0; i < k->n; i++) {
		if (strcmp(k->v[i].fpr, t->fpr) == 0)
			learnt_json(o, &k->v[i], is_used(t, pin, k));
	}
	return out_print(o, stdout);
}

static int print_touched(void *arg, const struct learn_touched *t)
{
	struct learn *l = arg;
	struct pin pin = {.state = PIN_NONE};
	struct learnt_known k = {.v = NULL};
	int rc = store_pin_get(l->session.store, t->address, &pin, l->err);

	l->keys++;
	l->fresh += t->is_new;
	if (rc >= 0)
		rc = learnt_read(l->session.store, t->address, l->now, &k, l->err);
	if (rc == 0 && l->json)
		rc = touched_json(t, &pin, &k) < 0 ? out_failed(l->err, ERR_IO) : 0;
	else if (rc == 0 && (t->is_new || l->app->verbose))
		touched_text(t, &pin, &k);
	learnt_known_free(&k);
	pin_free(&pin);
	return rc;
}

static int print_totals(const struct learn *l)
{
	struct out *o;

	if (!l->json) {
		if (l->mails > 1 || l->app->verbose)
			printf("%zu mail%s, %zu of them sealed; %zu key%s, %zu of them new; %zu "
			       "left out\n",
				l->mails, l->mails == 1 ? "" : "s", l->sealed_mails, l->keys,
				l->keys == 1 ? "" : "s", l->fresh, l->left_out);
		return 0;
	}
	o = out_new();
	out_int(o, "mails", (int64_t)l->mails);
	out_int(o, "sealed", (int64_t)l->sealed_mails);
	out_int(o, "keys", (int64_t)l->keys);
	out_int(o, "new", (int64_t)l->fresh);
	out_int(o, "left_out", (int64_t)l->left_out);
	out_int(o, "unread", (int64_t)l->unread);
	return out_print(o, stdout);
}

static int finish_learning(struct learn *l, struct err *err)
{
	int rc = learn_judge_flush(&l->judge, err);

	l->err = err;
	if (rc == 0)
		rc = check_printed(l, err);
	if (rc == 0)
		rc = flush_sealed(l, err);
	if (rc == 0)
		rc = store_writers(l, err);
	if (rc == 0)
		rc = learn_judge_each(&l->judge, print_touched, l);
	if (rc == 0 && (print_totals(l) < 0 || out_finish() < 0))
		rc = out_failed(err, ERR_IO);
	return rc;
}

static int run_learn(struct learn *l, const char *const *given, size_t n, struct err *err)
{
	static const char *const input[] = {"-"};
	const struct mail_files files = {take_one_mail, note_unreadable, l};
	const struct session_opts opts = {.runner = true, .opens = l->decrypt, .reads = given};
	size_t i;
	int rc = session_open(&l->session, l->app, &opts, err);

	if (rc < 0)
		return rc;
	l->judge = (struct judge){.store = l->session.store, .left_out = print_left_out, .arg = l};
	l->gossip.daemons = &l->session.daemons;
	l->now = (int64_t)time(NULL);
	rc = gpg_init(err);
	if (rc == 0)
		rc = store_journal_key(l->session.store, l->key, err);
	if (rc == 0)
		rc = learn_judge_begin(&l->judge, err);
	for (i = 0; rc == 0 && i < (n > 0 ? n : 1); i++)
		rc = mail_files(&files, n > 0 ? given[i] : input[0], err);
	if (rc == 0)
		rc = finish_learning(l, err);
	learn_judge_end(&l->judge);
	tdestroy(l->writers, free_writer);
	tdestroy(l->signers, free_signer);
	gossip_end(&l->gossip);
	explicit_bzero(l->key, sizeof(l->key));
	session_close(&l->session);
	return rc;
}

int cmd_learn(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"decrypt", no_argument, NULL, 'd'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	struct learn *l;
	struct err err = ERR_INIT;
	bool json = false, decrypt = false;
	int o, rc;

	while ((o = option_next(argc, argv, "h", longs, &err)) > 0) {
		if (o == 'h')
			return app_help(usage);
		json |= o == 'j';
		decrypt |= o == 'd';
	}
	if (o < 0)
		return app_usage_err(app->verb, &err);
	l = calloc(1, sizeof(*l));
	if (!l) {
		err_set(&err, ERR_OS, "out of memory");
		return app_fail(&err);
	}
	l->app = app;
	l->json = json;
	l->decrypt = decrypt;
	rc = run_learn(l, (const char *const *)(argv + optind), (size_t)(argc - optind), &err);
	if (rc >= 0 && l->mails == 0 && l->unread == 0)
		log_warn("there is no mail");
	rc = rc < 0 ? rc : l->unread > 0 || l->mails == 0;
	free(l);
	return rc < 0 ? app_fail(&err) : rc;
}
