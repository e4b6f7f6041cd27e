/* SPDX-License-Identifier: ISC */
/*
 * How mail travels to domains, asked of sealpost-net, with the MTA-STS policies that are kept: they
 * go along with the question, and what was fetched is kept.
 */
#ifndef SEALPOST_TRANSPORT_H
#define SEALPOST_TRANSPORT_H

#include "process/app.h"
#include "decide/protection.h"
#include "process/runner.h"
#include "wire/check.h"

struct transport {
	struct check_request q;       /* in: domain and what is wanted; the rest is filled here */
	struct check_reply reply;     /* out, owned: when it was answered */
	struct protection protection; /* what that adds up to */
	bool answered;
	bool recalled;         /* from the cache */
	char why[ERR_MSG_MAX]; /* why not */
};

/*
 * Asks at once about all of t[0..n) that are not answered already. store may be NULL; keep: new
 * policies are kept in it. Fails only if nothing could be asked (no runner, store broken, a helper
 * that breaks the rules); a helper that is gone leaves the rest unanswered. The caller frees each
 * with transport_free in both cases.
 */
int transport_ask(struct app *app, struct runner *runner, struct store *store, bool keep,
	struct transport *t, size_t n, struct err *err);

#define TRANSPORT_OWED_MAX 1024 /* questions that the helper has at a time */

/* The same in two steps, between which the helper works and the caller may do something else. */
struct transport_round {
	struct transport *t; /* borrowed until the end */
	size_t n, left;
	size_t next, owed; /* the first that was not asked; asked and not answered */
	struct store *store;
	int sock;
	int64_t limit_ms; /* for all of them */
	/* Of the caller, before transport_end: called for each that is answered, in any order; it
	 * may take the reply (transport_drop). NULL: no. An error ends the round. */
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
