/* SPDX-License-Identifier: ISC */
/* tls = require: which recipients require TLS, and what is to be looked up for them. Pure. */
#ifndef SEALPOST_GATE_H
#define SEALPOST_GATE_H

#include "conf/conf.h"
#include "decide/protection.h"
#include "decide/rules.h"
#include "mime/message.h"

enum gate_way {
	GATE_FREE,  /* nothing is required */
	GATE_LOCAL, /* required, but delivered on this machine */
	GATE_ASK,   /* required: the next hop must be protected */
	GATE_NEVER, /* required, but TLS cannot be enforced: an address literal, a name without a
		     * dot
		     */
};

/* One recipient, and its result. */
struct gate_rcpt {
	enum gate_way way;
	const char *hop, *by; /* from gate_way */
	enum err_code code;   /* ERR_NONE: permitted; else why has the reason */
	char why[ERR_MSG_MAX];
};

/*
 * How one recipient is to be reached. *hop: the domain to
 * ask about: the smart host, else the recipient's; borrowed from c, id or a. *rule: the name of the
 * policy that requires it, or NULL.
 */
enum gate_way gate_way(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, const char **hop, const char **by);

/* Whether the message says "TLS-Required: No" (RFC 8689 section 5). */
bool gate_waived(const struct message *m);

/* One recipient, as far as it can be told without asking. waived: by gate_waived. */
void gate_begin(struct gate_rcpt *g, const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, bool waived);
/* What is known of its hop: the facts and what they add up to; facts NULL: there was no answer, and
 * why says why not. */
void gate_judge(struct gate_rcpt *g, const struct check_reply *facts, const struct protection *p,
	const char *why);

/* The recipient because of which the mail is refused; NULL: all are permitted. A domain that
 * accepts no mail is worst; temporary reasons go before permanent ones. */
const struct gate_rcpt *gate_gravest(const struct gate_rcpt *g, size_t n);

/* The hint for a refused recipient. unasked: the network was not asked, but --online would. hint
 * has ERR_HINT_MAX bytes. */
void gate_hint(
	const struct gate_rcpt *g, const char *address, bool waived, bool unasked, char *hint);

#endif
