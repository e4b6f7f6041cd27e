/* SPDX-License-Identifier: ISC */
#include "base/wkd_name.h"

#include <gcrypt.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "base/unicode.h"
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

/* The hash of the local part in Unicode's form NFC (RFC 7929 section 3.2); of one that would be too
 * long for a local part, as it is. */
static int hash_nfc(const char *local, uint8_t *digest, struct err *err)
{
	char text[2 * ADDR_LOCAL_MAX + 1];
	int rc = text_is_ascii(local) ? 1 : unicode_nfc(local, text, sizeof(text), err);

	if (rc < 0)
		return rc;
	hash_text(GCRY_MD_SHA256, rc == 0 ? text : local, digest);
	return 0;
}

int openpgpkey_owner(const struct addr *a, char *out, struct err *err)
{
	uint8_t digest[SHA256_LEN];
	size_t i;

	if (hash_nfc(a->local, digest, err) < 0)
		return ERR_OS;
	for (i = 0; i < OWNER_OCTETS; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	snprintf(out + 2 * i, WKD_OWNER_MAX + 1 - 2 * i, "._openpgpkey.%s", a->domain);
	return 0;
}
