/* SPDX-License-Identifier: ISC */
#include "decide/publish_rates.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t divide_up(size_t n, size_t by)
{
	return (n + by - 1) / by;
}

size_t publish_order_days(size_t n)
{
	return divide_up(n, RATE_ORDERS * 24 / RATE_HOURS);
}

size_t publish_domain_days(size_t n)
{
	return divide_up(7 * n, RATE_WEEKLY);
}

static bool is_registry_label(const char *label, size_t len)
{
	static const char *const all[] = {
		"co", "com", "net", "org", "ac", "edu", "gov", "ne", "or", "go"};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (strlen(all[i]) == len && strncasecmp(all[i], label, len) == 0)
			return true;
	}
	return false;
}

/* The label before the one at p. */
static const char *label_before(const char *host, const char *p)
{
	if (p - host < 2)
		return host;
	for (p -= 2; p > host && p[-1] != '.'; p--)
		;
	return p;
}

const char *publish_registered(const char *host)
{
	const char *top = label_before(host, host + strlen(host) + 1);
	const char *second = label_before(host, top);

	if (second > host && strlen(top) == 2 &&
		is_registry_label(second, (size_t)(top - second - 1)))
		return label_before(host, second);
	return second;
}

static int compare_registered(const void *a, const void *b)
{
	return strcasecmp(publish_registered(*(const char *const *)a),
		publish_registered(*(const char *const *)b));
}

size_t publish_most_of_one(const char **host, size_t n, const char **of)
{
	size_t i, first = 0, most = 0;

	*of = NULL;
	if (n > 0)
		qsort(host, n, sizeof(*host), compare_registered);
	for (i = 0; i < n; i++) {
		if (compare_registered(&host[first], &host[i]) != 0)
			first = i;
		if (i - first + 1 > most) {
			most = i - first + 1;
			*of = host[i];
		}
	}
	return most;
}
