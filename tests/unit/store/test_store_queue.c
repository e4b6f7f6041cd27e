/* SPDX-License-Identifier: ISC */
/* The queue's folder: numbers, the same mail once, what is left half written; and the journal of
 * what waits there. */
#include "store_util.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "store/queue.h"

static const uint8_t mail_a[JOURNAL_HASH] = {1, 2}, mail_b[JOURNAL_HASH] = {3},
		     mail_c[JOURNAL_HASH] = {4};
static struct queue q;

static void open_queue(void)
{
	assert_int_equal(queue_open(&q, root, true, &err), 1);
}

static int put_text(const uint8_t *mail, const char *text, struct queue_entry *e)
{
	char path[FILE_PATH_MAX];
	int fd, rc;

	assert_int_equal(path_join(path, root, "text"), 0);
	write_file(path, text, strlen(text));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	rc = queue_put(&q, mail, fd, (int64_t)strlen(text), e, &err);
	close(fd);
	return rc;
}

static size_t count(void)
{
	struct queue_entry *v = NULL;
	size_t n = 0;

	assert_int_equal(queue_list(&q, &v, &n, &err), 0);
	free(v);
	return n;
}

static void no_folder_is_an_empty_queue(void **state)
{
	(void)state;
	assert_int_equal(queue_open(&q, root, false, &err), 0);
	queue_close(&q);
}

static void what_is_no_private_folder_is_a_matter_of_configuration(void **state)
{
	char file[FILE_PATH_MAX], path[FILE_PATH_MAX];

	(void)state;
	assert_int_equal(path_join(file, root, "a-file"), 0);
	write_file(file, "x", 1);
	assert_int_equal(queue_open(&q, file, false, &err), ERR_CONFIG);
	assert_int_equal(queue_open(&q, file, true, &err), ERR_CONFIG);
	assert_int_equal(path_join(path, root, "queue"), 0);
	write_file(path, "x", 1);
	assert_int_equal(queue_open(&q, root, false, &err), ERR_CONFIG);
	assert_int_equal(queue_open(&q, root, true, &err), ERR_CONFIG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(queue_open(&q, root, false, &err), ERR_CONFIG);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(chmod(root, 0750), 0);
	assert_int_equal(queue_open(&q, root, false, &err), ERR_CONFIG);
	assert_int_equal(chmod(root, 0700), 0);
	queue_close(&q);
}

static void a_mail_is_there_once_under_a_number_of_its_own(void **state)
{
	struct queue_entry a, b, again, found;

	(void)state;
	open_queue();
	assert_int_equal(put_text(mail_a, "one", &a), 1);
	assert_int_equal(put_text(mail_b, "two", &b), 1);
	assert_int_equal(a.n, 1);
	assert_int_equal(b.n, 2);
	assert_int_equal(put_text(mail_a, "another", &again), 0);
	assert_int_equal(again.n, 1);
	assert_int_equal(count(), 2);
	assert_int_equal(queue_find(&q, mail_b, &found, &err), 1);
	assert_string_equal(found.name, b.name);
	assert_int_equal(found.size, 3);
	assert_int_equal(queue_find(&q, mail_c, &found, &err), 0);
	/* The last one is gone, and its number too. */
	assert_int_equal(queue_remove(&q, &b, &err), 0);
	assert_int_equal(queue_remove(&q, &b, &err), 0);
	assert_int_equal(put_text(mail_c, "three", &found), 1);
	assert_int_equal(found.n, 3);
	queue_close(&q);
}

static void it_is_read_as_it_was_written(void **state)
{
	struct queue_entry e;
	char text[16] = "";
	int fd = -1;

	(void)state;
	open_queue();
	assert_int_equal(put_text(mail_a, "the text", &e), 1);
	assert_int_equal(queue_entry_open(&q, &e, &fd, &err), 1);
	assert_int_equal(read(fd, text, sizeof(text)), 8);
	assert_string_equal(text, "the text");
	close(fd);
	assert_int_equal(queue_remove(&q, &e, &err), 0);
	assert_int_equal(queue_entry_open(&q, &e, &fd, &err), 0);
	queue_close(&q);
}

static void other_names_are_no_mail(void **state)
{
	static const char *const names[] = {"1.", "1.00", "0.", "x.", ".new", "lock", "1",
		"01.0102000000000000000000000000000000000000000000000000000000000000",
		"1.010200000000000000000000000000000000000000000000000000000000000g",
		"99999999999.0102000000000000000000000000000000000000000000000000000000000000"};
	char path[FILE_PATH_MAX];
	struct queue_entry e;
	size_t i;

	(void)state;
	open_queue();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(path_join(path, q.path, names[i]), 0);
		write_file(path, "x", 1);
		if (count() != 0)
			fail_msg("%s", names[i]);
	}
	/* Half of a mail that a killed process has left is no hindrance. */
	assert_int_equal(put_text(mail_a, "one", &e), 1);
	assert_int_equal(count(), 1);
	queue_close(&q);
}

static void a_date_in_the_future_becomes_now(void **state)
{
	static const struct {
		const char *name;
		int64_t since, now, expected;
	} table[] = {
		{"past", 1000, 2000, 1000},
		{"now", 2000, 2000, 2000},
		{"future", 3000, 2000, 2000},
	};
	struct queue_entry e;
	struct stat st;
	size_t i;

	(void)state;
	open_queue();
	assert_int_equal(put_text(mail_a, "one", &e), 1);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct timespec t[2] = {
			{.tv_sec = table[i].since}, {.tv_sec = table[i].since}};

		assert_int_equal(utimensat(q.dir, e.name, t, 0), 0);
		e.since = table[i].since;
		queue_date(&q, &e, table[i].now);
		assert_int_equal(fstatat(q.dir, e.name, &st, 0), 0);
		if (e.since != table[i].expected || st.st_mtime != table[i].expected)
			fail_msg("%s: %lld", table[i].name, (long long)e.since);
	}
	queue_close(&q);
}

static void keys_are_gathered(void **state)
{
	struct buf keys = BUF_INIT(1024);

	(void)state;
	open_queue();
	assert_int_equal(queue_key_put(&q, FPR_A, (const uint8_t *)"aaa", 3, &err), 0);
	assert_int_equal(queue_key_put(&q, FPR_B, (const uint8_t *)"bb", 2, &err), 0);
	assert_int_equal(queue_key_put(&q, FPR_A, (const uint8_t *)"aaaa", 4, &err), 0);
	assert_int_equal(queue_keys(&q, &keys, &err), 0);
	assert_int_equal(keys.len, 6);
	assert_int_equal(count(), 0);
	buf_free(&keys);
	queue_close(&q);
}

/* Who has a mail of the queue is known however the clock jumps, and whatever the keys are. */
static void the_journal_holds_what_waits(void **state)
{
	static const struct {
		const char *name;
		bool held;
		int64_t later;
		uint8_t keys;
		bool has, marked;
	} table[] = {
		{"held, soon", true, 60, 1, true, true},
		{"held, ten days", true, 864000, 1, true, true},
		{"held, backwards", true, -86400 * 4000LL, 1, true, true},
		{"held, with other keys", true, 60, 2, true, true},
		{"not held, soon", false, 60, 1, true, true},
		{"not held, ten days", false, 864000, 1, false, false},
		{"not held, with other keys", false, 60, 2, true, false},
	};
	const uint8_t rcpt[1][JOURNAL_HASH] = {{9}}, one[JOURNAL_HASH] = {1};
	const int64_t t = 1700000000;
	struct store *s = opened(false);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint8_t mail[JOURNAL_HASH] = {(uint8_t)(i + 1)}, keys[JOURNAL_HASH] = {0};
		int has, marked;

		keys[0] = table[i].keys;
		if (table[i].held)
			assert_int_equal(store_journal_hold(s, mail, t, &err), 0);
		assert_int_equal(store_journal_begin(s, mail, t, &err), 0);
		assert_int_equal(store_journal_taken(s, mail, rcpt, 1, &err), 0);
		assert_int_equal(store_journal_tidy(s, t + table[i].later, &err), 0);
		has = store_journal_has(s, mail, rcpt[0], t + table[i].later, &err);
		if (table[i].has) {
			assert_int_equal(store_journal_close(s, mail, one, t, &err), 0);
			assert_int_equal(store_journal_tidy(s, t + table[i].later, &err), 0);
		}
		marked = store_journal_marked(s, mail, keys, t + table[i].later, &err);
		if (has != table[i].has || marked != table[i].marked)
			fail_msg("%s: %d %d", table[i].name, has, marked);
	}
	store_close(s);
}

static void what_is_released_is_as_any_other(void **state)
{
	const uint8_t keys[JOURNAL_HASH] = {1}, rcpt[JOURNAL_HASH] = {9};
	const int64_t t = 1700000000;
	struct store *s = opened(false);

	(void)state;
	assert_int_equal(store_journal_hold(s, mail_a, t, &err), 0);
	assert_int_equal(store_queued_seal_add(s, mail_a, rcpt, &err), 0);
	assert_int_equal(store_queued_seal_add(s, mail_a, rcpt, &err), 0);
	assert_int_equal(store_queued_seal_has(s, mail_a, rcpt, &err), 1);
	assert_int_equal(store_queued_seal_has(s, mail_b, rcpt, &err), 0);
	assert_int_equal(store_journal_close(s, mail_a, keys, t, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_a, keys, t + 864000, &err), 1);
	assert_int_equal(store_journal_release(s, mail_a, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_a, keys, t + 60, &err), 1);
	assert_int_equal(store_journal_marked(s, mail_a, keys, t + 864000, &err), 0);
	assert_int_equal(store_queued_seal_has(s, mail_a, rcpt, &err), 0);
	/* A mail that was closed and is queued anew is not complete. */
	assert_int_equal(store_journal_hold(s, mail_a, t, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_a, keys, t + 60, &err), 0);
	assert_int_equal(store_journal_hold(s, mail_b, t, &err), 0);
	assert_int_equal(store_journal_close(s, mail_b, keys, t, &err), 0);
	assert_int_equal(store_journal_release_all(s, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_b, keys, t + 864000, &err), 0);
	store_close(s);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup_folder, teardown_folder)
	const struct CMUnitTest tests[] = {TEST(no_folder_is_an_empty_queue),
		TEST(what_is_no_private_folder_is_a_matter_of_configuration),
		TEST(a_mail_is_there_once_under_a_number_of_its_own),
		TEST(it_is_read_as_it_was_written), TEST(other_names_are_no_mail),
		TEST(a_date_in_the_future_becomes_now), TEST(keys_are_gathered),
		TEST(the_journal_holds_what_waits), TEST(what_is_released_is_as_any_other)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
