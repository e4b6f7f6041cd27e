/* SPDX-License-Identifier: ISC */
/* The verb check: its help and arguments; asks about a domain and prints the page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print/app.h"
#include "verbs/check/run.h"
#include "verbs/options.h"
#include "verbs/stdin_lines.h"
#include "verbs/verbs.h"

static const char usage[] =
	"usage: sealpost check [--json | --csv | --html] [--live[=PORT]] DOMAIN | ADDRESS\n"
	"                      | - ...\n"
	"       sealpost check --changes [--json] [--mine] [DOMAIN | ADDRESS | -]...\n"
	"       sealpost check --history [--json] DOMAIN | ADDRESS ...\n"
	"       sealpost check --postfix [--mine] [DOMAIN | -]...\n"
	"\n"
	"Reports everything that a domain does for the security of its mail, with the\n"
	"evidence and what its owner should fix: how mail travels to it (DNSSEC, MX,\n"
	"DANE, MTA-STS, TLS reports), how keys are published, and its certificates (CAA,\n"
	"certificate transparency). Several names get one line each, with the worst\n"
	"finding; \"-\" reads names from standard input.\n"
	"\n"
	"  --json         one JSON object for each\n"
	"  --csv          one line of comma-separated values for each\n"
	"  --html         one page, the worst first, which loads nothing and runs nothing\n"
	"  --live[=PORT]  also speak SMTP with each mail server (port 25), and verify its\n"
	"                 certificate; no mail is sent\n"
	"  --changes      only what is different from last time, and alarms\n"
	"  --history      what --changes reported, and when; does not use the network\n"
	"  --postfix      lines of a TLS policy table for Postfix\n"
	"  --mine         own addresses, and the domains that tls = require names\n"
	"\n"
	"Exit status: 0 mail to the domain is protected in transit, 1 it is not, 75\n"
	"unknown; of several, the highest. With --changes: 0 nothing new, 1 a change or\n"
	"an alarm, 75 some could not be asked, and nothing else.\n"
	"With --history: 0, 1 nothing is known. 65: a line of standard input is no name;\n"
	"the others were checked.\n";

static int set_port(struct check *c, const char *s, struct err *err)
{
	char *end;
	long v = s[0] >= '0' && s[0] <= '9' ? strtol(s, &end, 10) : 0;

	if (v < 1 || v > 65535 || *end != '\0')
		return err_set(err, ERR_USAGE, "--live=%.100s: is not a port", s);
	c->port = (uint16_t)v;
	return 0;
}

static int set_name(struct check_name *n, const char *s, struct err *err)
{
	struct err why = ERR_INIT;
	int rc;

	n->is_address = strchr(s, '@') != NULL;
	rc = n->is_address ? addr_parse(s, &n->addr, &why) : addr_domain(s, n->domain, &why);
	if (rc < 0)
		return err_set(err, ERR_USAGE, "%.300s: %.600s", *s ? s : "\"\"", why.msg);
	if (n->is_address)
		memcpy(n->domain, n->addr.domain, sizeof(n->domain));
	if ((n->is_address && !addr_discoverable(&n->addr)) || !strchr(n->domain, '.'))
		return err_set(
			err, ERR_USAGE, "%.300s: is not a domain that can be asked about", s);
	return 0;
}

static int add_name(struct check *c, const char *s, struct err *err)
{
	struct check_name n = {.is_address = false};
	int rc = set_name(&n, s, err);

	return rc == 0 ? check_add(c, &n, err) : rc;
}

/* A line of standard input; those that begin with '#' do not count. */
static int take_check_name(void *c, char *line, struct err *err)
{
	int rc;

	if (*line == '#')
		return 0;
	rc = stdin_word(line, err);
	return rc == 0 ? add_name(c, line, err) : rc;
}

static int one_check_form(struct check *c, enum check_form form, struct err *err)
{
	if (c->form != CHECK_FORM_TEXT && c->form != form)
		return err_set(err, ERR_USAGE, "only one of --json, --csv and --html can be given");
	c->form = form;
	return 0;
}

static int one_check_mode(struct check *c, enum check_mode mode, struct err *err)
{
	if (c->mode != CHECK_MODE_PAGE && c->mode != mode)
		return err_set(err, ERR_USAGE,
			"only one of --changes, --history and --postfix can be given");
	c->mode = mode;
	return 0;
}

static int set_option(struct check *c, int o, struct err *err)
{
	switch (o) {
	case 'j':
		return one_check_form(c, CHECK_FORM_JSON, err);
	case 'c':
		return one_check_form(c, CHECK_FORM_CSV, err);
	case 'w':
		return one_check_form(c, CHECK_FORM_HTML, err);
	case 'l':
		c->live = true;
		return optarg ? set_port(c, optarg, err) : 0;
	case 'd':
		return one_check_mode(c, CHECK_MODE_CHANGES, err);
	case 'y':
		return one_check_mode(c, CHECK_MODE_HISTORY, err);
	case 'p':
		return one_check_mode(c, CHECK_MODE_POSTFIX, err);
	case 'm':
		c->mine = true;
		break;
	default:
		return err_set(err, ERR_USAGE, "no such option");
	}
	return 0;
}

static int options_agree(const struct check *c, struct err *err)
{
	if (c->mode != CHECK_MODE_PAGE && (c->form == CHECK_FORM_CSV || c->form == CHECK_FORM_HTML))
		return err_set(err, ERR_USAGE,
			"--csv and --html cannot be used with --changes, --history or --postfix");
	if (c->mode == CHECK_MODE_POSTFIX && c->form != CHECK_FORM_TEXT)
		return err_set(err, ERR_USAGE, "--postfix writes lines for Postfix only");
	if (c->mode == CHECK_MODE_HISTORY && c->live)
		return err_set(
			err, ERR_USAGE, "--history does not use the network, and --live does");
	if (c->mode == CHECK_MODE_HISTORY && c->mine)
		return err_set(err, ERR_USAGE, "--history needs a domain or an address");
	if (c->n == 0 && !c->mine)
		return stdin_none("domain", c->bad, err);
	return 0;
}

/* 0 go on, 1 done (help was printed), or an error. */
static int check_options(struct check *c, int argc, char **argv, struct err *err)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"csv", no_argument, NULL, 'c'}, {"html", no_argument, NULL, 'w'},
		{"live", optional_argument, NULL, 'l'}, {"changes", no_argument, NULL, 'd'},
		{"history", no_argument, NULL, 'y'}, {"postfix", no_argument, NULL, 'p'},
		{"mine", no_argument, NULL, 'm'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	int o = 0, rc = 0;

	while (rc == 0 && (o = option_next(argc, argv, "h", longs, err)) > 0) {
		if (o == 'h') {
			app_help(usage);
			return 1;
		}
		rc = set_option(c, o, err);
	}
	if (o < 0)
		return o;
	for (; rc == 0 && optind < argc; optind++)
		rc = strcmp(argv[optind], "-") == 0 ? stdin_lines(take_check_name, c, &c->bad, err)
						    : add_name(c, argv[optind], err);
	return rc == 0 ? options_agree(c, err) : rc;
}

int cmd_check(struct app *app, int argc, char **argv)
{
	struct check c = {.form = CHECK_FORM_TEXT};
	struct err err = ERR_INIT;
	int rc;

	rc = check_options(&c, argc, argv, &err);
	if (rc == ERR_USAGE) {
		rc = app_usage_err(app->verb, &err);
	} else if (rc == 1) {
		rc = 0;
	} else {
		if (rc == 0)
			rc = stdin_status(check_run(app, &c, &err), c.bad);
		if (rc < 0)
			rc = app_fail(&err);
	}
	free(c.name);
	return rc;
}
