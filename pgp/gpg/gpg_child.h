/* SPDX-License-Identifier: ISC */
/*
 * Runs gpg to sign, encrypt or decrypt, without GPGME, which asks gpg for its version each time (as
 * long as sealing a small mail) and formats traces of all data (as long as encrypting it).
 */
#ifndef SEALPOST_GPG_CHILD_H
#define SEALPOST_GPG_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "pgp/gpg/daemons.h"

#define GPG_CHILD_FPR_MAX 65

struct gpg_child {
	const struct gpg_job *job;
	struct gpg_daemons *daemons; /* who run it */
	struct gpg_ready *ready;     /* the one to be used, whose ends it takes; NULL: a new one */
	bool small; /* its output may be buffered until it ends, which avoids waiting for pieces */
	int timeout_ms;
	/* Supplies gpg's input: up to n bytes; 0 at the end; negative: abort with err. */
	ssize_t (*give)(void *arg, void *p, size_t n, struct err *err);
	/* Receives gpg's output: 0, or negative as above. */
	int (*take)(void *arg, const void *p, size_t n, struct err *err);
	void *arg;
	struct gpg_talk *talk; /* its own; NULL: it is not running */

	/* Results: */
	bool succeeded;              /* exit status 0 */
	bool encrypted;              /* END_ENCRYPTION */
	unsigned n_sigs;             /* SIG_CREATED; then: */
	unsigned hash;               /* its number in OpenPGP */
	char fpr[GPG_CHILD_FPR_MAX]; /* of the key */
	bool bad_recipient;          /* INV_RECP */
	bool bad_signer;             /* INV_SGNR */
	bool no_secret_key;          /* NO_SECKEY, of any key it is sealed to */
	unsigned failure; /* gpg_error_t of the first FAILURE, or why a key did not decrypt; 0: none
			   */
};

/*
 * What a gpg needs that is started while the mail, whose size is small or not known to be, is yet
 * to be read. Once it is started, given away with gpg_ready_give. Freed with gpg_ready_free, by
 * whoever has it, used or not. ERR_OS, ERR_CREATE.
 */
int gpg_ready_make(struct gpg_ready *r, bool small, struct err *err);
void gpg_ready_free(struct gpg_ready *r);
/* It was started: it is kept until it is taken. */
void gpg_ready_give(struct gpg_daemons *d, struct gpg_ready *r);
/* Into *r, which is the caller's from now on; false if there is none. */
bool gpg_ready_take(struct gpg_daemons *d, struct gpg_ready *r);

/*
 * In two steps, so that another can run beside it: the first ends when gpg has been given all of
 * its input, and each that succeeded is to be ended. 0 if gpg ended by itself, with any result;
 * ERR_TEMP: stopped at the time-out, which counts from the beginning; ERR_OS; or the error of give
 * or take, or of the daemons'. c stays at its address.
 */
int gpg_child_begin(struct gpg_child *c, struct err *err);
int gpg_child_end(struct gpg_child *c, struct err *err);
void gpg_child_drop(struct gpg_child *c); /* instead: ends gpg; one that is not running: nothing */
/* Both steps. */
int gpg_child_run(struct gpg_child *c, struct err *err);
/* Whether pinentry failed before it could ask: its terminal is gone, or it has no screen. */
bool gpg_child_unable_to_ask(const struct gpg_child *c);
/* Whether it failed because nobody gave the passphrase of the key; that too. */
bool gpg_child_locked(const struct gpg_child *c);

#endif
