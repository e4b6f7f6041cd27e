/* SPDX-License-Identifier: ISC */
/*
 * Requests to sealpost-net for comparing what is to be published with what is live: DNS record sets
 * and files of web servers, unmodified. Also a request without network access: the hash of the key
 * in a PEM file.
 */
#ifndef SEALPOST_WORLD_H
#define SEALPOST_WORLD_H

#include "base/digest.h"
#include "wire/lookup.h"

#define WORLD_SETS_MAX 128 /* of one request: the answers fit a frame, however large they are */
#define WORLD_FILES_MAX 64
#define WORLD_RECORDS_MAX 64 /* of one set */
#define WORLD_RDATA_MAX 65535
#define WORLD_NAME_MAX 255
#define WORLD_PATH_MAX 512
#define WORLD_BODY_MAX (1u << 20)
#define WORLD_PEM_MAX (64u << 10)
#define WORLD_PEMS_MAX 64
#define WORLD_TEXT_MAX 1024

struct world_set {
	char *name; /* owned; letters, digits, hyphens, underscores and dots */
	uint16_t type;
};

struct world_file {
	char *host;   /* owned; the name in the URL, and in the certificate */
	char *at;     /* owned; an IP address or another host to connect to; "": the host itself
		       */
	char *path;   /* owned; with its slash */
	uint8_t head; /* HEAD */
};

struct world_pem {
	uint8_t *data; /* owned */
	size_t len;
};

struct world_request {
	uint32_t id;
	struct world_set *set; /* owned */
	size_t n_set;
	struct world_file *file; /* owned */
	size_t n_file;
	struct world_pem *pem; /* owned */
	size_t n_pem;
};

struct world_rdata {
	uint8_t *data; /* owned; for a CNAME, its target as text */
	size_t len;
};

struct world_answer {
	enum dns_state state;
	uint8_t nxdomain;
	char *canon;                /* owned; the target of an alias, or "" */
	struct world_rdata *record; /* owned */
	size_t n_record;
	uint32_t ttl;
	char *note; /* owned; why bogus or an error, or "" */
};

/* A server's answer. */
struct world_got {
	uint16_t status; /* 0: none came */
	uint8_t complete, cors;
	uint8_t no_host;    /* none came, as the host has no address, definitively */
	uint8_t refused;    /* none came, as the host refuses connections */
	char *content_type; /* owned; "" */
	char *location;     /* owned; "" */
	uint32_t len;
	uint8_t *digest; /* owned; SHA-256 of the body of a GET, or none */
	size_t digest_len;
	char *issuer, *subject; /* owned; of the certificate, "" */
	int64_t not_after;
	char *reason; /* owned; what went wrong, "" */
};

struct world_key {
	char *spki; /* owned; SHA-256 in hex, or "" */
	char *reason;
};

struct world_reply {
	uint32_t id;
	struct world_answer *answer; /* owned; of each set */
	size_t n_answer;
	struct world_got *got; /* owned; of each file */
	size_t n_got;
	struct world_key *key; /* owned; of each PEM */
	size_t n_key;
};

void world_request_write(struct wr *w, const struct world_request *q);
/* Checks every name. On success the caller frees it, on failure it is empty. */
int world_request_read(struct rd *r, struct world_request *q, struct err *err);
void world_request_free(struct world_request *q);

void world_reply_write(struct wr *w, const struct world_reply *a);
int world_reply_read(struct rd *r, struct world_reply *a, struct err *err);
void world_reply_free(struct world_reply *a);
/* One that was taken out of a reply. */
void world_answer_free(struct world_answer *a);
void world_got_free(struct world_got *g);

#endif
