/* SPDX-License-Identifier: ISC */
/* Mail servers that come and go while a policy of MTA-STS is enforced: what comes next for each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "decide/publish_mx.h"

#define NOW 1800000000
#define DAY 86400
#define TTL 300
#define MAX_AGE (7 * DAY)
#define A "a.example"
#define B "b.example"
#define C "c.example"

/* The first is judged, the others are the other mail servers; without a name there is none. */
static const struct {
	int number;
	const char *what;
	struct mx_fact v[3];
	enum mx_next next;
	int64_t not_before;
	enum step_state state;
} rows[] = {
	{1, "in DNS and named", {{A, .wanted = true, .served = true, .live = true}}, MX_SETTLED, 0,
		STATE_DONE},
	{2, "in DNS, its line is to go out", {{A, .wanted = true, .live = true}}, MX_PUBLISH, 0,
		STATE_NEXT},
	{3, "a new line, served since a minute",
		{{A, .wanted = true, .served = true, .line_since = NOW - 60}}, MX_ADD,
		NOW - 60 + TTL, STATE_WAIT},
	{4, "a new line, served for the record's TTL",
		{{A, .wanted = true, .served = true, .line_since = NOW - TTL}}, MX_ADD, NOW,
		STATE_NEXT},
	{5, "a new line that is not served yet", {{A, .wanted = true}}, MX_SETTLED, 0, STATE_DONE},
	{6, "a line for any", {{"*.example", .wanted = true, .served = true, .line_since = NOW}},
		MX_SETTLED, 0, STATE_DONE},
	{7, "a line that is left of an old one",
		{{A, .wanted = true, .served = true, .live_since = 1, .known_until = NOW - 1}},
		MX_SETTLED, 0, STATE_DONE},
	{8, "in DNS, in no policy", {{A, .live = true}}, MX_UNNAMED, 0, STATE_UNSAFE},
	{9, "in DNS, its line is to go, and it is the only one",
		{{A, .served = true, .live = true}}, MX_IN_DNS, 0, STATE_UNSAFE},
	{10, "the same with another that came two days ago",
		{{A, .served = true, .live = true},
			{B, .wanted = true, .served = true, .live = true,
				.live_since = NOW - 2 * DAY}},
		MX_IN_DNS, NOW + 5 * DAY, STATE_UNSAFE},
	{11, "the same with another that is not in DNS yet",
		{{A, .served = true, .live = true}, {B, .wanted = true, .served = true}}, MX_IN_DNS,
		0, STATE_UNSAFE},
	{12, "the same with another that the live policy does not name",
		{{A, .served = true, .live = true},
			{B, .wanted = true, .live = true, .live_since = NOW - 2 * DAY}},
		MX_IN_DNS, 0, STATE_UNSAFE},
	{13, "the same with another that goes too",
		{{A, .served = true, .live = true},
			{B, .served = true, .live = true, .live_since = NOW - 9 * DAY}},
		MX_IN_DNS, 0, STATE_UNSAFE},
	{14, "it has left DNS, its TTL runs",
		{{A, .served = true, .live_since = 1, .known_until = NOW + 10}}, MX_KNOWN, NOW + 10,
		STATE_WAIT},
	{15, "it has left DNS for long enough",
		{{A, .served = true, .live_since = 1, .known_until = NOW}}, MX_SETTLED, 0,
		STATE_DONE},
	{17, "its line is to go, and of two others the older one counts",
		{{A, .served = true, .live = true},
			{B, .wanted = true, .served = true, .live = true,
				.live_since = NOW - 2 * DAY},
			{C, .wanted = true, .served = true, .live = true,
				.live_since = NOW - 4 * DAY}},
		MX_IN_DNS, NOW + 3 * DAY, STATE_UNSAFE},
	{18, "the same in the other order",
		{{A, .served = true, .live = true},
			{B, .wanted = true, .served = true, .live = true,
				.live_since = NOW - 4 * DAY},
			{C, .wanted = true, .served = true, .live = true,
				.live_since = NOW - 2 * DAY}},
		MX_IN_DNS, NOW + 3 * DAY, STATE_UNSAFE},
	{19, "neither in DNS, nor named, nor wanted", {{A, .known_until = NOW + 10}}, MX_SETTLED, 0,
		STATE_DONE},
	{16, "a line of nobody goes", {{A, .served = true}}, MX_SETTLED, 0, STATE_DONE},
};

static void what_comes_next(void **state)
{
	struct mx_facts f = {.now = NOW, .ttl = TTL, .max_age = MAX_AGE};
	struct step_verdict v;
	enum mx_next next;
	int64_t when;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%d %s\n", rows[i].number, rows[i].what);
		f.v = rows[i].v;
		f.n = rows[i].v[2].host ? 3 : rows[i].v[1].host ? 2 : 1;
		next = publish_mx_next(&f, 0, &when);
		assert_int_equal(next, rows[i].next);
		assert_int_equal(when, rows[i].not_before);
		publish_mx_verdict(next, NOW, when, &v);
		assert_int_equal(v.state, rows[i].state);
		assert_int_equal(v.not_before, v.state == STATE_NEXT ? 0 : when);
		if (v.state != STATE_DONE)
			assert_true(v.reason[0] != '\0');
		if (v.state == STATE_UNSAFE)
			assert_true(v.mend[0] != '\0');
	}
}

/* Whoever keeps a policy of before, which was to be kept for longer, does not know the new one. */
static void older_policies(void **state)
{
	static const struct mx_fact v[] = {{A, .served = true, .live = true},
		{B, .wanted = true, .served = true, .live = true, .live_since = NOW - DAY}};
	static const struct {
		int number;
		int64_t older_until, not_before;
	} older[] = {{1, 0, NOW + 6 * DAY}, {2, NOW + DAY, NOW + 6 * DAY},
		{3, NOW + 29 * DAY, NOW + 29 * DAY}};
	struct mx_facts f = {.now = NOW, .ttl = TTL, .max_age = MAX_AGE, .v = v, .n = 2};
	int64_t when;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(older) / sizeof(older[0]); i++) {
		print_message("%d\n", older[i].number);
		f.older_until = older[i].older_until;
		assert_int_equal(publish_mx_next(&f, 0, &when), MX_IN_DNS);
		assert_int_equal(when, older[i].not_before);
	}
	f.n = 1;
	assert_int_equal(publish_mx_next(&f, 0, &when), MX_IN_DNS);
	assert_int_equal(when, 0);
}

static void without_any(void **state)
{
	static const struct {
		int number;
		enum check_outcome mx;
		bool null_mx;
		enum step_state state;
		const char *reason;
	} row[] = {{1, CHECK_NONE, false, STATE_UNSAFE, "the domain has no MX record"},
		{2, CHECK_FOUND, false, STATE_UNSAFE, "the domain has no MX record"},
		{3, CHECK_FOUND, true, STATE_UNSAFE, "the domain takes no mail"},
		{4, CHECK_INVALID, false, STATE_UNSAFE, "none of the domain's MX records names"},
		{5, CHECK_UNKNOWN, false, STATE_UNKNOWN, "the domain's MX records could not be"},
		{6, CHECK_NOT_ASKED, false, STATE_UNKNOWN, "the domain's MX records could not be"}};
	struct step_verdict v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%d\n", row[i].number);
		publish_no_mx_verdict(row[i].mx, row[i].null_mx, &v);
		assert_int_equal(v.state, row[i].state);
		assert_int_equal(strncmp(v.reason, row[i].reason, strlen(row[i].reason)), 0);
		assert_true(v.mend[0] != '\0');
	}
}

/* Only a line that somebody may need stays though it is not wanted. */
static void lines_that_stay(void **state)
{
	int i;

	(void)state;
	for (i = MX_SETTLED; i <= MX_KNOWN; i++)
		assert_int_equal(
			publish_mx_keeps_line((enum mx_next)i), i == MX_IN_DNS || i == MX_KNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_comes_next),
		cmocka_unit_test(lines_that_stay), cmocka_unit_test(older_policies),
		cmocka_unit_test(without_any)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
