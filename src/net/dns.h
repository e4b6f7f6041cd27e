/* SPDX-License-Identifier: ISC */
/*
 * Asynchronous DNS lookups, validated locally from the root's trust anchor down. The only user of
 * libunbound. AD bits of resolvers are ignored.
 */
#ifndef SEALPOST_NET_DNS_H
#define SEALPOST_NET_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wire/lookup.h" /* enum dns_state */

#define DNS_NAME_MAX 254 /* with a final dot */
#define DNS_NOTE_MAX 256

enum { /* record types in use */
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_DS = 43,
	DNS_DNSKEY = 48,
	DNS_TLSA = 52,
	DNS_OPENPGPKEY = 61,
	DNS_CAA = 257,
};

/* "" or NULL: the built-in default. */
struct dns_settings {
	const char *resolver;     /* "system", "recursive", or see endpoint_resolver */
	const char *trust_anchor; /* file */
	const char *root_hints;   /* file; for full recursion */
	bool proxy; /* a proxy is set: nothing is asked, since DNS cannot pass through it */
};

/* An answer, borrowed: valid during the callback. */
struct dns_answer {
	const char *name; /* as asked */
	uint16_t type;
	enum dns_state state;
	uint8_t rcode;
	bool nxdomain;
	bool wildcard; /* secure, and proved to be synthesised from a wildcard: the name itself does
			  not exist */
	size_t n;      /* number of records; always 0 for bogus and error */
	const uint8_t *const *data; /* RDATA */
	const size_t *len;
	const char *canon; /* the end of a CNAME chain, "" if there was none */
	const char *note;  /* why bogus, or an error; else "" */
	uint32_t ttl;      /* seconds */
};

struct dns;
struct dns_query;
typedef void dns_done(void *arg, const struct dns_answer *a);

/* Flags of an answer, to be tested in the order error, bogus, rcode, secure. */
struct dns_flags {
	int rc;
	int rcode;
	bool havedata, nxdomain, secure, bogus;
};
enum dns_state dns_classify(const struct dns_flags *f);

/* The file that dns_open takes the trust anchor from: the one configured, else the first usual one
 * there is. */
const char *dns_anchor_file(const struct dns_settings *s);

/*
 * Opens a resolver without asking anything yet. Reads /etc/resolv.conf now, the trust anchor again
 * at the first question. ERR_CONFIG without a trust anchor. If the system's resolver does not pass
 * DNSSEC records, full recursion from the root replaces it where permitted (net/resolver.h); if UDP
 * is not answered, TCP is used. With a proxy, no resolver is opened, and every question fails with
 * that reason.
 */
int dns_open(const struct dns_settings *s, struct dns **out, struct err *err);
/* Open questions end without their callback. */
void dns_close(struct dns *d);

/*
 * Sends a question. done is called once, from dns_process, never from here. Insecure answers are
 * held back until the trust anchor has validated the root's key set; if it cannot, they become
 * errors. That a name is too long to exist (RFC 1035 section 2.3.4) is a secure denial, for which
 * nobody is asked. ERR_TEMP.
 */
int dns_ask(struct dns *d, const char *name, uint16_t type, dns_done *done, void *arg,
	struct dns_query **out, struct err *err);
/*
 * Asks whether anybody answers for a name at all. The answer is not validated: it is DNS_INSECURE
 * and proves nothing. The question is sent once: one that stays unanswered slows nothing down, and
 * a resolver counts it once. Where full recursion is used, the same as dns_ask.
 */
int dns_ask_apart(struct dns *d, const char *name, uint16_t type, dns_done *done, void *arg,
	struct dns_query **out, struct err *err);
/* Unless one is open: stops what is still done about questions asked apart that were cancelled. */
void dns_end_apart(struct dns *d);
/* Whether the resolver is on trial and may soon have proved itself. */
bool dns_on_trial(const struct dns *d, int64_t now);
/*
 * Notes what was found out about a domain. silent: later questions about it and what is below it
 * are not sent, but answered with an error, with this as its note; NULL: somebody answers for it.
 */
void dns_note_domain(struct dns *d, const char *domain, const char *silent);
/* Whether either was noted about just this domain. */
bool dns_knows_domain(const struct dns *d, const char *domain);

/* The number of open questions younger than DNS_YOUNG_MS. Older ones wait for a slow or dead
 * server. */
#define DNS_YOUNG_MS 700
/* Of them, while more are asked: what the resolver of a small network takes. */
#define DNS_YOUNG_MAX 200
size_t dns_young(const struct dns *d);
/* All that are open but those asked apart, and how many of them a resolver takes beside many that
 * were asked apart. */
#define DNS_OPEN_MAX 150
size_t dns_open_questions(const struct dns *d);

/* Prefetches the DNSSEC chain of a domain about which questions will follow. Errors are reported
 * with those. */
void dns_foresee(struct dns *d, const char *domain);
/* Cancels a question; its callback will not be called. NULL is permitted. */
void dns_cancel(struct dns_query *q);

/* Why the resolver itself is not trusted, or NULL once it has proved usable. */
const char *dns_doubt(const struct dns *d);

/* What is unusual about how answers are obtained, for evidence and traces; NULL: nothing, or not
 * known yet. */
const char *dns_notice(const struct dns *d);

/* Readable when dns_process has work; dns_wait returns the milliseconds, at most most, after which
 * it has work as well. */
int dns_fd(const struct dns *d);
int dns_wait(const struct dns *d, int64_t now, int most);
void dns_process(struct dns *d);

const char *dns_type_name(uint16_t type);   /* "A"...; "?" for any other type */
const char *dns_rcode_name(unsigned rcode); /* "SERVFAIL"...; "?" */

#endif
