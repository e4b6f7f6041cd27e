/* SPDX-License-Identifier: ISC */
/* Speaks SMTP to the mail servers of a domain, and judges what they show by what DANE and MTA-STS
 * ask for. */
#ifndef SEALPOST_MX_LIVE_H
#define SEALPOST_MX_LIVE_H

#include "mx/transport.h"
#include "net/smtp.h"

struct live;

/*
 * What a session shows, judged: m is the host in a, r what came. Fills in m->live. Pure.
 */
void live_judge(const struct check_reply *a, struct check_mx *m, const struct smtp_result *r);

/* Begins, once the transport is done; it and the reply are borrowed. done is called once. NULL
 * without memory. */
struct live *live_start(struct net *net, const struct check_request *request,
	struct check_reply *reply, const struct transport *transport, void (*done)(void *arg),
	void *arg);
/* Time is over; done is called if it was not. */
void live_expire(struct live *l, const char *why);
void live_free(struct live *l);

#endif
