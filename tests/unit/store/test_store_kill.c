/* SPDX-License-Identifier: ISC */
/*
 * SIGKILL at each system call of each change that has another folder before it than the call
 * before: whatever was reached, the store opens, and holds the old state or the new one, whole.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "files.h"
#include "store_util.h"

#define A "a@example.org"
#define STOPS_MAX 5000
#define N_OF(a) (sizeof(a) / sizeof((a)[0]))
#define CERT_LEN 20000 /* several pages: a change is more than one write */

static uint8_t octets[CERT_LEN];

static struct pin make_pin(const char *fpr)
{
	struct pin p = {.state = PIN_TOFU, .n_enc = 1, .enc_keyid = {7}, .address = A};

	memset(octets, fpr[0], sizeof(octets));
	snprintf(p.fpr, sizeof(p.fpr), "%s", fpr);
	p.cert = octets;
	p.cert_len = sizeof(octets);
	return p;
}

static int put(struct store *s, const char *fpr)
{
	struct pin p = make_pin(fpr);

	return store_pin_put(s, &p, "pinned", &err);
}

static int hold(struct store *s, const char *fpr)
{
	struct cert c = {.data = octets, .len = sizeof(octets), .n_enc = 1, .enc_keyid = {9}};

	memset(octets, fpr[0], sizeof(octets));
	snprintf(c.fpr, sizeof(c.fpr), "%s", fpr);
	return store_pin_hold(s, A, &c, "x", "{}", &err);
}

static int nothing(struct store *s)
{
	(void)s;
	return 0;
}

static int with_pin(struct store *s)
{
	return put(s, FPR_A);
}

static int with_held(struct store *s)
{
	int rc = put(s, FPR_A);

	return rc < 0 ? rc : hold(s, FPR_B);
}

static int do_first(struct store *s)
{
	struct pin p = make_pin(FPR_A);

	return store_pin_first(s, &p, &err);
}

static int do_update(struct store *s)
{
	struct pin p = make_pin(FPR_B);

	return store_pin_update(s, &p, FPR_A, "replaced", &err);
}

static int do_hold(struct store *s)
{
	return hold(s, FPR_B);
}

static int do_accept(struct store *s)
{
	return store_pin_accept(s, A, FPR_B, &err);
}

static int do_reject(struct store *s)
{
	return store_pin_reject(s, A, FPR_B, &err);
}

static int do_forget(struct store *s)
{
	return store_pin_forget(s, A, &err);
}

static int count_log(const struct log_line *l, void *arg)
{
	(void)l;
	++*(int *)arg;
	return 0;
}

static void whole(const char *what, const uint8_t *p, size_t len, const char *fpr)
{
	size_t i;

	if (len != CERT_LEN)
		fail_msg("%s: %zu bytes of the certificate", what, len);
	for (i = 0; i < len; i++) {
		if (p[i] != (uint8_t)fpr[0])
			fail_msg("%s: another certificate's bytes", what);
	}
}

/* Pin, held, rejected and number of log lines, as text; certificates are looked at octet by octet.
 */
static void state_of(const char *name, char *out, size_t cap)
{
	struct store *s = opened(false);
	struct pin p = {.state = PIN_NONE};
	struct held h = {.fpr = ""};
	int log = 0;

	assert_true(store_pin_get(s, A, &p, &err) >= 0);
	assert_true(store_held_get(s, A, &h, &err) >= 0);
	assert_int_equal(store_log_each(s, A, count_log, &log, &err), 0);
	if (p.fpr[0])
		whole(name, p.cert, p.cert_len, p.fpr);
	if (h.fpr[0])
		whole(name, h.cert, h.cert_len, h.fpr);
	snprintf(out, cap, "%s %.1s/%.1s rejected %d, %d in the log", pin_state_name(p.state),
		p.fpr, h.fpr, store_rejected(s, A, FPR_B, &err), log);
	pin_free(&p);
	held_free(&h);
	store_close(s);
}

/* Opens, changes and closes the store while it is traced. Only leaves by _exit. */
static void be_traced(int (*change)(struct store *s))
{
	struct store *s = NULL;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(77);
	(void)raise(SIGSTOP);
	if (store_open(&s, dir, false, &err) != 0 || change(s) < 0)
		_exit(1);
	store_close(s);
	_exit(0);
}

enum outcome { KILLED, FINISHED, NO_PTRACE };

/* A child that will make the change; it stands before its first system call. */
static enum outcome start_traced(int (*change)(struct store *s), pid_t *pid)
{
	int status;

	*pid = fork();
	if (*pid == 0)
		be_traced(change);
	assert_true(*pid > 0);
	assert_int_equal(waitpid(*pid, &status, 0), *pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		return NO_PTRACE;
	assert_true(WIFSTOPPED(status));
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, *pid, NULL, PTRACE_O_TRACESYSGOOD), 0);
	return KILLED;
}

/* Changes no file; and an allocator that checks makes more of these in one run than in the next. */
static bool is_of_memory(uint64_t nr)
{
	return nr == SYS_brk || nr == SYS_mmap || nr == SYS_munmap || nr == SYS_mremap ||
	       nr == SYS_mprotect || nr == SYS_madvise;
}

/* To the next entry into a system call that is not of memory. False: it has ended, well. */
static bool next_call(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status;

	do {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return false;
		}
		assert_true(WIFSTOPPED(status));
		assert_true(ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0);
	} while (info.op != PTRACE_SYSCALL_INFO_ENTRY || is_of_memory(info.entry.nr));
	return true;
}

/* Lets a child make the change up to the entry to its call number at, then kills it. */
static void kill_at(int at, int (*change)(struct store *s))
{
	int status, i;
	pid_t pid;

	assert_int_equal(start_traced(change, &pid), KILLED);
	for (i = 0; i < at; i++)
		assert_true(next_call(pid));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

/* Names and contents of all files of the folder, as they are now; of pins.db-shm the name: SQLite
 * makes it anew where nobody has the store open. */
static void read_folder(struct buf *out)
{
	enum { SHM = 3 };
	static const char *const file[] = {
		"pins.db", "pins.db-journal", "pins.db-wal", "pins.db-shm", "pins.db-new"};
	char path[FILE_PATH_MAX];
	struct dirent *e;
	size_t i, n = 0;
	DIR *d = opendir(dir);

	buf_reset(out);
	if (d == NULL)
		return;
	buf_adds(out, "folder");
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	assert_int_equal(closedir(d), 0);
	for (i = 0; i < N_OF(file); i++) {
		assert_int_equal(path_join(path, dir, file[i]), 0);
		if (access(path, F_OK) != 0)
			continue;
		n--;
		buf_adds(out, file[i]);
		if (i != SHM)
			assert_int_equal(file_read(path, out, ERR_IO, &err), 0);
	}
	assert_int_equal(n, 0); /* no file that this function does not know */
}

/*
 * Makes the change; at gets the numbers of the entries to system calls before which the folder is
 * not what it was at the last of them. Being killed at one of the others leaves what is left by the
 * one before it. Returns how many; -1: nothing can be traced here.
 */
static int stops_that_differ(int (*change)(struct store *s), int at[STOPS_MAX])
{
	struct buf now = BUF_INIT(4u << 20), last = BUF_INIT(4u << 20), swap;
	int i, n = 0;
	pid_t pid;

	if (start_traced(change, &pid) == NO_PTRACE)
		return -1;
	/* At each entry, it has done all calls before. */
	for (i = 1; next_call(pid); i++) {
		read_folder(&now);
		if (n > 0 && now.len == last.len &&
			(now.len == 0 || memcmp(now.p, last.p, now.len) == 0))
			continue;
		assert_true(n < STOPS_MAX);
		at[n++] = i;
		swap = last;
		last = now;
		now = swap;
	}
	buf_free(&now);
	buf_free(&last);
	return n;
}

/* What pins.db holds before the change; empty: there is no store yet. */
static struct buf before_it = BUF_INIT(1u << 20);

/* Once, in earnest; a store that was closed is that one file. */
static void prepare(int (*before)(struct store *s))
{
	char path[FILE_PATH_MAX];
	struct store *s;

	buf_free(&before_it);
	dir_remove(dir);
	if (before == NULL)
		return;
	s = opened(false);
	assert_true(before(s) >= 0);
	store_close(s);
	assert_int_equal(path_join(path, dir, "pins.db"), 0);
	assert_int_equal(file_read(path, &before_it, ERR_IO, &err), 0);
}

/* And again, each time. */
static void put_back(void)
{
	char path[FILE_PATH_MAX];

	dir_remove(dir);
	if (before_it.len == 0)
		return;
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(path_join(path, dir, "pins.db"), 0);
	write_file(path, before_it.p, before_it.len);
}

static void kill_everywhere(
	const char *name, int (*before)(struct store *s), int (*change)(struct store *s))
{
	char old[256], new[256], got[256];
	int at[STOPS_MAX], i, n, news = 0;

	prepare(before);
	state_of(name, old, sizeof(old));
	put_back();
	n = stops_that_differ(change, at);
	if (n < 0)
		skip();
	state_of(name, new, sizeof(new));
	assert_string_not_equal(old, new);
	for (i = 0; i < n; i++) {
		put_back();
		kill_at(at[i], change);
		state_of(name, got, sizeof(got));
		if (strcmp(got, old) != 0 && strcmp(got, new) != 0)
			fail_msg("%s: killed at stop %d: %s; old: %s; new: %s", name, at[i], got,
				old, new);
		news += strcmp(got, new) == 0;
	}
	print_message("%s: %d\n", name, n);
	assert_true(n > 5);
	assert_true(news > 1); /* also killed after it was written, while closing */
	buf_free(&before_it);
}

static void killed_at_each_system_call(void **state)
{
	static const struct {
		const char *name;
		int (*before)(struct store *s), (*change)(struct store *s);
	} row[] = {{"no store yet, first use", NULL, do_first}, {"first use", nothing, do_first},
		{"successor", with_pin, do_update}, {"hold", with_pin, do_hold},
		{"accept", with_held, do_accept}, {"reject", with_held, do_reject},
		{"forget", with_held, do_forget}};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		kill_everywhere(row[i].name, row[i].before, row[i].change);
}

/* The child and this process take turns; on one processor neither has to wake another up. */
static void stay_on_this_processor(void)
{
	cpu_set_t one;
	int cpu = sched_getcpu();

	if (cpu < 0)
		return;
	CPU_ZERO(&one);
	CPU_SET((unsigned)cpu, &one);
	(void)sched_setaffinity(0, sizeof(one), &one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(
		killed_at_each_system_call, setup_folder, teardown_folder)};

	stay_on_this_processor();
	return cmocka_run_group_tests_name("store_kill", tests, NULL, NULL);
}
