/* SPDX-License-Identifier: ISC */
/* Who has a mail already: what is kept of it, how long, and that nothing of it can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>

#include "store/journal.h"
#include "store/store_priv.h"
#include "store_one.h"

#define NOW 1800000000
#define RESERVED_MIN 262144

static const uint8_t mail_a[JOURNAL_HASH] = {1}, mail_b[JOURNAL_HASH] = {2};
static const uint8_t keys_a[JOURNAL_HASH] = {21}, keys_b[JOURNAL_HASH] = {22};
static const uint8_t rcpt[3][JOURNAL_HASH] = {{11}, {12}, {13}};

/* Which of rcpt have it, as bits. */
static int who(const uint8_t mail[JOURNAL_HASH], int64_t now)
{
	int i, rc, bits = 0;

	for (i = 0; i < 3; i++) {
		rc = store_journal_has(s, mail, rcpt[i], now, &err);
		assert_true(rc >= 0);
		bits |= rc << i;
	}
	return bits;
}

/* Another process writes: nothing could be recorded now. */
static void ready(void **state)
{
	sqlite3 *other;

	(void)state;
	assert_int_equal(store_journal_ready(s, &err), 0);
	assert_int_equal(sqlite3_open(s->db.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_busy_timeout(s->db.h, 0);
	assert_int_equal(store_journal_ready(s, &err), ERR_TEMP);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_journal_ready(s, &err), 0);
	sqlite3_close(other);
}

static void kept_and_closed(void **state)
{
	(void)state;
	assert_int_equal(who(mail_a, NOW), 0);
	assert_int_equal(store_journal_begin(s, mail_a, NOW, &err), 0);
	assert_int_equal(store_journal_begin(s, mail_b, NOW, &err), 0);
	assert_int_equal(who(mail_a, NOW), 0);
	assert_int_equal(store_journal_taken(s, mail_a, rcpt, 2, &err), 0);
	assert_int_equal(store_journal_taken(s, mail_b, rcpt + 2, 1, &err), 0);
	reopen(false);
	assert_int_equal(who(mail_a, NOW), 3);
	assert_int_equal(who(mail_b, NOW), 4);
	/* again, and more */
	assert_int_equal(store_journal_begin(s, mail_a, NOW + 5, &err), 0);
	assert_int_equal(store_journal_taken(s, mail_a, rcpt + 1, 2, &err), 0);
	assert_int_equal(who(mail_a, NOW), 7);
	assert_int_equal(store_journal_forget(s, mail_a, &err), 0);
	assert_int_equal(who(mail_a, NOW), 0);
	assert_int_equal(who(mail_b, NOW), 4);
	assert_int_equal(store_journal_forget(s, mail_a, &err), 0);
	assert_int_equal(store_journal_close(s, mail_b, keys_a, NOW, &err), 0);
	assert_int_equal(who(mail_b, NOW), 0);
}

/* Where the mark of a closed mail holds: the same mail and the same keys, for an hour. */
static void marks(void **state)
{
	static const struct {
		const uint8_t *mail, *keys;
		int64_t later;
		int want;
	} row[] = {
		/* 1 */ {mail_a, keys_a, 0, 1},
		/* 2 */ {mail_a, keys_a, JOURNAL_MARKED, 1},
		/* 3 */ {mail_a, keys_a, JOURNAL_MARKED + 1, 0},
		/* 4 */ {mail_a, keys_b, 0, 0},
		/* 5 */ {mail_b, keys_a, 0, 0},
		/* 6: the clock was set back */ {mail_a, keys_a, -JOURNAL_MARKED, 1},
		/* 7 */ {mail_a, keys_a, -JOURNAL_MARKED - 1, 0},
		/* 8 */ {mail_a, keys_b, JOURNAL_MARKED, 0},
		/* 9: any keys, whatever was asked before */ {mail_a, NULL, JOURNAL_MARKED, 1},
		/* 10 */ {mail_a, NULL, JOURNAL_MARKED + 1, 0},
		/* 11 */ {mail_b, NULL, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("row %zu\n", i + 1);
		assert_int_equal(store_journal_close(s, mail_a, keys_a, NOW, &err), 0);
		assert_int_equal(
			store_journal_marked(s, row[i].mail, row[i].keys, NOW + row[i].later, &err),
			row[i].want);
	}
	/* tidying takes only what is too old */
	assert_int_equal(store_journal_tidy(s, NOW + JOURNAL_MARKED, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_a, keys_a, NOW, &err), 1);
	assert_int_equal(store_journal_tidy(s, NOW + JOURNAL_MARKED + 1, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_a, keys_a, NOW, &err), 0);
}

/* From open to closed and back: nobody's copy and no mark outlive what they were of. */
static void begun_anew(void **state)
{
	(void)state;
	assert_int_equal(store_journal_begin(s, mail_a, NOW, &err), 0);
	assert_int_equal(store_journal_is_kept(s, mail_a, NOW, &err), 0);
	assert_int_equal(store_journal_kept(s, mail_a, &err), 0);
	assert_int_equal(store_journal_is_kept(s, mail_a, NOW, &err), 1);
	assert_int_equal(store_journal_begin(s, mail_a, NOW + 1, &err), 0); /* goes on */
	assert_int_equal(store_journal_is_kept(s, mail_a, NOW, &err), 1);
	assert_int_equal(store_journal_taken(s, mail_a, rcpt, 2, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_a, keys_a, NOW, &err), 0);
	assert_int_equal(store_journal_close(s, mail_a, keys_a, NOW, &err), 0);
	assert_int_equal(who(mail_a, NOW), 0);
	assert_int_equal(store_journal_is_kept(s, mail_a, NOW, &err), 0);
	assert_int_equal(store_journal_begin(s, mail_a, NOW + 2, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_a, keys_a, NOW + 2, &err), 0);
	assert_int_equal(store_journal_is_kept(s, mail_a, NOW + 2, &err), 0);
	assert_int_equal(who(mail_a, NOW + 2), 0);
}

/* A mail that was not begun is nobody's, and what is refused leaves nothing. */
static void not_begun(void **state)
{
	(void)state;
	assert_true(store_journal_taken(s, mail_a, rcpt, 2, &err) < 0);
	assert_int_equal(who(mail_a, NOW), 0);
}

static int64_t log_bytes(bool with_reserve)
{
	char path[FILE_PATH_MAX + 8];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", s->db.path);
	assert_int_equal(stat(path, &st), 0);
	return with_reserve ? (int64_t)st.st_blocks * 512 : (int64_t)st.st_size;
}

static bool file_system_reserves(void)
{
	char path[FILE_PATH_MAX + 8];
	bool can;
	int fd;

	snprintf(path, sizeof(path), "%s-any", s->db.path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	can = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RESERVED_MIN) == 0;
	close(fd);
	assert_int_equal(unlink(path), 0);
	return can;
}

/* What is recorded of a mail fits into what was reserved when it began. */
static void reserves_space(void **state)
{
	static const struct {
		size_t copies, rcpts; /* of each */
	} row[] = {{1, 1}, {2, 1}, {20, 1}, {200, 1}, {1, 1000}, {2, 500}, {30, 100}};
	uint8_t mail[JOURNAL_HASH] = {0}, hash[1000][JOURNAL_HASH];
	size_t i, k, j;

	(void)state;
	if (!file_system_reserves())
		skip();
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int64_t reserved, used;

		reopen(false);
		mail[0] = (uint8_t)(i + 1);
		assert_int_equal(store_journal_begin(s, mail, NOW, &err), 0);
		assert_int_equal(
			store_journal_reserve(s, row[i].copies, row[i].copies * row[i].rcpts, &err),
			0);
		reserved = log_bytes(true);
		assert_true(reserved >= log_bytes(false) + RESERVED_MIN);
		for (k = 0; k < row[i].copies; k++) {
			for (j = 0; j < row[i].rcpts; j++)
				assert_int_equal(getrandom(hash[j], JOURNAL_HASH, 0), JOURNAL_HASH);
			assert_int_equal(
				store_journal_taken(s, mail, (const uint8_t(*)[JOURNAL_HASH])hash,
					row[i].rcpts, &err),
				0);
		}
		assert_int_equal(store_journal_kept(s, mail, &err), 0);
		assert_int_equal(store_journal_close(s, mail, keys_a, NOW, &err), 0);
		used = log_bytes(false);
		print_message("%zu copies, %zu recipients each: %lld of %lld bytes\n",
			row[i].copies, row[i].rcpts, (long long)used, (long long)reserved);
		assert_true(used <= reserved);
	}
}

static void five_days(void **state)
{
	static const int64_t in_time[] = {0, JOURNAL_KEPT, -JOURNAL_KEPT},
			     beyond[] = {-JOURNAL_KEPT - 1, JOURNAL_KEPT + 1};
	size_t i;

	(void)state;
	assert_int_equal(store_journal_begin(s, mail_a, NOW, &err), 0);
	assert_int_equal(store_journal_taken(s, mail_a, rcpt, 1, &err), 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(store_journal_tidy(s, NOW + in_time[i], &err), 0);
		assert_int_equal(who(mail_a, NOW + in_time[i]), 1);
	}
	for (i = 0; i < 2; i++)
		assert_int_equal(who(mail_a, NOW + beyond[i]), 0);
	/* going on with it does not prolong it */
	assert_int_equal(store_journal_begin(s, mail_a, NOW + JOURNAL_KEPT, &err), 0);
	assert_int_equal(who(mail_a, NOW), 1);
	assert_int_equal(store_journal_tidy(s, NOW + JOURNAL_KEPT + 1, &err), 0);
	assert_int_equal(who(mail_a, NOW), 0); /* it is gone */
}

static void one_key(void **state)
{
	uint8_t key[JOURNAL_HASH] = {0}, again[JOURNAL_HASH] = {0};
	int p[2], i, status;

	(void)state;
	store_close(s);
	s = NULL;
	assert_int_equal(pipe(p), 0);
	for (i = 0; i < 4; i++) {
		if (fork() == 0) {
			int rc;

			s = NULL;
			rc = store_open(&s, dir, false, NULL) != 0 ||
			     store_journal_key(s, key, NULL) != 0 ||
			     write(p[1], key, sizeof(key)) != sizeof(key);
			store_close(s);
			_exit(rc);
		}
	}
	for (i = 0; i < 4; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	reopen(false);
	assert_int_equal(store_journal_key(s, key, &err), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(read(p[0], again, sizeof(again)), sizeof(again));
		assert_memory_equal(key, again, sizeof(key));
	}
	close(p[0]);
	close(p[1]);
	reopen(true);
	assert_int_equal(store_journal_key(s, again, &err), 0);
	assert_memory_equal(key, again, sizeof(key));
}

static void nothing_there(void **state)
{
	uint8_t key[JOURNAL_HASH];
	char none[FILE_PATH_MAX];

	(void)state;
	store_close(s);
	s = NULL;
	assert_int_equal(path_join(none, root, "none"), 0);
	assert_int_equal(store_open(&s, none, true, &err), 0);
	assert_int_equal(store_journal_tidy(s, NOW, &err), 0);
	assert_int_equal(store_journal_marked(s, mail_a, keys_a, NOW, &err), 0);
	assert_int_equal(store_journal_is_kept(s, mail_a, NOW, &err), 0);
	assert_int_equal(who(mail_a, NOW), 0);
	assert_int_equal(store_journal_key(s, key, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(ready, setup, teardown),
		cmocka_unit_test_setup_teardown(kept_and_closed, setup, teardown),
		cmocka_unit_test_setup_teardown(marks, setup, teardown),
		cmocka_unit_test_setup_teardown(begun_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(not_begun, setup, teardown),
		cmocka_unit_test_setup_teardown(reserves_space, setup, teardown),
		cmocka_unit_test_setup_teardown(five_days, setup, teardown),
		cmocka_unit_test_setup_teardown(one_key, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_there, setup, teardown)};

	return cmocka_run_group_tests_name("store journal", tests, NULL, NULL);
}
