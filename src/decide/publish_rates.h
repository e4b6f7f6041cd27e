/* SPDX-License-Identifier: ISC */
/* What certificates for many new names cost in time, by the rates of the authority and of the web
 * server. Pure. */
#ifndef SEALPOST_PUBLISH_RATES_H
#define SEALPOST_PUBLISH_RATES_H

#include <stdbool.h>
#include <stddef.h>

#define RATE_ORDERS 300 /* of an account of Let's Encrypt, in RATE_HOURS */
#define RATE_HOURS 3
#define RATE_WEEKLY 50 /* certificates for names below one registered domain */

/* Days, rounded up, until an account has ordered a certificate for each of n names. */
size_t publish_order_days(size_t n);
/* The same for names below one registered domain. */
size_t publish_domain_days(size_t n);

/* The registered domain that a host lies in, within its text. It is guessed: the last two labels,
 * or three where the second is one of those that registries use (co.uk). */
const char *publish_registered(const char *host);

/* Sorts the hosts by registered domain, and finds the one that most of them lie in: how many. *of
 * is one of them; NULL: there are none. */
size_t publish_most_of_one(const char **host, size_t n, const char **of);

#endif
