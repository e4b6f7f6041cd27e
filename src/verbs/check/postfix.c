/* SPDX-License-Identifier: ISC */
#include "verbs/check/postfix.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Whether it is a name with no character that has a meaning for Postfix. No wildcard is: ".a" in
 * Postfix's table matches any number of labels, "*.a" of MTA-STS one. Nor is an IP address, which
 * OpenSSL then wants in the certificate too; no top-level domain is a number. */
static bool is_plain_name(const char *s)
{
	const char *dot = strrchr(s, '.'), *last = dot ? dot + 1 : s;

	return last[strspn(last, "0123456789")] != '\0' &&
	       s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

static bool is_mail_server(const struct check_reply *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_mx && strcasecmp(r->mx[i].host, name) != 0; i++)
		;
	return i < r->n_mx;
}

static int add_host_name(struct buf *hosts, const char *name)
{
	return is_plain_name(name) ? buf_addf(hosts, "%s%s", hosts->len > 0 ? ":" : "", name) : 0;
}

/* The mail servers, all of which match the policy, and others that it names; those that can be
 * written. */
static int list_hosts(struct buf *hosts, const struct check_reply *r)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < r->n_mx; i++)
		rc = add_host_name(hosts, r->mx[i].host);
	for (i = 0; rc == 0 && i < r->sts.n_mx; i++) {
		if (!is_mail_server(r, r->sts.mx[i]))
			rc = add_host_name(hosts, r->sts.mx[i]);
	}
	return rc;
}

static int add_comment(
	struct buf *out, const char *domain, enum protection_kind kind, const char *reason)
{
	/* Foreign text: one line. */
	return buf_addf(out, "# %s: %s: ", domain, protection_name(kind)) < 0 ||
			       text_safe(out, reason, strlen(reason)) < 0 || buf_addc(out, '\n') < 0
		       ? -1
		       : 0;
}

static int add_secure(struct buf *out, const struct check_reply *r)
{
	struct buf hosts = BUF_INIT(POSTFIX_LINE_MAX);
	int rc = list_hosts(&hosts, r);

	if (rc == 0 && hosts.len > 0)
		rc = buf_addf(out, "%s secure match=%s servername=hostname\n", r->domain,
			buf_str(&hosts));
	else if (rc == 0)
		rc = add_comment(out, r->domain, PROTECTION_UNKNOWN,
			"no name of its mail servers can be written to a table");
	buf_free(&hosts);
	return rc;
}

int postfix_line(struct buf *out, const struct check_reply *r, const struct protection *bound)
{
	switch (bound->kind) {
	case PROTECTION_DANE:
		return buf_addf(out, "%s dane-only\n", r->domain);
	case PROTECTION_MTA_STS:
		return add_secure(out, r);
	case PROTECTION_NONE:
	case PROTECTION_UNKNOWN:
		break;
	}
	return add_comment(out, r->domain, bound->kind, bound->reason);
}
