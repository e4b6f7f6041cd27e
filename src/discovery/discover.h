/* SPDX-License-Identifier: ISC */
/*
 * Discovery as a verb sees it: pins first, then the network through sealpost-net, intake through
 * gpg, the verdict, and how it compares with the pin. All addresses at once.
 */
#ifndef SEALPOST_DISCOVER_H
#define SEALPOST_DISCOVER_H

#include "process/app.h"
#include "process/runner.h"
#include "decide/key_policy.h"
#include "decide/key_verdict.h"
#include "decide/rules.h"
#include "decide/unknown_cause.h"

/* What is known of one address's key. */
struct finding {
	const struct addr *addr; /* borrowed */
	/* in: */
	bool wanted; /* whether to ask at all; else left as it is */
	/* out: */
	enum key_status status; /* after the comparison with the pin */
	char reason[VERDICT_REASON_MAX];
	bool own; /* cert is the user's own key: nothing was asked */
	/* cert is a candidate of the gpg keyring, used because nothing is published: evidence of
	 * it, JSON, static; NULL: it is not. */
	const char *candidate;
	bool complete; /* all of this is told */
	int64_t asked; /* when the network was asked, in seconds since 1970; 0: it was not */
	bool cached;   /* its answer comes from the cache */
	bool due;      /* its pin is in good order, and it was time to ask again */
	bool weak;     /* of unusable: it would do, but for the policy on weak keys */
	bool pin_weak; /* its pin is too weak by that policy */
	char pin_why[KEY_POLICY_WHY_MAX]; /* why; "" unless it is */
	struct pin pin;                   /* as it was; state PIN_NONE without one */
	enum tofu_verdict tofu;
	struct cert
		cert; /* the certificate to use, or the one in conflict; owned; fpr "" if none */
	enum lookup_method method; /* METHOD_NONE when it is the pin, or nothing was found */
	enum dns_state dnssec;
	enum tls_auth tls;
	enum key_status
		seen; /* what the network said, whatever the pin made of it; set with evidence */
	enum unknown_cause cause; /* when the network said unknown */
	char *evidence;           /* JSON object, owned; NULL when the network was not asked */
};

struct discover {
	struct app *app;
	const struct mail_rules *one; /* of the mail that it is for; NULL: none */
	struct runner *runner;        /* NULL with offline */
	struct store *store;          /* NULL: no pins are known */
	bool offline;                 /* pins only */
	bool remembered;              /* with offline: and answers from the cache */
	bool fresh;                   /* what was asked before does not count */
	bool pins_first; /* a pin in good order is used without asking (send); else always ask
			    (lookup) */
	bool keep;       /* hold what differs, note what was seen */
	/* Told of each finding as it is complete, in any order; NULL: nobody. Its failure ends
	 * discover_all. */
	int (*done)(void *arg, struct finding *f, struct err *err);
	void *arg;
};

/*
 * Fills f[0..n), asking about each address once. Answers of a while ago are used as they came,
 * except for pins that are due. Failure is for what concerns all (no runner, no gpg, store broken);
 * what concerns one address is in its finding. The caller frees with findings_free in both cases.
 */
int discover_all(struct discover *d, struct finding *f, size_t n, struct err *err);

/* Sets status and reason. */
void finding_set(struct finding *f, enum key_status status, const char *reason);

/* Frees what it holds. */
void finding_free(struct finding *f);
/* The same of each, and the array. */
void findings_free(struct finding *f, size_t n);

/* "none", "match" or "conflict", as in the JSON. */
const char *finding_pin_word(const struct finding *f);

#endif
