/* SPDX-License-Identifier: ISC */
/* The decisions about pins: the subcommands of "pins" that change something. */
#ifndef SEALPOST_PINS_DECIDE_H
#define SEALPOST_PINS_DECIDE_H

#include "process/app.h"

struct pins {
	struct app *app;
	bool json, last, held;
	int argc; /* what follows the subcommand */
	char **argv;
	struct store *store;
};

struct pins_target {
	char name[ADDR_TEXT_MAX + 1]; /* as in the store */
	char domain[ADDR_DOMAIN_MAX + 1];
	bool whole; /* the domain as a whole */
};

/*
 * An address; a domain (with a dot, or behind an @); a word with neither is a local recipient.
 * ERR_USAGE.
 */
int pins_target(const char *s, struct pins_target *t, struct err *err);

/* A decision that was carried out. Texts are borrowed; "" or NULL: none. */
struct pins_done {
	const char *address;
	const char *event;  /* as in the log */
	const char *fpr;    /* of the certificate concerned */
	const char *before; /* the fingerprint of the former pin */
	const char *words;  /* what follows "ADDRESS: " */
	struct pins_undo {
		const char *verb; /* sealpost pins VERB ADDRESS FPR; NULL: the end */
		const char *fpr;
	} undo[4]; /* in their order; none: cannot be undone, or nothing was changed */
};

/* Adds a command that undoes what was done, behind those that are there. */
void pins_undo_by(struct pins_done *done, const char *verb, const char *fpr);
/* Adds what makes the pin again what it was; false, and nothing, where that cannot be done. */
bool pins_undo_to(struct pins_done *done, const struct pin *was);

/* Prints what was done, and how to undo it. 0, or an error. */
int pins_say(const struct pins *p, const struct pins_done *done, struct err *err);

/* Prints to stderr what to do instead: "hint: sealpost pins VERB NAME FPR"; nothing if the name
 * cannot be pasted into a shell. fpr may be "". */
void pins_hint(const char *verb, const char *name, const char *fpr);

/*
 * The addresses of the last refusal for which want is true. Exit status 1 when there is none. Owned
 * by the caller.
 */
struct pins_last {
	char (*address)[ADDR_TEXT_MAX + 1]; /* owned */
	size_t n;
	bool found, failed, all; /* all: not the allowable ones only */
};
int pins_last(struct pins *p, struct pins_last *l, struct err *err);

/* Whether a pin that is set aside could be accepted again. */
bool pins_acceptable(const struct pin *pin);

/* The subcommands: 0 done, 1 not done or not all, or an error. */
int pins_accept(struct pins *p, struct err *err);
int pins_reject(struct pins *p, struct err *err);
int pins_verify(struct pins *p, struct err *err);
int pins_allow_clear(struct pins *p, struct err *err);
int pins_forget(struct pins *p, struct err *err);

#endif
