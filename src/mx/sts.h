/* SPDX-License-Identifier: ISC */
/* Determines the MTA-STS policy that a sender applies: the record, the fetch, and a cached policy
 * (RFC 8461 sections 3 and 5). */
#ifndef SEALPOST_MX_STS_H
#define SEALPOST_MX_STS_H

#include "net/asks.h"
#include "net/host.h"
#include "wire/check.h"

#define STS_FETCH_MS 60000  /* RFC 8461 section 3.3 */
#define STS_REFRESH_S 86400 /* a cached policy is fetched again when it is older */

struct sts {
	struct net *net;
	const struct net_watch *watch;
	const struct check_request *request;
	struct check_sts *out;
	int64_t now; /* seconds since 1970 */
	bool always; /* fetch even if the cached policy would do */
	struct host *host;
	struct host_answer *at; /* owned; set when resolved */
	struct https_get *get;
	struct timer limit;
	char host_name[DNS_NAME_MAX + 1];
	bool txt_done, over;
	void (*done)(void *arg); /* called once, possibly immediately */
	void *arg;
};

/* Initialises s and starts. request, out and watch are borrowed. */
void sts_start(struct sts *s, struct asks *asks, struct net *net, const struct net_watch *watch,
	const struct check_request *request, struct check_sts *out, void (*done)(void *arg),
	void *arg);
/* Time-out, with a reason; done is called unless it was. The record's question belongs to the asks.
 */
void sts_expire(struct sts *s, const char *why);
/* Cancels everything pending. */
void sts_cancel(struct sts *s);

#endif
