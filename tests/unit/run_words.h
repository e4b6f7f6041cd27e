/* SPDX-License-Identifier: ISC */
/* A verb with its words, as main would run it, but with the configuration and the state that it
 * finds without options before the verb. */
#ifndef TESTS_RUN_WORDS_H
#define TESTS_RUN_WORDS_H

#include <stdio.h>
#include <string.h>

#include "verbs/verbs.h"

#define RUN_WORDS_MAX 24

static int run_verb(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct app *, int, char **);
		bool loads_conf;
	} verbs[] = {{"lookup", cmd_lookup, true}, {"send", cmd_send, true},
		{"filter", cmd_filter, true}, {"why", cmd_why, false}, {"pins", cmd_pins, false},
		{"refresh", cmd_refresh, true}, {"check", cmd_check, true},
		{"reports", cmd_reports, false}, {"config", cmd_config, false},
		{"doctor", cmd_doctor, true}, {"publish", cmd_publish, true},
		{"queue", cmd_queue, false}, {"learn", cmd_learn, true}};
	struct app app = {.verb = argv[0]};
	struct err err = ERR_INIT;
	size_t i;
	int rc = 127;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, argv[0]) != 0)
			continue;
		if (!verbs[i].loads_conf && conf_load(NULL, &app.conf, &err) < 0) {
			fprintf(stderr, "%s\n", err.msg);
			return 78;
		}
		rc = verbs[i].run(&app, argc, argv);
	}
	conf_free(&app.conf);
	return rc;
}

/* line: a verb and its words, which end at blanks; it is changed. The exit status. */
static int run_words(char *line)
{
	char *argv[RUN_WORDS_MAX + 1] = {NULL}, *p, *save = NULL;
	int argc = 0;

	for (p = strtok_r(line, " ", &save); p && argc < RUN_WORDS_MAX;
		p = strtok_r(NULL, " ", &save))
		argv[argc++] = p;
	return run_verb(argc, argv);
}

#endif
