/* SPDX-License-Identifier: ISC */
/*
 * Questions to sealpost-net about a domain, and its replies: facts, each with the state of the DNS
 * answer it is based on and a message if something is wrong. Nothing published (*none*), published
 * but wrong (*invalid*) and not determined (*unknown*) are distinct answers everywhere.
 */
#ifndef SEALPOST_CHECK_H
#define SEALPOST_CHECK_H

#include "wire/lookup.h"

#define CHECK_MX_MAX 32        /* hosts examined; the number of others is in mx_left_off */
#define CHECK_IPS_MAX 16       /* of one host */
#define CHECK_TLSA_MAX 16      /* for one host, in the reply */
#define CHECK_PATTERNS_MAX 256 /* mx lines of one policy */
#define CHECK_RUA_MAX 16
#define CHECK_CAA_NAMES_MAX 40
#define CHECK_CAA_MAX 32 /* records of one name */
#define CHECK_CERTS_MAX 40
#define CHECK_DNS_MAX 255 /* DNS questions reported */
#define CHECK_URLS_MAX CHECK_DNS_MAX
#define CHECK_TEXT_MAX 1024    /* bytes of one text */
#define CHECK_POLICY_MAX 65536 /* octets of an MTA-STS policy (RFC 8461 section 3.3) */
#define CHECK_STS_ID_MAX 32
#define CHECK_SMTP_PORT 25

/* Bits of check_request.want. */
#define CHECK_TRANSPORT                                                                            \
	1u /* MX, DANE, MTA-STS and the resulting protection: all that tls = require needs */
#define CHECK_KEYS 2u /* Web Key Directory and OPENPGPKEY */
#define CHECK_REST 4u /* TLSRPT, CAA, certificates */
#define CHECK_LIVE 8u /* speak SMTP to the hosts; needs CHECK_TRANSPORT */
#define CHECK_ALL 15u
#define CHECK_EACH_IP 16u /* with CHECK_LIVE: every address of each host; the worst is told */

struct check_request {
	uint32_t id;
	uint8_t want;
	char domain[ADDR_DOMAIN_MAX + 1]; /* A-labels */
	bool host_only; /* domain is the host name of a relay, like [NAME] in Postfix: no MX lookup
			 */
	/*
	 * An address of that domain whose key is to be probed, or "". Without it a random mailbox
	 * is used, for which the directory should answer absent.
	 */
	char address[ADDR_TEXT_MAX + 1];
	uint16_t port; /* of CHECK_LIVE; 0: 25 */
	/* A cached MTA-STS policy, perhaps expired, or "": its id, the time it was fetched (seconds
	 * since 1970), and its text. */
	char sts_id[CHECK_STS_ID_MAX + 1];
	int64_t sts_fetched;
	char *sts_text; /* owned */
};

/* Whether something is published. */
enum check_outcome {
	CHECK_NOT_ASKED = 0,
	CHECK_FOUND,   /* published and valid */
	CHECK_NONE,    /* definitely not published */
	CHECK_INVALID, /* published, but violates the standard: has no effect and should be fixed */
	CHECK_UNKNOWN, /* not determined */
};

/* A fact that is true, false, or not determined. */
enum check_fact { FACT_NOT_ASKED = 0, FACT_YES, FACT_NO, FACT_UNKNOWN };

/* RFC 8460 section 4.3: the result type a sender would report. */
enum check_result {
	RESULT_NONE = 0,
	RESULT_STARTTLS_NOT_SUPPORTED,
	RESULT_CERTIFICATE_HOST_MISMATCH,
	RESULT_CERTIFICATE_EXPIRED,
	RESULT_CERTIFICATE_NOT_TRUSTED,
	RESULT_VALIDATION_FAILURE,
	RESULT_TLSA_INVALID,
	RESULT_DNSSEC_INVALID,
	RESULT_DANE_REQUIRED,
	RESULT_STS_POLICY_FETCH_ERROR,
	RESULT_STS_POLICY_INVALID,
	RESULT_STS_WEBPKI_INVALID,
};

/* SMTP DANE of one host (RFC 7672 section 2.2). */
enum check_dane {
	DANE_NOT_ASKED = 0,
	DANE_USABLE,   /* secure, with a usable record: TLS and a matching certificate are mandatory
			*/
	DANE_UNUSABLE, /* secure, but no record can be used: TLS is mandatory, nothing is
			  authenticated */
	DANE_INSECURE, /* its name is in an unsigned zone: records there would not count */
	DANE_NONE,     /* secure denial: there is no record */
	DANE_UNKNOWN,  /* bogus or failed: a sender may not use this host now */
};

struct check_tlsa {
	uint8_t usage, selector, matching;
	bool usable;
	char *data; /* owned; hex; for full data (matching type 0) its SHA-256 */
	char *why;  /* owned; why it is not usable, or is ignored beside another; "" */
};

/* How a session with one host went. */
enum check_live {
	LIVE_NOT_ASKED = 0,
	LIVE_AUTHENTICATED, /* TLS, and the certificate is what DANE or MTA-STS asks for */
	LIVE_ENCRYPTED,     /* TLS; neither DANE nor MTA-STS asks for more */
	LIVE_FAILED,  /* what DANE or MTA-STS asks for is not kept, or TLS is not offered or broken
		       */
	LIVE_UNKNOWN, /* no connection, no answer, no SMTP server */
};

struct check_smtp {
	enum check_live status;
	enum check_result result; /* of LIVE_FAILED */
	enum check_fact starttls; /* offered */
	enum check_fact
		dane; /* certificate matches a TLSA record; FACT_NOT_ASKED: none is usable */
	enum check_fact pkix;       /* trusted, unexpired, for the host's name, as MTA-STS wants */
	enum check_fact requiretls; /* REQUIRETLS offered within TLS */
	bool injected; /* text after the reply to STARTTLS, in clear: an attack or a broken server
			*/
	char ip[46];
	char tls[32]; /* "TLSv1.3", "" */
	char cipher[64];
	char *reason; /* owned; "" if nothing is wrong */
};

struct check_mx {
	char *host; /* owned; lower-case, without final dot */
	uint16_t preference;
	enum check_outcome address; /* CHECK_FOUND, CHECK_NONE, CHECK_UNKNOWN */
	char *alias; /* owned; where a CNAME leads, which RFC 5321 section 5.1 forbids; "" */
	enum dns_state dnssec; /* of the addresses, or their denial; 0: not asked */
	char ip[CHECK_IPS_MAX][46];
	size_t n_ip;
	enum check_dane dane;
	enum dns_state
		tlsa_dnssec; /* of the TLSA answer; 0: not asked, as behind an insecure address */
	char *tlsa_base;     /* owned; the name before which _25._tcp. stands, or "" */
	struct check_tlsa *tlsa; /* owned */
	size_t n_tlsa;
	char *reason;        /* owned; of the addresses or of DANE, "" if nothing is wrong */
	enum check_fact sts; /* matches the policy in force; FACT_NOT_ASKED: there is none */
	struct check_smtp live;
};

enum check_sts_mode { STS_MODE_NONE = 0, STS_MODE_TESTING, STS_MODE_ENFORCE };

/* MTA-STS (RFC 8461). */
struct check_sts {
	enum check_outcome txt;        /* _mta-sts.DOMAIN: FOUND: exactly one valid record */
	enum dns_state txt_dnssec;     /* 0: not asked */
	char *txt_reason;              /* owned; "" if found */
	char id[CHECK_STS_ID_MAX + 1]; /* of the record, "" */
	enum check_outcome
		fetch; /* of https://mta-sts.DOMAIN/...; INVALID: a policy came that is none */
	enum check_result result; /* of a fetch that did not give a policy */
	uint16_t status;          /* HTTP's; 0: none came */
	enum tls_auth tls;
	char *content_type; /* owned; "" */
	char *fetch_reason; /* owned; "" if found */
	/* What a sender goes by now: FOUND: a policy as follows; NONE: none; UNKNOWN: cannot be
	 * told. */
	enum check_outcome policy;
	bool kept; /* it is the one that was handed in */
	enum check_sts_mode mode;
	char policy_id[CHECK_STS_ID_MAX + 1];
	uint32_t max_age;         /* seconds */
	int64_t fetched, expires; /* seconds since 1970 */
	char **mx;                /* owned; patterns */
	size_t n_mx;
	char *text; /* owned; of one fetched just now, to be kept; "" if none was */
};

struct check_tlsrpt {
	enum check_outcome outcome;
	enum dns_state dnssec;
	char **rua; /* owned; mailto: and https: URIs */
	size_t n_rua;
	char *reason;
};

struct check_caa_record {
	uint8_t flags;
	char *tag;    /* owned; lower-case */
	char *value;  /* owned; safe for a terminal */
	char *issuer; /* owned; of issue and issuewild: a domain, or "" (nobody) */
	char *params; /* owned; "account=230123; ..." */
};

/* CAA (RFC 8659). Advisory: relying parties never go by it. */
struct check_caa {
	char *name; /* owned; whose certificates it is about */
	enum check_outcome outcome;
	enum dns_state dnssec;
	char *found_at; /* owned; the name itself or one above it; "" */
	bool forbidden; /* a critical property nobody knows: no CA may issue */
	bool restricts; /* there is an issue property (or issuewild alone: of wildcards only) */
	struct check_caa_record *record; /* owned */
	size_t n_record;
	char *reason;
};

/* A certificate that was seen. */
struct check_cert {
	char *name; /* owned; the host that showed it */
	uint16_t port;
	char *subject;                 /* owned; the names it is for, with blanks between */
	char *issuer;                  /* owned; "O=..., CN=..." */
	int64_t not_before, not_after; /* seconds since 1970 */
	char spki[65];                 /* SHA-256 of its SubjectPublicKeyInfo */
	enum check_fact
		caa; /* its issuer is one that CAA allows; UNKNOWN: cannot be told from its name */
	/* Certificate transparency (RFC 6962 section 3.3): SCTs, by the way they came. */
	uint8_t sct_x509, sct_tls, sct_ocsp;
	uint8_t sct_valid, sct_invalid, sct_unknown_log; /* with ct-log-list; else all 0 */
	enum check_fact ct; /* a valid SCT is there; UNKNOWN: SCTs, but no list of logs to verify
			       them with */
	char *ct_reason;    /* owned; "" */
};

/* One answer of a key host. */
struct check_http {
	enum check_outcome
		outcome; /* FOUND: 200, NONE: 404 or 410, UNKNOWN: all else and no answer */
	uint16_t status; /* 0: none came */
	enum tls_auth tls;
	bool cors; /* Access-Control-Allow-Origin: * */
	bool armoured, openpgp,
		html;       /* what the body begins like; none: something else, or empty */
	uint32_t length;    /* octets of the body */
	char *content_type; /* owned; "" */
	char *reason;       /* owned; "" if found */
};

/* A host of the Web Key Directory: openpgpkey.DOMAIN (advanced) or DOMAIN (direct). Both are asked,
 * for their owner. */
struct check_wkd {
	char *host;                 /* owned */
	enum check_outcome address; /* FOUND, NONE, UNKNOWN */
	enum dns_state dnssec;
	/* openpgpkey.DOMAIN: it resolves only because the domain answers for every name; YES: seen,
	 * UNKNOWN: not told. */
	enum check_fact wildcard;
	enum check_dane dane; /* _443._tcp.HOST; INSECURE: the address is, so none would count */
	enum check_fact dane_match; /* of DANE_USABLE: the certificate matches */
	enum check_fact covers;     /* the certificate is for this host's name */
	struct check_http
		policy;        /* the policy file (draft-koch-openpgp-webkey-service section 4.5) */
	bool policy_bad;       /* it has lines that are invalid in a policy file */
	char *policy_flags;    /* owned; its flags, "mailbox-only; protocol-version: 13"; "" */
	struct check_http key; /* GET of the probed mailbox's document */
	struct check_http head; /* HEAD of the same */
	char *reason;           /* owned; why there is no key for the address, or "" */
};

struct check_openpgpkey {
	enum check_outcome zone; /* _openpgpkey.DOMAIN exists */
	enum dns_state dnssec;
	enum check_outcome record; /* of the address, if one was given; FOUND only if secure */
	char *reason;
};

struct check_reply {
	uint32_t id;
	uint8_t want; /* as asked */
	char *domain;
	char *failed;              /* owned; why nothing could be looked up at all, "" */
	enum check_outcome exists; /* the domain's name */
	enum dns_state dnssec;     /* of the domain: its SOA; 0: not asked */
	char *dnssec_reason;       /* owned; why bogus or error, "" */
	/* CHECK_TRANSPORT */
	enum check_outcome
		mx_outcome;       /* FOUND, NONE, UNKNOWN; INVALID: none of its hosts is a name */
	enum dns_state mx_dnssec; /* of the MX RRset, or its denial */
	bool null_mx;             /* the domain accepts no mail (RFC 7505) */
	bool implicit_mx;         /* no MX: the domain itself is the host (RFC 5321 section 5.1) */
	char *mx_alias;           /* owned; the target of a CNAME at the domain, "" */
	char *mx_reason;          /* owned; "" if nothing is wrong */
	struct check_mx *mx;      /* owned; by preference */
	size_t n_mx;
	uint32_t mx_left_off;
	struct check_sts sts;
	/* CHECK_REST */
	struct check_tlsrpt tlsrpt;
	struct check_caa *caa; /* owned; one for each name whose certificate matters */
	size_t n_caa;
	struct check_cert *cert; /* owned */
	size_t n_cert;
	/* CHECK_KEYS */
	enum lookup_method wkd_method; /* the method a client uses; METHOD_NONE with wkd_outcome
					  NONE or UNKNOWN */
	enum check_outcome wkd_outcome;
	struct check_wkd wkd[2]; /* advanced, direct */
	struct check_openpgpkey openpgpkey;
	/* Evidence. */
	struct evidence_dns *dns; /* owned */
	size_t n_dns;
	struct evidence_url *url; /* owned */
	size_t n_url;
	uint32_t ms;
};

void check_request_write(struct wr *w, const struct check_request *q);
/* Parses domain and address again. On success the caller frees it, on failure it is empty. */
int check_request_read(struct rd *r, struct check_request *q, struct err *err);
void check_request_free(struct check_request *q);

void check_reply_write(struct wr *w, const struct check_reply *a);
/* *a is initialised here; no string is NULL. On success the caller frees it, on failure it is
 * empty. */
int check_reply_read(struct rd *r, struct check_reply *a, struct err *err);
void check_reply_free(struct check_reply *a);

const char *check_dane_name(enum check_dane d); /* "usable"... as in the JSON; NULL: not asked */
const char *check_outcome_name(
	enum check_outcome o); /* "found", "none", "invalid", "unknown"; NULL */
const char *check_result_name(enum check_result r); /* "starttls-not-supported"...; NULL for none */
const char *check_sts_mode_name(enum check_sts_mode m); /* "enforce"... */

#endif
