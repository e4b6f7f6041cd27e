/* SPDX-License-Identifier: ISC */
/* Connects to the mail servers of a domain by SMTP, and compares their TLS with the requirements of
 * DANE and MTA-STS. */
#ifndef SEALPOST_MX_LIVE_H
#define SEALPOST_MX_LIVE_H

#include "mx/transport.h"
#include "net/smtp.h"

/* Which of two sessions with addresses of one host is the one to tell. An address that does not
 * answer is passed over where another does, as senders do. Pure. */
bool live_is_worse(const struct check_smtp *a, const struct check_smtp *b);

struct live;

/*
 * Judges a session: m is the host in a, r the result. Fills in m->live. Pure.
 */
void live_judge(const struct check_reply *a, struct check_mx *m, const struct smtp_result *r);

/* Starts, after the transport part is complete; that and the reply are borrowed. done is called
 * once. NULL if memory is short. */
struct live *live_start(struct net *net, const struct check_request *request,
	struct check_reply *reply, const struct transport *transport, void (*done)(void *arg),
	void *arg);
/* Time-out; done is called unless it was. */
void live_expire(struct live *l, const char *why);
void live_free(struct live *l);

#endif
