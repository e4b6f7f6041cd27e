/*
 * A lookup while it is under way: its life is in methods.c, the Web Key Directory in directory.c,
 * the OPENPGPKEY record in record.c. Only for these.
 */
#ifndef SEALPOST_WKD_UNDER_WAY_H
#define SEALPOST_WKD_UNDER_WAY_H

#include "net/fetch.h"
#include "wkd/methods.h"
#include "wkd/name.h"

struct lookup {
	struct methods *m;
	struct net *net; /* NULL if nothing can be asked */
	struct addr addr;
	struct lookup_reply reply;
	struct evidence evidence;
	struct net_watch watch;
	struct timer deadline, patience;
	bool wkd_busy, dane_busy;
	bool expired; /* the deadline has come */
	/* WKD */
	struct host *host;
	struct fetch *fetch;
	char host_name[WKD_HOST_MAX + 1];
	enum dns_state denial;          /* of openpgpkey.DOMAIN, when the direct method is used */
	struct net_ip ip[HOST_IPS_MAX]; /* of openpgpkey.DOMAIN */
	size_t n_ip;
	char *failed;  /* owned: why the advanced method failed, while it is found out whether a
			  wildcard is to blame */
	bool wildcard; /* it is */
	/* OPENPGPKEY */
	char owner[WKD_OWNER_MAX + 1];
	struct dns_query *record, *soa;
	bool zone_known, zone_insecure; /* what became of soa */
	struct lookup *prev, *next;
};

/* Sends the reply when both methods have ended; l is gone then. */
void lookup_finish_if_done(struct lookup *l);

/* One method has ended, for the reason given. Without memory for the reason it has failed. */
void lookup_set_result(
	struct lookup *l, struct method_result *r, enum method_status status, const char *reason);

/* Each of the following may end its method at once; none of them finishes the lookup. */

void directory_start(struct lookup *l);
/* The deadline has come: within says when, doubt what is wrong with the resolver (or NULL). */
void directory_expire(struct lookup *l, const char *doubt, const char *within);
/* Forgets what is being asked. */
void directory_stop(struct lookup *l);
/* Ends the method. */
void directory_end(struct lookup *l, enum method_status status, const char *reason);

void record_start(struct lookup *l);
void record_expire(struct lookup *l, const char *doubt, const char *within);
void record_stop(struct lookup *l);
void record_end(struct lookup *l, enum method_status status, const char *reason);

#endif
