/* SPDX-License-Identifier: ISC */
#include "mime/auth_results.h"

#include <string.h>
#include <strings.h>

#include "mime/mime.h"

#define WORD_MAX 320

/*
 * Reads the next word: a quoted string without its quotes, or text up to a blank, comment, ';' or
 * '='. 1: done; 0: there is none here; -1: an unclosed quotation or comment, or too long.
 */
static int auth_word(const char **p, char *out)
{
	size_t n = 0;
	const char *s;
	bool quoted;

	if (mime_skip_cfws(p) < 0)
		return -1;
	s = *p;
	quoted = *s == '"';
	s += quoted;
	while (*s != '\0' && (quoted ? *s != '"' : !strchr(" \t\r\n(;=\"", *s))) {
		if (quoted && *s == '\\' && s[1] != '\0')
			s++;
		if (n == WORD_MAX - 1)
			return -1;
		out[n++] = *s++;
	}
	if (quoted && *s != '"')
		return -1;
	out[n] = '\0';
	*p = s + quoted;
	return n > 0 || quoted;
}

/* "NAME = VALUE"; as auth_word. */
static int auth_pair(const char **p, char *name, char *value)
{
	int rc = auth_word(p, name);

	if (rc <= 0)
		return rc;
	if (mime_skip_cfws(p) < 0 || **p != '=')
		return -1;
	(*p)++;
	return auth_word(p, value) == 1 ? 1 : -1;
}

static void add_signer(struct auth_results *a, const char *domain)
{
	if (a->n_dkim == AUTH_RESULTS_DOMAINS_MAX || domain[0] == '\0' ||
		strlen(domain) > ADDR_DOMAIN_MAX)
		return;
	memcpy(a->dkim[a->n_dkim], domain, strlen(domain) + 1);
	ascii_lower(a->dkim[a->n_dkim++]);
}

/* One method's result and its properties, up to ';' or the end. */
static int auth_method(struct auth_results *a, const char **p)
{
	char name[WORD_MAX], value[WORD_MAX], signer[WORD_MAX] = "", user[WORD_MAX] = "";
	int rc = auth_pair(p, name, value);
	bool passed;

	if (rc <= 0)
		return rc;
	name[strcspn(name, "/")] = '\0'; /* the method's version */
	passed = strcasecmp(name, "dkim") == 0 && strcasecmp(value, "pass") == 0;
	while ((rc = auth_pair(p, name, value)) == 1) {
		if (strcasecmp(name, "header.d") == 0)
			memcpy(signer, value, sizeof(signer));
		else if (strcasecmp(name, "header.i") == 0 && strchr(value, '@'))
			memmove(user, strrchr(value, '@') + 1, strlen(strrchr(value, '@')));
	}
	if (rc == 0 && passed)
		add_signer(a, signer[0] != '\0' ? signer : user);
	return rc;
}

int auth_results_read(struct auth_results *a, const char *value)
{
	char word[WORD_MAX];
	int rc;

	*a = (struct auth_results){.n_dkim = 0};
	rc = auth_word(&value, word);
	if (rc != 1 || strlen(word) >= sizeof(a->authserv))
		return -1;
	memcpy(a->authserv, word, strlen(word) + 1);
	ascii_lower(a->authserv);
	rc = auth_word(&value, word); /* its version, perhaps */
	while (rc >= 0 && mime_skip_cfws(&value) == 0 && *value == ';') {
		value++;
		if (mime_skip_cfws(&value) == 0 && strncasecmp(value, "none", 4) == 0)
			value += 4;
		else
			rc = auth_method(a, &value);
	}
	if (rc < 0 || *value != '\0') {
		*a = (struct auth_results){.n_dkim = 0};
		return -1;
	}
	return 0;
}

/* Whether d is the domain, or above or below it. */
static bool same_owner(const char *d, const char *domain)
{
	size_t a = strlen(d), b = strlen(domain);
	const char *shorter = a < b ? d : domain, *longer = a < b ? domain : d;
	size_t diff = a < b ? b - a : a - b;

	return strchr(shorter, '.') && strcasecmp(longer + diff, shorter) == 0 &&
	       (diff == 0 || longer[diff - 1] == '.');
}

/* Whether the list of authserv-ids names it. */
static bool is_trusted(const char *list, const char *authserv)
{
	size_t n;

	for (list += strspn(list, " \t,"); *list; list += n, list += strspn(list, " \t,")) {
		n = strcspn(list, " \t,");
		if (strlen(authserv) == n && strncasecmp(list, authserv, n) == 0)
			return true;
	}
	return false;
}

/* Whether one of the signatures is of the domain, and also's, if that is not NULL. */
static bool is_signed_by(const struct auth_results *a, const char *domain, const char *also)
{
	size_t k;

	for (k = 0; k < a->n_dkim; k++) {
		if (same_owner(a->dkim[k], domain) && (!also || same_owner(a->dkim[k], also)))
			return true;
	}
	return false;
}

enum auth_said auth_results_of(const struct message *m, const char *trusted, const char *also)
{
	enum auth_said said = AUTH_NOT_SAID;
	struct auth_results a;
	size_t i;

	for (i = 0; said != AUTH_CONFIRMED && i < m->n_field; i++) {
		if (strcasecmp(m->field[i].name, "Authentication-Results") != 0 ||
			auth_results_read(&a, m->field[i].value) < 0 ||
			!is_trusted(trusted, a.authserv))
			continue;
		said = is_signed_by(&a, m->from.domain, also) ? AUTH_CONFIRMED : AUTH_DENIED;
	}
	return said;
}
