/* SPDX-License-Identifier: ISC */
/* The verb check: its help and arguments; asks about a domain and prints the page. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "print/app.h"
#include "verbs/check/run.h"
#include "verbs/verbs.h"

#define NAMES_MAX 100000
#define STDIN_MAX (8u << 20)

static const char usage[] =
	"usage: sealpost check [--json | --csv] [--live[=PORT]] DOMAIN | ADDRESS | - ...\n"
	"\n"
	"Says everything that a domain does for the security of its mail, with the evidence and\n"
	"what its owner should fix: how mail travels to it (DNSSEC, MX, DANE, MTA-STS, TLS\n"
	"reports), how keys are published, and what is said of certificates. Of several a line\n"
	"each, with the worst finding; \"-\" reads names from standard input.\n"
	"\n"
	"  --json         one JSON object for each\n"
	"  --csv          one line of comma-separated values for each\n"
	"  --live[=PORT]  also speak SMTP with each mail server (port 25), and verify its\n"
	"                 certificate; no mail is sent\n"
	"\n"
	"Exit status: 0 mail to the domain is protected on its way, 1 it is not, 75 cannot be\n"
	"told; of several, the highest.\n";

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
		return err_set(err, ERR_USAGE, "%.300s: %.600s", s, why.msg);
	if (n->is_address)
		memcpy(n->domain, n->addr.domain, sizeof(n->domain));
	if ((n->is_address && !addr_discoverable(&n->addr)) || !strchr(n->domain, '.'))
		return err_set(
			err, ERR_USAGE, "%.300s: is not a domain that can be asked about", s);
	return 0;
}

static int add_name(struct check *c, const char *s, struct err *err)
{
	struct check_name *grown;

	if (c->n == NAMES_MAX)
		return err_set(err, ERR_USAGE, "more than %d domains", NAMES_MAX);
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 16;
		grown = reallocarray(c->name, c->room, sizeof(*c->name));
		if (!grown)
			return err_set(err, ERR_OS, "out of memory");
		c->name = grown;
	}
	memset(&c->name[c->n], 0, sizeof(c->name[c->n]));
	return set_name(&c->name[c->n++], s, err);
}

/* One name a line; blanks around it do not count, nor lines that begin with '#'. */
static int add_names(struct check *c, struct err *err)
{
	struct buf in = BUF_INIT(STDIN_MAX);
	char *line, *next;
	int rc = fd_read_all(STDIN_FILENO, &in, err);

	if (rc == 0 && in.len > 0 && memchr(in.p, '\0', in.len))
		rc = err_set(err, ERR_USAGE, "standard input holds a NUL octet");
	for (line = (char *)in.p; rc == 0 && line && *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next != '\0')
			*next++ = '\0';
		line += strspn(line, " \t\r");
		line[strcspn(line, " \t\r")] = '\0';
		if (*line != '\0' && *line != '#')
			rc = add_name(c, line, err);
	}
	buf_free(&in);
	return rc;
}

/* 0 go on, 1 done (help was printed), or an error. */
static int options(struct check *c, int argc, char **argv, struct err *err)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"csv", no_argument, NULL, 'c'}, {"live", optional_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int o, rc = 0;

	opterr = 0;
	while (rc == 0 && (o = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (o) {
		case 'j':
			c->form = CHECK_FORM_JSON;
			break;
		case 'c':
			c->form = CHECK_FORM_CSV;
			break;
		case 'l':
			c->live = true;
			rc = optarg ? set_port(c, optarg, err) : 0;
			break;
		case 'h':
			app_help(usage);
			return 1;
		default:
			return err_set(err, ERR_USAGE, "%s: no such option", argv[optind - 1]);
		}
	}
	for (; rc == 0 && optind < argc; optind++)
		rc = strcmp(argv[optind], "-") == 0 ? add_names(c, err)
						    : add_name(c, argv[optind], err);
	if (rc == 0 && c->n == 0)
		rc = err_set(err, ERR_USAGE, "no domain is given");
	return rc;
}

int cmd_check(struct app *app, int argc, char **argv)
{
	struct check c = {.form = CHECK_FORM_TEXT};
	struct err err = ERR_INIT;
	int rc;

	rc = options(&c, argc, argv, &err);
	if (rc == ERR_USAGE) {
		rc = app_usage(app->verb, "%s", err.msg);
	} else if (rc == 1) {
		rc = 0;
	} else {
		if (rc == 0)
			rc = check_run(app, &c, &err);
		if (rc < 0)
			rc = app_fail(&err);
	}
	free(c.name);
	return rc;
}
