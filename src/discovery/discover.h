/* SPDX-License-Identifier: ISC */
/*
 * Key discovery, the interface for verbs: pins first, then the network through sealpost-net, intake
 * through gpg, the verdict, and the comparison with the pin. All addresses at once.
 */
#ifndef SEALPOST_DISCOVER_H
#define SEALPOST_DISCOVER_H

#include "process/app.h"
#include "process/runner.h"
#include "decide/key_policy.h"
#include "decide/key_verdict.h"
#include "decide/rules.h"
#include "decide/unknown_cause.h"

/* The result for one address. */
struct finding {
	const struct addr *addr; /* borrowed */
	/* in: */
	bool wanted; /* look this one up; otherwise left unchanged */
	/* out: */
	enum key_status status; /* after the comparison with the pin */
	char reason[VERDICT_REASON_MAX];
	bool own; /* cert is the user's own key: no lookup was made */
	/* cert is a candidate from this source, used because nothing is published, and its
	 * evidence, a JSON object, owned; SOURCE_NONE and NULL: it is not. */
	enum cert_source candidate;
	char *candidate_evidence;
	/* Fingerprints of keys that are not used, "" for none: of one in the user's keyring that a
	 * person is to decide about, and of one that received mail has. */
	char in_gnupg[CERT_FPR_MAX], learnt[CERT_FPR_MAX];
	/* What keeps the user's own key for it from being sealed to, since it or a part of it has
	 * expired, and the command that ends that; owned; NULL: there is no such key. */
	char *lapsed, *lapsed_mend;
	bool server_failed;    /* a key server could not be asked, or does not tell */
	char *server_evidence; /* of the key server asked last, a JSON object, owned; NULL: none was
				*/
	bool complete;         /* the result is final */
	int64_t asked; /* time of the network lookup, in seconds since 1970; 0: none was made */
	bool cached;   /* the answer comes from the cache */
	bool due;      /* the pin is usable, but was due for refresh */
	bool weak;     /* unusable only because of the policy on weak keys */
	bool pin_weak; /* the pin is too weak by that policy */
	char pin_why[KEY_POLICY_WHY_MAX]; /* the reason; "" unless it is */
	struct pin pin; /* the pin before the lookup; state PIN_NONE without one */
	enum tofu_verdict tofu;
	struct cert
		cert; /* the certificate to use, or the one in conflict; owned; fpr "" if none */
	enum lookup_method method; /* METHOD_NONE if it is the pin, or nothing was found */
	enum dns_state dnssec;
	enum tls_auth tls;
	enum key_status seen; /* the network's answer, before the comparison with the pin; set with
				 evidence */
	enum unknown_cause cause; /* if the network's answer is unknown */
	bool reached;             /* some host answered about it over verified TLS */
	bool unread;    /* what the user has of keys could not be read, and may have one for it */
	char *evidence; /* JSON object, owned; NULL if the network was not asked */
};

struct discover {
	struct app *app;
	const struct mail_rules *one; /* rules for this mail; NULL: none */
	struct runner *runner;        /* NULL with offline */
	struct store *store;          /* NULL: no pins are known */
	bool offline;                 /* pins only */
	bool remembered;              /* with offline: also answers from the cache */
	bool fresh;                   /* ignore cached answers */
	bool pins_first; /* use a usable pin without a lookup (send); else always look up (lookup)
			  */
	bool keyservers; /* also ask the key servers of addresses without a pin; of a pin that came
			    from one they are asked in any case */
	bool keep;       /* store the results: hold differing keys, record what was seen */
	/* Called for each finding when it is complete, in any order; may be NULL. Its failure ends
	 * discover_all. */
	int (*done)(void *arg, struct finding *f, struct err *err);
	void *arg;
};

/*
 * Fills f[0..n), looking up each address once. Cached answers are used as they are, except for pins
 * that are due. Fails only if no address can be looked up (no runner, no gpg, store broken); errors
 * of one address are in its finding. The caller frees with findings_free in both cases.
 */
int discover_all(struct discover *d, struct finding *f, size_t n, struct err *err);

/*
 * Asks the key servers alone about each that is wanted, whose domain has none: f->status is that
 * absence. If a key server has a certificate for it, the result is as of discover_all; otherwise
 * the absence stands, with a reason. Pins are not changed. Offline, without a cached answer, it is
 * unknown.
 */
int discover_servers(struct discover *d, struct finding *f, size_t n, struct err *err);

/* Sets status and reason. */
void finding_set(struct finding *f, enum key_status status, const char *reason);

/* Frees what the finding owns. */
void finding_free(struct finding *f);
/* The same for each, then the array itself. */
void findings_free(struct finding *f, size_t n);

/* "none", "match" or "conflict", as in the JSON. */
const char *finding_pin_word(const struct finding *f);

#endif
