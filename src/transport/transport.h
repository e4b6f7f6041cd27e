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
 * policies are kept in it. Failure is for what concerns all (no runner, store broken, a helper that
 * breaks the rules); a helper that is gone leaves the rest unanswered. The caller frees each with
 * transport_free in both cases.
 */
int transport_ask(struct app *app, struct runner *runner, struct store *store, bool keep,
	struct transport *t, size_t n, struct err *err);

/* The same in two steps, between which the helper works and the caller may do something else. */
struct transport_round {
	struct transport *t; /* borrowed until the end */
	size_t n, left;
	struct store *store;
	int sock;
	int64_t limit_ms; /* for all of them */
};

/* Asks. transport_end or transport_cancel follows in any case. */
int transport_begin(struct transport_round *r, struct app *app, struct runner *runner,
	struct store *store, struct transport *t, size_t n, struct err *err);
/* Waits for the answers. */
int transport_end(struct transport_round *r, bool keep, struct err *err);
/* Does not. */
void transport_cancel(struct transport_round *r);

void transport_free(struct transport *t);

#endif
