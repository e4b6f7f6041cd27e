/* SPDX-License-Identifier: ISC */
/* Which MTA-STS policy a sender goes by: the record, the fetch, and a policy kept from before (RFC
 * 8461 sections 3 and 5). */
#ifndef SEALPOST_MX_STS_H
#define SEALPOST_MX_STS_H

#include "net/asks.h"
#include "net/host.h"
#include "wire/check.h"

#define STS_FETCH_MS 60000  /* RFC 8461 section 3.3 */
#define STS_REFRESH_S 86400 /* a kept policy is fetched again when it is older */

struct sts {
	struct net *net;
	const struct net_watch *watch;
	const struct check_request *request;
	struct check_sts *out;
	int64_t now; /* seconds since 1970 */
	bool always; /* fetch even if the kept policy would do */
	struct host *host;
	struct host_answer *at; /* owned; once it is there */
	struct https_get *get;
	struct timer limit;
	char host_name[DNS_NAME_MAX + 1];
	bool txt_done, over;
	void (*done)(void *arg); /* called once, perhaps at once */
	void *arg;
};

/* Fills s and begins. request, out and watch are borrowed. */
void sts_start(struct sts *s, struct asks *asks, struct net *net, const struct net_watch *watch,
	const struct check_request *request, struct check_sts *out, void (*done)(void *arg),
	void *arg);
/* Time is over, for the reason given; done is called if it was not. The record's question is the
 * asks' affair. */
void sts_expire(struct sts *s, const char *why);
/* Forgets what is under way. */
void sts_cancel(struct sts *s);

#endif
