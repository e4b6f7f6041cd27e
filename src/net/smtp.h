/* SPDX-License-Identifier: ISC */
/*
 * How mail servers answer when asked for TLS: connects, says EHLO and STARTTLS, looks at the
 * certificate, and leaves. No mail and no address is ever named. Hostile servers are cut off at
 * limits.
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
	const char *host; /* the mail server's name, which the web PKI's certificate must be for */
	struct net_ip ip;
	uint16_t port;
	const struct tlsa_set *tlsa; /* records of usages 2 and 3 (RFC 7672); NULL or empty: none */
	/* Of usage 2, the names that the certificate may be for: the TLSA base domain first, then
	 * the next hop's. NULL-ended. */
	const char *name[SMTP_NAMES_MAX + 1];
};

enum smtp_stage {
	SMTP_NO_CONNECTION,
	SMTP_NO_SERVER,   /* connected, but it does not speak SMTP, or does not serve us */
	SMTP_NO_STARTTLS, /* it does not offer it */
	SMTP_NO_TLS,      /* it offers it, and it does not work */
	SMTP_TLS,
};

struct smtp_result {
	enum smtp_stage stage;
	bool injected;   /* there was more in clear after the reply to STARTTLS */
	bool requiretls; /* offered within TLS (RFC 8689) */
	char ip[IP_TEXT_MAX];
	char tls[32], cipher[64];
	bool tlsa_matched;        /* a record authenticates it; of an empty set never */
	bool trusted;             /* by the web PKI, for the host's name */
	bool expired, wrong_name; /* why it is not trusted, if that is why */
	char why[SMTP_WHY_MAX];   /* of a stage before SMTP_TLS */
	char why_tlsa[SMTP_WHY_MAX], why_trust[SMTP_WHY_MAX];
	struct cert_seen cert;
};

struct smtp;
struct smtp_session;
typedef void smtp_done(void *arg, const struct smtp_result *r);

/* NULL without memory. ca_file and connect_ms as for https_open. */
struct smtp *smtp_open(const char *ca_file, uint32_t connect_ms);
void smtp_close(struct smtp *s);

/* Starts a session; net's timers limit each step to connect_ms. done is called once, from the event
 * loop. ERR_TEMP. */
int smtp_start(struct net *net, const struct smtp_request *q, smtp_done *done, void *arg,
	struct smtp_session **out, struct err *err);
/* NULL is fine. */
void smtp_cancel(struct smtp_session *s);

/* Readable when smtp_process has something to do. */
int smtp_fd(const struct smtp *s);
void smtp_process(struct smtp *s);

#endif
