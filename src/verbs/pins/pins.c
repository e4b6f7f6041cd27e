/* SPDX-License-Identifier: ISC */
/* The verb pins: its help, its arguments, and the choice of the subcommand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "verbs/verbs.h"
#include "base/log.h"
#include "base/text.h"
#include "print/app.h"
#include "print/output.h"
#include "verbs/options.h"
#include "verbs/pins/decide.h"
#include "verbs/pins/move.h"
#include "verbs/pins/show.h"

#define FPR_WORDS 16 /* a fingerprint in groups of four digits */

static const char usage[] =
	"usage: sealpost pins list [--held] [--json]\n"
	"       sealpost pins show [--json] ADDRESS|DOMAIN\n"
	"       sealpost pins accept [--json] ADDRESS [FINGERPRINT]\n"
	"       sealpost pins accept [--json] --last\n"
	"       sealpost pins reject [--json] ADDRESS [FINGERPRINT]\n"
	"       sealpost pins verify [--json] ADDRESS FINGERPRINT\n"
	"       sealpost pins allow-clear [--json] ADDRESS|DOMAIN...\n"
	"       sealpost pins allow-clear [--json] --last\n"
	"       sealpost pins forget [--json] ADDRESS|DOMAIN...\n"
	"       sealpost pins log [--json] [ADDRESS|DOMAIN]\n"
	"       sealpost pins export [--cert-d FOLDER]\n"
	"       sealpost pins import FILE|FOLDER|-|--from-gnupg\n"
	"\n"
	"The pins: which certificate belongs to which address, and to whom clear text may\n"
	"be sent.\n"
	"\n"
	"  list         every pin; HELD marks a different certificate that waits for a\n"
	"               decision\n"
	"    --held     only those with one\n"
	"  show         one pin, and the certificate held beside it; with sealpost -v all\n"
	"               details\n"
	"  accept       make the held certificate the pin; or the one with FINGERPRINT,\n"
	"               if it was the pin once, was rejected or learnt, or is verified\n"
	"    --last     for the recipients of the last refusal\n"
	"  reject       never use the held certificate, or else the pin, for this address\n"
	"               again\n"
	"  verify       record that the owner confirmed FINGERPRINT, that of the pin\n"
	"  allow-clear  clear text may go there while there is no usable key; one that\n"
	"               appears later still wins. An ADDRESS always, in place of its pin;\n"
	"               a DOMAIN for its addresses without a pin, and only if it never\n"
	"               served a key\n"
	"    --last     for recipients of the last refusal without a usable key\n"
	"  forget       remove a pin or an allow-clear\n"
	"  log          the history of pins\n"
	"  export       write every pin as text, or to a certificate directory; see its\n"
	"               --help\n"
	"  import       add pins from elsewhere, without overriding any; see its --help\n"
	"\n"
	"  --json       one JSON object a line\n"
	"\n"
	"Exit status: 0 done, 1 nothing there or not done.\n";

struct lines {
	struct pins *p;
	size_t n;
	struct style style;
	int rc; /* of a write */
};

static int list_one(const struct pin *pin, void *arg)
{
	struct lines *l = arg;

	if (l->p->held && !pin->held)
		return 0;
	if (l->n++ == 0 && l->style.terminal && !l->p->json)
		pins_table_head(stdout, &l->style);
	if (l->p->json)
		l->rc = pins_list_json(stdout, pin);
	else if (l->style.terminal)
		pins_table_row(stdout, &l->style, pin);
	else
		pins_list_row(stdout, pin);
	return l->rc < 0 || ferror(stdout);
}

static int pins_list(struct pins *p, struct err *err)
{
	struct lines l = {.p = p, .style = style_of(stdout)};
	int rc = store_pin_each(p->store, list_one, &l, err);

	if (rc < 0)
		return rc;
	if (l.rc < 0)
		return out_failed(err, l.rc);
	if (l.n == 0)
		log_warn(p->held ? "nothing is held" : "there are no pins");
	return l.n == 0;
}

static int pins_show(struct pins *p, struct err *err)
{
	struct pins_target t;
	struct held *h = calloc(1, sizeof(*h));
	struct pin *pin = calloc(1, sizeof(*pin));
	char *evidence = NULL;
	struct learnt_known learnt = {.v = NULL};
	struct pins_shown shown = {
		.store = p->store, .pin = pin, .learnt = &learnt, .everything = p->app->verbose};
	int rc;

	rc = h && pin ? pins_target(p->argv[0], &t, err) : err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = store_pin_get(p->store, t.name, pin, err);
	if (rc >= 0 && learnt_read(p->store, t.name, (int64_t)time(NULL), &learnt, err) < 0)
		rc = err->code;
	if (rc == 0 && learnt.n == 0) {
		log_error("%s: there is no pin", t.name);
		rc = 1;
		goto out;
	}
	if (rc == 0)
		snprintf(pin->address, sizeof(pin->address), "%s", t.name);
	if (rc >= 0)
		rc = store_pin_evidence(p->store, t.name, &evidence, err);
	shown.evidence = evidence ? evidence : "";
	if (rc >= 0)
		rc = store_held_get(p->store, t.name, h, err);
	shown.held = rc > 0 ? h : NULL;
	if (rc >= 0)
		rc = p->json ? pins_show_json(stdout, &shown, err)
			     : pins_show_text(stdout, &shown, err);
out:
	learnt_known_free(&learnt);
	free(evidence);
	pin_free(pin);
	held_free(h);
	free(pin);
	free(h);
	return rc;
}

static int log_one(const struct log_line *line, void *arg)
{
	struct lines *l = arg;
	char when[TEXT_TIME_MAX] = "";
	struct out *o;

	l->n++;
	if (l->p->json) {
		o = out_new();
		out_time(o, "time", line->time);
		out_str(o, "address", line->address);
		out_str(o, "event", line->event);
		out_str(o, "fingerprint", line->fpr);
		out_str(o, "what", line->what);
		l->rc = out_print(o, stdout);
	} else {
		text_time(when, line->time);
		printf("%s ", when);
		out_safe(stdout, line->address[0] ? line->address : "-", 32);
		fputc(' ', stdout);
		out_safe(stdout, line->event, 0);
		fputs(line->fpr[0] ? " " : "", stdout);
		out_safe(stdout, line->fpr, 0);
		fputs(line->what[0] ? " " : "", stdout);
		out_safe(stdout, line->what, 0);
		fputc('\n', stdout);
	}
	return l->rc < 0 || ferror(stdout);
}

static int pins_log(struct pins *p, struct err *err)
{
	struct lines l = {.p = p};
	struct pins_target t;
	int rc = p->argc > 0 ? pins_target(p->argv[0], &t, err) : 0;

	if (rc == 0)
		rc = store_log_each(p->store, p->argc > 0 ? t.name : NULL, log_one, &l, err);
	if (rc < 0)
		return rc;
	if (l.rc < 0)
		return out_failed(err, l.rc);
	if (l.n == 0)
		log_warn("there is nothing in the log");
	return l.n == 0;
}

static const struct sub {
	const char *name;
	int (*run)(struct pins *p, struct err *err); /* 0, 1, or an error */
	int min, max;                                /* arguments; of max -1, any number */
	bool writes, json, last, held;
} subs[] = {
	{.name = "list", .run = pins_list, .json = true, .held = true},
	{.name = "show", .run = pins_show, .min = 1, .max = 1, .json = true},
	{.name = "accept",
		.run = pins_accept,
		.min = 1,
		.max = 1 + FPR_WORDS,
		.writes = true,
		.json = true,
		.last = true},
	{.name = "reject",
		.run = pins_reject,
		.min = 1,
		.max = 1 + FPR_WORDS,
		.writes = true,
		.json = true},
	{.name = "verify",
		.run = pins_verify,
		.min = 2,
		.max = 1 + FPR_WORDS,
		.writes = true,
		.json = true},
	{.name = "allow-clear",
		.run = pins_allow_clear,
		.min = 1,
		.max = -1,
		.writes = true,
		.json = true,
		.last = true},
	{.name = "forget", .run = pins_forget, .min = 1, .max = -1, .writes = true, .json = true},
	{.name = "log", .run = pins_log, .max = 1, .json = true},
};

static const struct sub *find_sub(const char *name)
{
	size_t i;

	for (i = 0; name && i < sizeof(subs) / sizeof(subs[0]); i++) {
		if (strcmp(subs[i].name, name) == 0)
			return &subs[i];
	}
	return NULL;
}

static int unknown_sub(const char *word)
{
	const char *names[sizeof(subs) / sizeof(subs[0]) + 3];
	size_t i;

	for (i = 0; i < sizeof(subs) / sizeof(subs[0]); i++)
		names[i] = subs[i].name;
	names[i++] = "export";
	names[i++] = "import";
	names[i] = NULL;
	return app_unknown("pins", "command", word, names);
}

/* Opens the store, runs the subcommand, and checks that its output was written. Returns the exit
 * status. */
static int run_pins(struct pins *p, const struct sub *sub)
{
	struct err err = ERR_INIT;
	int rc = store_open(&p->store, p->app->conf.data_dir, !sub->writes, &err);

	if (rc == 0)
		rc = sub->run(p, &err);
	if (rc >= 0 && out_finish() < 0)
		rc = out_failed(&err, ERR_IO);
	store_close(p->store);
	if (rc == ERR_USAGE)
		return app_usage_err(p->app->verb, &err);
	return rc < 0 ? app_fail(&err) : rc;
}

int cmd_pins(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"last", no_argument, NULL, 'l'}, {"held", no_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'}, {"cert-d", required_argument, NULL, 'x'},
		{"from-gnupg", no_argument, NULL, 'x'}, {NULL, 0, NULL, 0}};
	struct pins p = {.app = app};
	struct err err = ERR_INIT;
	const struct sub *sub;
	int c;

	/* These two have options of their own, and a sandbox. */
	if (argc > 1 && strcmp(argv[1], "export") == 0)
		return pins_export(app, argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "import") == 0)
		return pins_import(app, argc - 1, argv + 1);
	optind = 0;
	while ((c = option_next(argc, argv, "h", longs, &err)) > 0) {
		if (c == 'h')
			return app_help(usage);
		if (c == 'x')
			return app_usage(
				app->verb, "pins: export and import come before their options");
		p.json |= c == 'j';
		p.last |= c == 'l';
		p.held |= c == 'd';
	}
	if (c < 0)
		return app_usage_err(app->verb, &err);
	if (optind == argc)
		return app_usage(app->verb,
			"pins: list, show, accept, reject, verify, allow-clear, "
			"forget, log, export or import?");
	sub = find_sub(argv[optind]);
	if (!sub)
		return unknown_sub(argv[optind]);
	p.argc = argc - optind - 1;
	p.argv = argv + optind + 1;
	if ((p.json && !sub->json) || (p.last && !sub->last) || (p.held && !sub->held))
		return app_usage(app->verb, "pins %s: does not take %s", sub->name,
			p.json && !sub->json   ? "--json"
			: p.last && !sub->last ? "--last"
					       : "--held");
	if (p.last ? p.argc > 0 : p.argc < sub->min || (sub->max >= 0 && p.argc > sub->max))
		return app_usage(app->verb, "pins %s: %s", sub->name,
			p.argc >= sub->min ? "too many arguments"
			: p.argc > 0       ? "the fingerprint is missing"
					   : "an address is missing");
	return run_pins(&p, sub);
}
