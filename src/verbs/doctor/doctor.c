/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/spawn.h"
#include "conf/sender_dir.h"
#include "print/app.h"
#include "verbs/doctor/doctor.h"
#include "verbs/doctor/muttrc.h"
#include "print/output.h"
#include "verbs/options.h"
#include "verbs/verbs.h"

static const char usage[] =
	"usage: sealpost doctor [--json] [--online] [MUTTRC]\n"
	"\n"
	"Reports what would stop this installation from working, and how to fix it.\n"
	"\n"
	"  --json     one JSON object for each finding\n"
	"  --online   also test the resolver and DNSSEC, using the network\n"
	"  MUTTRC     ask mutt or neomutt, which runs the commands in backquotes in this\n"
	"             file, for settings that hide a refusal, drop a line or keep copies\n"
	"             in clear\n"
	"\n"
	"Exit status: 0 if nothing is bad, else 1.\n";

/* A broken configuration is a finding; the other checks then use the defaults. */
static int load_conf(struct doctor *d, const char *file, struct conf *c, struct err *err)
{
	struct err why = ERR_INIT;

	if (conf_load(file, c, &why) == 0) {
		d->conf_file = file;
		if (c->source[0][0] == '\0' && c->source[1][0] == '\0')
			doctor_say(d, DOCTOR_OK, "configuration", NULL,
				"no file; the defaults are used");
		else
			doctor_say(d, DOCTOR_OK, "configuration", NULL, "%s%s%s", c->source[0],
				c->source[0][0] && c->source[1][0] ? ", " : "", c->source[1]);
		return 0;
	}
	if (why.hint[0] == '\0')
		err_hint(&why, "man sealpost.conf says what may stand there");
	doctor_err(d, DOCTOR_BAD, "configuration", &why);
	d->conf_file = "/dev/null";
	return conf_load(d->conf_file, c, err);
}

/* Not so where it cannot be found out. */
static bool lacks_program(const char *name)
{
	char path[FILE_PATH_MAX];
	int e = spawn_find(name, path);

	return e != 0 && errno_is_of_path(e);
}

static int look_at_muttrc(struct doctor *d, const char *file, struct err *err)
{
	static struct muttrc m;
	static struct muttrc_report report;
	const struct muttrc_finding *f;
	const char *home = home_dir();
	char program[FILE_PATH_MAX];
	int rc = mutt_ask(file, &m, err);
	size_t i;

	if (rc < 0)
		return rc;
	m.sendmail_lacks =
		muttrc_sendmail(&m, home ? home : "", program) == 0 && lacks_program(program);
	muttrc_judge(&m, file, home ? home : "", &report);
	for (i = 0; i < report.n; i++) {
		f = &report.finding[i];
		doctor_say(d, f->level, f->what, f->fix[0] != '\0' ? f->fix : NULL, "%s", f->text);
	}
	return 0;
}

static int run_doctor(struct app *app, struct doctor *d, const char *file, struct err *err)
{
	static void (*const looks[])(struct doctor * d) = {doctor_state_folder, doctor_trust_anchor,
		doctor_root_hints, doctor_ca_bundle, doctor_ct_logs, doctor_net_helper,
		doctor_resolver, doctor_keyservers, doctor_gpg, doctor_keys, doctor_mta,
		doctor_notify, doctor_sent, doctor_queue, doctor_held, doctor_sandbox};
	struct runner runner = {.sock = -1};
	size_t i;
	int rc;

	rc = load_conf(d, app->conf_file, &app->conf, err);
	if (rc < 0)
		return rc;
	d->stateless = app->conf.per_sender && !app->sender;
	rc = d->stateless ? 0 : conf_use_sender(&app->conf, app->sender, err);
	if (rc < 0)
		return rc;
	d->conf = &app->conf;
	d->runner = &runner;
	for (i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		looks[i](d);
	if (file)
		rc = look_at_muttrc(d, file, err);
	if (rc < 0 && err->hint[0] == '\0')
		err_hint(err, "sealpost doctor --help");
	runner_stop(&runner);
	d->runner = NULL;
	if (rc == 0 && (out_finish() < 0 || d->failed < 0))
		rc = out_failed(err, ERR_IO);
	return rc < 0 ? rc : d->bad;
}

int cmd_doctor(struct app *app, int argc, char **argv)
{
	static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
		{"online", no_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0}};
	struct doctor d = {0};
	struct err err = ERR_INIT;
	int c, rc;

	while ((c = option_next(argc, argv, "h", longs, &err)) > 0) {
		if (c == 'h')
			return app_help(usage);
		d.json |= c == 'j';
		d.online |= c == 'o';
	}
	if (c < 0)
		return app_usage_err(app->verb, &err);
	if (argc - optind > 1)
		return app_usage(app->verb, "more than one file is given");
	rc = run_doctor(app, &d, argv[optind], &err);
	return rc < 0 ? app_fail(&err) : rc;
}
