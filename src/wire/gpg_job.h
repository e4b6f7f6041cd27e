/* SPDX-License-Identifier: ISC */
/*
 * The request for one run of gpg that may talk to the user's agent. It says what is to be done, by
 * enums, fingerprints and numbers: nothing in it becomes an argument of gpg's as it is.
 */
#ifndef SEALPOST_GPG_JOB_H
#define SEALPOST_GPG_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/frame.h"

#define GPG_JOB_FPR_MAX 65
#define GPG_JOB_RING_MAX 1024   /* recipients in the keyring */
#define GPG_JOB_FILES_MAX 10001 /* and in files of their own */
#define GPG_JOB_HOME_MAX 16

enum gpg_work {
	GPG_SEALS, /* encrypts, and signs where there is a signer */
	GPG_SIGNS, /* a detached signature, armoured */
	GPG_OPENS, /* decrypts */
};

/* Descriptors attached to the request, in this order. */
enum { GPG_JOB_IN, GPG_JOB_OUT, GPG_JOB_STATUS, GPG_JOB_FDS };
_Static_assert(GPG_JOB_FDS <= FRAME_FDS_MAX, "they go with one frame");

/* Where the gpg home has the key of recipient number n, of n_file. */
#define GPG_JOB_FILE "to%zu"

struct gpg_job_key {
	char fpr[GPG_JOB_FPR_MAX];
};

struct gpg_job {
	enum gpg_work work;
	char home[GPG_JOB_HOME_MAX];  /* the gpg home: its name in the temporary folder of this run;
					 has GPG_RING */
	char signer[GPG_JOB_FPR_MAX]; /* "": none */
	bool asks;                    /* for the passphrase; else it has to be cached */
	bool compresses;
	bool only_aes; /* with 128 bits: the recipients' preferences have no cipher in common */
	struct gpg_job_key *to; /* recipients whose keys are in the keyring; owned */
	size_t n_to;
	size_t n_file; /* and those whose keys are in files of their own */
};

void gpg_job_write(struct wr *w, const struct gpg_job *j);
/* Strict: what is read can be run as it is. ERR_INTERNAL. */
int gpg_job_read(struct rd *r, struct gpg_job *j, struct err *err);
void gpg_job_free(struct gpg_job *j);

#endif
