/* SPDX-License-Identifier: ISC */
#include "net/tlsa.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

enum { USAGE_TA = 2, USAGE_LAST = 3, SELECTOR_CERT = 0, SELECTOR_SPKI = 1 };
enum { MATCH_FULL = 0, MATCH_SHA256 = 1, MATCH_SHA512 = 2 };

static size_t digest_len(uint8_t matching)
{
	return matching == MATCH_SHA512 ? SHA512_DIGEST_LENGTH : SHA256_DIGEST_LENGTH;
}

static const char *why_unusable(const uint8_t *rdata, size_t len)
{
	if (len < 4)
		return "it is empty";
	if (rdata[0] > USAGE_LAST)
		return "unknown usage";
	if (rdata[1] > SELECTOR_SPKI)
		return "unknown selector";
	if (rdata[2] > MATCH_SHA512)
		return "unknown matching type";
	if (rdata[2] != MATCH_FULL && len - 3 != digest_len(rdata[2]))
		return "its digest has the wrong length";
	return NULL;
}

const char *tlsa_why_unusable_smtp(const uint8_t *rdata, size_t len)
{
	const char *why = why_unusable(rdata, len);

	return !why && rdata[0] < USAGE_TA ? "usages 0 and 1 are not for SMTP" : why;
}

void tlsa_add(struct tlsa_set *set, const uint8_t *rdata, size_t len)
{
	struct tlsa *t = &set->v[set->n];

	if (set->n == TLSA_MAX || why_unusable(rdata, len))
		return;
	memset(t, 0, sizeof(*t));
	t->usage = rdata[0];
	t->selector = rdata[1];
	t->matching = rdata[2];
	if (t->matching == MATCH_FULL)
		SHA256(rdata + 3, len - 3, t->digest);
	else
		memcpy(t->digest, rdata + 3, len - 3);
	set->n++;
}

bool tlsa_superseded(const struct tlsa_set *set, const struct tlsa *t)
{
	size_t i;

	for (i = 0; t->matching == MATCH_SHA256 && i < set->n; i++) {
		const struct tlsa *o = &set->v[i];

		if (o->usage == t->usage && o->selector == t->selector &&
			o->matching == MATCH_SHA512)
			return true;
	}
	return false;
}

static bool match_cert(const struct tlsa *t, X509 *x)
{
	uint8_t *der = NULL, digest[TLSA_DIGEST_MAX];
	bool same = false;
	int len;

	if (t->selector == SELECTOR_CERT)
		len = i2d_X509(x, &der);
	else
		len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	if (len > 0) {
		if (t->matching == MATCH_SHA512)
			SHA512(der, (size_t)len, digest);
		else
			SHA256(der, (size_t)len, digest);
		same = memcmp(digest, t->digest, digest_len(t->matching)) == 0;
	}
	OPENSSL_free(der);
	return same;
}

bool tlsa_match(const struct tlsa_set *set, STACK_OF(X509) *chain)
{
	int n = chain ? sk_X509_num(chain) : 0;
	size_t i;
	int at;

	for (i = 0; i < set->n && n > 0; i++) {
		const struct tlsa *t = &set->v[i];
		bool leaf = t->usage & 1; /* 1 and 3 name the server's own certificate */

		if (tlsa_superseded(set, t))
			continue;
		for (at = leaf ? 0 : 1; at < (leaf ? 1 : n); at++) {
			if (match_cert(t, sk_X509_value(chain, at)))
				return true;
		}
	}
	return false;
}

void tlsa_key_digest(X509 *cert, char *out)
{
	uint8_t digest[SHA256_DIGEST_LENGTH], *der = NULL;
	int len = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : 0;
	size_t i;

	out[0] = '\0';
	if (len <= 0)
		return;
	SHA256(der, (size_t)len, digest);
	OPENSSL_free(der);
	for (i = 0; i < sizeof(digest); i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
}
