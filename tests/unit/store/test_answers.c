/* SPDX-License-Identifier: ISC */
/* Answers in cache.db: what counts, what does not any more, and what is no answer at all. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "store/answers.h"

static char root[FILE_PATH_MAX], dir[FILE_PATH_MAX], path[FILE_PATH_MAX];
static const uint8_t key_a[DIGEST_LEN] = {16}, key_b[DIGEST_LEN] = {32};

static int setup(void **state)
{
	(void)state;
	assert_int_equal(dir_make_temp(root, NULL), 0);
	assert_int_equal(path_join(dir, root, "cache"), 0);
	assert_int_equal(path_join(path, dir, "cache.db"), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir_remove(root);
	return 0;
}

static void put(
	struct answers *a, const uint8_t *key, int64_t asked, int64_t keep, const char *text)
{
	struct answer x = {asked, keep, (uint8_t *)(uintptr_t)text, strlen(text)};

	answers_put(a, key, &x);
}

static void put_once(const uint8_t *key, int64_t asked, int64_t keep, const char *text)
{
	struct answers *a = answers_open(dir);

	assert_non_null(a);
	put(a, key, asked, keep, text);
	answers_close(a);
}

/* What is known, or "". */
static const char *get(struct answers *a, const uint8_t *key)
{
	static char text[64];
	struct answer x;

	text[0] = '\0';
	if (answers_get(a, key, &x) == 1) {
		snprintf(text, sizeof(text), "%.*s", (int)x.len, (const char *)x.data);
		free(x.data);
	}
	return text;
}

static const char *get_once(const uint8_t *key)
{
	struct answers *a = answers_open(dir);
	const char *text = get(a, key);

	answers_close(a);
	return text;
}

static void sql(const char *text)
{
	sqlite3 *h;

	assert_int_equal(sqlite3_open_v2(path, &h, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(h);
}

static void times(void **state)
{
	static const struct {
		const char *name;
		int64_t ago, keep;
		bool known;
	} row[] = {
		{"just now", 0, 60, true},
		{"almost over", 50, 60, true},
		{"over", 60, 60, false},
		{"long over", 100000, 60, false},
		{"the clock went back", -10, 60, false},
		{"not to be kept", 0, 0, false},
		{"less than nothing", 0, -5, false},
		{"for ever", 0, INT64_MAX, false},
		{"longer than anything is kept", 0, ANSWER_KEEP_MAX + 1, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		put_once(key_a, (int64_t)time(NULL) - row[i].ago, row[i].keep, row[i].name);
		if (strcmp(get_once(key_a), row[i].known ? row[i].name : "") != 0)
			fail_msg("%s", row[i].name);
		assert_string_equal(get_once(key_b), "");
	}
	put_once(key_a, INT64_MIN, 60, "x");
	assert_string_equal(get_once(key_a), "");
}

static void replaced_and_forgotten(void **state)
{
	struct answers *a = answers_open(dir), *b = answers_open(dir);
	int64_t now = (int64_t)time(NULL);

	(void)state;
	put(a, key_a, now, 60, "one");
	put(b, key_b, now, 60, "two");
	assert_string_equal(get(b, key_a), "one");
	put(a, key_a, now, 60, "three");
	assert_string_equal(get(b, key_a), "three");
	put(b, key_a, now, 0, "gone");
	assert_string_equal(get(a, key_a), "");
	assert_string_equal(get(a, key_b), "two");
	answers_close(a);
	answers_close(b);
}

/* Whoever writes into the file, or mixes its pages, makes no answer of it. */
static void tampered(void **state)
{
	static const char *const change[] = {
		"UPDATE answer SET reply = x'58'",
		"UPDATE answer SET asked = asked - 1",
		"UPDATE answer SET keep = keep + 1000",
		"UPDATE answer SET sum = x''",
		"UPDATE answer SET key = "
		"x'2000000000000000000000000000000000000000000000000000000000000000'",
		"UPDATE answer SET asked = 'soon'",
		"UPDATE answer SET reply = zeroblob(3000000)",
		"DROP TABLE answer",
		"DROP TABLE answer; CREATE TABLE answer (key, asked)",
		"DROP TABLE answer; CREATE VIEW answer AS SELECT 1 AS key, 2 AS asked, 3 AS keep, "
		"4 AS reply, 5 AS sum",
		"PRAGMA user_version = 77",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(change) / sizeof(change[0]); i++) {
		put_once(key_a, (int64_t)time(NULL), 60, "true");
		assert_string_equal(get_once(key_a), "true");
		sql(change[i]);
		if (get_once(key_a)[0] != '\0' || get_once(key_b)[0] != '\0')
			fail_msg("%s", change[i]);
		/* And it is of use again. */
		put_once(key_a, (int64_t)time(NULL), 60, "again");
		put_once(key_a, (int64_t)time(NULL), 60, "again");
		if (strcmp(get_once(key_a), "again") != 0)
			fail_msg("not renewed after: %s", change[i]);
		unlink(path);
	}
}

static void goes_at_any_time(void **state)
{
	char noise[4096], lock[FILE_PATH_MAX];
	struct answers *a = answers_open(dir);
	int64_t now = (int64_t)time(NULL);
	int fd;

	(void)state;
	put(a, key_a, now, 60, "one");
	/* Deleted while it is open. */
	assert_int_equal(unlink(path), 0);
	put(a, key_b, now, 60, "two");
	assert_string_equal(get_once(key_b), "");
	answers_close(a);
	put_once(key_a, now, 60, "one");
	a = answers_open(dir);
	/* Cut short, then overwritten, while it is open. */
	assert_int_equal(truncate(path, 5000), 0);
	assert_string_not_equal(get(a, key_a), "x");
	put(a, key_a, now, 60, "x");
	memset(noise, 'n', sizeof(noise));
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, noise, sizeof(noise), 100), sizeof(noise));
	close(fd);
	assert_string_equal(get(a, key_b), "");
	put(a, key_b, now, 60, "y");
	answers_close(a);
	put_once(key_a, now, 60, "new");
	assert_string_equal(get_once(key_a), "new");
	/* The locks' file as well. */
	assert_int_equal(path_join(lock, dir, "cache.lock"), 0);
	a = answers_open(dir);
	assert_int_equal(unlink(lock), 0);
	assert_true(answers_lock(a, key_a));
	answers_close(a);
}

static void nowhere(void **state)
{
	struct answer x;

	(void)state;
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_null(answers_open(dir)); /* open to others */
	assert_null(answers_open("/proc/nowhere"));
	assert_int_equal(answers_get(NULL, key_a, &x), 0);
	answers_put(NULL, key_a, &(struct answer){0});
	assert_true(answers_lock(NULL, key_a));
	answers_unlock(NULL, key_a);
	answers_close(NULL);
}

static void bounded(void **state)
{
	struct answers *a = answers_open(dir);
	uint8_t key[DIGEST_LEN] = {0};
	char *big = malloc(ANSWER_OCTETS_MAX + 2);
	int64_t now = (int64_t)time(NULL);
	struct answer x = {now, 60, (uint8_t *)big, ANSWER_OCTETS_MAX + 1};
	int i, n = ANSWERS_OCTETS_MAX / (int)ANSWER_OCTETS_MAX + 5, left = 0;

	(void)state;
	assert_non_null(big);
	memset(big, 'b', ANSWER_OCTETS_MAX + 2);
	answers_put(a, key_a, &x);
	assert_int_equal(answers_get(a, key_a, &x), 0);
	x = (struct answer){now, 1000, (uint8_t *)big, ANSWER_OCTETS_MAX};
	for (i = 0; i < n; i++) {
		key[0] = (uint8_t)i;
		x.asked = now - n + i;
		answers_put(a, key, &x);
	}
	answers_close(a);
	a = answers_open(dir);
	for (i = 0; i < n; i++) {
		struct answer got;

		key[0] = (uint8_t)i;
		if (answers_get(a, key, &got) == 1) {
			left++;
			free(got.data);
		} else {
			assert_true(i < 5); /* the oldest */
		}
	}
	assert_int_equal(left, n - 5);
	answers_close(a);
	free(big);
}

static void one_at_a_time(void **state)
{
	struct answers *a = answers_open(dir);
	int status, pipes[2];
	char c;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct answers *other = answers_open(dir);

		c = answers_lock(other, key_a) ? 'y' : 'n';
		(void)!write(pipes[1], &c, 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(pipes[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	assert_false(answers_lock(a, key_a));
	assert_true(answers_lock(a, key_b));
	/* However it ends. */
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(answers_lock(a, key_a));
	answers_unlock(a, key_a);
	answers_close(a);
	close(pipes[0]);
	close(pipes[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(times), TEST(replaced_and_forgotten),
		TEST(tampered), TEST(goes_at_any_time), TEST(nowhere), TEST(bounded),
		TEST(one_at_a_time)};

	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
