#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app.h"
#include "base/log.h"
#include "base/text.h"
#include "output.h"
#include "pins_show.h"
#include "quote.h"

static const char usage[] =
	"usage: sealpost pins list [--json]\n"
	"       sealpost pins show [--json] ADDRESS|DOMAIN\n"
	"       sealpost pins allow-clear ADDRESS|DOMAIN...\n"
	"       sealpost pins allow-clear --last\n"
	"       sealpost pins forget ADDRESS|DOMAIN...\n"
	"       sealpost pins log [--json] [ADDRESS|DOMAIN]\n"
	"\n"
	"The pins: which certificate belongs to which address, and where clear text may go.\n"
	"\n"
	"  list         every pin; HELD marks a different certificate that waits for a decision\n"
	"  show         all that is known of one, with the evidence, and what is held beside it\n"
	"  allow-clear  clear text may go there while there is no usable key; one that appears\n"
	"               later still wins. An ADDRESS always, in place of its pin; a DOMAIN for\n"
	"               its addresses without a pin, and only if it never served a key\n"
	"    --last     for whom the last refusal named as unknown, absent or unusable\n"
	"  forget       takes a pin or an allow-clear away\n"
	"  log          what happened to pins\n"
	"\n"
	"  --json       one JSON object a line\n"
	"\n"
	"Exit status: 0 done, 1 nothing there or not done.\n";

struct pins {
	struct app *app;
	bool json, last;
	int argc; /* what follows the subcommand */
	char **argv;
	struct store *store;
};

struct target {
	char name[ADDR_TEXT_MAX + 1]; /* as pins are kept */
	char domain[ADDR_DOMAIN_MAX + 1];
	bool whole; /* the domain as a whole */
};

/*
 * An address; a domain (with a dot, or behind an @); a word with neither is a local recipient.
 * ERR_USAGE.
 */
static int parse_target(const char *s, struct target *t, struct err *err)
{
	struct err why = ERR_INIT;
	struct addr a;
	int rc;

	memset(t, 0, sizeof(*t));
	t->whole = s[0] == '@' || (!strchr(s, '@') && strchr(s, '.'));
	if (t->whole) {
		rc = addr_domain(s + (s[0] == '@'), t->domain, &why);
		if (rc == 0 && !strchr(t->domain, '.'))
			rc = err_set(&why, ERR_USAGE, "the domain has no dot");
		memcpy(t->name, t->domain, sizeof(t->domain));
	} else {
		rc = addr_parse(s, &a, &why);
		if (rc == 0) {
			memcpy(t->name, a.name, sizeof(t->name));
			memcpy(t->domain, a.domain, sizeof(t->domain));
		}
	}
	return rc < 0 ? err_set(err, ERR_USAGE, "%.300s: %.600s", s, why.msg) : 0;
}

/* "TEXT sealpost pins forget NAME", or nothing where the name cannot be pasted. */
static void print_undo(const char *name)
{
	char word[ERR_HINT_MAX];

	if (quote_shell(word, sizeof(word), name) < 0)
		return;
	fputs("undo: sealpost pins forget ", stdout);
	out_safe(stdout, word, 0);
	fputc('\n', stdout);
}

struct lines {
	struct pins *p;
	size_t n;
	bool head;
	int rc; /* of a write */
};

static int list_one(const struct pin *pin, void *arg)
{
	struct lines *l = arg;

	if (l->n++ == 0 && l->head)
		pins_list_head(stdout);
	if (l->p->json)
		l->rc = pins_list_json(stdout, pin);
	else
		pins_list_row(stdout, pin);
	return l->rc < 0 || ferror(stdout);
}

static int pins_list(struct pins *p, struct err *err)
{
	struct lines l = {.p = p, .head = !p->json && isatty(STDOUT_FILENO)};
	int rc = store_pin_each(p->store, list_one, &l, err);

	if (rc < 0)
		return rc;
	if (l.rc < 0)
		return err_set(err, l.rc, "standard output: writing failed");
	if (l.n == 0)
		log_warn("there are no pins");
	return l.n == 0;
}

static int pins_show(struct pins *p, struct err *err)
{
	struct target t;
	struct held *h = calloc(1, sizeof(*h));
	struct pin *pin = calloc(1, sizeof(*pin));
	int held = 0, rc;

	rc = h && pin ? parse_target(p->argv[0], &t, err) : err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = store_pin_get(p->store, t.name, pin, err);
	if (rc == 0) {
		log_warn("%s: there is no pin", t.name);
		rc = 1;
		goto out;
	}
	if (rc > 0)
		rc = held = store_held_get(p->store, t.name, h, err);
	if (rc >= 0)
		rc = p->json ? pins_show_json(stdout, p->store, pin, held ? h : NULL, err)
			     : pins_show_text(stdout, p->store, pin, held ? h : NULL, err);
out:
	pin_free(pin);
	held_free(h);
	free(pin);
	free(h);
	return rc;
}

/* All arguments are understood before anything is done. */
static int check_targets(struct pins *p, struct err *err)
{
	struct target t;
	int i, rc = 0;

	for (i = 0; i < p->argc && rc == 0; i++)
		rc = parse_target(p->argv[i], &t, err);
	return rc;
}

static int pins_forget(struct pins *p, struct err *err)
{
	struct target t;
	int i, rc, missing = 0;

	rc = check_targets(p, err);
	for (i = 0; i < p->argc && rc >= 0; i++) {
		rc = parse_target(p->argv[i], &t, err);
		if (rc == 0)
			rc = store_pin_forget(p->store, t.name, err);
		if (rc > 0) {
			out_safe(stdout, t.name, 0);
			fputs(": forgotten\n", stdout);
		} else if (rc == 0) {
			log_warn("%s: there is no pin", t.name);
			missing = 1;
		}
	}
	return rc < 0 ? rc : missing;
}

/* Writes the allow-clear for an exact address, in place of its pin. */
static int allow_address(struct pins *p, const struct target *t, struct err *err)
{
	struct pin *old = calloc(2, sizeof(*old));
	struct pin *clear = old ? old + 1 : NULL;
	char what[128];
	int rc;

	if (!old)
		return err_set(err, ERR_OS, "out of memory");
	rc = store_pin_get(p->store, t->name, old, err);
	if (rc < 0)
		goto out;
	memcpy(clear->address, t->name, sizeof(clear->address));
	clear->state = PIN_CLEAR;
	rc = store_pin_put(p->store, clear, "allow-clear", err);
	if (rc == 0 && old->fpr[0]) {
		snprintf(what, sizeof(what), "in place of %s", old->fpr);
		rc = store_log(p->store, t->name, "unpinned", what, err);
	}
	if (rc < 0)
		goto out;
	out_safe(stdout, t->name, 0);
	fputs(": clear text is allowed while no usable key is found", stdout);
	if (old->fpr[0])
		printf("; its pin %s is gone", old->fpr);
	fputc('\n', stdout);
	print_undo(t->name);
out:
	pin_free(old);
	free(old);
	return rc;
}

/* For a domain as a whole: not where a key was ever served. 1: not done. */
static int allow_domain(struct pins *p, const struct target *t, struct err *err)
{
	struct pin *clear;
	int rc = store_domain_served(p->store, t->domain, err);

	if (rc < 0)
		return rc;
	if (rc > 0) {
		log_warn("%s: has served a key, so clear text is allowed by exact address only",
			t->domain);
		fputs("hint: sealpost pins allow-clear ADDRESS\n", stderr);
		return 1;
	}
	clear = calloc(1, sizeof(*clear));
	if (!clear)
		return err_set(err, ERR_OS, "out of memory");
	memcpy(clear->address, t->name, sizeof(clear->address));
	clear->state = PIN_CLEAR;
	rc = store_pin_put(p->store, clear, "allow-clear", err);
	free(clear);
	if (rc < 0)
		return rc;
	printf("%s: clear text is allowed to its addresses without a pin, until it serves a key\n",
		t->domain);
	print_undo(t->name);
	return 0;
}

/* A copy of the last refusal's allowable addresses. */
struct last {
	char (*address)[ADDR_TEXT_MAX + 1]; /* owned */
	size_t n;
	bool found, failed;
};

static int copy_last(const struct refusal *r, void *arg)
{
	struct last *l = arg;
	size_t i;

	l->found = true;
	l->address = calloc(r->n_rcpt + 1, sizeof(*l->address));
	l->failed = !l->address;
	for (i = 0; i < r->n_rcpt && !l->failed; i++) {
		if (r->rcpt[i].allowable && r->rcpt[i].address[0])
			memcpy(l->address[l->n++], r->rcpt[i].address, sizeof(*l->address));
	}
	return 1;
}

/* One address of it. Only its own name on the command line takes a pin away: 1, not done. */
static int allow_of_last(struct pins *p, const char *address, struct err *err)
{
	char word[ERR_HINT_MAX];
	struct pin *pin;
	struct target t = {.whole = false};
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
		log_warn("%s: has a pin, so clear text is allowed by its name only", t.name);
		if (quote_shell(word, sizeof(word), t.name) == 0) {
			fputs("hint: sealpost pins allow-clear ", stderr);
			out_safe(stderr, word, 0);
			fputc('\n', stderr);
		}
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
	struct last l = {.n = 0};
	int rc, undone = 0;
	size_t i;

	rc = store_refusal_each(p->store, 1, copy_last, &l, err);
	if (rc == 0 && l.failed)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0 && l.n == 0) {
		log_warn(l.found ? "the last refusal names nobody whom allow-clear could settle"
				 : "nothing has been refused");
		rc = undone = 1;
	}
	for (i = 0; i < l.n && rc >= 0; i++) {
		rc = allow_of_last(p, l.address[i], err);
		undone |= rc > 0;
	}
	free(l.address);
	return rc < 0 ? rc : undone;
}

static int pins_allow_clear(struct pins *p, struct err *err)
{
	struct target t;
	int i, rc, undone = 0;

	if (p->last)
		return allow_last(p, err);
	rc = check_targets(p, err);
	for (i = 0; i < p->argc && rc >= 0; i++) {
		rc = parse_target(p->argv[i], &t, err);
		if (rc == 0)
			rc = t.whole ? allow_domain(p, &t, err) : allow_address(p, &t, err);
		undone |= rc > 0;
	}
	return rc < 0 ? rc : undone;
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
	struct target t;
	int rc = p->argc > 0 ? parse_target(p->argv[0], &t, err) : 0;

	if (rc == 0)
		rc = store_log_each(p->store, p->argc > 0 ? t.name : NULL, log_one, &l, err);
	if (rc < 0)
		return rc;
	if (l.rc < 0)
		return err_set(err, l.rc, "standard output: writing failed");
	if (l.n == 0)
		log_warn("the log has nothing about it");
	return l.n == 0;
}

static const struct sub {
	const char *name;
	int (*run)(struct pins *p, struct err *err); /* 0, 1, or an error */
	int min, max;                                /* arguments; of max -1, any number */
	bool writes, json, last;
} subs[] = {
	{.name = "list", .run = pins_list, .json = true},
	{.name = "show", .run = pins_show, .min = 1, .max = 1, .json = true},
	{.name = "allow-clear",
		.run = pins_allow_clear,
		.min = 1,
		.max = -1,
		.writes = true,
		.last = true},
	{.name = "forget", .run = pins_forget, .min = 1, .max = -1, .writes = true},
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

/* Opens the store, does it, and makes sure that what was printed has arrived. Returns the exit
 * status. */
static int run(struct pins *p, const struct sub *sub)
{
	struct err err = ERR_INIT;
	int rc = store_open(&p->store, p->app->conf.data_dir, !sub->writes, &err);

	if (rc == 0)
		rc = sub->run(p, &err);
	if (rc >= 0 && out_finish() < 0)
		rc = err_set(&err, ERR_IO, "standard output: writing failed");
	store_close(p->store);
	return rc < 0 ? app_fail(&err) : rc;
}

int cmd_pins(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"last", no_argument, NULL, 'l'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	struct pins p = {.app = app};
	const struct sub *sub;
	int c;

	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 'h')
			return app_help(usage);
		if (c != 'j' && c != 'l')
			return app_usage(app, "%s: unknown option", argv[optind - 1]);
		p.json |= c == 'j';
		p.last |= c == 'l';
	}
	if (optind == argc)
		return app_usage(app, "pins: list, show, allow-clear, forget or log?");
	sub = find_sub(argv[optind]);
	if (!sub)
		return app_usage(app,
			"pins %.64s: there are list, show, allow-clear, forget and log",
			argv[optind]);
	p.argc = argc - optind - 1;
	p.argv = argv + optind + 1;
	if ((p.json && !sub->json) || (p.last && !sub->last))
		return app_usage(
			app, "pins %s: does not take %s", sub->name, p.json ? "--json" : "--last");
	if (p.last ? p.argc > 0 : p.argc < sub->min || (sub->max >= 0 && p.argc > sub->max))
		return app_usage(app, "pins %s: %s", sub->name,
			p.argc < sub->min ? "an address or domain is missing"
					  : "too many arguments");
	return run(&p, sub);
}
