/* SPDX-License-Identifier: ISC */
#include "verbs/publish/records.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/wkd_name.h"
#include "pgp/cert/packet.h"
#include "wire/check.h"

#define SEND_EACH (32u << 10) /* bytes of one update: beyond 64 kB servers run out of space */
#define TXT_STRING_MAX 255

int record_add(struct record_list *l, const char *name, enum record_type type, uint32_t ttl,
	const void *rdata, size_t len, struct err *err)
{
	size_t cap = l->cap ? 2 * l->cap : 16;
	struct dns_record *grown, r = {.type = type, .ttl = ttl, .len = len};

	if (strlen(name) > ADDR_DOMAIN_MAX)
		return err_set(err, ERR_CONFIG, "%s: is too long for a name in DNS", name);
	if (l->n == l->cap) {
		grown = reallocarray(l->v, cap, sizeof(*grown));
		if (!grown)
			return err_set(err, ERR_OS, "out of memory");
		l->v = grown;
		l->cap = cap;
	}
	r.name = strdup(name);
	r.rdata = malloc(len ? len : 1);
	if (!r.name || !r.rdata) {
		free(r.name);
		free(r.rdata);
		return err_set(err, ERR_OS, "out of memory");
	}
	memcpy(r.rdata, rdata, len);
	l->v[l->n++] = r;
	return 0;
}

void records_free(struct record_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].rdata);
	}
	free(l->v);
	*l = (struct record_list){.n = 0};
}

/* In as many strings as needed. */
static int add_txt(
	struct record_list *l, const char *name, uint32_t ttl, const char *text, struct err *err)
{
	struct buf b = BUF_INIT(65535);
	size_t left = strlen(text), n;
	int rc = 0;

	do {
		n = left < TXT_STRING_MAX ? left : TXT_STRING_MAX;
		rc = buf_addc(&b, (char)n) | buf_add(&b, text, n);
		text += n;
		left -= n;
	} while (rc == 0 && left > 0);
	rc = rc < 0 ? err_too_large(err, ERR_CONFIG, "%s: the text is too long", name)
		    : record_add(l, name, RECORD_TXT, ttl, b.p, b.len, err);
	buf_free(&b);
	return rc;
}

/* "issue". */
static int add_caa(
	struct record_list *l, const char *name, uint32_t ttl, const char *value, struct err *err)
{
	uint8_t rdata[7 + 256];
	size_t len = strlen(value);

	memcpy(rdata, "\0\5issue", 7);
	memcpy(rdata + 7, value, len < 256 ? len : 256);
	return record_add(l, name, RECORD_CAA, ttl, rdata, 7 + (len < 256 ? len : 256), err);
}

static int add_cname(
	struct record_list *l, const char *name, uint32_t ttl, const char *to, struct err *err)
{
	return record_add(l, name, RECORD_CNAME, ttl, to, strlen(to), err);
}

/* Addresses, or an alias. */
static int add_web(
	struct record_list *l, const char *name, const struct publish_section *s, struct err *err)
{
	uint8_t ip[16];
	size_t i;
	int rc = 0;

	if (s->web_is_host)
		return add_cname(l, name, (uint32_t)s->ttl, s->web.v[0], err);
	for (i = 0; rc == 0 && i < s->web.n; i++) {
		if (inet_pton(AF_INET, s->web.v[i], ip) == 1)
			rc = record_add(l, name, RECORD_A, (uint32_t)s->ttl, ip, 4, err);
		else if (inet_pton(AF_INET6, s->web.v[i], ip) == 1)
			rc = record_add(l, name, RECORD_AAAA, (uint32_t)s->ttl, ip, 16, err);
	}
	return rc;
}

const char *record_type_name(enum record_type type)
{
	switch (type) {
	case RECORD_A:
		return "A";
	case RECORD_CNAME:
		return "CNAME";
	case RECORD_TXT:
		return "TXT";
	case RECORD_AAAA:
		return "AAAA";
	case RECORD_TLSA:
		return "TLSA";
	case RECORD_OPENPGPKEY:
		return "TYPE61"; /* known to control panels and old servers, too */
	case RECORD_CAA:
		return "CAA";
	}
	return "?";
}

static int add_hex(struct buf *out, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;
	int rc = buf_reserve(out, 2 * len);

	for (i = 0; rc == 0 && i < len; i++)
		rc = buf_addc(out, digits[p[i] >> 4]) | buf_addc(out, digits[p[i] & 15]);
	return rc;
}

/* A character-string: printable ASCII as it is, in quotes unless plain (RFC 1035 section 5.1). */
static int add_string(struct buf *out, const uint8_t *p, size_t len, bool plain)
{
	size_t i;
	int rc = plain ? 0 : buf_addc(out, '"');

	for (i = 0; rc == 0 && i < len; i++) {
		if (p[i] < 0x20 || p[i] > 0x7e)
			rc = buf_addf(out, "\\%03u", p[i]);
		else if (!plain && (p[i] == '"' || p[i] == '\\'))
			rc = buf_addf(out, "\\%c", p[i]);
		else
			rc = buf_addc(out, (char)p[i]);
	}
	return rc < 0 || plain ? rc : buf_addc(out, '"');
}

static int txt_value(const struct dns_record *r, bool plain, struct buf *out)
{
	size_t at = 0, n;
	int rc = 0;

	while (rc == 0 && at < r->len) {
		n = r->rdata[at];
		if (n > r->len - at - 1)
			return -1;
		if (at > 0 && !plain)
			rc = buf_addc(out, ' ');
		if (rc == 0)
			rc = add_string(out, r->rdata + at + 1, n, plain);
		at += 1 + n;
	}
	return rc;
}

static int caa_value(const struct dns_record *r, struct buf *out)
{
	size_t tag = r->len >= 2 ? r->rdata[1] : 0;

	if (tag == 0 || tag + 2 > r->len)
		return -1;
	if (buf_addf(out, "%u ", r->rdata[0]) < 0 || add_string(out, r->rdata + 2, tag, true) < 0 ||
		buf_addc(out, ' ') < 0)
		return -1;
	return add_string(out, r->rdata + 2 + tag, r->len - 2 - tag, false);
}

int record_value(const struct dns_record *r, bool plain, struct buf *out)
{
	char ip[INET6_ADDRSTRLEN];

	switch (r->type) {
	case RECORD_A:
	case RECORD_AAAA:
		if (r->len != (r->type == RECORD_A ? 4 : 16) ||
			!inet_ntop(
				r->type == RECORD_A ? AF_INET : AF_INET6, r->rdata, ip, sizeof(ip)))
			return -1;
		return buf_adds(out, ip);
	case RECORD_CNAME:
		return buf_add(out, r->rdata, r->len) | buf_addc(out, '.');
	case RECORD_TXT:
		return txt_value(r, plain, out);
	case RECORD_TLSA:
		if (r->len < 3 ||
			buf_addf(out, "%u %u %u ", r->rdata[0], r->rdata[1], r->rdata[2]) < 0)
			return -1;
		return add_hex(out, r->rdata + 3, r->len - 3);
	case RECORD_OPENPGPKEY:
		return buf_addf(out, "\\# %zu ", r->len) | add_hex(out, r->rdata, r->len);
	case RECORD_CAA:
		return caa_value(r, out);
	}
	return -1;
}

/* NAME. TTL [IN] TYPE VALUE */
static void print_zone_line(FILE *f, const struct dns_record *r, const char *class, struct buf *b)
{
	buf_reset(b);
	(void)record_value(r, false, b);
	fprintf(f, "%s. %u %s%s %s\n", r->name, r->ttl, class, record_type_name(r->type),
		buf_str(b));
}

void records_print_zone(FILE *f, const struct record_list *l)
{
	struct buf b = BUF_INIT(4u << 20);
	size_t i;

	for (i = 0; i < l->n; i++)
		print_zone_line(f, &l->v[i], "IN ", &b);
	buf_free(&b);
}

static bool same_set(const struct dns_record *a, const struct dns_record *b)
{
	return a->type == b->type && strcmp(a->name, b->name) == 0;
}

bool record_replaces(const struct dns_record *r, enum record_type type)
{
	if (r->type == RECORD_CAA)
		return false;
	if (type == r->type || type == RECORD_CNAME)
		return true;
	if (r->type != RECORD_CNAME)
		return false;
	/* Of texts only that which hides openpgpkey. from wildcards. */
	return type == RECORD_A || type == RECORD_AAAA ||
	       (type == RECORD_TXT && strncmp(r->name, "openpgpkey.", 11) == 0);
}

/* Sets that are ours are replaced as a whole, so that a second run does no harm. aliased: only the
 * other sets at an alias's name, else those that can go in the update that brings the record. */
static size_t print_delete(FILE *f, const struct dns_record *r, bool aliased)
{
	static const enum record_type types[] = {
		RECORD_CNAME, RECORD_A, RECORD_AAAA, RECORD_TXT, RECORD_TLSA, RECORD_OPENPGPKEY};
	size_t i, octets = 0;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (record_replaces(r, types[i]) &&
			aliased == (r->type == RECORD_CNAME && types[i] != RECORD_CNAME))
			octets += (size_t)fprintf(
				f, "update delete %s. %s\n", r->name, record_type_name(types[i]));
	}
	return octets;
}

/* A record, its place in the list, and that of the first of its set. */
struct placed_record {
	const struct dns_record *r;
	size_t at, first;
};

static int compare_by_set(const void *a, const void *b)
{
	const struct placed_record *x = a, *y = b;
	int c = strcmp(x->r->name, y->r->name);

	if (c == 0)
		c = (x->r->type > y->r->type) - (x->r->type < y->r->type);
	return c != 0 ? c : (x->at > y->at) - (x->at < y->at);
}

static int compare_by_first(const void *a, const void *b)
{
	const struct placed_record *x = a, *y = b;

	if (x->first != y->first)
		return x->first > y->first ? 1 : -1;
	return (x->at > y->at) - (x->at < y->at);
}

/* The list with the records of each set together, where its first one stands. Owned by the caller;
 * NULL: no memory. */
static struct placed_record *gather_sets(const struct record_list *l)
{
	struct placed_record *v = calloc(l->n + 1, sizeof(*v));
	size_t i;

	if (!v)
		return NULL;
	for (i = 0; i < l->n; i++)
		v[i] = (struct placed_record){&l->v[i], i, i};
	qsort(v, l->n, sizeof(*v), compare_by_set);
	for (i = 1; i < l->n; i++) {
		if (same_set(v[i].r, v[i - 1].r))
			v[i].first = v[i - 1].first;
	}
	qsort(v, l->n, sizeof(*v), compare_by_first);
	return v;
}

/* What an alias takes the place of goes in an update of its own: Knot drops the alias as long as
 * the signatures of what was there are. */
static void print_aliased(FILE *f, const struct record_list *l, const char *zone)
{
	size_t i, octets = 0;

	for (i = 0; i < l->n; i++) {
		if (l->v[i].type != RECORD_CNAME || !addr_in_zone(l->v[i].name, zone))
			continue;
		octets += print_delete(f, &l->v[i], true);
		if (octets >= SEND_EACH) {
			fputs("send\n", f);
			octets = 0;
		}
	}
	if (octets > 0)
		fputs("send\n", f);
}

int records_print_nsupdate(
	FILE *f, const struct record_list *l, const char *zone, const char *server)
{
	struct placed_record *v = gather_sets(l);
	struct buf b = BUF_INIT(4u << 20);
	size_t i, octets = 0;

	if (!v)
		return -1;
	if (server)
		fprintf(f, "server %s\n", server);
	print_aliased(f, l, zone);
	for (i = 0; i < l->n; i++) {
		const struct dns_record *r = v[i].r;

		if (!addr_in_zone(r->name, zone))
			continue;
		/* A set is never cut in two. */
		if (i == 0 || v[i].first != v[i - 1].first) {
			if (octets >= SEND_EACH) {
				fputs("send\n", f);
				octets = 0;
			}
			octets += print_delete(f, r, false);
		}
		buf_reset(&b);
		(void)record_value(r, false, &b);
		fprintf(f, "update add %s. %u %s %s\n", r->name, r->ttl, record_type_name(r->type),
			buf_str(&b));
		octets += b.len + strlen(r->name) + 32;
	}
	if (octets > 0)
		fputs("send\n", f);
	buf_free(&b);
	free(v);
	return 0;
}

void records_print_panel(FILE *f, const struct record_list *l, const char *zone)
{
	struct buf b = BUF_INIT(4u << 20);
	size_t i, z = strlen(zone);

	fprintf(f,
		"Records for the control panel of %s's zone. Where it asks for a name, it wants "
		"the\n"
		"short or the full one; whether names end with a dot: as your panel wants.\n",
		zone);
	for (i = 0; i < l->n; i++) {
		const struct dns_record *r = &l->v[i];
		size_t n = strlen(r->name);

		buf_reset(&b);
		(void)record_value(r, true, &b);
		fprintf(f, "\nname:  %.*s\nfull:  %s\ntype:  %s\nTTL:   %u\nvalue: %s\n",
			addr_in_zone(r->name, zone) && n > z ? (int)(n - z - 1) : 1,
			addr_in_zone(r->name, zone) && n > z ? r->name : "@", r->name,
			record_type_name(r->type), r->ttl, buf_str(&b));
	}
	buf_free(&b);
}

int policy_lines(const struct publish_domain *d, const struct check_reply *live,
	const char *const *more, size_t n_more, struct buf *out)
{
	const struct publish_section *s = d->section;
	size_t i;
	int rc = buf_addf(out, "version: STSv1\r\nmode: %s\r\n", publish_sts_name(d->sts));

	for (i = 0; rc == 0 && i < s->mx.n; i++)
		rc = buf_addf(out, "mx: %s\r\n", s->mx.v[i]);
	for (i = 0; rc == 0 && live && s->mx.n == 0 && i < live->n_mx; i++)
		rc = buf_addf(out, "mx: %s\r\n", live->mx[i].host);
	for (i = 0; rc == 0 && i < n_more; i++)
		rc = buf_addf(out, "mx: %s\r\n", more[i]);
	return rc == 0 ? buf_addf(out, "max_age: %lld\r\n", (long long)s->max_age) : rc;
}

int policy_text(
	const struct publish_domain *d, bool none, const struct check_reply *live, struct buf *out)
{
	if (none)
		return buf_addf(
			out, "version: STSv1\r\nmode: none\r\nmax_age: %d\r\n", PUBLISH_DAY);
	return policy_lines(d, live, NULL, 0, out);
}

bool policy_says(const struct buf *policy, const char *mode)
{
	char line[32];
	const char *at;

	snprintf(line, sizeof(line), "\nmode: %s", mode);
	at = strstr(buf_str(policy), line);
	return at && strchr("\r\n", at[strlen(line)]);
}

int64_t policy_max_age(const struct buf *policy)
{
	static const char line[] = "\nmax_age: ";
	const char *at = strstr(buf_str(policy), line);

	return at ? strtoll(at + strlen(line), NULL, 10) : -1;
}

int policy_id(const struct buf *policy, char id[POLICY_ID_MAX])
{
	const struct digest_part part = {policy->p, policy->len};
	uint8_t digest[DIGEST_LEN];

	if (digest_sha256(&part, 1, digest) < 0)
		return -1;
	packet_hex(id, digest, (POLICY_ID_MAX - 1) / 2);
	ascii_lower(id);
	return 0;
}

void customer_target(const struct publish_domain *d, char *out)
{
	snprintf(out, ADDR_DOMAIN_MAX + 1, "%s%s%s", d->token ? d->token : "", d->token ? "." : "",
		d->section->name);
}

/* What stands at a host of the domain: an alias of the provider's, or the addresses. */
static int add_host(
	const struct publish_domain *d, const char *label, struct record_list *l, struct err *err)
{
	char name[ADDR_DOMAIN_MAX + 32], to[ADDR_DOMAIN_MAX + 1];

	snprintf(name, sizeof(name), "%s.%s", label, d->name);
	if (!d->customer)
		return add_web(l, name, d->section, err);
	customer_target(d, to);
	return add_cname(l, name, (uint32_t)d->section->ttl, to, err);
}

static int add_sts_record(const struct publish_domain *d, const struct buf *policy,
	const char *name, struct record_list *l, struct err *err)
{
	char id[POLICY_ID_MAX], text[POLICY_ID_MAX + 32];

	if (policy_id(policy, id) < 0)
		return err_set(err, ERR_OS, "out of memory");
	snprintf(text, sizeof(text), "v=STSv1; id=%s", id);
	return add_txt(l, name, (uint32_t)d->section->ttl, text, err);
}

static int add_reports(
	const struct publish_section *s, const char *domain, struct record_list *l, struct err *err)
{
	struct buf text = BUF_INIT(65535);
	char name[ADDR_DOMAIN_MAX + 32];
	size_t i;
	int rc = buf_adds(&text, "v=TLSRPTv1; rua=");

	if (s->rua.n == 0)
		return 0;
	for (i = 0; rc == 0 && i < s->rua.n; i++)
		rc = buf_addf(&text, "%s%s", i ? "," : "", s->rua.v[i]);
	snprintf(name, sizeof(name), "_smtp._tls.%s", domain);
	rc = rc < 0 ? err_set(err, ERR_OS, "out of memory")
		    : add_txt(l, name, (uint32_t)s->ttl, buf_str(&text), err);
	buf_free(&text);
	return rc;
}

static int add_caa_lines(
	const struct publish_section *s, const char *name, struct record_list *l, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < s->caa.n; i++)
		rc = add_caa(l, name, (uint32_t)s->ttl, s->caa.v[i], err);
	return rc;
}

/* A customer's names of the policy and of reports lead to those of the provider's zone. */
static int add_aliases(
	const struct publish_domain *d, bool policy, struct record_list *l, struct err *err)
{
	const struct publish_section *s = d->section;
	char name[ADDR_DOMAIN_MAX + 32], to[2 * ADDR_DOMAIN_MAX + 32];
	int rc = 0;

	snprintf(name, sizeof(name), "_mta-sts.%s", d->name);
	snprintf(to, sizeof(to), "%s._mta-sts.%s", d->name, s->name);
	if (policy)
		rc = add_cname(l, name, (uint32_t)s->ttl, to, err);
	snprintf(name, sizeof(name), "_smtp._tls.%s", d->name);
	snprintf(to, sizeof(to), "_smtp._tls.%s", s->name);
	if (rc == 0 && s->rua.n > 0)
		rc = add_cname(l, name, (uint32_t)s->ttl, to, err);
	return rc;
}

int domain_records(const struct publish_domain *d, const struct record_wants *w,
	struct record_list *l, struct err *err)
{
	const struct publish_section *s = d->section;
	char name[ADDR_DOMAIN_MAX + 32];
	int rc = 0;

	snprintf(name, sizeof(name), "openpgpkey.%s", d->name);
	if (w->key_host)
		rc = add_host(d, "openpgpkey", l, err);
	if (rc == 0 && w->hide)
		rc = add_txt(l, name, (uint32_t)s->ttl, "", err);
	if (rc == 0 && w->policy)
		rc = add_host(d, "mta-sts", l, err);
	if (rc == 0 && d->customer)
		return add_aliases(d, w->policy != NULL, l, err);
	snprintf(name, sizeof(name), "_mta-sts.%s", d->name);
	if (rc == 0 && w->policy && !w->untold)
		rc = add_sts_record(d, w->policy, name, l, err);
	if (rc == 0)
		rc = add_reports(s, d->name, l, err);
	return rc == 0 && w->caa ? add_caa_lines(s, d->name, l, err) : rc;
}

int customer_records(const struct publish_domain *d, const struct buf *policy,
	struct record_list *l, struct err *err)
{
	char name[2 * ADDR_DOMAIN_MAX + 32];
	int rc = 0;

	if (d->token) {
		customer_target(d, name);
		rc = add_web(l, name, d->section, err);
	}
	snprintf(name, sizeof(name), "%s._mta-sts.%s", d->name, d->section->name);
	return rc == 0 && policy ? add_sts_record(d, policy, name, l, err) : rc;
}

int provider_records(const struct publish_section *s, struct record_list *l, struct err *err)
{
	int rc = s->web_is_host && strcmp(s->web.v[0], s->name) == 0 ? 0
								     : add_web(l, s->name, s, err);

	if (rc == 0)
		rc = add_reports(s, s->name, l, err);
	/* A name that is an alias has no other records; its CAA is that of where it leads. */
	return rc == 0 && !s->web_is_host ? add_caa_lines(s, s->name, l, err) : rc;
}

int openpgpkey_records(const struct publish_domain *d, const struct addr *a, const uint8_t *cert,
	size_t len, struct record_list *l, struct err *err)
{
	char name[WKD_OWNER_MAX + 1];
	struct addr lower = *a;
	int rc;

	rc = openpgpkey_owner(a, name, err);
	if (rc == 0)
		rc = record_add(
			l, name, RECORD_OPENPGPKEY, (uint32_t)d->section->ttl, cert, len, err);
	ascii_lower(lower.local);
	if (rc < 0 || strcmp(lower.local, a->local) == 0)
		return rc;
	rc = openpgpkey_owner(&lower, name, err);
	return rc < 0 ? rc
		      : record_add(l, name, RECORD_OPENPGPKEY, (uint32_t)d->section->ttl, cert, len,
				err);
}
