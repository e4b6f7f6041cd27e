/* SPDX-License-Identifier: ISC */
#include "conf/never_ask.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/pattern.h"

#define BETWEEN ", \t"

/* Converts to lower-case A-labels, as domains are compared. */
static int read_domain(const char *word, char *out, struct err *err)
{
	struct err why = ERR_INIT;

	if (!strchr(word, '*')) {
		if (addr_domain(word, out, &why) < 0)
			return err_set(err, why.code == ERR_OS ? ERR_OS : ERR_CONFIG,
				"never-ask: '%s': %s", word, why.msg);
		return 0;
	}
	memcpy(out, word, strlen(word) + 1);
	pattern_normalise(out);
	if (!pattern_of_domains(out, false))
		return err_set(err, ERR_CONFIG,
			"never-ask: '%s' is not a pattern of domains (letters, digits, '-', '.' "
			"and "
			"'*'; international names as xn--...)",
			word);
	return 0;
}

int never_ask_set(char *list, const char *value, struct err *err)
{
	struct buf out = BUF_INIT(CONF_NEVER_ASK_MAX - 1);
	char word[ADDR_DOMAIN_MAX + 1], domain[ADDR_DOMAIN_MAX + 1];
	size_t n;
	int rc = 0;

	for (value += strspn(value, BETWEEN); rc == 0 && *value != '\0';
		value += strspn(value, BETWEEN)) {
		n = strcspn(value, BETWEEN);
		snprintf(word, sizeof(word), "%.*s", (int)n, value);
		if (n >= sizeof(word))
			rc = err_set(err, ERR_CONFIG, "never-ask: '%s...' is too long", word);
		else
			rc = read_domain(word, domain, err);
		if (rc == 0 && buf_addf(&out, "%s%s", out.len > 0 ? " " : "", domain) < 0)
			rc = err_too_large(err, ERR_CONFIG,
				"never-ask: the list is longer than %d bytes",
				CONF_NEVER_ASK_MAX - 1);
		value += n;
	}
	if (rc == 0 && out.len == 0)
		rc = err_set(err, ERR_CONFIG, "never-ask: names no domain");
	if (rc == 0)
		memcpy(list, buf_str(&out), out.len + 1);
	buf_free(&out);
	return rc;
}

bool never_ask(const struct conf *c, const struct addr *a)
{
	const char *p = c->never_ask;
	size_t n;

	for (; *p != '\0'; p += n + (p[n] != '\0')) {
		n = strcspn(p, " ");
		if (a->domain[0] != '\0' && pattern_match(p, n, a->domain, strlen(a->domain)))
			return true;
	}
	return false;
}
