/* SPDX-License-Identifier: ISC */
/*
 * The verbs send and filter: parse the arguments, then hand over, write or explain the mail.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "mail/mail.h"
#include "print/app.h"
#include "print/output.h"
#include "process/mta_modes.h"
#include "verbs/verbs.h"

#define RULES                                                                                      \
	"  --absence=any|proved, --encrypt=require|prefer|never,\n"                                \
	"  --mixed=refuse|split|clear, --on-change=refuse|use-pin,\n"                              \
	"  --on-unknown=refuse|clear, --sign=always|encrypted|never, --tls=any|require,\n"         \
	"  --header-protection=baseline|shy|off, --autocrypt=yes|mutual|no,\n"                     \
	"  --replies=require|prefer\n"                                                             \
	"              override the configuration's rules for this mail\n"

static const char send_usage[] =
	"usage: sealpost send [sendmail options] [--explain [--online]] [--again]\n"
	"                     [--RULE=WORD] [--] [RECIPIENT...]\n"
	"\n"
	"Reads a message from standard input, seals it for its recipients and hands it\n"
	"to the mail transfer agent. Takes sendmail's options; those that matter here:\n"
	"\n"
	"  -t          take the recipients from To, Cc and Bcc as well\n"
	"  -i, -oi     a line with a lone dot is text, on a terminal and at the end too\n"
	"  -f ADDRESS  envelope sender; <> is the null sender\n"
	"  -F NAME     full name of the sender, passed on\n"
	"  -N, -R, -V  passed on to an agent that takes them\n"
	"  -bp, -bi    the agent's queue and aliases, without a message\n"
	"  --explain   say what would happen and why; sends and pins nothing\n"
	"  --online    with --explain: ask the network\n"
	"  --again     hand over the same mail again that was handed over within the hour\n" RULES
	"\n"
	"Exit status: the agent's own once it ran; before that 64 usage, 65 message\n"
	"cannot be read, 69 refused by policy, 75 unknown, try again, 77 differs from the\n"
	"pin, 78 configuration.\n";

static const char filter_usage[] =
	"usage: sealpost filter [-t] [-i] [-f ADDRESS] [--RULE=WORD] [--] [RECIPIENT...]\n"
	"\n"
	"Reads a message from standard input and writes it sealed to standard output;\n"
	"writes nothing at all unless it succeeded. Exit status as for send.\n"
	"\n" RULES "\n"
	"Never pipe it into msmtp, which sends a blank mail when its input fails: set\n"
	"\"mta = msmtp\" and use send.\n";

static int write_out(struct mail *m, struct err *err)
{
	char chunk[65536];
	ssize_t n;

	while ((n = read(m->copies.v[0].out.fd, chunk, sizeof(chunk))) > 0) {
		if (fd_write_all(STDOUT_FILENO, chunk, (size_t)n) < 0)
			return out_failed(err, ERR_IO);
	}
	if (n < 0)
		return err_set(err, ERR_IO, "the sealed message cannot be read back");
	mail_note_filtered(m);
	return 0;
}

/* Queues a mail whose keys could not be looked up, if permitted. Returns the exit status. */
static int keep_or_refuse(struct mail *m)
{
	struct err why = ERR_INIT;
	int rc = mail_queue_refused(m, &why);

	if (rc == 1)
		return 0;
	if (rc < 0)
		log_warn("the mail cannot be kept: %s", why.msg);
	return mail_refuse(m, NULL);
}

/* After the arguments. The exit status, or a negative error that the caller reports. */
static int run_mail(struct mail *m, struct err *err)
{
	struct session_opts opts = {
		.runner = true, .seals = !m->args.explain, .readonly = m->args.explain};
	bool ask = !m->args.explain || m->args.online;
	int rc;

	if (runner_is_inside() && !m->args.explain) {
		err_set(err, ERR_CONFIG,
			"started by the program that sealpost itself hands mail to; "
			"it would loop for ever");
		err_hint(err, "set mta in the configuration to the program that sends the mail");
		return ERR_CONFIG;
	}
	if (m->args.have_sender)
		m->app->sender = m->args.sender;
	if (m->args.have_setting)
		log_info("option -O is not passed on");
	rc = session_open(&m->session, m->app, &opts, err);
	if (rc == 0)
		rc = mail_read(m, STDIN_FILENO, err);
	if (rc == 0)
		rc = mail_gate(m, ask, !m->args.explain, err);
	if (rc == 1 && !m->args.explain)
		return keep_or_refuse(m);
	if (rc >= 0)
		rc = mail_decide(m, ask, !m->args.explain, err);
	if (rc == 0 && m->decision.action != ACTION_REFUSE)
		rc = mail_resume(m, err);
	if (rc == 0 && m->args.explain)
		return mail_explain(m, err);
	if (rc == 0 && m->decision.action == ACTION_REFUSE)
		return keep_or_refuse(m);
	if (rc == 0 && m->journal.done) {
		log_info("the same mail was handed over within the hour, and is not handed over "
			 "again (--again does that)");
		mail_note_handed(m);
		mail_queue_done(m);
		return 0;
	}
	if (rc == 0)
		rc = mail_make_copies(m, err);
	if (rc < 0)
		return rc;
	return m->filter ? write_out(m, err) : mail_hand_over(m, err);
}

/* Opens what notify and why need, for a mail whose arguments are refused. Best effort. */
static void open_to_refuse(struct mail *m)
{
	struct session_opts opts = {.runner = true};
	struct err err = ERR_INIT;

	if (m->args.explain || runner_is_inside())
		return;
	if (m->args.have_sender)
		m->app->sender = m->args.sender;
	(void)session_open(&m->session, m->app, &opts, &err);
}

/* -bp and -bi: no mail is read, and none is refused. */
static int list_or_rebuild(struct app *app, enum send_mode mode)
{
	struct err err = ERR_INIT;
	int rc = conf_load(app->conf_file, &app->conf, &err);

	if (rc == 0)
		rc = mta_mode_run(&app->conf, mode == SEND_MAILQ, &err);
	return rc < 0 ? app_fail(&err) : rc;
}

static int send_or_filter(struct app *app, int argc, char **argv, bool filter)
{
	struct mail m = MAIL_INIT(app);
	struct err err = ERR_INIT;
	int rc;

	m.filter = filter;

	rc = send_args_parse(argc, argv, filter, &m.args, &err);
	if (rc == ERR_USAGE && err.hint[0] == '\0')
		err_hint(&err, "sealpost %s --help", app->verb);
	if (rc == 0 && m.args.help) {
		rc = app_help(filter ? filter_usage : send_usage);
	} else if (rc == 0 && m.args.mode != SEND_MAIL) {
		rc = list_or_rebuild(app, m.args.mode);
	} else {
		if (rc == 0 && m.args.verbose > 0 && log_level() < LOG_INFO) {
			log_set_level(LOG_INFO);
			app->verbose = true;
		}
		if (rc == 0)
			rc = run_mail(&m, &err);
		else
			open_to_refuse(&m);
		if (rc < 0)
			rc = mail_refuse(&m, &err);
		mail_remind(&m);
	}
	mail_free(&m);
	return rc;
}

int cmd_send(struct app *app, int argc, char **argv)
{
	return send_or_filter(app, argc, argv, false);
}

int cmd_filter(struct app *app, int argc, char **argv)
{
	return send_or_filter(app, argc, argv, true);
}
