/* SPDX-License-Identifier: ISC */
#include "base/wkd_name.h"

#include <gcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>

#include "base/digest.h"
#include "base/zbase32.h"

#define SHA256_LEN 32
#define OWNER_OCTETS 28 /* RFC 7929 section 3, step 1: truncated to these */

_Static_assert(WKD_URL_MAX > sizeof("https:///.well-known/openpgpkey//hu/?l=") + WKD_HOST_MAX +
				     ADDR_DOMAIN_MAX + WKD_HASH_LEN + 3 * ADDR_LOCAL_MAX,
	"room for every address");

static void hash_text(int algo, const char *s, uint8_t *out)
{
	digest_start();
	gcry_md_hash_buffer(algo, out, s, strlen(s));
}

void wkd_hash(const struct addr *a, char *out)
{
	char lower[ADDR_LOCAL_MAX + 1];
	uint8_t digest[WKD_DIGEST_LEN];

	memcpy(lower, a->local, sizeof(lower));
	ascii_lower(lower);
	hash_text(GCRY_MD_SHA1, lower, digest);
	zbase32(digest, WKD_DIGEST_LEN * 8, out);
}

void wkd_host(const struct addr *a, bool advanced, char *out)
{
	snprintf(out, WKD_HOST_MAX + 1, "%s%s", advanced ? "openpgpkey." : "", a->domain);
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static void percent_escape(const char *s, char *out)
{
	static const char hex[] = "0123456789ABCDEF";

	for (; *s; s++) {
		if (unreserved(*s)) {
			*out++ = *s;
		} else {
			*out++ = '%';
			*out++ = hex[(uint8_t)*s >> 4];
			*out++ = hex[(uint8_t)*s & 15];
		}
	}
	*out = '\0';
}

static void url_of(
	const struct addr *a, bool advanced, const char *digest, const char *local, char *out)
{
	char host[WKD_HOST_MAX + 1];

	wkd_host(a, advanced, host);
	snprintf(out, WKD_URL_MAX, "https://%s/.well-known/openpgpkey/%s%shu/%s?l=%s", host,
		advanced ? a->domain : "", advanced ? "/" : "", digest, local);
}

void wkd_url(const struct addr *a, bool advanced, char *out)
{
	char digest[WKD_HASH_LEN + 1], local[3 * ADDR_LOCAL_MAX + 1];

	wkd_hash(a, digest);
	percent_escape(a->local, local);
	url_of(a, advanced, digest, local, out);
}

void wkd_policy_url(const char *domain, bool advanced, char *out)
{
	snprintf(out, WKD_URL_MAX, "https://%s%s/.well-known/openpgpkey/%s%spolicy",
		advanced ? "openpgpkey." : "", domain, advanced ? domain : "", advanced ? "/" : "");
}

void vks_url(const char *host, const struct addr *a, char *out)
{
	char lower[ADDR_LOCAL_MAX + 1], local[3 * ADDR_LOCAL_MAX + 1];

	memcpy(lower, a->local, sizeof(lower));
	ascii_lower(lower);
	percent_escape(lower, local);
	snprintf(out, WKD_URL_MAX, "https://%.*s" VKS_BY_EMAIL "%s%%40%s", ADDR_DOMAIN_MAX, host,
		local, a->domain);
}

void wkd_control_url(const struct addr *a, bool advanced, const uint8_t *random, char *out)
{
	char name[WKD_HASH_LEN + 1];

	zbase32(random, WKD_DIGEST_LEN * 8, name);
	url_of(a, advanced, name, name, out);
}

/* The hash of the local part in Unicode's form NFC (RFC 7929 section 3.2); of one that is no UTF-8,
 * as it is. */
static void hash_nfc(const char *local, uint8_t *digest)
{
	char text[2 * ADDR_LOCAL_MAX + 1];
	size_t len = sizeof(text) - 1;
	uint8_t *got = u8_normalize(
		UNINORM_NFC, (const uint8_t *)local, strlen(local), (uint8_t *)text, &len);

	/* It is written to text where it fits; a longer one could be no local part. */
	if (got == (uint8_t *)text) {
		text[len] = '\0';
		local = text;
	} else {
		free(got);
	}
	hash_text(GCRY_MD_SHA256, local, digest);
}

void openpgpkey_owner(const struct addr *a, char *out)
{
	uint8_t digest[SHA256_LEN];
	size_t i;

	hash_nfc(a->local, digest);
	for (i = 0; i < OWNER_OCTETS; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	snprintf(out + 2 * i, WKD_OWNER_MAX + 1 - 2 * i, "._openpgpkey.%s", a->domain);
}
