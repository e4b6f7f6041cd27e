/* SPDX-License-Identifier: ISC */
/*
 * Tests mail servers for TLS: connects, sends EHLO and STARTTLS, examines the certificate, and
 * quits. Never sends mail or an address. Limits protect against hostile servers.
 */
#ifndef SEALPOST_NET_SMTP_H
#define SEALPOST_NET_SMTP_H

#include "net/cert.h"
#include "net/ip.h"
#include "net/net.h"
#include "net/tlsa.h"

#define SMTP_NAMES_MAX 3
#define SMTP_WHY_MAX 256

struct smtp_request {
	const char *host; /* the mail server's name, expected in a web PKI certificate */
	struct net_ip ip;
	uint16_t port;
	const struct tlsa_set *tlsa; /* records of usages 2 and 3 (RFC 7672); NULL or empty: none */
	/* For usage 2, names permitted in the certificate: the TLSA base domain first, then the
	 * next hop's. NULL-terminated. */
	const char *name[SMTP_NAMES_MAX + 1];
};

enum smtp_stage {
	SMTP_NO_CONNECTION,
	SMTP_NO_SERVER,   /* connected, but it does not speak SMTP, or refuses service */
	SMTP_NO_STARTTLS, /* STARTTLS is not offered */
	SMTP_NO_TLS,      /* STARTTLS is offered but fails */
	SMTP_TLS,
};

struct smtp_result {
	enum smtp_stage stage;
	bool injected;   /* additional clear text after the reply to STARTTLS */
	bool requiretls; /* offered within TLS (RFC 8689) */
	char ip[IP_TEXT_MAX];
	char tls[32], cipher[64];
	bool tlsa_matched;        /* a record authenticates it; never for an empty set */
	bool trusted;             /* by the web PKI, for the host's name */
	bool expired, wrong_name; /* reasons why it is not trusted */
	char why[SMTP_WHY_MAX];   /* the error of a stage before SMTP_TLS */
	char why_tlsa[SMTP_WHY_MAX], why_trust[SMTP_WHY_MAX];
	struct cert_seen cert;
};

struct smtp;
struct smtp_session;
typedef void smtp_done(void *arg, const struct smtp_result *r);

/* NULL without memory. ca_file and connect_ms as for https_open; answer_ms: for each step after
 * that, as many servers let strangers wait for their greeting. */
struct smtp *smtp_open(const char *ca_file, uint32_t connect_ms, uint32_t answer_ms);
void smtp_close(struct smtp *s);

/* Starts a session, or joins one that asks the same of the same server, under way or just over;
 * net's timers limit each step. done is called once, from the event loop. ERR_TEMP.
 */
int smtp_start(struct net *net, const struct smtp_request *q, smtp_done *done, void *arg,
	struct smtp_session **out, struct err *err);
/* NULL is fine. */
void smtp_cancel(struct smtp_session *s);

/* Readable when smtp_process has something to do. */
int smtp_fd(const struct smtp *s);
void smtp_process(struct smtp *s);

#endif
