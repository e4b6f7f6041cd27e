/* SPDX-License-Identifier: ISC */
/* Keys that mails hold, judged together by gpg, and stored as candidates. */
#ifndef SEALPOST_LEARN_JUDGE_H
#define SEALPOST_LEARN_JUDGE_H

#include "base/buf.h"
#include "decide/learnt.h"
#include "store/candidates.h"

#define LEARN_BATCH 64              /* keys that are judged together */
#define LEARN_KNOWN 256             /* mails with keys that are stored, which are noted together */
#define LEARN_REMEMBERED_MAX 100000 /* addresses and keys of one run; more are not told of */

/* One key that a mail holds. */
struct learn_find {
	struct addr addr; /* whose it is to be */
	enum learnt_how how;
	int64_t date;
	bool mutual;
	struct buf key; /* owned; as it stands in the mail: binary or armoured */
	char *evidence; /* owned; JSON object */
	char *path;     /* owned; of the mail */
};

void learn_find_free(struct learn_find *f);

/* A candidate that this run has seen. */
struct learn_touched {
	char *address; /* owned */
	char fpr[CERT_FPR_MAX];
	bool is_new;
	unsigned hows; /* bits by enum learnt_how */
};

struct learn_job;
struct known_find;

struct judge {
	struct store *store;
	/* Told of each key that is left out, and why. */
	void (*left_out)(void *arg, const char *path, const char *address, const char *why);
	void *arg;
	/* inside: */
	struct learn_job *job; /* LEARN_BATCH of them */
	size_t n_job;
	struct known_find *known; /* LEARN_KNOWN of them */
	size_t n_known;
	struct candidate_note *note; /* owned; waits to be written */
	size_t n_note;
	void *touched, *refused; /* trees */
	size_t n_touched, n_refused;
};

int learn_judge_begin(struct judge *j, struct err *err);
/*
 * Takes a key; f is empty then. What was read before is noted without gpg; the rest waits until
 * there are enough. Only what concerns all is a failure: the store's, or that gpg cannot be run.
 */
int learn_judge(struct judge *j, struct learn_find *f, struct err *err);
/* Judges and stores what waits. */
int learn_judge_flush(struct judge *j, struct err *err);
/* Each candidate that was seen, in order of address. cb returns non-zero to stop with it. */
int learn_judge_each(
	struct judge *j, int (*cb)(void *arg, const struct learn_touched *t), void *arg);
void learn_judge_end(struct judge *j);

#endif
