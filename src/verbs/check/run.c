/* SPDX-License-Identifier: ISC */
#include "verbs/check/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text_file.h"
#include "discovery/discover.h"
#include "print/ordered.h"
#include "print/output.h"
#include "print/progress.h"
#include "process/session.h"
#include "transport/transport.h"
#include "verbs/check/changes.h"
#include "verbs/check/facts.h"
#include "verbs/check/html.h"
#include "verbs/check/output.h"
#include "verbs/check/own.h"
#include "verbs/check/postfix.h"
#include "verbs/check/rows.h"

#define CHUNK 1024 /* names at the same time */

struct check_round {
	struct check *c;
	struct session s;
	struct transport *t;       /* those that are being worked on */
	struct finding *key;       /* of the addresses among them */
	struct ordered out;        /* JSON and CSV */
	struct check_row *row;     /* text and HTML, of all names */
	char **section;            /* HTML, likewise */
	struct watch_facts *facts; /* --changes: of the names that are worked on */
	char (*own)[CONF_FPR_MAX]; /* --changes: of all names */
	size_t n_unasked;          /* --changes: those that could not be asked */
	bool said;                 /* --changes: there is something */
	struct progress progress;
	size_t first; /* of the chunk */
	size_t n_done;
	int status; /* the highest so far */
};

/* The key's line stands first among those of the keys. */
static void page_key(struct check_page *p, const struct finding *key)
{
	static const enum check_level level[] = {[KEY_USABLE] = LEVEL_OK,
		[KEY_ABSENT_PROVED] = LEVEL_NOTE,
		[KEY_ABSENT_UNPROVED] = LEVEL_NOTE,
		[KEY_UNUSABLE] = LEVEL_BAD,
		[KEY_UNKNOWN] = LEVEL_UNKNOWN,
		[KEY_CONFLICT] = LEVEL_BAD};
	struct check_line l = {.group = GROUP_KEYS, .level = level[key->status]};

	page_add(p, &l, key->addr->name, NULL, "%s%s%s: %s", key_status_name(key->status),
		key->cert.fpr[0] ? " " : "", key->cert.fpr, key->reason);
}

static int make_page(struct check_page *p, const struct check_reply *r,
	const struct protection *bound, const struct finding *key, struct err *err)
{
	bool cause = page_cause(p, r);

	if (!cause)
		page_transport(p, r, bound);
	if (key)
		page_key(p, key);
	if (!cause) {
		page_keys(p, r);
		page_certificates(p, r);
	}
	return p->failed ? err_set(err, ERR_OS, "out of memory") : 0;
}

/* JSON and CSV: in the order of the names, each as soon as all before it are done. */
static int put_in_turn(struct check_round *x, size_t i, const struct check_reply *r,
	const struct protection *bound, const struct check_page *p, const struct finding *key,
	struct err *err)
{
	struct text_file t;
	FILE *f = text_file_open(&t);
	char *text = NULL;
	size_t len;
	int rc = 0;

	if (f && x->c->form == CHECK_FORM_JSON)
		rc = check_print_json(f, r, bound, p, key);
	else if (f)
		check_csv_row(f, check_name_text(&x->c->name[x->first + i]), r, bound, p);
	if (f)
		text = text_file_close(&t, f, &len);
	if (!text || rc < 0) {
		free(text);
		return err_set(err, ERR_OS, "out of memory");
	}
	progress_clear(&x->progress, x->n_done);
	return ordered_put(&x->out, i, STDOUT_FILENO, text, len, err);
}

/* The line of Postfix' table, in the order of the names. */
static int put_policy(struct check_round *x, size_t i, const struct check_reply *r,
	const struct protection *bound, struct err *err)
{
	struct buf line = BUF_INIT(POSTFIX_LINE_MAX);
	char *text;

	if (postfix_line(&line, r, bound) < 0 || !(text = strdup(buf_str(&line)))) {
		buf_free(&line);
		return err_set(err, ERR_OS, "out of memory");
	}
	buf_free(&line);
	progress_clear(&x->progress, x->n_done);
	return ordered_put(&x->out, i, STDOUT_FILENO, text, strlen(text), err);
}

/* Its line in the overview, and its section; printed once all are done. */
static int put_section(struct check_round *x, size_t i, const struct check_reply *r,
	const struct protection *bound, const struct check_page *p, struct err *err)
{
	const size_t at = x->first + i;
	struct text_file t;
	FILE *f = text_file_open(&t);
	int rc = f ? check_row_set(&x->row[at], check_name_text(&x->c->name[at]), r, bound, p) : -1;

	if (f)
		check_html_section(f, check_name_text(&x->c->name[at]), r, bound, p);
	if (f)
		x->section[at] = text_file_close(&t, f, NULL);
	if (!x->section[at])
		rc = -1;
	progress_clear(&x->progress, x->n_done);
	return rc < 0 ? err_set(err, ERR_OS, "out of memory") : 0;
}

static int tell_one(struct check_round *x, size_t i, const struct check_reply *r,
	const struct protection *bound, const struct finding *key, struct err *err)
{
	const int one = check_exit(r, bound);
	struct check_page p = {.n = 0};
	int rc;

	x->n_done++;
	if (x->c->mode == CHECK_MODE_CHANGES) {
		check_facts(&x->facts[i], r, bound, key, x->own[x->first + i]);
		if (r->failed[0] != '\0' || watch_incomplete(&x->facts[i])) {
			x->n_unasked++;
			log_info("%s: could not be asked about everything; that is neither gone "
				 "nor changed",
				check_name_text(&x->c->name[x->first + i]));
		}
		progress_clear(&x->progress, x->n_done);
		return 0;
	}
	x->status = one > x->status ? one : x->status;
	if (x->c->mode == CHECK_MODE_POSTFIX)
		return put_policy(x, i, r, bound, err);
	rc = make_page(&p, r, bound, key, err);
	if (rc == 0 && x->c->form == CHECK_FORM_HTML) {
		rc = put_section(x, i, r, bound, &p, err);
	} else if (rc == 0 && x->c->form != CHECK_FORM_TEXT) {
		rc = put_in_turn(x, i, r, bound, &p, key, err);
	} else if (rc == 0 && x->c->n == 1) {
		check_print_text(stdout, r, bound, &p);
	} else if (rc == 0) {
		progress_clear(&x->progress, x->n_done);
		rc = check_row_set(&x->row[x->first + i],
			check_name_text(&x->c->name[x->first + i]), r, bound, &p);
		rc = rc < 0 ? err_set(err, ERR_OS, "out of memory") : 0;
	}
	page_free(&p);
	return rc;
}

/* The key of an address, which has been looked up by then. */
static struct finding *key_at(const struct check_round *x, size_t i)
{
	return x->c->name[x->first + i].is_address ? &x->key[i] : NULL;
}

static int on_answer(void *arg, struct transport *t, struct err *err)
{
	struct check_round *x = arg;
	size_t i = (size_t)(t - x->t);
	int rc = tell_one(x, i, &t->reply, &t->protection, key_at(x, i), err);

	transport_drop(t);
	return rc;
}

/* sealpost-net gave no answer: nothing is known. */
static int unanswered(struct check_round *x, size_t i, struct err *err)
{
	struct check_reply bare = {.domain = x->t[i].q.domain,
		.failed = x->t[i].why,
		.exists = CHECK_UNKNOWN,
		.mx_outcome = CHECK_UNKNOWN,
		.wkd_outcome = CHECK_UNKNOWN};
	struct check_reply whole;
	struct protection bound;
	struct wr w = WR_INIT;
	struct rd rd;
	int rc;

	bare.sts.txt = bare.sts.policy = bare.tlsrpt.outcome = bare.openpgpkey.zone = CHECK_UNKNOWN;
	check_reply_write(&w, &bare); /* no text of what is read is NULL */
	rd_init(&rd, w.b.p, w.b.len);
	rc = w.bad ? err_set(err, ERR_OS, "out of memory") : check_reply_read(&rd, &whole, err);
	wr_free(&w);
	if (rc < 0)
		return rc;
	protection_decide(&whole, &bound);
	rc = tell_one(x, i, &whole, &bound, key_at(x, i), err);
	check_reply_free(&whole);
	return rc;
}

static int set_questions(struct check_round *x, size_t n, bool *keys, struct err *err)
{
	size_t i;

	*keys = false;
	for (i = 0; i < n; i++)
		*keys |= x->c->name[x->first + i].is_address;
	x->t = calloc(n, sizeof(*x->t));
	x->key = *keys ? calloc(n, sizeof(*x->key)) : NULL;
	if (!x->t || (*keys && !x->key))
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < n; i++) {
		const struct check_name *name = &x->c->name[x->first + i];
		struct check_request *q = &x->t[i].q;

		q->want = CHECK_TRANSPORT | CHECK_KEYS | CHECK_REST | (x->c->live ? CHECK_LIVE : 0);
		q->port = x->c->port;
		memcpy(q->domain, name->domain, sizeof(q->domain));
		if (*keys)
			x->key[i] =
				(struct finding){.addr = &name->addr, .wanted = name->is_address};
		if (name->is_address)
			memcpy(q->address, name->addr.name, sizeof(q->address));
	}
	return 0;
}

/* Concurrently: keys are looked up while the domains are checked. */
static int ask_chunk(struct check_round *x, struct app *app, size_t n, struct err *err)
{
	struct discover d = {.app = app,
		.runner = &x->s.runner,
		.store = x->s.store,
		.keyservers = true,
		.fresh = x->c->mode == CHECK_MODE_CHANGES};
	struct transport_round round;
	bool keys;
	int rc = set_questions(x, n, &keys, err);

	if (rc < 0)
		return rc;
	rc = transport_begin(&round, app, &x->s.runner, x->s.store, x->t, n, err);
	round.done = on_answer;
	round.arg = x;
	if (rc == 0 && keys)
		rc = discover_all(&d, x->key, n, err);
	if (rc == 0)
		return transport_end(&round, !x->s.readonly, err);
	transport_cancel(&round);
	return rc;
}

/* In the order of the names. */
static int tell_changes(struct check_round *x, size_t n, struct err *err)
{
	const int64_t now = (int64_t)time(NULL);
	struct changes c;
	size_t i;
	int rc = 0;

	for (i = 0; i < n && rc == 0; i++) {
		const char *name = check_name_text(&x->c->name[x->first + i]);

		rc = changes_tell(x->s.store, name, &x->facts[i], now,
			x->c->form == CHECK_FORM_JSON, &c, err);
		x->said |= rc == 0 && c.n_alarm + c.n_changed > 0;
		if (rc == 0 && c.first)
			log_info("%s: remembered; there was nothing to compare it with", name);
	}
	return rc;
}

/* n, at most CHUNK, of the names from first on. */
static int run_names(struct check_round *x, struct app *app, size_t n, struct err *err)
{
	size_t i;
	int rc = ordered_init(&x->out, n, err);

	x->facts = calloc(n, sizeof(*x->facts));
	if (rc == 0 && !x->facts)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = ask_chunk(x, app, n, err);
	for (i = 0; rc == 0 && i < n; i++) {
		if (x->t[i].answered)
			continue;
		rc = x->c->n == 1 && x->c->mode == CHECK_MODE_PAGE && x->c->form == CHECK_FORM_TEXT
			     ? err_set(err, ERR_TEMP, "%s: %s", x->t[i].q.domain, x->t[i].why)
			     : unanswered(x, i, err);
	}
	if (rc == 0 && x->c->mode == CHECK_MODE_CHANGES)
		rc = tell_changes(x, n, err);
	for (i = 0; x->facts && i < n; i++)
		watch_free(&x->facts[i]);
	free(x->facts);
	x->facts = NULL;
	for (i = 0; x->t && i < n; i++)
		transport_free(&x->t[i]);
	free(x->t);
	findings_free(x->key, n);
	x->t = NULL;
	x->key = NULL;
	ordered_free(&x->out);
	return rc;
}

/* 0, or 1 if nothing is known about any. */
static int print_history(struct check_round *x, struct err *err)
{
	int n = 0, rc = 0;
	size_t i;

	for (i = 0; i < x->c->n && rc >= 0; i++) {
		const char *name = check_name_text(&x->c->name[i]);

		rc = changes_history(x->s.store, name, x->c->form == CHECK_FORM_JSON, err);
		n += rc > 0 ? rc : 0;
		if (rc == 0)
			log_warn("%s: --changes has said nothing of it yet", name);
	}
	return rc < 0 ? rc : n == 0;
}

/* All names, chunk by chunk; the exit status. */
static int ask_all_names(struct check_round *x, struct app *app, struct err *err)
{
	size_t n;
	int rc = 0;

	if (x->c->form == CHECK_FORM_CSV)
		check_csv_head(stdout);
	if (out_finish() < 0)
		return out_failed(err, ERR_IO);
	progress_start(&x->progress, "check", x->c->n > 1 ? x->c->n : 0);
	for (; rc == 0 && x->first < x->c->n; x->first += n) {
		n = x->c->n - x->first < CHUNK ? x->c->n - x->first : CHUNK;
		rc = run_names(x, app, n, err);
	}
	progress_stop(&x->progress);
	if (rc == 0 && x->c->mode == CHECK_MODE_PAGE && x->c->form == CHECK_FORM_TEXT &&
		x->c->n > 1 && check_rows_print(stdout, x->row, x->c->n) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0 && x->c->form == CHECK_FORM_HTML &&
		check_html_page(stdout, x->row, x->section, x->c->n) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0 && x->n_unasked > 0)
		log_warn("%zu of %zu could not be asked about everything (sealpost -v says which)",
			x->n_unasked, x->c->n);
	if (x->c->mode == CHECK_MODE_CHANGES)
		x->status = x->said ? 1 : x->n_unasked > 0 ? 75 : 0;
	return rc < 0 ? rc : x->status;
}

/* The session is open. */
static int run_mode(struct check_round *x, struct app *app, struct err *err)
{
	int rc = 0;

	if (x->c->mine)
		rc = own_names(x->c, &x->s, &app->conf, err);
	if (rc == 0)
		rc = check_names_once(x->c, err);
	if (rc == 0 && x->c->mode == CHECK_MODE_HISTORY)
		return print_history(x, err);
	if (rc == 0 && x->c->mode == CHECK_MODE_CHANGES)
		rc = own_fingerprints(x->c, &x->s, &x->own, err);
	x->row = calloc(x->c->n + 1, sizeof(*x->row));
	x->section = calloc(x->c->n + 1, sizeof(*x->section));
	if (rc == 0 && (!x->row || !x->section))
		rc = err_set(err, ERR_OS, "out of memory");
	return rc == 0 ? ask_all_names(x, app, err) : rc;
}

int check_run(struct app *app, struct check *c, struct err *err)
{
	const bool past = c->mode == CHECK_MODE_HISTORY;
	const struct session_opts opts = {.runner = !past,
		.readonly = past,
		.may_be_readonly = c->mode != CHECK_MODE_CHANGES};
	struct check_round x = {.c = c};
	size_t i;
	int rc = session_open(&x.s, app, &opts, err);

	if (rc < 0)
		return rc;
	rc = run_mode(&x, app, err);
	if (rc >= 0 && out_finish() < 0)
		rc = out_failed(err, ERR_IO);
	check_rows_free(x.row, x.row ? c->n : 0);
	for (i = 0; x.section && i < c->n; i++)
		free(x.section[i]);
	free(x.section);
	free(x.own);
	session_close(&x.s);
	return rc;
}
