/* SPDX-License-Identifier: ISC */
/* Cached facts about key hosts, so that they are not requested for each address: their answer to an
 * unpublished name, and whether they have a policy file. */
#ifndef SEALPOST_WKD_SITES_H
#define SEALPOST_WKD_SITES_H

#include <stdbool.h>
#include <stdint.h>

#include "wkd/control.h"
#include "base/wkd_name.h"

#define SITES_MAX 64
#define SITES_KEPT_MS (24 * 3600 * INT64_C(1000))

enum site_policy { POLICY_NOT_ASKED, POLICY_VALID, POLICY_NOT_VALID };

struct site_facts {
	char host[WKD_HOST_MAX + 1];
	int64_t since; /* creation time; milliseconds of clock_ms */
	enum { SITE_NOT_ASKED, SITE_PAGE, SITE_NONE } control; /* 200 with a page; 404 or 410 */
	struct control_page page;
	enum site_policy policy;
};

/* Begins zeroed. */
struct sites {
	struct site_facts v[SITES_MAX];
	unsigned next; /* to be overwritten */
};

/* The facts about a host; new if unknown or a day old. Never NULL; borrowed until the next call. */
struct site_facts *sites_of(struct sites *s, const char *host, int64_t now);

#endif
