/* SPDX-License-Identifier: ISC */
/*
 * Keys besides the pins and what the domains have: the user's own, and candidates, from each of
 * their sources in turn.
 */
#ifndef SEALPOST_CANDIDATES_H
#define SEALPOST_CANDIDATES_H

#include "decide/sources.h"
#include "discovery/discover.h"
#include "process/session.h"

/* For whom keys are looked for, and with what. All borrowed. */
struct key_search {
	struct app *app;
	struct session *session;
	const struct mail_rules *rules;       /* rules for this mail; NULL: none */
	const struct conf_identity *identity; /* NULL: none */
	bool servers;                         /* the key servers are asked as well */
	bool may_ask;       /* over the network; otherwise only what is remembered counts */
	struct err *unread; /* out: why the user's own keys or keyring could not be read */
};

/*
 * Resolves the user's own addresses among n complete or empty findings: to the own key, unless the
 * user has verified another one, without any lookup. If the own keys cannot be determined,
 * s->unread has the reason. Fails if the store does.
 */
int own_keys_find(const struct key_search *s, struct finding *f, size_t n, struct err *err);

/*
 * Whether a candidate's source (decide/sources.h) has a key for those who seem to have none, where
 * the rules want to know. One that cannot be asked makes them unknown, unless it is a key server.
 */
int candidates_find(const struct key_search *s, struct finding *f, size_t n, struct err *err);

/*
 * Where the pin that a finding uses is a key of the gpg keyring (gnupg = use), and the keyring was
 * written to since it was last seen there: what its owner has changed or revoked counts. A keyring
 * that cannot be read changes nothing. Fails if the store does.
 */
int gnupg_pins_check(struct discover *d, struct gpg_daemons *daemons, struct finding *f, size_t n,
	struct err *err);

/* What one source has for one address. */
struct found_key {
	char fpr[CERT_FPR_MAX]; /* "": none */
	struct cert cert;       /* of SOURCE_HAS; owned */
	char *evidence;         /* of SOURCE_HAS: JSON object; owned */
	bool weak;              /* of SOURCE_UNFIT: only by the policy on weak keys */
	/* Of SOURCE_HAS why it is used, of SOURCE_UNFIT why it is not, of SOURCE_NAMES what is told
	 * of it, of SOURCE_FAILED why; foreign text in it is not yet made safe. */
	char why[VERDICT_REASON_MAX];
};

/* One address. */
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
bool candidate_takes(const struct key_search *s, struct candidate_job *j, enum cert_source source,
	const char *fpr, const struct buf *cert, const char *evidence, const char *why);

/* The gpg keyring, as the setting gnupg has it. */
int candidates_gnupg(
	const struct key_search *s, struct candidate_job *j, size_t n, struct err *err);
/* The key servers, as the setting keyservers has it; likewise. */
int candidates_keyserver(
	const struct key_search *s, struct candidate_job *j, size_t n, struct err *err);

/* What was learnt from received mail; likewise. */
int candidates_learnt(
	const struct key_search *s, struct candidate_job *j, size_t n, struct err *err);

#endif
