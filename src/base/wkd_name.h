/* SPDX-License-Identifier: ISC */
/*
 * The names under which certificates are published: Web Key Directory URLs
 * (draft-koch-openpgp-webkey-service section 3.1) and OPENPGPKEY owner names (RFC 7929 section 3).
 * Pure; hashes by libgcrypt.
 */
#ifndef SEALPOST_BASE_WKD_NAME_H
#define SEALPOST_BASE_WKD_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define WKD_DIGEST_LEN 20                   /* SHA-1 */
#define WKD_HASH_LEN 32                     /* z-base-32 of 160 bits */
#define WKD_HOST_MAX (11 + ADDR_DOMAIN_MAX) /* "openpgpkey." and a domain */
#define WKD_URL_MAX 1024 /* two names, the hash, 3 octets for each of the local part */
#define WKD_OWNER_MAX (56 + 13 + ADDR_DOMAIN_MAX) /* "<56 hex>._openpgpkey.DOMAIN" */
#define WKD_DNS_NAME_MAX 253                      /* a longer name cannot exist */

/* Of the ASCII-lower-cased local part. out has WKD_HASH_LEN + 1 bytes. */
void wkd_hash(const struct addr *a, char *out);

/* The host to ask: openpgpkey.DOMAIN for the advanced method, DOMAIN for the direct one.
 * WKD_HOST_MAX + 1 bytes. */
void wkd_host(const struct addr *a, bool advanced, char *out);

/*
 * The URL, its l= with the local part as written, everything outside RFC 3986's unreserved set
 * percent-escaped. out has WKD_URL_MAX bytes, enough for every address.
 */
void wkd_url(const struct addr *a, bool advanced, char *out);

/* That of the policy file (section 4.5). */
void wkd_policy_url(const char *domain, bool advanced, char *out);

/*
 * What a verifying key server is asked for: /vks/v1/by-email/ and the address, its local part
 * ASCII-lower-cased, percent-escaped. host: at most ADDR_DOMAIN_MAX bytes. out as above.
 */
void vks_url(const char *host, const struct addr *a, char *out);
/* The path up to the address. */
#define VKS_BY_EMAIL "/vks/v1/by-email/"

/*
 * As wkd_url, of a mailbox made up at random, whose name and hash are z-base-32 of the
 * WKD_DIGEST_LEN bytes: what a server says to it, it says to every name.
 */
void wkd_control_url(const struct addr *a, bool advanced, const uint8_t *random, char *out);

/*
 * The owner name of the OPENPGPKEY record, without the final dot: hex of the first 28 octets of
 * SHA-256 of the local part, exactly as written. out has WKD_OWNER_MAX + 1 bytes; it may be longer
 * than a DNS name can be. ERR_OS: it is not known (unicode_nfc).
 */
int openpgpkey_owner(const struct addr *a, char *out, struct err *err);

#endif
