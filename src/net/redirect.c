/* SPDX-License-Identifier: ISC */
/* Where redirects lead. What is in a Location field was written by a stranger. */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "net/https.h"
#include "net/libcurl.h"

/* "" when the URL has no such part. Owned by libcurl. */
static char *url_part(CURLU *u, CURLUPart what)
{
	char *s = NULL;

	if (curl.url_get(u, what, &s, 0) != CURLUE_OK)
		return NULL;
	return s;
}

static bool part_is(CURLU *u, CURLUPart what, const char *wanted, bool missing_is_fine)
{
	char *s = url_part(u, what);
	bool same = s ? strcmp(s, wanted) == 0 : missing_is_fine;

	curl.free(s);
	return same;
}

/* A name whose last label is a number is an address to many parsers. */
static bool is_number(const char *host)
{
	const char *dot = strrchr(host, '.'), *last = dot ? dot + 1 : host;

	return last[strspn(last, "0123456789")] == '\0' || strncmp(last, "0x", 2) == 0;
}

static int check_host(CURLU *u, char *host, struct err *err)
{
	char *s = url_part(u, CURLUPART_HOST);
	struct err why = ERR_INIT;
	int rc = 0;

	if (!s || s[0] == '[')
		rc = err_set(err, ERR_TEMP, "redirected to a host without a name");
	else if (addr_domain(s, host, &why) < 0 || is_number(host) || !strchr(host, '.'))
		rc = err_set(err, ERR_TEMP, "redirected to a host that is not a domain name");
	else if (curl.url_set(u, CURLUPART_HOST, host, 0) != CURLUE_OK)
		rc = err_set(err, ERR_TEMP, "redirected to a host that cannot be used");
	curl.free(s);
	return rc;
}

static int check_target(CURLU *u, char *host, struct err *err)
{
	if (!part_is(u, CURLUPART_SCHEME, "https", false))
		return err_set(err, ERR_TEMP, "redirected to something other than https");
	if (!part_is(u, CURLUPART_USER, "", true) || !part_is(u, CURLUPART_PASSWORD, "", true))
		return err_set(err, ERR_TEMP, "redirected to a URL with user information");
	if (!part_is(u, CURLUPART_PORT, "443", true))
		return err_set(err, ERR_TEMP, "redirected to a port other than 443");
	return check_host(u, host, err);
}

int https_redirect(const char *base, const char *location, char *url, char *host, struct err *err)
{
	char *s = NULL;
	CURLU *u;
	int rc = libcurl_load(err);

	if (rc < 0)
		return rc;
	u = curl.url();
	if (!u)
		return err_set(err, ERR_TEMP, "out of memory");
	if (location[0] == '#') { /* libcurl would lose the query (RFC 3986 section 5.2.2) */
		rc = err_set(err, ERR_TEMP, "redirected in a loop");
		goto out;
	}
	if (location[0] == '\0' || curl.url_set(u, CURLUPART_URL, base, 0) != CURLUE_OK ||
		curl.url_set(u, CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
		rc = err_set(err, ERR_TEMP, "redirected to something that is not a URL");
		goto out;
	}
	rc = check_target(u, host, err);
	if (rc < 0)
		goto out;
	(void)curl.url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	(void)curl.url_set(u, CURLUPART_PORT, NULL, 0);
	(void)curl.url_set(u, CURLUPART_USER, NULL, 0);
	(void)curl.url_set(u, CURLUPART_PASSWORD, NULL, 0);
	if (curl.url_get(u, CURLUPART_URL, &s, 0) != CURLUE_OK || strlen(s) >= HTTPS_URL_MAX)
		rc = err_set(err, ERR_TEMP, "redirected to a URL that is too long");
	else
		snprintf(url, HTTPS_URL_MAX, "%s", s);
out:
	curl.free(s);
	curl.url_cleanup(u);
	return rc;
}
