/* SPDX-License-Identifier: ISC */
#include "verbs/check/postfix.h"

#include <string.h>

#include "base/text.h"

/* Whether it is a pattern of RFC 8461 with only the characters of a name: others would have a
 * meaning for Postfix. */
static bool is_plain_pattern(const char *s)
{
	if (strncmp(s, "*.", 2) == 0)
		s += 2;
	return *s != '\0' && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789.-")] == '\0';
}

/* The policy's patterns as Postfix has them: "*.a" of MTA-STS is ".a", one label more or several.
 */
static int add_patterns(struct buf *out, const struct check_sts *s)
{
	const char *sep = " match=";
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; i < s->n_mx && rc == 0; i++) {
		if (!is_plain_pattern(s->mx[i]))
			continue;
		rc = buf_addf(out, "%s%s", sep, s->mx[i] + (s->mx[i][0] == '*'));
		sep = ":";
		n++;
	}
	return n == 0 ? -1 : rc;
}

/* Foreign text in a comment: one line. */
static int add_reason(struct buf *out, const char *reason)
{
	return text_safe(out, reason, strlen(reason)) < 0 || buf_addc(out, '\n') < 0 ? -1 : 0;
}

int postfix_line(struct buf *out, const struct check_reply *r, const struct protection *bound)
{
	switch (bound->kind) {
	case PROTECTION_DANE:
		return buf_addf(out, "%s dane-only\n", r->domain);
	case PROTECTION_MTA_STS:
		return buf_addf(out, "%s secure", r->domain) < 0 ||
				       add_patterns(out, &r->sts) < 0 || buf_addc(out, '\n') < 0
			       ? -1
			       : 0;
	case PROTECTION_NONE:
	case PROTECTION_UNKNOWN:
		break;
	}
	if (buf_addf(out, "# %s: %s: ", r->domain, protection_name(bound->kind)) < 0)
		return -1;
	return add_reason(out, bound->reason);
}
