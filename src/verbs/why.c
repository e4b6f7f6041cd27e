/* SPDX-License-Identifier: ISC */
/* The verb why: the last refusals, or what was sent and how. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verbs/verbs.h"
#include "base/log.h"
#include "base/text.h"
#include "print/app.h"
#include "print/output.h"
#include "print/term.h"
#include "store/handed.h"
#include "verbs/options.h"

#define SHOWN_DEFAULT 5
#define SHOWN_MAX 1000

static const char usage[] =
	"usage: sealpost why [-n N] [--sent] [--json]\n"
	"\n"
	"Shows the last refusals, the newest first: when, for which recipient, why, and\n"
	"what to do. For mail programs that do not show the output of sealpost.\n"
	"\n"
	"  -n N     at most N of them (5)\n"
	"  --sent   what was handed over instead: for each recipient whether it was\n"
	"           sealed, with which key, or why it went in clear\n"
	"  --json   one JSON object a line\n"
	"\n"
	"Exit status: 0, or 1 if there is nothing to show.\n";

struct why {
	bool json, sent;
	struct style style;
	int max;
	size_t n;
	int rc; /* of a write */
};

static const char *meaning(const struct refusal *r)
{
	static const struct {
		int status;
		const char *meaning;
	} table[] = {{64, "usage"}, {65, "the message cannot be parsed"},
		{68, "the domain accepts no mail"}, {69, "policy refuses"},
		{70, "a check of sealpost's own failed"}, {71, "system error"},
		{73, "state cannot be created"}, {74, "reading or writing failed"},
		{75, "cannot tell now, try again"}, {77, "differs from the pin"},
		{78, "configuration"}};
	size_t i;

	if (r->mta)
		return "by the mail transfer agent";
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].status == r->exit)
			return table[i].meaning;
	}
	return "not sent";
}

static int print_refusal_json(const struct refusal *r)
{
	struct out *o = out_new(), *item;
	size_t i;

	out_time(o, "time", r->time);
	out_int(o, "exit", r->exit);
	out_str(o, "meaning", meaning(r));
	out_str(o, "sender", r->sender);
	out_array(o, "recipients");
	for (i = 0; i < r->n_rcpt; i++) {
		item = out_item(o, "recipients");
		out_str(item, "address", r->rcpt[i].address);
		out_str(item, "reason", r->rcpt[i].reason);
	}
	out_str(o, "hint", r->hint);
	return out_print(o, stdout);
}

static void print_refusal_text(const struct style *t, const struct refusal *r)
{
	struct buf head = BUF_INIT(2 * ADDR_TEXT_MAX);
	char when[TEXT_TIME_MAX] = "";
	size_t i;
	int at;

	text_time(when, r->time);
	printf("%s ", when);
	if (buf_addf(&head, "not sent (%d, %s)%s%s", r->exit, meaning(r),
		    r->sender[0] ? ", from " : "", r->sender) == 0)
		term_text(stdout, t, buf_str(&head), (int)strlen(when) + 1, 4);
	buf_free(&head);
	fputc('\n', stdout);
	for (i = 0; i < r->n_rcpt; i++) {
		fputs("  ", stdout);
		at = 2;
		if (r->rcpt[i].address[0]) {
			out_safe(stdout, r->rcpt[i].address, 0);
			fputs(": ", stdout);
			at += term_columns(r->rcpt[i].address) + 2;
		}
		term_text(stdout, t, r->rcpt[i].reason, at, 4);
		fputc('\n', stdout);
	}
	if (r->hint[0]) {
		fputs("  hint: ", stdout);
		out_safe(stdout, r->hint, 0);
		fputc('\n', stdout);
	}
}

static int show_refusal(const struct refusal *r, void *arg)
{
	struct why *w = arg;

	w->n++;
	if (w->json)
		w->rc = print_refusal_json(r);
	else
		print_refusal_text(&w->style, r);
	return w->rc < 0 || ferror(stdout);
}

/* The result of a recipient's copy: for people, for programs. */
static const struct {
	const char *text, *json;
	enum style_tone tone;
} result_of_copy[] = {[HANDED_SEALED] = {"sealed", "sealed", TONE_GOOD},
	[HANDED_CLEAR] = {"clear", "clear", TONE_DOUBT},
	[HANDED_AS_IT_WAS] = {"passed on, encrypted already", "passed-on", TONE_GOOD},
	[HANDED_QUEUED] = {"queued", "queued", TONE_DOUBT},
	[HANDED_BEFORE] = {"not handed over again, within the hour", "before", TONE_DIM}};

_Static_assert(
	sizeof(result_of_copy) / sizeof(result_of_copy[0]) == HANDED_BEFORE + 1, "words for each");

/* Calls fn for each fingerprint in what, which has blanks between them. */
static void each_fpr(const char *what, void (*fn)(const char *fpr, void *arg), void *arg)
{
	char fpr[CONF_FPR_MAX];
	size_t len;

	for (; *what; what += len + (what[len] != '\0')) {
		len = strcspn(what, " ");
		snprintf(fpr, sizeof(fpr), "%.*s", (int)len, what);
		fn(fpr, arg);
	}
}

static void add_fpr_json(const char *fpr, void *arg)
{
	struct out *item = arg;

	out_item_str(item, "fingerprints", fpr);
}

static int print_handed_json(const struct handed *h)
{
	struct out *o = out_new(), *item;
	size_t i;

	out_time(o, "time", h->time);
	out_str(o, "sender", h->sender);
	out_array(o, "recipients");
	for (i = 0; i < h->n_rcpt; i++) {
		const struct handed_rcpt *r = &h->rcpt[i];

		item = out_item(o, "recipients");
		out_str(item, "address", r->address);
		out_str(item, "result", result_of_copy[r->how].json);
		out_array(item, "fingerprints");
		if (r->how == HANDED_SEALED)
			each_fpr(r->what, add_fpr_json, item);
		out_str(item, "reason", r->how == HANDED_SEALED ? "" : r->what);
	}
	out_str(o, "note", h->note);
	return out_print(o, stdout);
}

static void print_fpr(const char *fpr, void *arg)
{
	const struct why *w = arg;
	char text[STYLE_FPR_MAX];

	style_fpr(&w->style, fpr, text);
	printf(w->style.terminal ? "\n    %s" : " %s", text);
}

/* Why, in parentheses, behind what became of a copy. */
static void print_handed_reason(const struct why *w, const struct handed_rcpt *r)
{
	struct buf text = BUF_INIT(2 * sizeof(r->what));
	int at = 2 + term_columns(r->address) + 2 + (int)strlen(result_of_copy[r->how].text) + 1;

	if (w->style.width > 0 && w->style.width - at < TERM_NARROW) {
		at = 4;
		printf("\n%*s", at, "");
	} else {
		putchar(' ');
	}
	if (buf_addf(&text, "(%s)", r->what) == 0)
		term_text(stdout, &w->style, buf_str(&text), at, 4);
	buf_free(&text);
}

static void print_handed_rcpt(const struct why *w, const struct handed_rcpt *r)
{
	fputs("  ", stdout);
	out_safe(stdout, r->address, 0);
	fputs(": ", stdout);
	style_print(stdout, &w->style, result_of_copy[r->how].tone, result_of_copy[r->how].text, 0);
	if (r->how == HANDED_SEALED)
		each_fpr(r->what, print_fpr, (void *)(uintptr_t)w);
	else if (r->what[0] != '\0')
		print_handed_reason(w, r);
	fputc('\n', stdout);
}

static void print_handed_text(const struct why *w, const struct handed *h)
{
	char when[TEXT_TIME_MAX] = "";
	size_t i;

	text_time(when, h->time);
	fputs(when, stdout);
	if (h->sender[0]) {
		fputs(" from ", stdout);
		out_safe(stdout, h->sender, 0);
	}
	fputc('\n', stdout);
	for (i = 0; i < h->n_rcpt; i++)
		print_handed_rcpt(w, &h->rcpt[i]);
	if (h->note[0]) {
		fputs("  note: ", stdout);
		term_text(stdout, &w->style, h->note, 8, 4);
		fputc('\n', stdout);
	}
}

static int one_handed(const struct handed *h, void *arg)
{
	struct why *w = arg;

	w->n++;
	if (w->json)
		w->rc = print_handed_json(h);
	else
		print_handed_text(w, h);
	return w->rc < 0 || ferror(stdout);
}

static int run_why(struct app *app, struct why *w, struct err *err)
{
	struct store *s = NULL;
	int rc = store_open(&s, app->conf.data_dir, true, err);

	w->style = style_of(stdout);
	if (rc == 0 && w->sent)
		rc = store_handed_each(s, w->max, one_handed, w, err);
	else if (rc == 0)
		rc = store_refusal_each(s, w->max, show_refusal, w, err);
	store_close(s);
	if (rc == 0 && (w->rc < 0 || out_finish() < 0))
		rc = out_failed(err, ERR_IO);
	if (rc == 0 && w->n == 0)
		log_warn(w->sent ? "nothing has been handed over" : "nothing has been refused");
	return rc < 0 ? rc : w->n == 0;
}

/* A count from the command line; -1 when it is none. */
static int parse_count(const char *s)
{
	char *end;
	long v = s[0] >= '0' && s[0] <= '9' ? strtol(s, &end, 10) : 0;

	return v < 1 || *end != '\0' ? -1 : v > SHOWN_MAX ? SHOWN_MAX : (int)v;
}

int cmd_why(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"sent", no_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	struct why w = {.max = SHOWN_DEFAULT};
	struct err err = ERR_INIT;
	int c, rc;

	while ((c = option_next(argc, argv, "hn:", longs, &err)) > 0) {
		if (c == 'h')
			return app_help(usage);
		w.json |= c == 'j';
		w.sent |= c == 's';
		if (c == 'n')
			w.max = parse_count(optarg);
	}
	if (c < 0)
		return app_usage_err(app->verb, &err);
	if (w.max < 0)
		return app_usage(app->verb, "why -n: needs a number from 1");
	if (optind < argc)
		return app_usage(app->verb, "why: takes no arguments");
	rc = run_why(app, &w, &err);
	return rc < 0 ? app_fail(&err) : rc;
}
