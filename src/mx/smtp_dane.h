/* SPDX-License-Identifier: ISC */
/* SMTP DANE of one mail server (RFC 7672): its addresses first, then its TLSA records, if they can
 * be usable. */
#ifndef SEALPOST_MX_SMTP_DANE_H
#define SEALPOST_MX_SMTP_DANE_H

#include "net/asks.h"
#include "net/tlsa.h"
#include "wire/check.h"

struct dane_host {
	struct asks *asks;
	struct check_mx *mx; /* the result; part of the reply */
	uint16_t port;
	struct {
		bool answered;
		enum dns_state state;
		size_t n;
		char why[DNS_NOTE_MAX];
	} a, aaaa, cname;
	char expanded[DNS_NAME_MAX + 1]; /* the end of the host's CNAME chain, or "" */
	char original[DNS_NAME_MAX +
		      1];        /* to be asked next if there is nothing at expanded, or "" */
	struct tlsa_set usable;  /* records that authenticate (RFC 7672 section 3.1) */
	void (*done)(void *arg); /* called once, possibly immediately */
	void *arg;
};

/* Initialises h and starts; mx->host must be set. h must not move until done is called or the asks
 * are cancelled. */
void dane_host_start(struct dane_host *h, struct asks *asks, struct check_mx *mx, uint16_t port,
	void (*done)(void *arg), void *arg);

#endif
