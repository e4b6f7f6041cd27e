/* SPDX-License-Identifier: ISC */
/* sendmail's command line, as in sendmail(8) of Sendmail, Postfix and Exim. Pure. */
#ifndef SEALPOST_ARGS_H
#define SEALPOST_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"
#include "conf/conf.h"
#include "wire/handoff.h"

enum send_mode {
	SEND_MAIL,
	SEND_MAILQ,      /* -bp: the MTA's queue is listed */
	SEND_NEWALIASES, /* -bi, -I: its alias database is rebuilt */
};

struct send_args {
	enum send_mode mode;
	bool from_headers; /* -t */
	bool ignore_dots;  /* -i, -oi */
	bool have_sender;  /* -f or -r was given; "" or "<>" = the null sender */
	char sender[ADDR_TEXT_MAX + 3];
	char fullname[256];      /* -F */
	struct handoff_dsn dsn;  /* -N, -R, -V */
	bool have_setting;       /* -O was given */
	bool explain, online;    /* sealpost's own: --explain, --online */
	bool again;              /* --again: ignore earlier hand-offs */
	struct conf_policy once; /* sealpost's own: --encrypt=WORD and so on, for this mail */
	bool help;
	int verbose;       /* -v among sendmail's options */
	struct addr *rcpt; /* owned; from the command line, duplicates dropped */
	size_t n_rcpt;
};

/*
 * Reads what follows the verb (or argv[0] = sendmail). Attached and separate option arguments;
 * options end at the first recipient or at "--". Options of the MTAs that do not affect a message
 * are accepted and ignored. ERR_USAGE with the reason for -bs, -bd, -q..., -bv, and for any option
 * that could bypass sealing, operates on the queue, is unknown, or leaves unclear what is a
 * recipient. --RULE=WORD overrides the configuration for this mail. filter: only these, -t, -i, -f,
 * -- and recipients.
 */
int send_args_parse(int argc, char **argv, bool filter, struct send_args *a, struct err *err);
void send_args_free(struct send_args *a);

#endif
