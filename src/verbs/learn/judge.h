/* SPDX-License-Identifier: ISC */
/* Keys found in mails: checked by gpg in batches, and stored as candidates. */
#ifndef SEALPOST_LEARN_JUDGE_H
#define SEALPOST_LEARN_JUDGE_H

#include "base/buf.h"
#include "decide/learnt.h"
#include "store/candidates.h"

#define LEARN_BATCH 64              /* keys in one batch */
#define LEARN_KNOWN 256             /* mails with keys that are stored, which are noted together */
#define LEARN_REMEMBERED_MAX 100000 /* addresses and keys of one run; more are not reported */

/* One key found in a mail. */
struct learn_find {
	struct addr addr; /* the address that it is for */
	enum learnt_how how;
	int64_t date;
	bool mutual;
	struct buf key; /* owned; as in the mail: binary or armoured */
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
	/* Called for each ignored key, with the reason. */
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
 * Takes a key, and empties f. Known keys are noted without gpg; others wait until the batch is
 * full. Fails only for errors that affect all keys: the store's, or if gpg cannot be run.
 */
int learn_judge(struct judge *j, struct learn_find *f, struct err *err);
/* Checks and stores the waiting keys. */
int learn_judge_flush(struct judge *j, struct err *err);
/* Each candidate that was seen, in order of address. cb returns non-zero to stop with it. */
int learn_judge_each(
	struct judge *j, int (*cb)(void *arg, const struct learn_touched *t), void *arg);
void learn_judge_end(struct judge *j);

#endif
