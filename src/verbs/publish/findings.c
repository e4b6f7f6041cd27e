/* SPDX-License-Identifier: ISC */
/* Further findings about a domain: mail servers, certificates, and who may issue them. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "pgp/cert/packet.h"
#include "store/live.h"
#include "verbs/publish/view.h"

#define DAYS_LEFT 14 /* of a certificate, from which on it is reported */

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
				"its certificate expires in %lld days",
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

bool view_has_record(const struct world_answer *a, const struct dns_record *want)
{
	struct buf x = BUF_INIT(1u << 20), y = BUF_INIT(1u << 20);
	size_t i;
	bool found = false;

	for (i = 0; !found && i < a->n_record; i++) {
		struct dns_record now = {.name = want->name,
			.type = want->type,
			.rdata = a->record[i].data,
			.len = a->record[i].len};

		buf_reset(&x);
		buf_reset(&y);
		found = now.len == want->len && memcmp(now.rdata, want->rdata, now.len) == 0;
		if (!found && want->type == RECORD_TXT)
			found = record_value(&now, true, &x) == 0 &&
				record_value(want, true, &y) == 0 && x.len == y.len &&
				memcmp(buf_str(&x), buf_str(&y), x.len) == 0;
	}
	buf_free(&x);
	buf_free(&y);
	return found;
}

/* Whether a mail server shows the key of a TLSA 3 1 1 record. FACT_UNKNOWN: it was not visited. */
static enum check_fact shows_key(const struct check_reply *r, const char *host, const char *hex)
{
	enum check_fact shown = FACT_UNKNOWN;
	size_t i;

	for (i = 0; i < r->n_cert; i++) {
		if (r->cert[i].port != CHECK_SMTP_PORT || strcmp(r->cert[i].name, host) != 0)
			continue;
		if (strcasecmp(r->cert[i].spki, hex) == 0)
			return FACT_YES;
		shown = FACT_NO;
	}
	return shown;
}

/* The record of a next key: when the key may be used. */
static int find_next_key(struct publish *p, struct view *v, const struct view_set *s,
	const struct dns_record *record, struct err *err)
{
	const char *host = s->name + strlen("_25._tcp.");
	char hex[2 * DIGEST_LEN + 1], thing[ADDR_DOMAIN_MAX + 64], when[TEXT_TIME_MAX];
	int64_t first, ttl = s->now.ttl > s->ttl ? s->now.ttl : s->ttl;
	int rc;

	packet_hex(hex, record->rdata + 3, DIGEST_LEN);
	snprintf(thing, sizeof(thing), "tlsa %.16s %s", hex, host);
	if (!view_has_record(&s->now, record))
		return store_live_gone(p->session.store, v->domain->name, thing, err);
	rc = store_live_seen(p->session.store, v->domain->name, thing, 0, p->now, &first, err);
	if (rc < 0 || shows_key(&v->look->t.reply, host, hex) != FACT_NO)
		return rc;
	text_time(when, first + 2 * ttl);
	return add_finding(v, false, err, host,
		"its next key, of TLSA 3 1 1 %.8s..., may be used %s%s", hex,
		first + 2 * ttl > p->now ? "from " : "now", first + 2 * ttl > p->now ? when : "");
}

static int find_next_keys(struct publish *p, struct view *v, struct err *err)
{
	size_t i, k;
	int rc = 0;

	for (i = 0; rc == 0 && i < v->n_set; i++) {
		const struct view_set *s = &v->set[i];

		for (k = 0;
			rc == 0 && s->type == RECORD_TLSA && s->state != VIEW_UNKNOWN && k < s->n;
			k++)
			rc = find_next_key(p, v, s, &v->want.v[s->first + k], err);
	}
	return rc;
}

int view_find(struct publish *p, struct view *v, struct err *err)
{
	int rc = 0;

	if (!v->look->t.answered)
		return 0;
	rc = find_servers(v, err);
	if (rc == 0 && v->domain->section->openpgpkey && !look_wants_openpgpkey(v->look, v->domain))
		rc = add_finding(v, false, err, v->domain->name,
			"OPENPGPKEY records are left out, as the zone is not signed");
	if (rc == 0)
		rc = find_certificates(v, p->now, err);
	if (rc == 0)
		rc = find_next_keys(p, v, err);
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
