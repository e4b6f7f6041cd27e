/* SPDX-License-Identifier: ISC */
/* What is said of a domain besides its keys, records, files and steps: mail servers, certificates,
 * and who may issue them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "verbs/publish/view.h"

#define DAYS_LEFT 14 /* of a certificate, from which on it is told */

static int add_finding(struct view *v, bool counts, struct err *err, const char *what,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* counts: there is something to do now. */
static int add_finding(
	struct view *v, bool counts, struct err *err, const char *what, const char *format, ...)
{
	struct view_finding f = {.counts = counts}, *grown;
	va_list ap;
	int n;

	grown = reallocarray(v->finding, v->n_finding + 1, sizeof(*grown));
	if (!grown)
		return err_set(err, ERR_OS, "out of memory");
	v->finding = grown;
	va_start(ap, format);
	n = vasprintf(&f.reason, format, ap);
	va_end(ap);
	f.what = n >= 0 ? strdup(what) : NULL;
	if (!f.what) {
		if (n >= 0)
			free(f.reason);
		return err_set(err, ERR_OS, "out of memory");
	}
	grown[v->n_finding++] = f;
	return 0;
}

/* A live MX whose session is not as DANE or MTA-STS wants it. */
static int find_servers(struct view *v, struct err *err)
{
	const struct check_reply *r = &v->look->t.reply;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < r->n_mx; i++) {
		if (r->mx[i].live.status == LIVE_FAILED)
			rc = add_finding(v, true, err, r->mx[i].host, "%s", r->mx[i].live.reason);
	}
	return rc;
}

static int find_certificates(struct view *v, int64_t now, struct err *err)
{
	const struct check_reply *r = &v->look->t.reply;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < r->n_cert; i++) {
		const struct check_cert *c = &r->cert[i];

		if (c->caa == FACT_NO)
			rc = add_finding(v, true, err, c->name,
				"CAA does not allow the issuer of its certificate: %s", c->issuer);
		if (rc == 0 && c->not_after - now <= DAYS_LEFT * PUBLISH_DAY)
			rc = add_finding(v, false, err, c->name,
				"its certificate ends in %lld days",
				(long long)(c->not_after - now) / PUBLISH_DAY);
	}
	return rc;
}

/* The next certificate of a host: whether its authority may issue it. */
static int find_refusals(struct view *v, struct err *err)
{
	static const char *const label[] = {"openpgpkey", "mta-sts"};
	bool served[] = {v->domain->section->method != PUBLISH_DIRECT, v->policy.len > 0};
	char name[ADDR_DOMAIN_MAX + 32];
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < 2; i++) {
		snprintf(name, sizeof(name), "%s.%s", label[i], v->domain->name);
		if (served[i] && look_may_issue(v->look, name) == FACT_NO)
			rc = add_finding(v, true, err, name,
				"CAA does not allow the authority that is asked for its "
				"certificate");
	}
	return rc;
}

int view_find(struct view *v, int64_t now, struct err *err)
{
	int rc = 0;

	if (!v->look->t.answered)
		return 0;
	rc = find_servers(v, err);
	if (rc == 0 && v->domain->section->openpgpkey && !look_wants_openpgpkey(v->look, v->domain))
		rc = add_finding(v, false, err, v->domain->name,
			"OPENPGPKEY records are left out, as the zone is not signed");
	if (rc == 0)
		rc = find_certificates(v, now, err);
	return rc == 0 ? find_refusals(v, err) : rc;
}

void view_findings_free(struct view *v)
{
	size_t i;

	for (i = 0; i < v->n_finding; i++) {
		free(v->finding[i].what);
		free(v->finding[i].reason);
	}
	free(v->finding);
}
