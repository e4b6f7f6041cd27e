/* SPDX-License-Identifier: ISC */
/*
 * What sealpost asks sealpost-net, and what comes back. sealpost-net knows DNS and HTTPS; it does
 * not look into certificates: bodies travel as they came, the verdict is made in the process that
 * asked.
 */
#ifndef SEALPOST_LOOKUP_H
#define SEALPOST_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "wire/frame.h"

#define LOOKUP_BODY_MAX (1u << 20) /* octets of one HTTP answer or of all OPENPGPKEY records */
#define LOOKUP_BODIES_MAX 8
#define LOOKUP_EVIDENCE_MAX 64 /* DNS questions, and URLs, kept per lookup */
#define LOOKUP_URL_MAX 2048
#define LOOKUP_REASON_MAX 512
#define LOOKUP_REPLY_LAYOUT                                                                        \
	4 /* replies are also kept on disk: to be raised when their octets change */

/* From the runner, which reads the configuration itself. "" means the built-in default. */
struct net_settings {
	char resolver[256];      /* "system", "recursive", or see endpoint_resolver */
	char trust_anchor[1024]; /* file */
	char root_hints[1024];   /* file */
	char ca_file[1024];      /* PEM bundle */
	char ct_log_list[1024];  /* certificate transparency logs, log_list v3 JSON; "": SCTs are
				    counted only */
	char proxy[256];         /* see endpoint_proxy; everything goes through it */
	uint32_t timeout_ms;     /* of one lookup, all methods together */
	uint32_t connect_ms;     /* to connect to one host */
	uint8_t methods;         /* those that may be asked, bits as in lookup_request; 0: all */
	uint8_t verbose;         /* send FRAME_TRACE lines */
	uint16_t smtp_port;      /* the only one that SMTP may be spoken to; 0: none. Not from the
				    configuration */
};

/*
 * How long, in milliseconds, a helper may take for n questions of timeout_ms each that it was asked
 * at once: it keeps that time itself and starts so many together, so this is for one that hangs.
 */
#define TALK_SLACK_MS 5000
#define TALK_TOGETHER 50
int64_t talk_ms(uint32_t timeout_ms, size_t n);

enum lookup_method { METHOD_NONE, METHOD_WKD_ADVANCED, METHOD_WKD_DIRECT, METHOD_OPENPGPKEY };
#define METHOD_WKD 1u /* bits of lookup_request.methods */
#define METHOD_DANE 2u
#define METHODS_ALL (METHOD_WKD | METHOD_DANE)

struct lookup_request {
	uint32_t id;
	uint8_t methods;
	struct addr addr;
};

/* State of a DNS answer (error, bogus, rcode and secure are tested in that order). */
enum dns_state { DNS_SECURE = 1, DNS_INSECURE, DNS_BOGUS, DNS_ERROR };

/* How one method ended. Absent is an answer; failed is none. They are never folded together. */
enum method_status {
	METHOD_NOT_ASKED = 0,
	METHOD_FOUND,  /* at least one body */
	METHOD_ABSENT, /* definitive: nothing is published by this method */
	METHOD_FAILED, /* could not be told */
};

/* Of what a web server answered: whether it answers so to every name (see wkd/control.h). */
enum control {
	CONTROL_NONE = 0, /* not asked: it is a key at first sight, or the host has no excuse */
	CONTROL_ALIKE,    /* to a name that nobody has published it answers alike */
	CONTROL_OTHER,    /* it does not: 404, 410, or something else */
	CONTROL_FAILED,   /* could not be told */
};

enum tls_auth { TLS_NONE = 0, TLS_WEBPKI, TLS_WEBPKI_DANE };

struct evidence_dns {
	char *name; /* owned */
	uint16_t type;
	uint8_t state; /* enum dns_state */
	uint8_t rcode;
	uint16_t answers;
	bool nxdomain;
	uint32_t ms; /* since the lookup began */
	char *note;  /* owned; why bogus, CNAME target, "" */
};

struct evidence_url {
	char *url;       /* owned; with the query only when verbose */
	uint16_t status; /* 0: none came */
	uint8_t tls;     /* enum tls_auth */
	char ip[46];     /* "" if none was connected to */
	char spki[65];   /* SHA-256 of the server's SubjectPublicKeyInfo, lower-case hex, or "" */
	uint32_t ms;
	char *note; /* owned; error text, redirect target, "" */
};

struct method_result {
	enum method_status status;
	enum lookup_method method; /* the one of WKD's two that decided */
	bool proved; /* of absent: DNSSEC-secure denial, or 404/410 from an authenticated server */
	enum dns_state
		dnssec; /* of the answer that chose the method; of the record for OPENPGPKEY */
	enum tls_auth tls;
	enum control control; /* of METHOD_FOUND by WKD */
	/* Of METHOD_FOUND: the direct method was asked although openpgpkey.DOMAIN seems to exist,
	 * because of a wildcard in an unsigned zone: no absence comes of that. */
	bool wildcard;
	bool proxy_down; /* of METHOD_FAILED: the proxy of the settings cannot be used */
	char *url; /* owned; last URL asked, or the OPENPGPKEY owner name; without the query; or ""
		    */
	/* Owned; one sentence for METHOD_ABSENT and METHOD_FAILED; of METHOD_FOUND with wildcard:
	 * why the advanced method failed, else "". Only to be shown. */
	char *reason;
	uint32_t ttl; /* seconds the answer may be kept; 0 unknown */
	struct {
		uint8_t *data; /* owned */
		size_t len;
	} body[LOOKUP_BODIES_MAX];
	size_t n_body;
};

struct lookup_reply {
	uint32_t id;
	struct method_result wkd;
	struct method_result dane;
	struct evidence_dns *dns; /* owned */
	size_t n_dns;
	struct evidence_url *url; /* owned */
	size_t n_url;
	uint32_t ms; /* the whole lookup */
};

void net_settings_write(struct wr *w, const struct net_settings *s);
int net_settings_read(struct rd *r, struct net_settings *s, struct err *err);
void lookup_request_write(struct wr *w, const struct lookup_request *q);
/* Parses the address again: what arrives is not believed. */
int lookup_request_read(struct rd *r, struct lookup_request *q, struct err *err);
void lookup_reply_write(struct wr *w, const struct lookup_reply *a);
/* *a is initialised here; on success the caller frees it with lookup_reply_free, on failure it is
 * empty. */
int lookup_reply_read(struct rd *r, struct lookup_reply *a, struct err *err);
void lookup_reply_free(struct lookup_reply *a);

const char *lookup_method_name(enum lookup_method m); /* "wkd-advanced"... as in the JSON */
const char *dns_state_name(enum dns_state s);         /* "secure", "insecure", "bogus", "error" */
const char *tls_auth_name(enum tls_auth t);           /* "webpki", "webpki+dane", NULL for none */

#endif
