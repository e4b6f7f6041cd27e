/* SPDX-License-Identifier: ISC */
/* The certificates that a policy names for a recipient, by their fingerprints. */
#include <string.h>

#include "conf/conf_ini.h"

/* A fingerprint of version 4 or 6, upper case. */
static bool is_fingerprint(const char *s)
{
	size_t len = strlen(s);

	return (len == 40 || len == 64) && strspn(s, "0123456789ABCDEF") == len;
}

static int add_key(
	struct conf_policy *p, const char *key, const char *word, size_t len, struct err *err)
{
	char fpr[CONF_FPR_MAX] = "";
	size_t i;

	for (i = 0; i < len && len < sizeof(fpr); i++)
		fpr[i] = word[i] >= 'a' && word[i] <= 'f' ? (char)(word[i] - 'a' + 'A') : word[i];
	if (!is_fingerprint(fpr))
		return err_set(err, ERR_CONFIG,
			"%s: '%.*s' is no fingerprint (40 or 64 hexadecimal digits)", key,
			(int)(len < 80 ? len : 80), word);
	for (i = 0; i < p->n_key; i++) {
		if (strcmp(p->key[i], fpr) == 0)
			return err_set(err, ERR_CONFIG, "%s: %s is named twice", key, fpr);
	}
	if (p->n_key == CONF_KEYS_MAX)
		return err_set(err, ERR_CONFIG, "%s: there are more than %d", key, CONF_KEYS_MAX);
	memcpy(p->key[p->n_key++], fpr, sizeof(fpr));
	return 0;
}

int conf_add_keys(
	struct conf_policy *p, const char *key, const char *value, bool several, struct err *err)
{
	static const char apart[] = " \t,";
	size_t len, n = 0;
	int rc = 0;

	if (p->keys_of_other_file) {
		p->keys_of_other_file = false;
		p->n_key = 0;
	}
	for (value += strspn(value, apart); *value && rc == 0; value += strspn(value, apart)) {
		len = strcspn(value, apart);
		if (++n > 1 && !several)
			return err_set(err, ERR_CONFIG,
				"%s: takes one fingerprint; keys takes several", key);
		rc = add_key(p, key, value, len, err);
		value += len;
	}
	if (rc == 0 && n == 0)
		rc = err_set(err, ERR_CONFIG, "%s: has no value", key);
	return rc;
}
