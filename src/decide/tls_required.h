/* SPDX-License-Identifier: ISC */
/* tls = require: who of a mail's recipients has to be reached by a bound way, and what is to be
 * asked for it. Pure. */
#ifndef SEALPOST_GATE_H
#define SEALPOST_GATE_H

#include "conf/conf.h"
#include "mime/message.h"

enum gate_way {
	GATE_FREE,  /* nothing is required */
	GATE_LOCAL, /* required, and delivered on this machine: it does not travel */
	GATE_ASK,   /* required: the next hop has to bind */
	GATE_NEVER, /* required, and nothing can bind it: an address literal, a name without a dot
		     */
};

/* One recipient, and what became of the question. */
struct gate_rcpt {
	enum gate_way way;
	const char *hop, *by; /* as gate_way has them */
	enum err_code code;   /* ERR_NONE: it may go there; else why says why not */
	char why[ERR_MSG_MAX];
};

/*
 * How one recipient is to be reached. *hop: the domain to
 * ask about: the smart host, else the recipient's; borrowed from c, id or a. *rule: the name of the
 * policy that requires it, or NULL.
 */
enum gate_way gate_way(const struct conf *c, const struct conf_identity *id, const struct addr *a,
	const char **hop, const char **by);

/* Whether the message says "TLS-Required: No" (RFC 8689 section 5). */
bool gate_waived(const struct message *m);

#endif
