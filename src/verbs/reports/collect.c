/* SPDX-License-Identifier: ISC */
#include "verbs/reports/collect.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "mime/auth_results.h"
#include "mime/ctype.h"
#include "mime/message.h"
#include "mime/part.h"
#include "mime/structure.h"
#include "mime/words.h"
#include "verbs/reports/unpack.h"

#define CHUNK 16384
#define SHOWN_MAX 2048 /* bytes of a field that is shown */

/* What a part may be by its type. */
enum part_role {
	ROLE_NONE,
	ROLE_REPORT, /* it says so */
	ROLE_MAYBE,  /* by what is in it */
	ROLE_XML,
	ROLE_TEXT
};

struct mail_read {
	struct collect *c;
	const struct source *src;
	struct message m;
	struct structure s;
	enum report_auth auth;
	size_t n_report;
	bool noticed;
};

static int no_memory(struct err *err)
{
	return err_set(err, ERR_OS, "out of memory");
}

int collect_unread(struct collect *c, const char *path, const char *why, struct err *err)
{
	struct unread *v = reallocarray(c->unread, c->n_unread + 1, sizeof(*v));

	if (!v)
		return no_memory(err);
	c->unread = v;
	v[c->n_unread] = (struct unread){strdup(path), strdup(why)};
	c->n_unread++;
	return v[c->n_unread - 1].path && v[c->n_unread - 1].why ? 0 : no_memory(err);
}

static int add_report(
	struct collect *c, const struct unpack *u, enum report_auth auth, struct err *err)
{
	struct report *v, r;
	size_t len, i, n = 0;
	const char *text = unpack_json(u, &len);
	int rc;

	if (!text)
		return err_set(err, ERR_DATA, "the report is not a JSON object");
	if (c->n_report == COLLECT_REPORTS_MAX)
		return err_set(err, ERR_DATA, "more than %d reports at once", COLLECT_REPORTS_MAX);
	rc = report_read(&r, text, len, err);
	if (rc < 0)
		return rc;
	r.auth = auth;
	for (i = 0; i < r.n_part; i++)
		n += r.part[i].n_failure;
	if (c->n_failure + n > COLLECT_FAILURES_MAX) {
		report_free(&r);
		return err_set(err, ERR_DATA, "more than %d failure details at once",
			COLLECT_FAILURES_MAX);
	}
	if (c->n_report == c->room) {
		v = reallocarray(c->report, c->room ? 2 * c->room : 64, sizeof(*v));
		if (!v) {
			report_free(&r);
			return no_memory(err);
		}
		c->report = v;
		c->room = c->room ? 2 * c->room : 64;
	}
	c->report[c->n_report++] = r;
	c->n_failure += n;
	return 0;
}

/* The submitter signs too (RFC 8460 section 5.3); one that is no domain, as some name theirs, says
 * nothing. */
static enum report_auth authenticate(const struct collect *c, const struct message *m)
{
	const char *raw = message_field(m, "TLS-Report-Submitter");
	char domain[ADDR_DOMAIN_MAX + 1];
	struct err why = ERR_INIT;
	struct buf submitter = BUF_INIT(SHOWN_MAX);
	enum report_auth auth = c->trusted[0] == '\0' ? REPORT_AUTH_UNKNOWN : REPORT_AUTH_NO;
	bool named = raw && words_decode(raw, &submitter) == 0 &&
		     addr_domain(buf_str(&submitter), domain, &why) == 0;

	if (auth_results_of(m, c->trusted, named ? domain : NULL) == AUTH_CONFIRMED)
		auth = REPORT_AUTH_YES;
	buf_free(&submitter);
	return auth;
}

static int part_role(const struct mail_read *r, size_t i, enum part_role *role, struct err *err)
{
	static const struct {
		const char *type, *subtype;
		enum part_role role;
	} known[] = {{"application", "tlsrpt+gzip", ROLE_REPORT},
		{"application", "tlsrpt+json", ROLE_REPORT}, {"application", "gzip", ROLE_MAYBE},
		{"application", "x-gzip", ROLE_MAYBE}, {"application", "json", ROLE_MAYBE},
		{"application", "octet-stream", ROLE_MAYBE}, {"application", "xml", ROLE_XML},
		{"application", "iodef+xml", ROLE_XML}, {"text", "xml", ROLE_XML},
		{"text", "plain", ROLE_TEXT}};
	struct buf value = BUF_INIT(PART_TYPE_MAX), fixed = BUF_INIT(4 * PART_TYPE_MAX);
	struct ctype ct;
	size_t k;
	int rc;

	*role = ROLE_NONE;
	if (r->s.part[i].kind != PART_LEAF)
		return 0;
	rc = part_type(&r->m, &r->s, i, &value, err);
	if (rc == 0 && value.len == 0) {
		*role = ROLE_TEXT;
	} else if (rc == 0 && (rc = ctype_read(buf_str(&value), &ct, &fixed)) == ERR_OS) {
		err_set(err, ERR_OS, "out of memory");
	} else if (rc >= 0) {
		rc = 0;
		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
			if (ctype_is(&ct, known[k].type, known[k].subtype))
				*role = known[k].role;
		}
	}
	buf_free(&value);
	buf_free(&fixed);
	return rc == -1 ? 0 : rc;
}

static int give_unpack(void *arg, const uint8_t *b, size_t n, struct err *err)
{
	return unpack_add(arg, b, n, err);
}

static int take_report(struct mail_read *r, size_t i, bool certain, struct err *err)
{
	struct unpack u;
	size_t len;
	int rc;

	if (r->n_report == COLLECT_PARTS_MAX)
		return err_set(
			err, ERR_DATA, "more than %d reports in one mail", COLLECT_PARTS_MAX);
	unpack_begin(&u);
	rc = part_decode(r->src, &r->s.part[i], give_unpack, &u, err);
	if (rc == 0)
		rc = unpack_end(&u, err);
	if (!certain && rc != ERR_OS && rc != ERR_IO && u.kind != UNPACK_GZIP &&
		!unpack_json(&u, &len)) {
		rc = 0; /* something else */
	} else if (rc == 0) {
		rc = add_report(r->c, &u, r->auth, err);
		r->n_report += rc == 0;
	}
	unpack_free(&u);
	return rc;
}

static int give_text(void *arg, const uint8_t *b, size_t n, struct err *err)
{
	struct buf *text = arg;
	size_t room = text->max - text->len;

	return buf_add(text, b, n < room ? n : room) < 0 ? no_memory(err) : 0;
}

/* For people, on one line. */
static char *shown_field(const struct message *m, const char *name)
{
	struct buf b = BUF_INIT(SHOWN_MAX);
	const char *value = message_field(m, name);
	char *s;

	if (!value || words_decode(value, &b) < 0)
		buf_reset(&b);
	s = strdup(buf_str(&b));
	buf_free(&b);
	return s;
}

static int add_notice(struct mail_read *r, const char *text, struct err *err)
{
	struct collect *c = r->c;
	struct notice *v, *n;

	if (c->n_notice == COLLECT_NOTICES_MAX)
		return err_set(err, ERR_DATA, "more than %d notices at once", COLLECT_NOTICES_MAX);
	v = reallocarray(c->notice, c->n_notice + 1, sizeof(*v));
	if (!v)
		return no_memory(err);
	c->notice = v;
	n = &v[c->n_notice++];
	*n = (struct notice){.from = shown_field(&r->m, "From"),
		.subject = shown_field(&r->m, "Subject"),
		.date = shown_field(&r->m, "Date"),
		.text = strdup(text),
		.auth = r->auth};
	r->noticed = true;
	return n->from && n->subject && n->date && n->text ? 0 : no_memory(err);
}

/* "CAA" as a word of its own, or the property's name. */
static bool speaks_of_caa(const char *s)
{
	const char *p;

	if (strcasestr(s, "iodef"))
		return true;
	for (p = s; (p = strstr(p, "CAA")); p += 3) {
		if ((p == s || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
				       p[-1])) &&
			(p[3] == '\0' ||
				!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
					p[3])))
			return true;
	}
	return false;
}

static int take_notice(struct mail_read *r, size_t i, enum part_role role, struct err *err)
{
	struct buf text = BUF_INIT(COLLECT_NOTICE_TEXT), lines = BUF_INIT(2 * COLLECT_NOTICE_TEXT);
	char *subject = shown_field(&r->m, "Subject");
	int rc = subject ? part_decode(r->src, &r->s.part[i], give_text, &text, err)
			 : no_memory(err);

	if (rc == 0 && role == ROLE_XML && strstr(buf_str(&text), "IODEF-Document"))
		rc = iodef_texts(&lines, buf_str(&text)) < 0 ? no_memory(err)
							     : add_notice(r, buf_str(&lines), err);
	else if (rc == 0 && role == ROLE_TEXT &&
		 (speaks_of_caa(subject) || speaks_of_caa(buf_str(&text))))
		rc = add_notice(r, buf_str(&text), err);
	free(subject);
	buf_free(&text);
	buf_free(&lines);
	return rc;
}

/* Parts of one role in turn, and what is done with them. One that cannot be read does not keep the
 * others from counting: the first of them is the error. */
static int take_parts(struct mail_read *r, enum part_role wanted, struct err *err)
{
	struct err why = ERR_INIT;
	enum part_role role;
	size_t i;
	int rc = 0, bad = 0;

	for (i = 0; rc == 0 && i < r->s.n; i++) {
		rc = part_role(r, i, &role, &why);
		if (rc == 0 && role == wanted && (role == ROLE_REPORT || role == ROLE_MAYBE))
			rc = take_report(r, i, role == ROLE_REPORT, &why);
		else if (rc == 0 && role == wanted && !r->noticed)
			rc = take_notice(r, i, role, &why);
		if (rc < 0 && bad == 0)
			*err = why;
		if (rc == ERR_DATA) {
			bad = rc;
			rc = 0;
		}
	}
	return rc < 0 ? rc : bad;
}

static int read_mail(struct collect *c, const struct source *src, bool tolerant, struct err *err)
{
	struct mail_read r = {.c = c, .src = src};
	int rc = source_one_mail(src, err);

	if (rc == 0)
		rc = message_parse(&r.m, src, err);
	if (rc < 0)
		return rc;
	r.auth = authenticate(c, &r.m);
	rc = structure_scan(&r.s, &r.m, err);
	if (rc == 0)
		rc = take_parts(&r, ROLE_REPORT, err);
	if (rc == 0 && r.n_report == 0)
		rc = take_parts(&r, ROLE_MAYBE, err);
	if (rc == 0 && r.n_report == 0)
		rc = take_parts(&r, ROLE_XML, err);
	if (rc == 0 && r.n_report == 0 && !r.noticed)
		rc = take_parts(&r, ROLE_TEXT, err);
	if (rc == 0 && r.n_report == 0 && !r.noticed) {
		c->n_other++;
		if (!tolerant)
			rc = err_set(err, ERR_DATA, "holds no TLS report");
	}
	structure_free(&r.s);
	message_free(&r.m);
	return rc;
}

/* 1: it is a report by itself, and was taken; 0: it is something else. */
static int take_lone_report(struct collect *c, const struct source *src, struct err *err)
{
	struct unpack u;
	uint8_t in[CHUNK];
	off_t at = 0;
	ssize_t n = 0;
	size_t len;
	int rc = 0;

	unpack_begin(&u);
	while (rc == 0 && at < src->size) {
		n = source_read(src, at, in, sizeof(in), err);
		if (n <= 0) {
			rc = ERR_IO;
			break;
		}
		at += n;
		rc = unpack_add(&u, in, (size_t)n, err);
		if (rc == 0 && u.kind == UNPACK_PLAIN && !unpack_json(&u, &len))
			break;
	}
	if (rc == 0)
		rc = unpack_end(&u, err);
	if (rc == 0 && (u.kind == UNPACK_GZIP || unpack_json(&u, &len))) {
		rc = add_report(c, &u, REPORT_AUTH_UNKNOWN, err);
		rc = rc == 0 ? 1 : rc;
	}
	unpack_free(&u);
	return rc;
}

static int read_source(struct collect *c, const struct source *src, bool tolerant, struct err *err)
{
	int rc;

	if (src->size > REPORT_INPUT_MAX)
		return err_set(err, ERR_DATA, "is larger than %u bytes", REPORT_INPUT_MAX);
	if (src->size == 0)
		return err_set(err, ERR_DATA, "is empty");
	rc = take_lone_report(c, src, err);
	return rc == 0 ? read_mail(c, src, tolerant, err) : rc;
}

int collect_fd(struct collect *c, int fd, const char *path, bool tolerant, struct err *err)
{
	const struct source_opts opts = {.max = REPORT_INPUT_MAX};
	struct err why = ERR_INIT;
	struct source src;
	int rc = source_open(&src, fd, &opts, &why);

	if (rc == 0) {
		rc = read_source(c, &src, tolerant, &why);
		source_close(&src);
	}
	if (rc == ERR_OS)
		return err_set(err, ERR_OS, "%s", why.msg);
	return rc < 0 ? collect_unread(c, path, why.msg, err) : 0;
}

void collect_free(struct collect *c)
{
	size_t i;

	for (i = 0; i < c->n_report; i++)
		report_free(&c->report[i]);
	for (i = 0; i < c->n_notice; i++) {
		free(c->notice[i].from);
		free(c->notice[i].subject);
		free(c->notice[i].date);
		free(c->notice[i].text);
	}
	for (i = 0; i < c->n_unread; i++) {
		free(c->unread[i].path);
		free(c->unread[i].why);
	}
	free(c->report);
	free(c->notice);
	free(c->unread);
}
