/* SPDX-License-Identifier: ISC */
/* Candidates: keys for recipients whose domain has none, from each source in turn. */
#ifndef SEALPOST_CANDIDATES_H
#define SEALPOST_CANDIDATES_H

#include "decide/sources.h"
#include "mail/mail.h"

/* What one source has for one recipient. */
struct found_key {
	char fpr[CERT_FPR_MAX]; /* "": none */
	struct cert cert;       /* of SOURCE_HAS; owned */
	char *evidence;         /* of SOURCE_HAS: JSON object; owned */
	bool weak;              /* of SOURCE_UNFIT: only by the policy on weak keys */
	/* Of SOURCE_HAS why it is used, of SOURCE_UNFIT why it is not, of SOURCE_NAMES what is told
	 * of it, of SOURCE_FAILED why; foreign text in it is not yet made safe. */
	char why[VERDICT_REASON_MAX];
};

/* One recipient. */
struct candidate_job {
	struct finding *f; /* borrowed */
	struct source_said said[SOURCES];
	struct found_key key[SOURCES]; /* of the candidates' sources */
};

/* Notes a source's answer; fpr (NULL: none) and why are copied. */
void candidate_says(struct candidate_job *j, enum cert_source source, enum source_answer answer,
	const char *fpr, const char *why);

/*
 * A certificate as the source has it, checked by intake and the key policy: if it is the key with
 * that fingerprint, in good order and not rejected for the address, it is the source's to use, and
 * true. evidence: JSON object, copied. Failure to find out is false, too.
 */
bool candidate_takes(const struct mail *m, struct candidate_job *j, enum cert_source source,
	const char *fpr, const struct buf *cert, const char *evidence, const char *why);

/* The gpg keyring, as the setting gnupg has it. n: one job for each of the envelope. */
int candidates_gnupg(struct mail *m, struct candidate_job *j, size_t n, struct err *err);
/* The key servers, as the setting keyservers has it; likewise. */
int candidates_keyserver(struct mail *m, struct candidate_job *j, size_t n, struct err *err);

/* What was learnt from received mail; likewise. */
int candidates_learnt(struct mail *m, struct candidate_job *j, size_t n, struct err *err);

#endif
