/* SPDX-License-Identifier: ISC */
/* sealpost: the table of verbs, the options before the verb, and the help. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verbs/options.h"
#include "verbs/verbs.h"
#include "base/file.h"
#include "base/log.h"
#include "base/signals.h"
#include "conf/sender_dir.h"
#include "print/app.h"
#include "print/output.h"

struct verb {
	const char *name;
	int (*run)(struct app *app, int argc, char **argv);
	const char *help;
	bool loads_conf;  /* itself: after the runner was forked, or because it must work without */
	bool reads_files; /* named on the command line, perhaps /dev/fd/N */
	bool keeps_state; /* of a sender's own, perhaps; what loads_conf sees to that itself */
};

static int cmd_help(struct app *app, int argc, char **argv);

static const struct verb verbs[] = {
	{"lookup", cmd_lookup, "find the certificate of each address", true},
	{"send", cmd_send, "seal a message and hand it to the mail transfer agent", true},
	{"filter", cmd_filter, "seal a message and write it to standard output", true},
	{"why", cmd_why, "show the last refusals", .keeps_state = true},
	{"queue", cmd_queue, "list, send or drop mail that waits to be sent", .keeps_state = true},
	{"pins", cmd_pins, "the pinned keys: show them, and decide about new ones", false, true,
		true},
	{"refresh", cmd_refresh, "ask again about the pins that are due", true},
	{"check", cmd_check, "check how mail to a domain travels, and what to fix", true},
	{"reports", cmd_reports, "summarize received TLS reports, with what to fix", false, true},
	{"learn", cmd_learn, "read received mail for its senders' keys", true, true},
	{"config", cmd_config, "show every setting, its value and where it comes from", false},
	{"publish", cmd_publish, "generate what your own domains publish: keys, DNS, MTA-STS", true,
		true},
	{"doctor", cmd_doctor, "check this installation, with how to fix it", true, true},
	{"help", cmd_help, "show how a verb is used", true},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(void)
{
	size_t i;

	puts("usage: sealpost [-C FILE] [-f ADDRESS] [-v] [-q] VERB [ARGUMENT...]");
	puts("       sealpost --help | --version\n");
	for (i = 0; i < VERBS; i++)
		printf("  %-8s  %s\n", verbs[i].name, verbs[i].help);
	puts("\n  -C FILE     read this configuration file only");
	puts("  -f ADDRESS  use this sender's state, where data-dir has a folder for each one");
	puts("  -v          be verbose; show each step of a lookup");
	puts("  -q          print only refusals and errors");
	puts("\n\"sealpost help VERB\" says more; the manual is sealpost(1).");
}

/* Global options. The verb's index in argv; 0: done, exit with *status. */
static int globals(struct app *app, int argc, char **argv, int *status)
{
	static const struct option longs[] = {{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}};
	struct err err = ERR_INIT;
	int c;

	*status = 0;
	while ((c = option_next(argc, argv, "+C:f:vqh", longs, &err)) > 0) {
		switch (c) {
		case 'C':
			app->conf_file = optarg;
			break;
		case 'f':
			app->sender = optarg;
			break;
		case 'v':
			log_set_level(log_level() < LOG_INFO ? LOG_INFO : LOG_DEBUG);
			app->verbose = true;
			break;
		case 'q':
			log_set_level(LOG_QUIET);
			break;
		case 'h':
			print_help();
			return 0;
		case 'V':
			puts("sealpost " SEALPOST_VERSION);
			return 0;
		}
	}
	if (c < 0) {
		*status = app_usage_err(app->verb, &err);
		return 0;
	}
	if (optind < argc)
		return optind;
	*status = app_usage(app->verb, "no verb is given");
	return 0;
}

static bool asks_for_help(int argc, char **argv)
{
	return argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
}

static int run_verb(struct app *app, int argc, char **argv)
{
	const char *names[VERBS + 1] = {NULL};
	struct err err = ERR_INIT;
	size_t i;
	int status;

	for (i = 0; i < VERBS; i++) {
		names[i] = verbs[i].name;
		if (strcmp(argv[0], verbs[i].name) != 0)
			continue;
		app->verb = verbs[i].name;
		if (!verbs[i].reads_files)
			descriptors_close();
		optind = 0; /* the verb parses anew */
		status = 0;
		if (!verbs[i].loads_conf && !asks_for_help(argc, argv))
			status = conf_load(app->conf_file, &app->conf, &err);
		if (status == 0 && verbs[i].keeps_state && !asks_for_help(argc, argv))
			status = conf_use_sender(&app->conf, app->sender, &err);
		status = status < 0 ? app_fail(&err) : verbs[i].run(app, argc, argv);
		conf_free(&app->conf);
		return status;
	}
	return app_unknown("", "verb", argv[0], names);
}

static int cmd_help(struct app *app, int argc, char **argv)
{
	static const char usage[] = "usage: sealpost help [VERB]\n"
				    "\n"
				    "Shows how a verb is used, like \"sealpost VERB --help\"; "
				    "without one, the list of\n"
				    "verbs.\n";
	char option[] = "--help", *words[] = {NULL, option, NULL};

	if (argc == 2 && argv[1][0] == '-') {
		if (asks_for_help(argc, argv))
			return app_help(usage);
		return app_usage(app->verb, "%s: no such option", argv[1]);
	}
	if (argc > 2 && strcmp(argv[1], "pins") != 0)
		return app_usage(app->verb, "more than one verb is given");
	if (argc == 1) {
		print_help();
		return 0;
	}
	words[0] = argv[1];
	return run_verb(app, 2, words);
}

/* What a mail program calls sendmail; mailq and newaliases are modes of it, and take nothing else.
 */
static int run_as(struct app *app, const char *name, int argc, char **argv)
{
	const char *mode = strcmp(name, "mailq") == 0 ? "-bp" : "-bi";
	char *words[] = {(char *)(uintptr_t) "send", (char *)(uintptr_t)mode, NULL};

	if (strcmp(name, "sendmail") != 0)
		return argc > 1 ? app_usage(app->verb, "%s takes no arguments", name)
				: run_verb(app, 2, words);
	argv[0] = words[0];
	return run_verb(app, argc, argv);
}

/* What was printed last, such as a help, may not have been written yet. */
static int finish_output(int status)
{
	struct err err = ERR_INIT;

	if (status != 0 || out_finish() == 0)
		return status;
	out_failed(&err, ERR_IO);
	return app_fail(&err);
}

/*
 * Servers such as Postfix start us without HOME. gpg would then look for it in the user database,
 * by a Unix socket perhaps, and in the sandbox it has one only, which leads to the agent.
 */
static void settle_home(void)
{
	const char *home = getenv("HOME") ? NULL : home_dir();

	if (home)
		(void)setenv("HOME", home, 1);
}

int main(int argc, char **argv)
{
	struct app app = {0};
	const char *name;
	int first, status;

	process_reset();
	settle_home();
	if (argc < 1)
		return 64;
	name = strrchr(argv[0], '/');
	name = name ? name + 1 : argv[0];
	if (strcmp(name, "sendmail") == 0 || strcmp(name, "mailq") == 0 ||
		strcmp(name, "newaliases") == 0)
		return finish_output(run_as(&app, name, argc, argv));
	first = globals(&app, argc, argv, &status);
	return finish_output(first > 0 ? run_verb(&app, argc - first, argv + first) : status);
}
