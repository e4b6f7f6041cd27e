/* SPDX-License-Identifier: ISC */
/*
 * TLSA records (RFC 6698, RFC 7671) of a web server, required in addition to the web PKI, never
 * instead of it: whatever its usage, a record must match a chain already verified.
 */
#ifndef SEALPOST_NET_TLSA_H
#define SEALPOST_NET_TLSA_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLSA_MAX 32
#define TLSA_DIGEST_MAX 64

struct tlsa {
	uint8_t usage, selector, matching;
	/* The association data; of the full form (matching type 0) its SHA-256. */
	uint8_t digest[TLSA_DIGEST_MAX];
};

struct tlsa_set {
	struct tlsa v[TLSA_MAX];
	size_t n; /* 0: the web PKI alone decides */
};

/* Why a record is unusable for SMTP (unknown values, a digest of the wrong length, an empty one, a
 * usage that needs the web PKI: RFC 7672 section 3.1.3), or NULL. Pure. */
const char *tlsa_why_unusable_smtp(const uint8_t *rdata, size_t len);

/* Adds a record, unless it is unusable or there is no room. Pure. */
void tlsa_add(struct tlsa_set *set, const uint8_t *rdata, size_t len);

/* Whether t is ignored: a weaker digest beside a stronger one of the same usage and selector (RFC
 * 7671 section 9). */
bool tlsa_superseded(const struct tlsa_set *set, const struct tlsa *t);

/*
 * Whether a record matches the verified chain, leaf first: usages 3 and 1 the leaf, 2 and 0 one of
 * the others. Of several digests of the same thing only the strongest counts (RFC 7671 section 9).
 */
bool tlsa_match(const struct tlsa_set *set, STACK_OF(X509) *chain);

/* SHA-256 of a certificate's SubjectPublicKeyInfo in lower-case hex, 65 bytes with its NUL; "" if
 * there is none. */
void tlsa_key_digest(X509 *cert, char *out);

#endif
