/* SPDX-License-Identifier: ISC */
/* What is kept of names that are watched: the last facts, and lines, of which there is a limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/watched.h"
#include "store_one.h"

#define A "a.example"

static const char *facts_of(const char *name, int64_t *asked)
{
	static char text[256];
	struct buf b = BUF_INIT(4096);
	int rc = store_watched_get(s, name, asked, &b, &err);

	if (rc < 0)
		fail_msg("%s", err.msg);
	snprintf(text, sizeof(text), "%s", rc ? buf_str(&b) : "-");
	buf_free(&b);
	return text;
}

struct seen {
	int n;
	int64_t first, last;
	char text[512];
};

static int see(void *arg, const struct watched_line *l)
{
	struct seen *x = arg;

	x->first = x->n++ == 0 ? l->time : x->first;
	x->last = l->time;
	snprintf(x->text, sizeof(x->text), "%s|%s|%s|%s|%s", l->alarm, l->fact, l->subject,
		l->before, l->after);
	return 0;
}

static void the_last_facts_are_kept(void **state)
{
	const struct watched_line line = {7, "dane-lost", "dane", "mx.a.example", "usable", "none"};
	struct seen x = {.n = 0};
	int64_t asked = 0;

	(void)state;
	assert_string_equal(facts_of(A, &asked), "-");
	assert_int_equal(store_watched_put(s, A, 5, "one", NULL, 0, &err), 0);
	assert_int_equal(store_watched_put(s, A, 7, "two", &line, 1, &err), 0);
	assert_string_equal(facts_of(A, &asked), "two");
	assert_int_equal(asked, 7);
	assert_string_equal(facts_of("b.example", &asked), "-");
	reopen(true);
	assert_int_equal(store_watched_history(s, A, see, &x, &err), 1);
	assert_string_equal(x.text, "dane-lost|dane|mx.a.example|usable|none");
	assert_int_equal(store_watched_history(s, "b.example", see, &x, &err), 0);
	assert_true(store_watched_put(s, A, 9, "three", NULL, 0, &err) < 0);
	assert_string_equal(facts_of(A, &asked), "two");
}

static void history_has_a_limit(void **state)
{
	struct watched_line line[2] = {
		{0, "", "dnssec", "", "a", "b"}, {0, "", "dnssec", "", "b", "a"}};
	struct seen x = {.n = 0};
	int i;

	(void)state;
	for (i = 0; i < WATCHED_HISTORY_MAX / 2 + 10; i++) {
		line[0].time = line[1].time = i;
		assert_int_equal(store_watched_put(s, A, i, "f", line, 2, &err), 0);
	}
	assert_int_equal(store_watched_put(s, "b.example", i, "f", line, 1, &err), 0);
	assert_int_equal(store_watched_history(s, A, see, &x, &err), WATCHED_HISTORY_MAX);
	assert_int_equal(x.first, 10);
	assert_int_equal(x.last, WATCHED_HISTORY_MAX / 2 + 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_last_facts_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(history_has_a_limit, setup, teardown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
