/* SPDX-License-Identifier: ISC */
/*
 * pins.db: the pins with their certificates, observations, an append-only log and recent refusals.
 * Every change is one transaction. Errors: ERR_CREATE if the folder or file cannot be created,
 * ERR_IO if SQLite fails, ERR_CONFIG if the file is not ours (foreign or newer schema, wrong owner
 * or mode, a symlink).
 */
#ifndef SEALPOST_STORE_H
#define SEALPOST_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "decide/tofu.h"

#define EVIDENCE_MAX 16384 /* including its NUL; longer evidence is not stored */

struct store;

struct pin {
	char address[ADDR_TEXT_MAX +
		     1]; /* struct addr's name; a domain for a domain-wide allow-clear */
	enum pin_state state;
	char fpr[CERT_FPR_MAX]; /* "" for PIN_CLEAR */
	uint8_t *cert;          /* owned; the filtered certificate */
	size_t cert_len;
	int64_t expires; /* as struct cert */
	bool revoked;
	uint64_t enc_keyid[CERT_SUBKEYS_MAX];
	size_t n_enc;
	int64_t first_seen, last_seen; /* seconds since 1970 */
	char method[16];               /* "wkd-advanced", ... of the last observation; "" unknown */
	bool held;                     /* a different certificate is held */
	char held_fpr[CERT_FPR_MAX];
	/* For writing only: JSON object of the observation, borrowed; NULL keeps the stored one of
	 * the same certificate. Not set on reading: see store_pin_evidence. */
	const char *evidence;
};

_Static_assert(sizeof(struct pin) < 1536, "pins are copied and kept by the thousand");

/* Creates the data folder if it is missing, and syncs what is above it before there is a store in
 * it; an error says how to choose another one. */
int store_make_dir(const char *dir, struct err *err);

/*
 * dir: the data folder, created if missing unless readonly. With readonly a missing store acts as
 * an empty one. Also ERR_TEMP if another process locks it for longer than ten seconds.
 */
int store_open(struct store **s, const char *dir, bool readonly, struct err *err);
void store_close(struct store *s);

/*
 * One transaction around many calls, each of which is still undone by itself if it fails. store_end
 * commits it if rc is not negative, else nothing of it remains; returns rc, or the failure. Other
 * programs wait meanwhile: nothing that takes time belongs inside.
 */
int store_begin(struct store *s, struct err *err);
int store_end(struct store *s, int rc, struct err *err);

/* 1 found (*p filled; pin_free), 0 none, negative error. */
int store_pin_get(struct store *s, const char *address, struct pin *p, struct err *err);
/* Its last observation, a JSON object or "": 1 found, the caller frees *out; 0 none. */
int store_pin_evidence(struct store *s, const char *address, char **out, struct err *err);
/*
 * Writes pin, observation and log line in one transaction; first_seen and last_seen of 0 mean now.
 * event: "pinned", "updated", "replaced", "verified"... A held certificate is kept, unless it is
 * this one or the pin is now an allow-clear. An earlier pin with another fingerprint is set aside.
 * ERR_CONFLICT: the fingerprint was rejected for this address; only store_pin_accept can undo that.
 */
int store_pin_put(struct store *s, const struct pin *p, const char *event, struct err *err);
/*
 * Like store_pin_put, but only if the pin still has the fingerprint old_fpr and, if p has another
 * one, nobody has verified or rejected it: a concurrent decision of the user stands. State,
 * first_seen and a revocation are kept if the fingerprint is unchanged. 1 written; 0 if not (read
 * it again), or p's fingerprint was rejected.
 */
int store_pin_update(struct store *s, const struct pin *p, const char *old_fpr, const char *event,
	struct err *err);
/*
 * Pins on first use, without races: writes p only if the address has no pin, or only an allow-clear
 * (which a later key overrides), and never a rejected fingerprint. 1 written, 0 not (read it
 * again).
 */
int store_pin_first(struct store *s, const struct pin *p, struct err *err);
/* Holds a different certificate beside the pin. 0 done, or there is no other
 * pin any more; 1 not, because it was rejected. */
int store_pin_hold(struct store *s, const char *address, const struct cert *c, const char *method,
	const char *evidence, struct err *err);
/*
 * Deletes the pin, its held certificate and former pins; rejections remain. For a domain also
 * deletes that it is served. 1 deleted, 0 there was none.
 */
int store_pin_forget(struct store *s, const char *address, struct err *err);
/* Calls cb for each pin in order of address; cb returns non-zero to stop. p is borrowed. */
int store_pin_each(
	struct store *s, int (*cb)(const struct pin *p, void *arg), void *arg, struct err *err);
void pin_free(struct pin *p);

/* 1 if the whole domain (A-label) has an allow-clear and is not served. */
int store_domain_clear(struct store *s, const char *domain, struct err *err);

/*
 * A domain is served if it delivered a certificate, by WKD or OPENPGPKEY, in the last SERVED_DAYS;
 * imports do not count. This outlives the pins; store_pin_forget of the domain ends it.
 */
#define SERVED_DAYS 400
#define SERVED_WAY_MAX 16
/* Records that a domain delivered one, and by which method. */
int store_served_add(struct store *s, const char *domain, const char *way, struct err *err);
/* 1 if the domain is served; way (SERVED_WAY_MAX bytes) receives the method of the last one, "" if
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
	bool revoked;  /* since seen revoked */
	int certified; /* certified by the pinned key while that was valid: 1, 0, or -1 if not known
			*/
	char uid[CERT_UID_MAX]; /* foreign text */
	int64_t first_seen, last_seen;
	char method[16];
	char evidence[EVIDENCE_MAX];
};

/* 1 found (*h filled; held_free), 0 none. */
int store_held_get(struct store *s, const char *address, struct held *h, struct err *err);
void held_free(struct held *h);

/* A certificate that was rejected, or a former pin. */
struct aside {
	char fpr[CERT_FPR_MAX];
	bool rejected, revoked;
	int64_t since, expires;
	bool can_encrypt;
};

/* Calls cb for those of an address, newest first; cb returns non-zero to stop. */
int store_aside_each(struct store *s, const char *address,
	int (*cb)(const struct aside *a, void *arg), void *arg, struct err *err);

/*
 * Decisions of the user about a certificate named by its fingerprint: each is one transaction,
 * which does nothing if the state has changed in between. 1 done, 0 no such certificate.
 */

/*
 * Pins a certificate that is held, rejected or a former pin; or undoes rejection or verification of
 * the pin itself. The state becomes tofu, and the former pin is set aside. Also 0 if it is revoked,
 * expired, or cannot encrypt.
 */
int store_pin_accept(struct store *s, const char *address, const char *fpr, struct err *err);
/* Rejects the held certificate, the pin or a former pin: never to be used or held for this address.
 */
int store_pin_reject(struct store *s, const char *address, const char *fpr, struct err *err);
/* Marks a pin that is neither rejected nor revoked as verified: the user compared the fingerprint.
 */
int store_pin_verify(struct store *s, const char *address, const char *fpr, struct err *err);

/* 1 if the user has rejected this fingerprint for this address, now or earlier. */
int store_rejected(struct store *s, const char *address, const char *fpr, struct err *err);
/*
 * 1 if this fingerprint is the address's pin at this moment and may be used. To be checked before
 * using a certificate read earlier.
 */
int store_pin_still(struct store *s, const char *address, const char *fpr, struct err *err);
/*
 * Marks a certificate that was seen revoked as such everywhere, whether pinned, held or set aside;
 * except for the pin of the address except ("": no exception), which the caller updates by
 * store_pin_update.
 */
int store_revoke(struct store *s, const char *fpr, const char *except, struct err *err);
/* 1 if it is pinned for any address and not known to be revoked. */
int store_pinned_alive(struct store *s, const char *fpr, struct err *err);

/* How a certificate was obtained; the newest 32 of an address are kept. */
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
		*what; /* borrowed, valid during the callback only; "" if missing */
};

/* Calls cb in order of time, for one address, or for all if NULL; cb returns non-zero to stop. */
int store_log_each(struct store *s, const char *address,
	int (*cb)(const struct log_line *l, void *arg), void *arg, struct err *err);

/* Adds a line to the log. what is one line; address may be "". */
int store_log(
	struct store *s, const char *address, const char *event, const char *what, struct err *err);

/* 1 if a certificate for an address in any other domain was received over HTTPS at since or later.
 */
int store_other_answered(struct store *s, const char *domain, int64_t since, struct err *err);

struct refusal {
	int64_t time; /* 0 when added: now */
	int exit;
	bool mta; /* exit is the MTA's, or stands for what it did */
	char sender[ADDR_TEXT_MAX + 1];
	char hint[ERR_HINT_MAX];
	struct {
		char address[ADDR_TEXT_MAX + 1]; /* struct addr's name */
		char reason[ERR_MSG_MAX];
		bool allowable; /* from policy_rcpt: "pins allow-clear --last" may resolve it */
	} * rcpt;               /* owned */
	size_t n_rcpt;
};

/* Keeps the last 100. */
int store_refusal_add(struct store *s, const struct refusal *r, struct err *err);
/*
 * The time of the first refusal since then, the MTA's apart, that named this address with this exit
 * status; 0 if there is none.
 */
int store_refused_since(struct store *s, const char *address, int exit, int64_t since,
	int64_t *first, struct err *err);
/* The newest first; at most max. cb as above. */
int store_refusal_each(struct store *s, int max, int (*cb)(const struct refusal *r, void *arg),
	void *arg, struct err *err);

#endif
