/* SPDX-License-Identifier: ISC */
/* MTA-STS policies that are kept: how long, over what, and by many at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/sts.h"
#include "store_one.h"

#define D "enforce.example"
#define DAY 86400

static int64_t now;

static int setup_now(void **state)
{
	now = (int64_t)time(NULL);
	return setup(state);
}

static int put(const char *id, const char *text, int64_t fetched, int64_t max_age)
{
	struct sts_policy p = {.domain = D,
		.text = (char *)(uintptr_t)text,
		.fetched = fetched,
		.max_age = max_age};

	snprintf(p.id, sizeof(p.id), "%s", id);
	return store_sts_put(s, &p, &err);
}

/* The text of the policy in force at a time, "" if none. Borrowed until the next call. */
static const char *kept(int64_t at)
{
	static char text[64];
	struct sts_policy p = {.domain = ""};
	int rc = store_sts_get(s, D, at, &p, &err);

	if (rc < 0)
		fail_msg("%s", err.msg);
	snprintf(text, sizeof(text), "%s%s%s", p.id, rc ? " " : "", rc ? p.text : "");
	if (rc)
		assert_string_equal(p.domain, D);
	sts_policy_free(&p);
	return text;
}

static int count_log(const struct log_line *l, void *arg)
{
	assert_string_equal(l->event, "mta-sts");
	++*(int *)arg;
	return 0;
}

static void a_policy_is_in_force_until_max_age_is_over(void **state)
{
	(void)state;
	assert_string_equal(kept(now), "");
	assert_int_equal(put("a1", "enforce", now, 100), 1);
	reopen(true);
	assert_string_equal(kept(now), "a1 enforce");
	assert_string_equal(kept(now + 99), "a1 enforce");
	assert_string_equal(kept(now + 100), "");
	reopen(false);
	assert_int_equal(put("a2", "none", now, 0), 1);
	assert_string_equal(kept(now), "");
}

static void the_later_one_stays(void **state)
{
	int n = 0;

	(void)state;
	assert_int_equal(put("a1", "first", now - 50, DAY), 1);
	assert_int_equal(put("a2", "second", now - 20, DAY), 1);
	assert_int_equal(put("a1", "first", now - 30, 2 * DAY), 0);
	assert_string_equal(kept(now), "a2 second");
	assert_int_equal(put("a2", "second", now - 10, DAY), 1); /* the same again, for longer */
	assert_string_equal(kept(now - 15 + DAY), "a2 second");
	/* From a clock that was wrong. */
	assert_int_equal(put("a3", "future", now + 900, DAY), 1);
	assert_int_equal(put("a4", "present", now, DAY), 1);
	assert_string_equal(kept(now), "a4 present");
	assert_int_equal(store_log_each(s, D, count_log, &n, &err), 0);
	assert_int_equal(n, 4);
}

static void what_is_out_of_bounds_is_not_kept(void **state)
{
	static char huge[STS_TEXT_MAX + 2];
	char id[STS_ID_MAX + 2];

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	assert_int_equal(put("a", "t", now, STS_MAX_AGE_MAX + 1), ERR_INTERNAL);
	assert_int_equal(put("a", "t", now, -1), ERR_INTERNAL);
	assert_int_equal(put("", "t", now, 1), ERR_INTERNAL);
	assert_int_equal(put("a", huge, now, 1), ERR_INTERNAL);
	assert_string_equal(kept(now), "");
	huge[STS_TEXT_MAX] = '\0';
	memset(id, 'i', STS_ID_MAX);
	id[STS_ID_MAX] = '\0';
	assert_int_equal(put(id, huge, now, STS_MAX_AGE_MAX), 1);
	assert_memory_equal(kept(now + STS_MAX_AGE_MAX - 1), id, STS_ID_MAX);
}

static void of_many_writers_the_latest_stays(void **state)
{
	char id[8];
	pid_t pid[12];
	int i, j, status;

	(void)state;
	store_close(s);
	s = NULL;
	for (i = 0; i < 12; i++) {
		pid[i] = fork();
		if (pid[i] != 0)
			continue;
		for (j = 0; j < 8; j++) {
			s = NULL;
			if (store_open(&s, dir, false, &err) != 0)
				_exit(1);
			snprintf(id, sizeof(id), "i%d", 7 * i % 12);
			if (put(id, id, now - 100 + 7 * i % 12, DAY) < 0)
				_exit(2);
			store_close(s);
		}
		_exit(0);
	}
	for (i = 0; i < 12; i++) {
		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	reopen(false);
	assert_string_equal(kept(now), "i11 i11");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup_now, teardown)
	const struct CMUnitTest tests[] = {T(a_policy_is_in_force_until_max_age_is_over),
		T(the_later_one_stays), T(what_is_out_of_bounds_is_not_kept),
		T(of_many_writers_the_latest_stays)};

	return cmocka_run_group_tests_name("store_sts", tests, NULL, NULL);
}
