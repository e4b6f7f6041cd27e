/* SPDX-License-Identifier: ISC */
/* Where a recipient's key may come from, in order, and what each of them said -> which is used.
 * Pure. */
#ifndef SEALPOST_SOURCES_H
#define SEALPOST_SOURCES_H

#include <stdbool.h>

#include "decide/key_status.h"

/* In order. */
enum cert_source {
	SOURCE_NONE = 0,
	SOURCE_VERIFIED,  /* the pin, which a person verified */
	SOURCE_OWN,       /* the user's own secret key */
	SOURCE_PIN,       /* any other pin */
	SOURCE_DOMAIN,    /* WKD and OPENPGPKEY together */
	SOURCE_GNUPG,     /* candidates from here on: the user's gpg keyring */
	SOURCE_KEYSERVER, /* a key server that verifies addresses */
	SOURCE_LEARNT,    /* received mail */
};
#define SOURCES (SOURCE_LEARNT + 1)

enum source_answer {
	SOURCE_UNASKED = 0, /* nobody looked there */
	SOURCE_HAS_NONE,
	SOURCE_FAILED, /* it could not be asked */
	SOURCE_NAMES,  /* it has a key that is not used by itself, and holds nothing up */
	SOURCE_ASKS,   /* it has a key that a person is to decide about */
	SOURCE_UNFIT, /* it has a key, which may not be used: dead, weak, or another than the pin */
	SOURCE_HAS,   /* it has a key to use */
};

struct source_said {
	enum source_answer answer;
	const char *fpr; /* borrowed; of a candidate that has a key; else NULL */
};

enum sources_outcome {
	OUTCOME_USE,     /* the key of this source */
	OUTCOME_ABSENT,  /* nobody has one, and everybody who counts was asked */
	OUTCOME_NAME,    /* likewise, and this source has one that is told of */
	OUTCOME_ASK,     /* refused: a person decides about the key of this source */
	OUTCOME_REFUSE,  /* the key of this source may not be used */
	OUTCOME_UNKNOWN, /* this source could not be asked */
};

struct sources_out {
	enum sources_outcome outcome;
	enum cert_source by; /* SOURCE_NONE with OUTCOME_ABSENT */
	/* The first candidate that a person is to decide about, and the first that could not be
	 * asked and may have a key, whatever the outcome; SOURCE_NONE: none. */
	enum cert_source asks, unread;
};

/*
 * What those before the candidates said, from what is known of an address's key once its pin and
 * its domain were heard. own: it is the user's own; by_pin: the pin made it so. said has SOURCES
 * elements, by source.
 */
void sources_begin(struct source_said *said, enum key_status status, bool own, bool by_pin);

/*
 * Whether a source is looked at after what those before it said. One before it that has a key, of
 * whatever kind, settles it. Candidates: only where the domain said that it has none, and nothing
 * puts that in doubt; the gpg keyring in doubt too, for keys that are beyond it (candidate.h). What
 * a person is to decide about already is a reason to ask no server.
 */
bool sources_look(enum cert_source source, const struct source_said *said);

/*
 * The first that has a key is used, but not past one that a person is to decide about, unless that
 * is the same key, nor past one that could not be asked and whose failure counts: a key server's
 * does not, and that of the user's own keys only where no pin and no domain has one.
 */
struct sources_out sources_decide(const struct source_said *said);

/* The name of a candidate's pin in its method; NULL: it is no candidate. Static. */
const char *source_pin_method(enum cert_source source);
/* The candidate whose pin has that method, else SOURCE_NONE. */
enum cert_source source_of_pin(const char *method);
/* "your gpg keyring" and the like, of a candidate. Static. */
const char *source_place(enum cert_source source);

#endif
