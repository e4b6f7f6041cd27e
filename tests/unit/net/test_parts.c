/* SPDX-License-Identifier: ISC */
/* net/parts: the end is told once, after all parts, and never before the caller has the work in
 * hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/parts.h"

static struct timers timers;
static struct parts parts;
static unsigned ended;

static void on_end(void *arg)
{
	assert_ptr_equal(arg, &ended);
	ended++;
	/* Whoever is told may free all. */
	memset(&parts, 0x5a, sizeof(parts));
}

static int setup(void **state)
{
	(void)state;
	memset(&timers, 0, sizeof(timers));
	ended = 0;
	parts_begin(&parts, &timers, on_end, &ended);
	return 0;
}

static void loop(void)
{
	timers_run(&timers, clock_ms());
}

static void nothing_to_do(void **state)
{
	(void)state;
	parts_begun(&parts);
	assert_int_equal(ended, 0);
	loop();
	assert_int_equal(ended, 1);
	assert_null(timers.first);
	loop();
	assert_int_equal(ended, 1);
}

static void all_end_at_once(void **state)
{
	(void)state;
	parts_add(&parts, 1);
	parts_done(&parts);
	parts_add(&parts, 2);
	parts_done(&parts);
	parts_done(&parts);
	parts_begun(&parts);
	assert_int_equal(ended, 0);
	loop();
	assert_int_equal(ended, 1);
}

static void the_last_one_ends_it(void **state)
{
	(void)state;
	parts_add(&parts, 2);
	parts_begun(&parts);
	loop();
	parts_done(&parts);
	assert_int_equal(ended, 0);
	parts_add(&parts, 1); /* one led to another */
	parts_done(&parts);
	loop();
	assert_int_equal(ended, 0);
	parts_done(&parts);
	assert_int_equal(ended, 1);
	assert_null(timers.first);
}

static void before_the_loop_comes(void **state)
{
	(void)state;
	parts_add(&parts, 1);
	parts_begun(&parts);
	parts_done(&parts);
	assert_int_equal(ended, 1);
	assert_null(timers.first); /* and is not told again */
}

static void held(void **state)
{
	(void)state;
	parts_add(&parts, 2);
	parts_begun(&parts);
	parts_hold(&parts);
	parts_done(&parts);
	parts_done(&parts);
	loop();
	assert_int_equal(ended, 0);
	parts_release(&parts);
	assert_int_equal(ended, 1);
}

static void held_and_not_done(void **state)
{
	(void)state;
	parts_add(&parts, 2);
	parts_begun(&parts);
	parts_hold(&parts);
	parts_done(&parts);
	parts_release(&parts);
	assert_int_equal(ended, 0);
	parts_done(&parts);
	assert_int_equal(ended, 1);
}

static void cancelled(void **state)
{
	(void)state;
	parts_add(&parts, 1);
	parts_begun(&parts);
	parts_cancel(&parts);
	assert_null(timers.first);
	parts_done(&parts);
	parts_release(&parts);
	loop();
	assert_int_equal(ended, 0);
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(nothing_to_do), TEST(all_end_at_once),
		TEST(the_last_one_ends_it), TEST(before_the_loop_comes), TEST(held),
		TEST(held_and_not_done), TEST(cancelled)};

	return cmocka_run_group_tests_name("parts", tests, NULL, NULL);
}
