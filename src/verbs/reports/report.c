/* SPDX-License-Identifier: ISC */
#include "verbs/reports/report.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NETWORK_BITS_4 24
#define NETWORK_BITS_6 48
#define TIME_LEN 19 /* of "2026-11-26T10:00:00" */

/* Limits on nesting and values, before anything is allocated for them. Strings are skipped; JSON is
 * parsed later. */
static int measure_json(const char *text, size_t len, struct err *err)
{
	size_t i, values = 1;
	unsigned depth = 0;
	bool quoted = false;

	if (len > REPORT_JSON_MAX)
		return err_set(
			err, ERR_DATA, "the report is larger than %u bytes", REPORT_JSON_MAX);
	for (i = 0; i < len; i++) {
		if (quoted) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				quoted = false;
			continue;
		}
		quoted = text[i] == '"';
		if (text[i] == '{' || text[i] == '[')
			depth++;
		if ((text[i] == '}' || text[i] == ']') && depth > 0)
			depth--;
		values += text[i] == ',' || text[i] == '{' || text[i] == '[';
		if (depth > REPORT_NESTING_MAX)
			return err_set(err, ERR_DATA, "the report is nested more than %d deep",
				REPORT_NESTING_MAX);
		if (values > REPORT_VALUES_MAX)
			return err_set(err, ERR_DATA, "the report has more than %d values",
				REPORT_VALUES_MAX);
	}
	return 0;
}

/* A member that must be there and be of that type; NULL and err if not. */
static const json_t *need_member(
	const json_t *o, const char *key, json_type type, const char *what, struct err *err)
{
	const json_t *v = json_object_get(o, key);

	if (!v)
		err_set(err, ERR_DATA, "%s is missing", key);
	else if (json_typeof(v) != type)
		err_set(err, ERR_DATA, "%s is not %s", key, what);
	else
		return v;
	return NULL;
}

static bool has_controls(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	}
	return false;
}

static int copy_text(const char *s, char **out, struct err *err)
{
	*out = strdup(s);
	return *out ? 0 : err_set(err, ERR_OS, "out of memory");
}

/* A name that is shown: not too long, and printable. */
static int read_name(const json_t *v, const char *key, char **out, struct err *err)
{
	const char *s = json_string_value(v);

	if (!s)
		return err_set(err, ERR_DATA, "%s is not a text", key);
	if (strlen(s) > REPORT_TEXT_MAX)
		return err_set(err, ERR_DATA, "%s is longer than %d bytes", key, REPORT_TEXT_MAX);
	if (has_controls(s))
		return err_set(err, ERR_DATA, "%s holds a control character", key);
	return copy_text(s, out, err);
}

static int need_name(const json_t *o, const char *key, char **out, struct err *err)
{
	const json_t *v = need_member(o, key, JSON_STRING, "a text", err);

	return v ? read_name(v, key, out, err) : ERR_DATA;
}

/* "" where it is missing or null. */
static int maybe_name(const json_t *o, const char *key, char **out, struct err *err)
{
	const json_t *v = json_object_get(o, key);

	return v && !json_is_null(v) ? read_name(v, key, out, err) : copy_text("", out, err);
}

static int need_count(const json_t *o, const char *key, int64_t *out, struct err *err)
{
	const json_t *v = need_member(o, key, JSON_INTEGER, "a whole number", err);

	if (!v)
		return ERR_DATA;
	*out = json_integer_value(v);
	if (*out < 0 || *out > REPORT_SESSIONS_MAX)
		return err_set(err, ERR_DATA, "%s is out of range", key);
	return 0;
}

/* RFC 3339; in UTC where the zone is left out, as in Microsoft's reports. */
static int need_time(const json_t *o, const char *key, int64_t *out, struct err *err)
{
	const json_t *v = need_member(o, key, JSON_STRING, "a text", err);
	char utc[TEXT_TIME_MAX];

	if (!v)
		return ERR_DATA;
	snprintf(utc, sizeof(utc), "%.*sZ", TIME_LEN, json_string_value(v));
	if (text_time_read(json_string_length(v) == TIME_LEN ? utc : json_string_value(v), out) < 0)
		return err_set(err, ERR_DATA, "%s is not a time of RFC 3339", key);
	return 0;
}

/* The network that an address lies in; "" if it is no address. */
static int network_of(const char *ip, char **out, struct err *err)
{
	char name[INET6_ADDRSTRLEN + 8] = "", text[INET6_ADDRSTRLEN];
	uint8_t a[16] = {0};

	if (inet_pton(AF_INET, ip, a) == 1) {
		memset(a + NETWORK_BITS_4 / 8, 0, 4 - NETWORK_BITS_4 / 8);
		if (inet_ntop(AF_INET, a, text, sizeof(text)))
			snprintf(name, sizeof(name), "%s/%d", text, NETWORK_BITS_4);
	} else if (inet_pton(AF_INET6, ip, a) == 1) {
		memset(a + NETWORK_BITS_6 / 8, 0, 16 - NETWORK_BITS_6 / 8);
		if (inet_ntop(AF_INET6, a, text, sizeof(text)))
			snprintf(name, sizeof(name), "%s/%d", text, NETWORK_BITS_6);
	}
	return copy_text(name, out, err);
}

static int read_host(const json_t *o, char **out, struct err *err)
{
	size_t len;
	int rc = maybe_name(o, "receiving-mx-hostname", out, err);

	if (rc < 0)
		return rc;
	ascii_lower(*out);
	len = strlen(*out);
	if (len > 0 && (*out)[len - 1] == '.')
		(*out)[len - 1] = '\0';
	return 0;
}

static enum check_result result_named(const char *name)
{
	int r;

	for (r = RESULT_NONE + 1; r <= RESULT_STS_WEBPKI_INVALID; r++) {
		if (strcmp(check_result_name((enum check_result)r), name) == 0)
			return (enum check_result)r;
	}
	return RESULT_NONE;
}

static int read_failure(struct report_failure *f, const json_t *o, struct err *err)
{
	char *ip = NULL;
	int rc;

	if (!json_is_object(o))
		return err_set(err, ERR_DATA, "failure-details holds what is not an object");
	rc = need_name(o, "result-type", &f->type, err);
	if (rc == 0)
		rc = need_count(o, "failed-session-count", &f->sessions, err);
	if (rc == 0)
		rc = read_host(o, &f->host, err);
	if (rc == 0)
		rc = maybe_name(o, "failure-reason-code", &f->code, err);
	if (rc == 0)
		rc = maybe_name(o, "sending-mta-ip", &ip, err);
	if (rc == 0)
		rc = network_of(ip, &f->network, err);
	if (rc == 0)
		f->result = result_named(f->type);
	free(ip);
	return rc;
}

static int read_failures(struct report_part *p, const json_t *o, struct err *err)
{
	const json_t *list = json_object_get(o, "failure-details");
	size_t i, n = json_array_size(list);
	int rc = 0;

	if (!list || json_is_null(list))
		return 0;
	if (!json_is_array(list))
		return err_set(err, ERR_DATA, "failure-details is not an array");
	p->failure = calloc(n + 1, sizeof(*p->failure));
	if (!p->failure)
		return err_set(err, ERR_OS, "out of memory");
	p->n_failure = n;
	for (i = 0; i < n && rc == 0; i++)
		rc = read_failure(&p->failure[i], json_array_get(list, i), err);
	return rc;
}

static int read_policy_of(struct report_part *p, const json_t *o, struct err *err)
{
	static const char *const name[] = {"sts", "tlsa", "no-policy-found"};
	const json_t *v = need_member(o, "policy-type", JSON_STRING, "a text", err);
	char domain[ADDR_DOMAIN_MAX + 1] = "", *text = NULL;
	struct err why = ERR_INIT;
	int rc;

	if (!v)
		return ERR_DATA;
	p->type = POLICY_TYPE_STS;
	while (p->type < POLICY_TYPE_OTHER && strcmp(json_string_value(v), name[p->type]) != 0)
		p->type++;
	rc = maybe_name(o, "policy-domain", &text, err);
	if (rc == 0 && text[0] != '\0' && addr_domain(text, domain, &why) < 0)
		rc = err_set(err, ERR_DATA, "policy-domain: %s", why.msg);
	if (rc == 0)
		rc = copy_text(domain, &p->domain, err);
	free(text);
	return rc;
}

/* A session may be in several details, so their sum says nothing: but no fewer failed than one
 * says. */
static void correct_failed(struct report_part *p)
{
	size_t i;

	for (i = 0; i < p->n_failure; i++) {
		if (p->failure[i].sessions > p->failed)
			p->failed = p->failure[i].sessions;
	}
}

static int read_part(struct report_part *p, const json_t *o, struct err *err)
{
	const json_t *policy, *summary;
	int rc;

	if (!json_is_object(o))
		return err_set(err, ERR_DATA, "policies holds what is not an object");
	policy = need_member(o, "policy", JSON_OBJECT, "an object", err);
	summary = policy ? need_member(o, "summary", JSON_OBJECT, "an object", err) : NULL;
	if (!summary)
		return ERR_DATA;
	rc = read_policy_of(p, policy, err);
	if (rc == 0)
		rc = need_count(summary, "total-successful-session-count", &p->good, err);
	if (rc == 0)
		rc = need_count(summary, "total-failure-session-count", &p->failed, err);
	if (rc == 0)
		rc = read_failures(p, o, err);
	correct_failed(p);
	return rc;
}

static int read_parts(struct report *r, const json_t *o, struct err *err)
{
	const json_t *list = need_member(o, "policies", JSON_ARRAY, "an array", err);
	size_t i, n = json_array_size(list);
	int rc = 0;

	if (!list)
		return ERR_DATA;
	if (n > REPORT_POLICIES_MAX)
		return err_set(
			err, ERR_DATA, "the report has more than %d policies", REPORT_POLICIES_MAX);
	r->part = calloc(n + 1, sizeof(*r->part));
	if (!r->part)
		return err_set(err, ERR_OS, "out of memory");
	r->n_part = n;
	for (i = 0; i < n && rc == 0; i++)
		rc = read_part(&r->part[i], json_array_get(list, i), err);
	return rc;
}

static int read_members(struct report *r, const json_t *o, struct err *err)
{
	const json_t *range;
	int rc;

	if (!json_is_object(o))
		return err_set(err, ERR_DATA, "the report is not an object");
	rc = need_name(o, "organization-name", &r->organization, err);
	if (rc == 0)
		rc = need_name(o, "report-id", &r->id, err);
	range = rc == 0 ? need_member(o, "date-range", JSON_OBJECT, "an object", err) : NULL;
	if (!range)
		return ERR_DATA;
	rc = need_time(range, "start-datetime", &r->begin, err);
	if (rc == 0)
		rc = need_time(range, "end-datetime", &r->end, err);
	if (rc == 0 && r->end < r->begin)
		rc = err_set(err, ERR_DATA, "date-range ends before it begins");
	return rc == 0 ? read_parts(r, o, err) : rc;
}

int report_read(struct report *r, const char *text, size_t len, struct err *err)
{
	const struct digest_part part = {text, len};
	json_error_t why;
	json_t *o;
	int rc;

	*r = (struct report){.auth = REPORT_AUTH_UNKNOWN};
	rc = measure_json(text, len, err);
	if (rc < 0)
		return rc;
	if (digest_sha256(&part, 1, r->digest) < 0)
		return err_set(err, ERR_OS, "out of memory");
	o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (!o)
		return err_set(
			err, ERR_DATA, "the report is not JSON: line %d: %s", why.line, why.text);
	rc = read_members(r, o, err);
	json_decref(o);
	if (rc < 0)
		report_free(r);
	return rc;
}

static void free_part(struct report_part *p)
{
	size_t i;

	for (i = 0; i < p->n_failure; i++) {
		free(p->failure[i].type);
		free(p->failure[i].host);
		free(p->failure[i].network);
		free(p->failure[i].code);
	}
	free(p->failure);
	free(p->domain);
}

void report_free(struct report *r)
{
	size_t i;

	for (i = 0; i < r->n_part; i++)
		free_part(&r->part[i]);
	free(r->part);
	free(r->organization);
	free(r->id);
	*r = (struct report){.auth = REPORT_AUTH_UNKNOWN};
}

const char *report_policy_name(enum report_policy_type t)
{
	static const char *const name[] = {[POLICY_TYPE_STS] = "sts",
		[POLICY_TYPE_TLSA] = "tlsa",
		[POLICY_TYPE_NONE] = "no-policy-found",
		[POLICY_TYPE_OTHER] = "other"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == POLICY_TYPE_OTHER + 1, "a name for each");
	return name[t];
}

const char *report_auth_name(enum report_auth a)
{
	static const char *const name[] = {[REPORT_AUTH_YES] = "yes",
		[REPORT_AUTH_NO] = "no",
		[REPORT_AUTH_UNKNOWN] = "unknown"};

	_Static_assert(
		sizeof(name) / sizeof(name[0]) == REPORT_AUTH_UNKNOWN + 1, "a name for each");
	return name[a];
}
