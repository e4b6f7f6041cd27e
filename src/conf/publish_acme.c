/* SPDX-License-Identifier: ISC */
/* Which certificate authority the web server asks, as CAA names it (RFC 8659). */
#include <string.h>
#include <strings.h>

#include "conf/publish_conf.h"

#define DEFAULT_AUTHORITY "acme-v02.api.letsencrypt.org"

/* Authorities whose directory lies in another domain than the one that CAA names. */
static const struct {
	const char *directory, *issuer;
} elsewhere[] = {{"acme.zerossl.com", "sectigo.com"}};

static bool is_host_below(const char *host, size_t len, const char *domain, size_t n)
{
	return n > 0 && len >= n && strncasecmp(host + len - n, domain, n) == 0 &&
	       (len == n || host[len - n - 1] == '.');
}

int publish_acme_is(const struct publish_section *s, const char *issuer)
{
	const char *host = s->acme ? s->acme + strlen("https://") : DEFAULT_AUTHORITY;
	size_t i, len = strcspn(host, ":/?"), n = strcspn(issuer, " \t;");

	if (s->acme_ca || !(s->servers & (PUBLISH_CADDY | PUBLISH_NGINX)))
		return -1;
	for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
		if (is_host_below(
			    host, len, elsewhere[i].directory, strlen(elsewhere[i].directory)))
			return strlen(elsewhere[i].issuer) == n &&
			       strncasecmp(issuer, elsewhere[i].issuer, n) == 0;
	}
	return is_host_below(host, len, issuer, n);
}

bool publish_acme_agrees(const struct publish_section *s)
{
	size_t i;

	for (i = 0; i < s->caa.n; i++) {
		if (publish_acme_is(s, s->caa.v[i]) != 0)
			return true;
	}
	return s->caa.n == 0;
}

bool publish_acme_has_rates(const struct publish_section *s)
{
	return publish_acme_is(s, "letsencrypt.org") == 1;
}
