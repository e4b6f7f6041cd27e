/* SPDX-License-Identifier: ISC */
/*
 * DNS questions, answered asynchronously and validated here, from the root's trust anchor down. The
 * only user of libunbound. Nobody's AD bit is believed.
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

enum { /* the types that are asked for */
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
	bool proxy; /* one is set: nothing is asked, since nothing of it could pass through */
};

/* An answer, borrowed: valid during the callback. */
struct dns_answer {
	const char *name; /* as asked */
	uint16_t type;
	enum dns_state state;
	uint8_t rcode;
	bool nxdomain;
	bool wildcard; /* secure, and proved to be synthesised: the name itself does not exist */
	size_t n;      /* records; always 0 when bogus or error */
	const uint8_t *const *data; /* RDATA */
	const size_t *len;
	const char *canon; /* where a CNAME chain led, "" if there was none */
	const char *note;  /* why bogus, or an error; else "" */
	uint32_t ttl;      /* seconds */
};

struct dns;
struct dns_query;
typedef void dns_done(void *arg, const struct dns_answer *a);

/* What an answer's fields say, tested in the order error, bogus, rcode, secure. rc is libunbound's
 * own code. Pure. */
struct dns_flags {
	int rc;
	int rcode;
	bool havedata, nxdomain, secure, bogus;
};
enum dns_state dns_classify(const struct dns_flags *f);

/* Whether the answer denies, definitively, that there is such a record. */
bool dns_absent(const struct dns_answer *a);

/* The file that dns_open takes the trust anchor from: the one configured, else the first usual one
 * there is. */
const char *dns_anchor_file(const struct dns_settings *s);

/*
 * Opens a resolver; nothing is asked yet. Reads /etc/resolv.conf now, the trust anchor again at the
 * first question. Fails closed: without a trust anchor, ERR_CONFIG. Where the system's resolver
 * turns out not to pass DNSSEC on, full recursion from the root takes its place, if that may be
 * (net/resolver.h); where UDP is not answered, TCP does. One over TLS is the one of the settings or
 * none. With a proxy, no resolver is opened, and whoever asks is told so.
 */
int dns_open(const struct dns_settings *s, struct dns **out, struct err *err);
/* Questions that are open end without their callback. */
void dns_close(struct dns *d);

/*
 * Asks. done is called once, from dns_process, never from here. Until the trust anchor has proved
 * itself with the root's own key set, no insecure answer is handed on; if it cannot, they turn into
 * errors. ERR_TEMP.
 */
int dns_ask(struct dns *d, const char *name, uint16_t type, dns_done *done, void *arg,
	struct dns_query **out, struct err *err);
/* From now on every question is refused, for that reason (ERR_TEMP; borrowed); NULL: no more. */
void dns_refuse(struct dns *d, const char *why);

/* How many questions are open that were asked less than DNS_YOUNG_MS ago. Older ones wait for
 * somebody who is slow or dead. */
#define DNS_YOUNG_MS 700
size_t dns_young(const struct dns *d);

/* Questions about the domain will come: what proves their answers is asked for now. Errors come
 * with the questions. */
void dns_foresee(struct dns *d, const char *domain);
/* Forgets a question; its callback will not be called. NULL is fine. */
void dns_cancel(struct dns_query *q);

/* Why the resolver itself is in doubt, or NULL when it has proved that it can be used. */
const char *dns_doubt(const struct dns *d);

/* What is unusual about the way that the answers come, for evidence and traces; NULL: nothing, or
 * not known yet. */
const char *dns_notice(const struct dns *d);

/* Readable when dns_process has something to do; so it has when dns_wait's milliseconds, at most
 * most, are over. */
int dns_fd(const struct dns *d);
int dns_wait(const struct dns *d, int64_t now, int most);
void dns_process(struct dns *d);

const char *dns_type_name(uint16_t type);   /* "A"...; "?" if it is none of the above */
const char *dns_rcode_name(unsigned rcode); /* "SERVFAIL"...; "?" */

#endif
