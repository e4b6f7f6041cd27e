/* SPDX-License-Identifier: ISC */
/*
 * Key lookup requests to sealpost-net, and its replies. sealpost-net handles DNS and HTTPS but does
 * not parse certificates: bodies are passed on unchanged, and the asking process makes the verdict.
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
	5 /* replies are also stored on disk: increase when their encoding changes */

#define NET_KEYSERVERS 8 /* all that are configured */
#define NET_KEYSERVERS_MAX 1024

/* From the runner, which reads the configuration itself. "" means the built-in default. */
struct net_settings {
	char resolver[256];      /* "system", "recursive", or see endpoint_resolver */
	char trust_anchor[1024]; /* file */
	char root_hints[1024];   /* file */
	char ca_file[1024];      /* PEM bundle */
	char ct_log_list[1024];  /* certificate transparency logs, log_list v3 JSON; "": SCTs are
				    counted only */
	char proxy[256];         /* see endpoint_proxy; all connections go through it */
	char keyservers[NET_KEYSERVERS_MAX]; /* hosts, with blanks between */
	uint32_t timeout_ms;                 /* of one lookup, all methods together */
	uint32_t connect_ms;                 /* to connect to one host */
	uint8_t methods;    /* permitted methods, bits as in lookup_request; 0: all */
	uint8_t verbose;    /* send FRAME_TRACE lines */
	uint16_t smtp_port; /* the only port permitted for SMTP; 0: none. Not from the configuration
			     */
};

/*
 * Time limit in milliseconds for a helper with n simultaneous questions of timeout_ms each. The
 * helper enforces its own time-outs, so this only catches one that hangs.
 */
#define TALK_SLACK_MS 5000
#define TALK_TOGETHER 50
int64_t talk_ms(uint32_t timeout_ms, size_t n);

enum lookup_method {
	METHOD_NONE,
	METHOD_WKD_ADVANCED,
	METHOD_WKD_DIRECT,
	METHOD_OPENPGPKEY,
	METHOD_KEYSERVER
};
#define METHOD_WKD 1u /* bits of lookup_request.methods */
#define METHOD_DANE 2u
#define METHODS_ALL (METHOD_WKD | METHOD_DANE) /* the domain's own */
#define METHOD_VKS 4u                          /* alone: a key server, not the domain */

struct lookup_request {
	uint32_t id;
	uint8_t methods;
	uint8_t server; /* of METHOD_VKS: which of the settings' key servers */
	struct addr addr;
};

/* State of a DNS answer (error, bogus, rcode and secure are tested in that order). */
enum dns_state { DNS_SECURE = 1, DNS_INSECURE, DNS_BOGUS, DNS_ERROR };

/* The result of one method. Absent is an answer, failed is not; they are never merged. */
enum method_status {
	METHOD_NOT_ASKED = 0,
	METHOD_FOUND,  /* at least one body */
	METHOD_ABSENT, /* definitely nothing is published by this method */
	METHOD_FAILED, /* could not be told */
};

/* Whether a web server gives the same answer for every name (see wkd/control.h). */
enum control {
	CONTROL_NONE = 0, /* no control request: it looks like a key, or the host has no excuse */
	CONTROL_ALIKE,    /* same answer for a name that nobody has published */
	CONTROL_OTHER,    /* different answer: 404, 410, or something else */
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
	enum lookup_method method; /* for WKD, the method that decided */
	bool proved; /* of absent: DNSSEC-secure denial, or 404/410 from an authenticated server */
	enum dns_state
		dnssec; /* of the answer that chose the method; of the record for OPENPGPKEY */
	enum tls_auth tls;
	enum control control; /* of METHOD_FOUND by WKD */
	/* For METHOD_FOUND: the direct method was used although openpgpkey.DOMAIN seems to exist,
	 * because of a wildcard in an unsigned zone. This never yields absence. */
	bool wildcard;
	bool proxy_down; /* for METHOD_FAILED: the configured proxy cannot be used */
	char *url; /* owned; last URL asked, or the OPENPGPKEY owner name; without the query; or ""
		    */
	/* Owned; a message for METHOD_ABSENT and METHOD_FAILED; for METHOD_FOUND with wildcard: why
	 * the advanced method failed, else "". For display only. */
	char *reason;
	uint32_t ttl; /* seconds the answer may be cached; 0: unknown */
	struct {
		uint8_t *data; /* owned */
		size_t len;
	} body[LOOKUP_BODIES_MAX];
	size_t n_body;
};

struct lookup_reply {
	uint32_t id;
	struct method_result wkd; /* or the key server's, if that was asked */
	struct method_result dane;
	struct evidence_dns *dns; /* owned */
	size_t n_dns;
	struct evidence_url *url; /* owned */
	size_t n_url;
	uint32_t ms; /* the whole lookup */
	/* It says nothing about the domain: nothing can be asked, no resolver has answered anything
	 * that validates so far, or the CA certificates cannot be read. */
	bool ours;
};

void net_settings_write(struct wr *w, const struct net_settings *s);
int net_settings_read(struct rd *r, struct net_settings *s, struct err *err);
void lookup_request_write(struct wr *w, const struct lookup_request *q);
/* Parses and checks the address again. */
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
