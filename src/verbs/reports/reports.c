/* SPDX-License-Identifier: ISC */
/*
 * The verb reports: its help and arguments; reads TLS reports, sums them up and prints the sums.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "mime/mail_files.h"
#include "print/app.h"
#include "print/output.h"
#include "process/reads.h"
#include "verbs/options.h"
#include "verbs/reports/output.h"
#include "verbs/verbs.h"

#define UNREAD_SHOWN 10
#define DATE_LEN 10

static const char usage[] =
	"usage: sealpost reports [--json | --csv | --html] [--since DATE]\n"
	"                        FILE | MAILDIR | - ...\n"
	"\n"
	"Reads TLS reports (RFC 8460), as mails or files, plain or compressed, and says\n"
	"for each domain and policy how many sessions were good, which failed, why, and\n"
	"what to fix. Certificate authorities' notices (CAA iodef) are shown as text. \"-\"\n"
	"is standard input.\n"
	"\n"
	"  --json        one JSON object for each domain and policy\n"
	"  --csv         one line for each cause\n"
	"  --html        a page with charts, which loads nothing and runs nothing\n"
	"  --since DATE  only reports that end on that day or later; YYYY-MM-DD, or RFC\n"
	"                3339\n"
	"\n"
	"Exit status: 0 no session failed, 1 some did, 65 something could not be read.\n";

struct reports {
	enum reports_form form;
	int64_t since;
	struct collect c;
};

static int set_since(struct reports *r, const char *s, struct err *err)
{
	char day[TEXT_TIME_MAX];

	if (strlen(s) == DATE_LEN && snprintf(day, sizeof(day), "%sT00:00:00Z", s) > 0 &&
		text_time_read(day, &r->since) == 0)
		return 0;
	if (text_time_read(s, &r->since) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "--since: %.100s is not a date, as 2026-11-26 is", s);
}

static int take_mail(void *arg, int fd, const char *path, bool folder, struct err *err)
{
	struct reports *r = arg;

	return collect_fd(&r->c, fd, path, folder, err);
}

static int note_unread(void *arg, const char *path, const char *why, struct err *err)
{
	struct reports *r = arg;

	return collect_unread(&r->c, path, why, err);
}

static void warn_unread(const struct collect *c)
{
	size_t i;

	for (i = 0; i < c->n_unread && i < UNREAD_SHOWN; i++)
		log_error("%s: %s", c->unread[i].path, c->unread[i].why);
	if (i < c->n_unread)
		log_error("%zu more could not be read", c->n_unread - i);
}

/* The exit status, or an error. */
static int tell_reports(struct reports *r, struct err *err)
{
	static int (*const print[])(const struct collect *, const struct sums *) = {
		[REPORTS_TEXT] = reports_print_text,
		[REPORTS_JSON] = reports_print_json,
		[REPORTS_CSV] = reports_print_csv,
		[REPORTS_HTML] = reports_print_html};
	struct sums s;
	size_t i;
	bool failed = false;
	int rc = sums_make(&s, r->c.report, r->c.n_report, r->since, err);

	if (rc < 0)
		return rc;
	rc = print[r->form](&r->c, &s);
	if (rc == 0)
		rc = out_finish();
	if (rc < 0)
		(void)out_failed(err, rc);
	for (i = 0; i < s.n; i++)
		failed |= s.v[i].failed > 0;
	sums_free(&s);
	warn_unread(&r->c);
	return rc < 0 ? rc : r->c.n_unread > 0 ? 65 : failed;
}

static int one_report_form(struct reports *r, enum reports_form form, struct err *err)
{
	if (r->form != REPORTS_TEXT && r->form != form)
		return err_set(err, ERR_USAGE, "only one of --json, --csv and --html can be given");
	r->form = form;
	return 0;
}

/* 0 go on, 1 done (help was printed), or an error. */
static int read_options(struct reports *r, int argc, char **argv, struct err *err)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"csv", no_argument, NULL, 'c'}, {"html", no_argument, NULL, 'w'},
		{"since", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	int o = 0, rc = 0;

	while (rc == 0 && (o = option_next(argc, argv, "h", longs, err)) > 0) {
		switch (o) {
		case 'j':
			rc = one_report_form(r, REPORTS_JSON, err);
			break;
		case 'c':
			rc = one_report_form(r, REPORTS_CSV, err);
			break;
		case 'w':
			rc = one_report_form(r, REPORTS_HTML, err);
			break;
		case 's':
			rc = set_since(r, optarg, err);
			break;
		case 'h':
			app_help(usage);
			return 1;
		}
	}
	if (o < 0)
		return o;
	if (rc == 0 && optind == argc)
		rc = err_set(err, ERR_USAGE, "no file is given");
	return rc;
}

int cmd_reports(struct app *app, int argc, char **argv)
{
	struct reports r = {.since = INT64_MIN, .c = {.trusted = app->conf.trusted_authserv}};
	const struct mail_files files = {take_mail, note_unread, &r};
	struct err err = ERR_INIT;
	int i, rc;

	rc = read_options(&r, argc, argv, &err);
	if (rc == ERR_USAGE)
		return app_usage_err(app->verb, &err);
	if (rc == 1)
		return 0;
	if (rc == 0)
		rc = reads_enter_given(
			(const char *const *)(argv + optind), (size_t)(argc - optind), &err);
	for (i = optind; i < argc && rc == 0; i++)
		rc = mail_files(&files, argv[i], &err);
	if (rc == 0)
		rc = tell_reports(&r, &err);
	collect_free(&r.c);
	return rc < 0 ? app_fail(&err) : rc;
}
