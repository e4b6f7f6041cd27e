/* SPDX-License-Identifier: ISC */
/*
 * How mail to domains is protected in transit, determined by sealpost-net. Cached MTA-STS policies
 * are sent along with the question, and fetched ones are stored.
 */
#ifndef SEALPOST_TRANSPORT_H
#define SEALPOST_TRANSPORT_H

#include "process/app.h"
#include "decide/protection.h"
#include "process/runner.h"
#include "wire/check.h"

struct transport {
	struct check_request q;       /* in: domain and want; the rest is set here */
	struct check_reply reply;     /* out, owned: valid if answered */
	struct protection protection; /* out: the resulting protection */
	bool answered;
	bool recalled;         /* from the cache */
	char why[ERR_MSG_MAX]; /* why not */
};

/*
 * Asks about all of t[0..n) at once, except those answered already. store may be NULL; keep: stores
 * new policies there. Fails only if nothing could be asked (no runner, store broken, protocol
 * violation by the helper); if the helper ends early, the rest stays unanswered. The caller frees
 * each with transport_free in both cases.
 */
int transport_ask(struct app *app, struct runner *runner, struct store *store, bool keep,
	struct transport *t, size_t n, struct err *err);

#define TRANSPORT_OWED_MAX 1024 /* open questions of the helper at a time */

/* The same in two steps, so that the caller can do other work in between. */
struct transport_round {
	struct transport *t; /* borrowed until the end */
	size_t n, left;
	size_t next, owed; /* the next to ask; the number asked but not answered */
	struct store *store;
	int sock;
	int64_t limit_ms; /* for all of them */
	int64_t until;    /* clock_ms: that long they are waited for */
	/* Set by the caller before transport_end: called for each answer, in any order; it may free
	 * the reply (transport_drop). May be NULL. An error ends the round. */
	int (*done)(void *arg, struct transport *t, struct err *err);
	void *arg;
};

/* Asks. transport_end or transport_cancel follows in any case. */
int transport_begin(struct transport_round *r, struct app *app, struct runner *runner,
	struct store *store, struct transport *t, size_t n, struct err *err);
/* Waits for the answers. */
int transport_end(struct transport_round *r, bool keep, struct err *err);
/* Does not. */
void transport_cancel(struct transport_round *r);

/* Frees the reply alone; t stays answered. */
void transport_drop(struct transport *t);
void transport_free(struct transport *t);

#endif
