/* SPDX-License-Identifier: ISC */
#include "decide/unknown_cause.h"

#include <string.h>
#include <strings.h>

/* Whether the name server, or what answers for it, gave any answer that holds. */
static bool dns_answered(const struct lookup_reply *r)
{
	size_t i;

	for (i = 0; i < r->n_dns; i++) {
		if (r->dns[i].state == DNS_SECURE || r->dns[i].state == DNS_INSECURE)
			return true;
	}
	return false;
}

/* Whether a URL is of DOMAIN or openpgpkey.DOMAIN. */
static bool own_host(const char *url, const char *domain)
{
	static const char scheme[] = "https://", sub[] = "openpgpkey.";
	size_t n = strlen(domain);

	if (!url || strncmp(url, scheme, sizeof(scheme) - 1) != 0)
		return false;
	url += sizeof(scheme) - 1;
	if (strncasecmp(url, sub, sizeof(sub) - 1) == 0)
		url += sizeof(sub) - 1;
	return strncasecmp(url, domain, n) == 0 && (url[n] == '/' || url[n] == '\0');
}

static bool refuses_for_good(unsigned status)
{
	return status == 401 || status == 403 || status == 406 || status == 451;
}

static bool url_answered(const struct evidence_url *u)
{
	return u->status != 0 && u->tls != TLS_NONE;
}

bool web_answered(const struct lookup_reply *reply)
{
	size_t i;

	for (i = 0; i < reply->n_url; i++) {
		if (url_answered(&reply->url[i]))
			return true;
	}
	return false;
}

static enum unknown_cause web_cause(const struct evidence_url *u, const char *domain)
{
	if (url_answered(u))
		return refuses_for_good(u->status) && own_host(u->url, domain) ? CAUSE_ANSWERED
									       : CAUSE_THEIRS;
	if (u->spki[0] != '\0') /* a certificate was shown, and did not hold */
		return CAUSE_UNPROVEN;
	return u->ip[0] != '\0' ? CAUSE_THEIRS : CAUSE_UNPROVEN;
}

enum unknown_cause unknown_cause(const struct lookup_reply *reply, const char *domain)
{
	enum unknown_cause by_name = dns_answered(reply) ? CAUSE_THEIRS : CAUSE_UNPROVEN;
	enum unknown_cause cause = CAUSE_ANSWERED, web;
	bool failed = false;

	/* What was found there and could not be told from an answer to every name is theirs, too.
	 */
	if (reply->wkd.status == METHOD_FAILED || reply->wkd.status == METHOD_FOUND) {
		failed = true;
		web = reply->n_url > 0 ? web_cause(&reply->url[reply->n_url - 1], domain) : by_name;
		cause = web < cause ? web : cause;
	}
	if (reply->dane.status == METHOD_FAILED) {
		failed = true;
		cause = by_name < cause ? by_name : cause;
	}
	return failed && !reply->ours ? cause : CAUSE_OURS;
}

int64_t unknown_wait(enum unknown_cause cause, bool other_answered)
{
	switch (cause) {
	case CAUSE_ANSWERED:
		return UNKNOWN_ANSWERED_WAIT;
	case CAUSE_THEIRS:
		return UNKNOWN_THEIRS_WAIT;
	case CAUSE_UNPROVEN:
		return other_answered ? UNKNOWN_THEIRS_WAIT : -1;
	case CAUSE_OURS:
	case CAUSE_KEYRING:
	case CAUSE_OTHERWISE:
		break;
	}
	return -1;
}
