/* SPDX-License-Identifier: ISC */
/*
 * Compares the facts of the last check with those of now, and decides which changes are alarms. A
 * fact not known now is neither gone nor changed: the last value is kept. Pure.
 */
#ifndef SEALPOST_WATCH_H
#define SEALPOST_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define WATCH_ITEMS_MAX 512  /* facts of one name */
#define WATCH_VALUE_MAX 2048 /* bytes of one value */
#define WATCH_TEXT_MAX (1u << 20)

enum watch_fact {
	WATCH_PROTECTION, /* dane, mta-sts, none */
	WATCH_DNSSEC,     /* secure, insecure, bogus */
	WATCH_MX,         /* hosts, sorted, separated by blanks */
	WATCH_DANE,       /* of a host: usable, unusable, insecure, none */
	WATCH_STS,        /* enforce, testing, none, absent */
	WATCH_REPORTS,    /* addresses, sorted, separated by blanks; none */
	WATCH_TLS_KEY,    /* of a host: SHA-256 of the key */
	WATCH_ISSUER,     /* of a host */
	WATCH_LOGGED,     /* of a host's certificate: verified, counted, none, false */
	WATCH_CAA,        /* of a host: allows, forbids (every authority) */
	WATCH_CERT_FROM,  /* of a host: seconds since 1970 */
	WATCH_CERT_UNTIL, /* likewise */
	WATCH_SERVED_KEY, /* of an address: fingerprint, none, unusable */
	WATCH_KEY_UNTIL,  /* of an address: seconds since 1970 */
	WATCH_OWN_KEY,    /* of an own address: its fingerprint */
	WATCH_ASKED,      /* of a host or address with dates not known now: when they were */
	WATCH_FACTS,
};

struct watch_item {
	enum watch_fact fact;
	char *subject; /* owned; "" if the fact is about the name itself */
	char *value;   /* owned; NULL: asked for but unknown */
};

struct watch_facts {
	struct watch_item *v; /* owned; by fact and subject, each once */
	size_t n;
	bool failed; /* out of memory, or too many */
};

/* Adds or replaces one. Control characters become '?'; values are truncated at WATCH_VALUE_MAX.
 */
void watch_add(struct watch_facts *f, enum watch_fact fact, const char *subject, const char *value);
/* NULL: it is not there. */
const struct watch_item *watch_find(
	const struct watch_facts *f, enum watch_fact fact, const char *subject);
void watch_free(struct watch_facts *f);

/* Writes the facts as text for storing, one a line. 0 or -1. watch_read ignores lines it cannot
 * parse. */
int watch_write(struct buf *out, const struct watch_facts *f);
void watch_read(struct watch_facts *f, const char *text);

enum watch_alarm {
	ALARM_NONE, /* changed, but no alarm */
	ALARM_PROTECTION_LOST,
	ALARM_DNSSEC_LOST,
	ALARM_DANE_LOST,
	ALARM_STS_LOST,
	ALARM_MX_CHANGED,
	ALARM_REPORTS_GONE,
	ALARM_KEY_NOT_LOGGED,
	ALARM_CAA_FORBIDS,
	ALARM_CERT_EXPIRES,
	ALARM_KEY_EXPIRES,
	ALARM_WRONG_KEY,
};

struct watch_said {
	enum watch_fact fact;
	enum watch_alarm alarm;
	const char *subject;        /* borrowed from now */
	const char *before, *after; /* borrowed; before is NULL if there was none */
};

/*
 * Calls say for everything to be reported, in the order of the facts. last: empty the first time.
 * asked: time of the last facts, in seconds since 1970; now_at: now. Expiry of certificates and
 * keys is reported once in advance (30 days, or a third of a certificate's life), and once when
 * they have expired.
 */
void watch_compare(const struct watch_facts *last, int64_t asked, const struct watch_facts *now,
	int64_t now_at, void (*say)(void *arg, const struct watch_said *s), void *arg);

/* Merges the facts for storing: those of now, and those of last, asked then, that are unknown now.
 * 0 or -1. */
int watch_merge(struct watch_facts *out, const struct watch_facts *last, int64_t asked,
	const struct watch_facts *now);

/* Whether a fact that was asked for is unknown. CAA is not: few records tell for sure. */
bool watch_incomplete(const struct watch_facts *f);

const char *watch_fact_name(enum watch_fact f);    /* "protection"... as in the JSON */
const char *watch_alarm_name(enum watch_alarm a);  /* "protection-lost"...; NULL: none */
const char *watch_alarm_means(enum watch_alarm a); /* a sentence for people; "" for none */

#endif
