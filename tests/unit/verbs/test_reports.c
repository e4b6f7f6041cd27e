/* SPDX-License-Identifier: ISC */
/* TLS reports: what is read of one, row by row; what several add up to; what compressed ones
 * become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "verbs/reports/collect.h"
#include "verbs/reports/sums.h"
#include "verbs/reports/unpack.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* RFC 8460 appendix B; as printed there, a string goes over lines, which is not JSON. */
#define RANGE                                                                                      \
	"\"date-range\":{\"start-datetime\":\"2016-04-01T00:00:00Z\","                             \
	"\"end-datetime\":\"2016-04-01T23:59:59Z\"}"
#define EXAMPLE(information)                                                                       \
	"{\"organization-name\":\"Company-X\"," RANGE                                              \
	",\"contact-info\":\"sts-reporting@company-x.example\","                                   \
	"\"report-id\":\"5065427c-23d3-47ca-b6e0-946ea0e8c4be\",\"policies\":[{\"policy\":{"       \
	"\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\",\"mode: testing\","         \
	"\"mx: *.mail.company-y.example\",\"max_age: 86400\"],"                                    \
	"\"policy-domain\":\"company-y.example\",\"mx-host\":\"*.mail.company-y.example\"},"       \
	"\"summary\":{\"total-successful-session-count\":5326,"                                    \
	"\"total-failure-session-count\":303},\"failure-details\":["                               \
	"{\"result-type\":\"certificate-expired\",\"sending-mta-ip\":\"2001:db8:abcd:0012::1\","   \
	"\"receiving-mx-hostname\":\"mx1.mail.company-y.example\",\"failed-session-count\":100},"  \
	"{\"result-type\":\"starttls-not-supported\","                                             \
	"\"sending-mta-ip\":\"2001:db8:abcd:0013::1\","                                            \
	"\"receiving-mx-hostname\":\"mx2.mail.company-y.example\","                                \
	"\"receiving-ip\":\"203.0.113.56\",\"failed-session-count\":200,"                          \
	"\"additional-information\":\"" information "\"},"                                         \
	"{\"result-type\":\"validation-failure\",\"sending-mta-ip\":\"198.51.100.62\","            \
	"\"receiving-ip\":\"203.0.113.58\","                                                       \
	"\"receiving-mx-hostname\":\"mx-backup.mail.company-y.example\","                          \
	"\"failed-session-count\":3,"                                                              \
	"\"failure-reason-code\":\"X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED\"}]}]}"

static void appendix_b(void **state)
{
	static const char whole[] = EXAMPLE("https://reports.company-x.example/report_info?id=1");
	static const char broken[] = EXAMPLE("https://reports.company-x.example/\n  report_info");
	static const struct {
		enum check_result result;
		const char *host, *network, *code;
		int64_t sessions;
	} want[] = {{RESULT_CERTIFICATE_EXPIRED, "mx1.mail.company-y.example", "2001:db8:abcd::/48",
			    "", 100},
		{RESULT_STARTTLS_NOT_SUPPORTED, "mx2.mail.company-y.example", "2001:db8:abcd::/48",
			"", 200},
		{RESULT_VALIDATION_FAILURE, "mx-backup.mail.company-y.example", "198.51.100.0/24",
			"X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED", 3}};
	struct err err = ERR_INIT;
	struct report r;
	size_t i;

	(void)state;
	assert_int_equal(report_read(&r, whole, strlen(whole), &err), 0);
	assert_string_equal(r.organization, "Company-X");
	assert_string_equal(r.id, "5065427c-23d3-47ca-b6e0-946ea0e8c4be");
	assert_int_equal(r.begin, 1459468800);
	assert_int_equal(r.end, 1459555199);
	assert_int_equal(r.n_part, 1);
	assert_string_equal(r.part[0].domain, "company-y.example");
	assert_int_equal(r.part[0].type, POLICY_TYPE_STS);
	assert_int_equal(r.part[0].good, 5326);
	assert_int_equal(r.part[0].failed, 303);
	assert_int_equal(r.part[0].n_failure, N(want));
	for (i = 0; i < N(want); i++) {
		const struct report_failure *f = &r.part[0].failure[i];

		assert_int_equal(f->result, want[i].result);
		assert_string_equal(f->host, want[i].host);
		assert_string_equal(f->network, want[i].network);
		assert_string_equal(f->code, want[i].code);
		assert_int_equal(f->sessions, want[i].sessions);
	}
	report_free(&r);
	assert_int_equal(report_read(&r, broken, strlen(broken), &err), ERR_DATA);
}

#define POLICY "\"policy\":{\"policy-type\":\"tlsa\",\"policy-domain\":\"d.example\"}"
#define SUMMARY                                                                                    \
	"\"summary\":{\"total-successful-session-count\":1,\"total-failure-session-count\":2}"
#define REPORT(policies)                                                                           \
	"{\"organization-name\":\"o\"," RANGE ",\"report-id\":\"i\",\"policies\":" policies "}"
#define FAILURE(members) REPORT("[{" POLICY "," SUMMARY ",\"failure-details\":[{" members "}]}]")
#define DATES(begin, end)                                                                          \
	"{\"organization-name\":\"o\",\"report-id\":\"i\",\"policies\":[],\"date-range\":{"        \
	"\"start-datetime\":" begin ",\"end-datetime\":" end "}}"

static const struct {
	const char *name, *text, *why; /* why NULL: it is read */
} row[] = {
	{"1 no policy", REPORT("[]"), NULL},
	{"2 no details", REPORT("[{" POLICY "," SUMMARY "}]"), NULL},
	{"3 details null", REPORT("[{" POLICY "," SUMMARY ",\"failure-details\":null}]"), NULL},
	{"4 unknown members", REPORT("[{" POLICY "," SUMMARY ",\"x\":[{}]}]"), NULL},
	{"5 unknown result", FAILURE("\"result-type\":\"new\",\"failed-session-count\":1"), NULL},
	{"6 mx-host as a list",
		REPORT("[{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":"
		       "\"d.example\",\"mx-host\":[\"a\",\"b\"]}," SUMMARY "}]"),
		NULL},
	{"7 not an object", "[]", "not an object"},
	{"8 not JSON", "{", "not JSON"},
	{"9 text behind it", "{} x", "not JSON"},
	{"10 a member twice", "{\"report-id\":\"a\",\"report-id\":\"b\"}", "duplicate"},
	{"11 nothing in it", "{}", "organization-name is missing"},
	{"12 name is a number", "{\"organization-name\":1}", "organization-name is not a text"},
	{"13 policies is an object", REPORT("{}"), "policies is not an array"},
	{"14 policy is a text", REPORT("[\"x\"]"), "policies holds"},
	{"15 no summary", REPORT("[{" POLICY "}]"), "summary is missing"},
	{"16 count is a text",
		REPORT("[{" POLICY ",\"summary\":{\"total-successful-session-count\":"
		       "\"1\",\"total-failure-session-count\":2}}]"),
		"not a whole number"},
	{"17 count is negative",
		REPORT("[{" POLICY ",\"summary\":{\"total-successful-session-count\""
		       ":-1,\"total-failure-session-count\":2}}]"),
		"out of range"},
	{"18 count is huge",
		REPORT("[{" POLICY ",\"summary\":{\"total-successful-session-count\":"
		       "9000000000000000,\"total-failure-session-count\":2}}]"),
		"out of range"},
	{"19 count is not whole",
		REPORT("[{" POLICY ",\"summary\":{\"total-successful-session-"
		       "count\":1.5,\"total-failure-session-count\":2}}]"),
		"not a whole number"},
	{"20 detail is a number", REPORT("[{" POLICY "," SUMMARY ",\"failure-details\":[1]}]"),
		"failure-details holds"},
	{"21 details are a text", REPORT("[{" POLICY "," SUMMARY ",\"failure-details\":\"x\"}]"),
		"failure-details is not"},
	{"22 detail without a count", FAILURE("\"result-type\":\"x\""),
		"failed-session-count is missing"},
	{"23 control character",
		FAILURE("\"result-type\":\"\\u001b[2J\",\"failed-session-count\":1"),
		"control character"},
	{"24 NUL", FAILURE("\"result-type\":\"a\\u0000b\",\"failed-session-count\":1"), "not JSON"},
	{"25 not a domain",
		REPORT("[{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":"
		       "\"../x\"}," SUMMARY "}]"),
		"policy-domain"},
	{"26 date without time", DATES("\"2016-04-01\"", "\"2016-04-01\""), "not a time"},
	{"27 no such day", DATES("\"2016-02-30T00:00:00Z\"", "\"2016-03-01T00:00:00Z\""),
		"not a time"},
	{"28 date is a number", DATES("1459468800", "1459468800"), "is not a text"},
	{"29 ends before it begins", DATES("\"2016-04-02T00:00:00Z\"", "\"2016-04-01T00:00:00Z\""),
		"before it begins"},
	{"30 before 1970", DATES("\"1969-04-02T00:00:00Z\"", "\"2016-04-01T00:00:00Z\""),
		"not a time"},
	{"31 not UTF-8", "{\"organization-name\":\"\xff\"}", "not JSON"},
	{"32 dates without a zone", DATES("\"2016-04-01T00:00:00\"", "\"2016-04-01T23:59:59\""),
		NULL},
	{"33 half a zone", DATES("\"2016-04-01T00:00:00+\"", "\"2016-04-01T23:59:59+\""),
		"not a time"},
	{"34 no domain, as Postfix without a policy",
		REPORT("[{\"policy\":{\"policy-type\":\"no-policy-found\"}," SUMMARY "}]"), NULL},
	{"35 domain null",
		REPORT("[{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":null}," SUMMARY
		       "}]"),
		NULL},
};

static void reports_read_row_by_row(void **state)
{
	struct err err = ERR_INIT;
	struct report r;
	size_t i;
	int rc;

	(void)state;
	for (i = 0; i < N(row); i++) {
		rc = report_read(&r, row[i].text, strlen(row[i].text), &err);
		if (rc != (row[i].why ? ERR_DATA : 0) || (rc && !strstr(err.msg, row[i].why)))
			fail_msg("%s: %d %s", row[i].name, rc, rc ? err.msg : "");
		if (rc == 0)
			report_free(&r);
	}
}

/* What a policy's details say has failed, and its summary does not. */
static void details_count(void **state)
{
	static const struct {
		const char *summary, *details;
		int64_t failed;
	} count[] = {
		{"2", "2", 2},
		{"2", "0", 2},
		{"0", "2", 2},
		{"2", "3", 3},
	};
	struct err err = ERR_INIT;
	struct report r;
	char text[1024];
	size_t i;

	(void)state;
	for (i = 0; i < N(count); i++) {
		snprintf(text, sizeof(text),
			REPORT("[{" POLICY ",\"summary\":{\"total-successful-session-count\":1,"
			       "\"total-failure-session-count\":%s},\"failure-details\":[{"
			       "\"result-type\":\"new\",\"failed-session-count\":1},{"
			       "\"result-type\":\"new\",\"failed-session-count\":%s}]}]"),
			count[i].summary, count[i].details);
		assert_int_equal(report_read(&r, text, strlen(text), &err), 0);
		print_message("%s and %s\n", count[i].summary, count[i].details);
		assert_int_equal(r.part[0].failed, count[i].failed);
		report_free(&r);
	}
}

/* text: n times piece, between head and tail. */
static int read_many(const char *head, const char *piece, size_t n, const char *tail, char *why)
{
	struct buf b = BUF_INIT(64u << 20);
	struct err err = ERR_INIT;
	struct report r;
	int rc;

	assert_int_equal(buf_adds(&b, head), 0);
	while (n-- > 0)
		assert_int_equal(buf_adds(&b, piece), 0);
	assert_int_equal(buf_adds(&b, tail), 0);
	rc = report_read(&r, buf_str(&b), b.len, &err);
	snprintf(why, ERR_MSG_MAX, "%s", err.msg);
	if (rc == 0)
		report_free(&r);
	buf_free(&b);
	return rc;
}

static void limits_hold(void **state)
{
	char why[ERR_MSG_MAX];

	(void)state;
	assert_int_equal(read_many("{\"x\":", "[", REPORT_NESTING_MAX - 1, "", why), ERR_DATA);
	assert_non_null(strstr(why, "not JSON"));
	assert_int_equal(read_many("{\"x\":", "[", 100000, "", why), ERR_DATA);
	assert_non_null(strstr(why, "nested"));
	assert_int_equal(read_many("{\"x\":[1", ",1", 1000000, "]}", why), ERR_DATA);
	assert_non_null(strstr(why, "values"));
	assert_int_equal(read_many("{\"x\":\"", "[[[[{{{{,,,,,", 100000, "\"}", why), ERR_DATA);
	assert_non_null(strstr(why, "organization-name"));
	assert_int_equal(read_many("{\"x\":\"", "xxxxxxxx", 600000, "\"}", why), ERR_DATA);
	assert_non_null(strstr(why, "larger"));
	assert_int_equal(
		read_many("{\"organization-name\":\"", "x", REPORT_TEXT_MAX + 1, "\"}", why),
		ERR_DATA);
	assert_non_null(strstr(why, "longer"));
}

/* A report of one policy. */
static struct report small_report(const char *id, const char *domain, int64_t begin, int64_t failed)
{
	char text[2000];
	struct err err = ERR_INIT;
	struct report r;

	snprintf(text, sizeof(text),
		"{\"organization-name\":\"o\",\"report-id\":\"%s\",\"date-range\":{"
		"\"start-datetime\":\"2016-04-0%dT00:00:00Z\",\"end-datetime\":"
		"\"2016-04-0%dT23:59:59Z\"},\"policies\":[{\"policy\":{\"policy-type\":\"tlsa\","
		"\"policy-domain\":\"%s\"},\"summary\":{\"total-successful-session-count\":10,"
		"\"total-failure-session-count\":%d},\"failure-details\":[{\"result-type\":"
		"\"tlsa-invalid\",\"receiving-mx-hostname\":\"MX.d.example.\","
		"\"sending-mta-ip\":\"192.0.2.%d\",\"failed-session-count\":%d}]}]}",
		id, (int)begin, (int)begin, domain, (int)failed, (int)begin, (int)failed);
	if (report_read(&r, text, strlen(text), &err) < 0)
		fail_msg("%s", err.msg);
	return r;
}

static void sums_add_up(void **state)
{
	struct report r[] = {small_report("1", "d.example", 1, 3),
		small_report("2", "d.example", 2, 4), small_report("2", "d.example", 2, 4),
		small_report("3", "e.example", 2, 100), small_report("4", "d.example", 2, 1),
		small_report("5", "d.example", 2, 0)};
	struct err err = ERR_INIT;
	struct sums s;
	size_t i;

	(void)state;
	r[4].auth = REPORT_AUTH_YES;
	assert_int_equal(sums_make(&s, r, N(r), INT64_MIN, &err), 0);
	assert_int_equal(s.duplicates, 1);
	assert_int_equal(s.differing, 0);
	assert_int_equal(s.n, 3);
	assert_string_equal(s.v[0].domain, "e.example");
	assert_string_equal(s.v[1].domain, "d.example");
	assert_int_equal(s.v[1].auth, REPORT_AUTH_UNKNOWN);
	assert_int_equal(s.v[1].good, 30);
	assert_int_equal(s.v[1].failed, 7);
	assert_int_equal(s.v[1].n_report, 3);
	assert_int_equal(s.v[1].n_organization, 1);
	assert_int_equal(s.v[1].n_cause, 1);
	assert_string_equal(s.v[1].cause[0].like->host, "mx.d.example");
	assert_string_equal(s.v[1].cause[0].like->network, "192.0.2.0/24");
	assert_int_equal(s.v[1].cause[0].sessions, 7);
	assert_int_equal(s.v[1].n_day, 2);
	assert_int_equal(s.v[1].day[1].day - s.v[1].day[0].day, 86400);
	assert_int_equal(s.v[1].day[1].good, 20);
	assert_int_equal(s.v[1].day[1].failed, 4);
	assert_int_equal(s.v[2].auth, REPORT_AUTH_YES);
	sums_free(&s);
	assert_int_equal(sums_make(&s, r, N(r), r[1].begin + 86400, &err), 0);
	assert_true(s.older > 0);
	sums_free(&s);
	for (i = 0; i < N(r); i++)
		report_free(&r[i]);
}

/* Somebody sends another report with the id of one that is authenticated, before or behind it. */
static void the_authenticated_counts(void **state)
{
	struct err err = ERR_INIT;
	struct sums s;
	int turn;

	(void)state;
	for (turn = 0; turn < 2; turn++) {
		struct report r[] = {small_report("1", "d.example", 1, turn ? 5 : 77),
			small_report("1", "d.example", 1, turn ? 77 : 5)};

		r[turn ? 0 : 1].auth = REPORT_AUTH_YES;
		r[turn ? 1 : 0].auth = REPORT_AUTH_NO;
		assert_int_equal(sums_make(&s, r, N(r), INT64_MIN, &err), 0);
		assert_int_equal(s.n, 1);
		assert_int_equal(s.v[0].failed, 5);
		assert_int_equal(s.duplicates, 1);
		assert_int_equal(s.differing, 1);
		sums_free(&s);
		report_free(&r[0]);
		report_free(&r[1]);
	}
}

/* Some reporters give one report-id again on another day, or for another domain. */
static void an_id_is_of_a_day_and_a_domain(void **state)
{
	struct report r[] = {small_report("1", "d.example", 1, 3),
		small_report("1", "d.example", 2, 4), small_report("1", "e.example", 1, 5),
		small_report("1", "d.example", 1, 3)};
	struct err err = ERR_INIT;
	struct sums s;
	size_t i;

	(void)state;
	assert_int_equal(sums_make(&s, r, N(r), INT64_MIN, &err), 0);
	assert_int_equal(s.duplicates, 1);
	assert_int_equal(s.differing, 0);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.v[0].failed, 7);
	assert_int_equal(s.v[1].failed, 5);
	sums_free(&s);
	for (i = 0; i < N(r); i++)
		report_free(&r[i]);
}

/* gzip of text, or a member behind another. */
static void add_member(struct buf *b, const char *text, size_t len)
{
	z_stream z = {.next_in = (uint8_t *)(uintptr_t)text, .avail_in = (unsigned)len};

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(buf_reserve(b, deflateBound(&z, len)), 0);
	z.next_out = b->p + b->len;
	z.avail_out = (unsigned)deflateBound(&z, len);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	b->len += z.total_out;
	(void)deflateEnd(&z);
}

/* All of b in pieces of n; why has the error. */
static int unpack_all(const struct buf *b, size_t n, struct unpack *u, char *why)
{
	struct err err = ERR_INIT;
	size_t i, len;
	int rc = 0;

	unpack_begin(u);
	for (i = 0; rc == 0 && i < b->len; i += len) {
		len = b->len - i < n ? b->len - i : n;
		rc = unpack_add(u, b->p + i, len, &err);
	}
	if (rc == 0)
		rc = unpack_end(u, &err);
	snprintf(why, ERR_MSG_MAX, "%s", err.msg);
	return rc;
}

static void gzip_is_undone(void **state)
{
	static const size_t pieces[] = {1, 7, 65536};
	static const size_t lengths[] = {
		16383, 16384, 16385, 32768}; /* unpacked in steps of 16384 */
	static const char *const behind[] = {"\0", "\r\n", "xx"};
	struct buf b = BUF_INIT(64u << 20);
	char why[ERR_MSG_MAX], *zeros = calloc(1, 20u << 20);
	struct unpack u;
	size_t i, len;

	(void)state;
	assert_non_null(zeros);
	add_member(&b, "{\"a\":", 5);
	add_member(&b, "1}", 2);
	for (i = 0; i < N(pieces); i++) {
		assert_int_equal(unpack_all(&b, pieces[i], &u, why), 0);
		assert_string_equal(buf_str(&u.text), "{\"a\":1}");
		unpack_free(&u);
	}
	for (i = 0; i < N(behind); i++) {
		assert_int_equal(buf_add(&b, behind[i], 2), 0);
		assert_int_equal(unpack_all(&b, pieces[i], &u, why), 0);
		assert_string_equal(buf_str(&u.text), "{\"a\":1}");
		unpack_free(&u);
		b.len -= 2;
	}
	b.len--;
	assert_int_equal(unpack_all(&b, 16, &u, why), ERR_DATA);
	unpack_free(&u);
	for (i = 0; i < N(lengths); i++) {
		buf_reset(&b);
		add_member(&b, zeros, lengths[i]);
		assert_int_equal(unpack_all(&b, 65536, &u, why), 0);
		assert_int_equal(u.text.len, lengths[i]);
		unpack_free(&u);
	}
	buf_reset(&b);
	add_member(&b, zeros, 20u << 20);
	assert_int_equal(unpack_all(&b, 16384, &u, why), ERR_DATA);
	assert_non_null(strstr(why, "times its size"));
	assert_true(u.text.cap <= 8u << 20);
	unpack_free(&u);
	buf_reset(&b);
	assert_int_equal(buf_adds(&b, "\xef\xbb\xbf \n{\"a\":1}"), 0);
	assert_int_equal(unpack_all(&b, 1, &u, why), 0);
	assert_string_equal(unpack_json(&u, &len), "{\"a\":1}");
	assert_int_equal(len, 7);
	unpack_free(&u);
	buf_free(&b);
	free(zeros);
}

static void iodef_is_text(void **state)
{
	struct buf b = BUF_INIT(4096);

	(void)state;
	assert_int_equal(
		iodef_texts(&b, "<?xml version=\"1.0\"?>\n<iodef:IODEF-Document>\n <!-- x -->"
				"<iodef:Description lang=\"en\">CAA for\n a.example &lt;refused&gt;"
				"</iodef:Description><Empty/></iodef:IODEF-Document>"),
		0);
	assert_string_equal(buf_str(&b), "Description: CAA for a.example <refused>\n");
	buf_free(&b);
}

static void every_result_is_explained(void **state)
{
	int r;

	(void)state;
	for (r = 0; r <= RESULT_STS_WEBPKI_INVALID; r++) {
		struct report_explained e = report_explain((enum check_result)r);

		assert_true(e.means && e.means[0] != '\0' && e.mend && e.mend[0] != '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(appendix_b),
		cmocka_unit_test(reports_read_row_by_row), cmocka_unit_test(details_count),
		cmocka_unit_test(limits_hold), cmocka_unit_test(sums_add_up),
		cmocka_unit_test(the_authenticated_counts),
		cmocka_unit_test(an_id_is_of_a_day_and_a_domain), cmocka_unit_test(gzip_is_undone),
		cmocka_unit_test(iodef_is_text), cmocka_unit_test(every_result_is_explained)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
