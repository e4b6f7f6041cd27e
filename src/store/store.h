/* SPDX-License-Identifier: ISC */
/*
 * pins.db: the pins with their certificates, what was seen of them, an append-only log and the last
 * refusals. The only user of SQLite. Every change is one transaction; a reader never sees half of
 * one. Errors: ERR_CREATE when the folder or file cannot be made, ERR_IO when SQLite fails,
 * ERR_CONFIG when what lies there is not ours (foreign or newer schema, wrong owner or mode, a
 * symlink).
 */
#ifndef SEALPOST_STORE_H
#define SEALPOST_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "decide/tofu.h"

#define EVIDENCE_MAX 16384 /* with its NUL; longer evidence is not kept */

struct store;

struct pin {
	char address[ADDR_TEXT_MAX +
		     1]; /* struct addr's name; a domain for a domain-wide allow-clear */
	enum pin_state state;
	char fpr[CERT_FPR_MAX]; /* "" for PIN_CLEAR */
	uint8_t *cert;          /* owned; filtered certificate */
	size_t cert_len;
	int64_t expires; /* as struct cert */
	bool revoked;
	uint64_t enc_keyid[CERT_SUBKEYS_MAX];
	size_t n_enc;
	int64_t first_seen, last_seen; /* seconds since 1970 */
	char method[16];               /* "wkd-advanced", ... of the last observation; "" unknown */
	bool held;                     /* a different certificate is held */
	char held_fpr[CERT_FPR_MAX];
	/* Of a pin that is written: JSON object of the observation, borrowed; NULL: what is there
	 * of the same certificate stays. Never read: see store_pin_evidence. */
	const char *evidence;
};

_Static_assert(sizeof(struct pin) < 1024, "pins are copied and kept by the thousand");

/*
 * dir: the data folder, made if missing unless readonly. readonly where there is no store yet: it
 * acts as an empty one. Also ERR_TEMP when another process holds it for longer than ten seconds.
 */
int store_open(struct store **s, const char *dir, bool readonly, struct err *err);
void store_close(struct store *s);

/* 1 found (*p filled; pin_free), 0 none, negative error. */
int store_pin_get(struct store *s, const char *address, struct pin *p, struct err *err);
/* Its last observation, a JSON object or "": 1 found, *out is the caller's; 0 none. */
int store_pin_evidence(struct store *s, const char *address, char **out, struct err *err);
/*
 * Writes pin, observation and log line in one transaction; first_seen and last_seen of 0 mean now.
 * event: "pinned", "updated", "replaced", "verified"... What is held stays, unless it is this very
 * certificate or the pin is an allow-clear now. A pin of another fingerprint that was there is set
 * aside. ERR_CONFLICT: the fingerprint was rejected for this address; only store_pin_accept takes
 * that back.
 */
int store_pin_put(struct store *s, const struct pin *p, const char *event, struct err *err);
/*
 * As store_pin_put, but only while the pin still has the fingerprint old_fpr: a decision that a
 * person made meanwhile stands. The state and first_seen stay when the fingerprint stays. 1
 * written, 0 the pin is another one now, or gone (read it again), or p's fingerprint was rejected.
 */
int store_pin_update(struct store *s, const struct pin *p, const char *old_fpr, const char *event,
	struct err *err);
/*
 * First use, race-free: writes p only if the address has no pin yet, or only an allow-clear (a key
 * that appears later wins), and never a rejected fingerprint. 1 written, 0 not (read it again).
 */
int store_pin_first(struct store *s, const struct pin *p, struct err *err);
/* Holds a different certificate beside the pin. 0 done; 1 not, for it was rejected. */
int store_pin_hold(struct store *s, const char *address, const struct cert *c, const char *method,
	const char *evidence, struct err *err);
/*
 * 1 forgotten, 0 there was none. Also drops what is held, and former pins; what was rejected stays
 * so. Of a domain also that it is served.
 */
int store_pin_forget(struct store *s, const char *address, struct err *err);
/* In order of address; cb returns non-zero to stop. p is borrowed. */
int store_pin_each(
	struct store *s, int (*cb)(const struct pin *p, void *arg), void *arg, struct err *err);
void pin_free(struct pin *p);

/* 1 if the domain (A-label) is allowed clear as a whole, and is not served. */
int store_domain_clear(struct store *s, const char *domain, struct err *err);

/*
 * A served domain is one that gave a certificate here, by WKD or OPENPGPKEY, in the last
 * SERVED_DAYS; what was imported does not count. It outlives the pins; store_pin_forget of the
 * domain ends it.
 */
#define SERVED_DAYS 400
#define SERVED_WAY_MAX 16
/* Notes that a domain gave one, and how: a method's name. */
int store_served_add(struct store *s, const char *domain, const char *way, struct err *err);
/* 1 if the domain is served; way (SERVED_WAY_MAX bytes) is how it gave the last one, "" if that is
 * not known. */
int store_served_way(struct store *s, const char *domain, char *way, struct err *err);
/* 1 if the domain is served. */
int store_domain_served(struct store *s, const char *domain, struct err *err);

/* A certificate held beside a pin. */
struct held {
	char fpr[CERT_FPR_MAX];
	uint8_t *cert; /* owned; filtered certificate */
	size_t cert_len;
	int64_t expires;
	uint64_t enc_keyid[CERT_SUBKEYS_MAX];
	size_t n_enc;
	bool revoked;           /* seen revoked since */
	int certified;          /* by the pinned key while that was good: 1, 0, or -1 not known */
	char uid[CERT_UID_MAX]; /* foreign text */
	int64_t first_seen, last_seen;
	char method[16];
	char evidence[EVIDENCE_MAX];
};

/* 1 found (*h filled; held_free), 0 none. */
int store_held_get(struct store *s, const char *address, struct held *h, struct err *err);
void held_free(struct held *h);

/* A certificate that was rejected, or was the pin once. */
struct aside {
	char fpr[CERT_FPR_MAX];
	bool rejected, revoked;
	int64_t since, expires;
	bool can_encrypt;
};

/* Those of an address, the newest first. cb returns non-zero to stop. */
int store_aside_each(struct store *s, const char *address,
	int (*cb)(const struct aside *a, void *arg), void *arg, struct err *err);

/*
 * A person's decisions, about a certificate that they name by its fingerprint: each one
 * transaction, which does nothing if things have changed since they looked. 1 done, 0 no such
 * certificate.
 */

/*
 * Makes the pin what is held, was rejected or was the pin once; or takes back that the pin itself
 * was rejected or verified. State: tofu. The former pin is set aside. Also 0: it is revoked,
 * expired, or cannot encrypt.
 */
int store_pin_accept(struct store *s, const char *address, const char *fpr, struct err *err);
/* Of what is held, the pin, or what was the pin once: never to be used, nor held, for this address.
 */
int store_pin_reject(struct store *s, const char *address, const char *fpr, struct err *err);
/* Of a pin that is neither rejected nor revoked: a person compared the fingerprint. */
int store_pin_verify(struct store *s, const char *address, const char *fpr, struct err *err);

/* 1 if a person rejected this fingerprint for this address, now or earlier. */
int store_rejected(struct store *s, const char *address, const char *fpr, struct err *err);
/*
 * 1 if this fingerprint is the address's pin at this moment, and may be used: a certificate that
 * was read before is used only if it is.
 */
int store_pin_still(struct store *s, const char *address, const char *fpr, struct err *err);
/*
 * A certificate was seen revoked, for whatever address: it counts as that everywhere from now on,
 * pinned, held or set aside; but for the pin of the address except ("": for none), which the caller
 * sees to with store_pin_update.
 */
int store_revoke(struct store *s, const char *fpr, const char *except, struct err *err);
/* 1 if it is the pin of any address, and not known to be revoked. */
int store_pinned_alive(struct store *s, const char *fpr, struct err *err);

/* How a certificate was obtained, each time one was; the newest 32 of an address are kept. */
struct observation {
	int64_t time;
	const char *fpr, *method, *evidence; /* borrowed, for the callback only */
	bool held;
};

/* The newest first. cb returns non-zero to stop. */
int store_observation_each(struct store *s, const char *address,
	int (*cb)(const struct observation *o, void *arg), void *arg, struct err *err);

struct log_line {
	int64_t time;
	const char *address, *event, *fpr,
		*what; /* borrowed, for the callback only; "" when not there */
};

/* In order of time; of one address, or of all with NULL. cb returns non-zero to stop. */
int store_log_each(struct store *s, const char *address,
	int (*cb)(const struct log_line *l, void *arg), void *arg, struct err *err);

/* The log. what is one line; address may be "". */
int store_log(
	struct store *s, const char *address, const char *event, const char *what, struct err *err);

/* 1 if a certificate of an address of any other domain came over HTTPS at since or later. */
int store_other_answered(struct store *s, const char *domain, int64_t since, struct err *err);

struct refusal {
	int64_t time; /* 0 when added: now */
	int exit;
	char sender[ADDR_TEXT_MAX + 1];
	char hint[ERR_HINT_MAX];
	struct {
		char address[ADDR_TEXT_MAX + 1]; /* struct addr's name */
		char reason[ERR_MSG_MAX];
		bool allowable; /* policy_rcpt's: "pins allow-clear --last" may settle it */
	} * rcpt;               /* owned */
	size_t n_rcpt;
};

/* Keeps the last 100. */
int store_refusal_add(struct store *s, const struct refusal *r, struct err *err);
/*
 * The time of the first of the refusals since a time that named this address with this exit status;
 * 0: there is none.
 */
int store_refused_since(struct store *s, const char *address, int exit, int64_t since,
	int64_t *first, struct err *err);
/* The newest first; at most max. cb as above. */
int store_refusal_each(struct store *s, int max, int (*cb)(const struct refusal *r, void *arg),
	void *arg, struct err *err);

#endif
