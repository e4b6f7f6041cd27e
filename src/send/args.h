/* sendmail's command line, as sendmail(8) of Sendmail, Postfix and Exim have it. Pure. */
#ifndef SEALPOST_ARGS_H
#define SEALPOST_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"

struct send_args {
	bool from_headers; /* -t */
	bool ignore_dots;  /* -i, -oi */
	bool have_sender;  /* -f or -r was given; "" or "<>" = the null sender */
	char sender[ADDR_TEXT_MAX + 3];
	char fullname[256];   /* -F */
	bool explain, online; /* sealpost's own: --explain, --online */
	bool help;
	int verbose;       /* -v among sendmail's options */
	struct addr *rcpt; /* owned; from the command line, duplicates dropped */
	size_t n_rcpt;
};

/*
 * Reads what follows the verb (or argv[0] = sendmail). Attached and separate option arguments;
 * options end at the first recipient or at "--". Accepted without effect: what the MTAs know and
 * what carries no message. -bs, -bd, -bi, -bp, -q..., -bv, -I and anything that could carry a
 * message past the tool or is unknown: ERR_USAGE with the reason. filter: only -t, -i, -f, -- and
 * recipients.
 */
int send_args_parse(int argc, char **argv, bool filter, struct send_args *a, struct err *err);
void send_args_free(struct send_args *a);

#endif
