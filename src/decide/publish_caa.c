/* SPDX-License-Identifier: ISC */
#include "decide/publish_caa.h"

#include <ctype.h>
#include <string.h>

/* Letters and digits in lower case. */
static void squeeze_name(const char *name, const char *end, char *out, size_t cap)
{
	size_t n = 0;

	for (; *name && !strchr(end, *name) && n + 1 < cap; name++) {
		if (isalnum((unsigned char)*name))
			out[n++] = (char)tolower((unsigned char)*name);
	}
	out[n] = '\0';
}

/* Whether an issuer's name is that of an authority, as CAA calls it, perhaps with parameters: it
 * contains the first label of the authority's domain, or what else that is known by. */
static bool is_issuer_of(const char *issuer, const char *value)
{
	static const struct {
		const char *label, *name;
	} known[] = {{"pki", "google"}, {"sectigo", "zerossl"}, {"sectigo", "comodo"},
		{"comodoca", "sectigo"}, {"digicert", "geotrust"}, {"digicert", "thawte"},
		{"digicert", "rapidssl"}, {"amazontrust", "amazon"}};
	char small[256], label[64];
	size_t i;

	squeeze_name(issuer, "", small, sizeof(small));
	squeeze_name(value, ".", label, sizeof(label));
	if (label[0] && strstr(small, label))
		return true;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].label, label) == 0 && strstr(small, known[i].name))
			return true;
	}
	return false;
}

static bool is_issue(const struct check_caa_record *r)
{
	return strcmp(r->tag, "issue") == 0;
}

bool publish_caa_is_live(
	const struct check_caa *now, const char *domain, char *const *set, size_t n)
{
	size_t i, k;

	if (now->outcome != CHECK_FOUND || strcmp(now->found_at, domain) != 0)
		return false;
	for (i = 0; i < n; i++) {
		for (k = 0; k < now->n_record && (!is_issue(&now->record[k]) ||
							 strcmp(now->record[k].value, set[i]) != 0);
			k++)
			;
		if (k == now->n_record)
			return false;
	}
	return true;
}

bool publish_caa_narrows(const struct check_caa *now, const char *domain)
{
	size_t i;

	if (now->outcome != CHECK_FOUND || strcmp(now->found_at, domain) != 0)
		return true;
	for (i = 0; i < now->n_record; i++) {
		if (is_issue(&now->record[i]))
			return false;
	}
	return true;
}

enum check_fact publish_caa_covers(
	const struct caa_site *v, size_t n, char *const *set, size_t n_set)
{
	enum check_fact all = FACT_YES;
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (v[i].nobody)
			continue;
		if (!v[i].issuer || v[i].issuer[0] == '\0') {
			all = FACT_UNKNOWN;
			continue;
		}
		for (k = 0; k < n_set && !is_issuer_of(v[i].issuer, set[k]); k++)
			;
		if (k == n_set)
			return FACT_NO;
	}
	return all;
}
