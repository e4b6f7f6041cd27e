/* SPDX-License-Identifier: ISC */
/* How mail to a domain is protected in transit: its mail servers, DANE of each, and MTA-STS.
 */
#ifndef SEALPOST_MX_TRANSPORT_H
#define SEALPOST_MX_TRANSPORT_H

#include "net/net.h"
#include "wire/check.h"

struct transport;

/*
 * Starts; fills in the transport part of reply, and calls done once, from the event loop. request,
 * reply and watch are borrowed until then, or until it is freed. NULL if memory is short.
 */
struct transport *transport_start(struct net *net, const struct net_watch *watch,
	const struct check_request *request, struct check_reply *reply, void (*done)(void *arg),
	void *arg);
/* Time-out: anything not known by now becomes unknown. done is called, unless it was. */
void transport_expire(struct transport *t, const char *why);
/* NULL is permitted. */
void mx_transport_free(struct transport *t);

struct tlsa_set;
/* The records that authenticate the reply's i-th host, while the transport is there. */
const struct tlsa_set *transport_tlsa(const struct transport *t, size_t i);

#endif
