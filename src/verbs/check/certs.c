/* SPDX-License-Identifier: ISC */
/* The findings about certificates: who may issue them, which were seen, and their certificate
 * transparency. */
#include "verbs/check/page.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"

#define SOON (7 * 86400) /* left to renew it */

PAGE_KINDS(GROUP_CERTIFICATES);

static void page_caa_record(
	struct check_page *p, const struct check_caa *c, const struct check_caa_record *r)
{
	bool issues = strcmp(r->tag, "issue") == 0 || strcmp(r->tag, "issuewild") == 0;

	if (issues)
		page_add(p, &ok, c->name, NULL, "CAA %s%s: %s%s%s",
			(r->flags & 128) ? "critical " : "", r->tag,
			r->issuer[0] ? r->issuer : "nobody", r->params[0] ? "; " : "", r->params);
	else
		page_add(p, &note, c->name, NULL, "CAA %s%s: %s",
			(r->flags & 128) ? "critical " : "", r->tag, r->value);
}

static void page_caa(struct check_page *p, const struct check_caa *c)
{
	size_t i;

	switch (c->outcome) {
	case CHECK_FOUND:
		if (strcmp(c->found_at, c->name) != 0)
			page_add(p, &note, c->name, NULL, "CAA: as %s says", c->found_at);
		for (i = 0; i < c->n_record && strcmp(c->found_at, c->name) == 0; i++)
			page_caa_record(p, c, &c->record[i]);
		if (c->forbidden)
			page_add(p, &warn, c->name, "remove the unknown property",
				"CAA: an unknown critical property: no authority may "
				"issue");
		break;
	case CHECK_NONE:
		page_add(p, &note, c->name,
			"publish CAA 0 issue \"...\" with the authorities that you use",
			"CAA: any authority may issue");
		break;
	case CHECK_INVALID:
		page_add(p, &bad, c->name, "fix the CAA records", "CAA: %s", c->reason);
		break;
	case CHECK_UNKNOWN:
		page_add(p, &unknown, c->name, "fix the zone: no authority will issue", "CAA: %s",
			c->reason);
		break;
	case CHECK_NOT_ASKED:
		break;
	}
}

static void transparency(struct check_page *p, const struct check_cert *c)
{
	unsigned n = (unsigned)c->sct_x509 + c->sct_tls + c->sct_ocsp;

	if (n == 0)
		page_add(p, &note, c->name, NULL, "certificate transparency: no timestamp%s%s",
			c->ct_reason[0] ? ": " : "", c->ct_reason);
	else if (c->ct == FACT_YES)
		page_add(p, &ok, c->name, NULL,
			"certificate transparency: %u of %u timestamps verified", c->sct_valid, n);
	else if (c->ct == FACT_NO)
		page_add(p, &warn, c->name, "ask the authority for another certificate",
			"certificate transparency: none of %u timestamps is valid (%u false, %u of "
			"logs not listed)%s%s",
			n, c->sct_invalid, c->sct_unknown_log, c->ct_reason[0] ? ": " : "",
			c->ct_reason);
	else
		page_add(p, &note, c->name, NULL,
			"certificate transparency: %u timestamp%s, not verified%s%s", n,
			n == 1 ? "" : "s", c->ct_reason[0] ? ": " : "", c->ct_reason);
}

static void certificate(struct check_page *p, const struct check_cert *c)
{
	char until[TEXT_TIME_MAX];
	int64_t now = (int64_t)time(NULL);
	const struct check_line *level = c->not_after <= now         ? &bad
					 : c->not_after - now < SOON ? &warn
								     : &ok;

	text_time(until, c->not_after);
	page_add(p, level, c->name, level == &ok ? NULL : "renew the certificate",
		"certificate of %s for %s, until %s", c->issuer, c->subject, until);
	if (c->caa == FACT_NO)
		page_add(p, &note, c->name, "name the authority in CAA, unless it is none of yours",
			"CAA allows no authority to issue it now");
	transparency(p, c);
}

void page_certificates(struct check_page *p, const struct check_reply *r)
{
	size_t i;

	if (r->failed[0] != '\0')
		return;
	for (i = 0; i < r->n_caa; i++)
		page_caa(p, &r->caa[i]);
	for (i = 0; i < r->n_cert; i++)
		certificate(p, &r->cert[i]);
}
