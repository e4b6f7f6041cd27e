/* SPDX-License-Identifier: ISC */
/* mail/journal.c: which mail is the same as another, and that one process at a time hands it over.
 */
#include "mime_util.h"

#include <signal.h>
#include <sys/wait.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "mail/journal.h"

static const uint8_t key[JOURNAL_HASH] = {7};

struct row {
	const char *name;
	const char *text;
	const char *sender;
	const char *rcpt; /* separated by blanks */
	int rc;
	bool same; /* as the first */
};

#define HEAD "From: me@a.example\nTo: x@b.example\nMessage-ID: <1@a.example>\n"
#define DATE "Date: Mon, 23 Nov 2026 10:00:00 +0000\n"
#define MULTI(b) "Content-Type: multipart/mixed; boundary=\"" b "\"\n"
#define PARTS(b) "\nx\n--" b "\n\na\n--" b "\nContent-Type: text/plain\n\nb\n--" b "--\n"
#define B1 "=_0123456789"
#define B2 "AbCdEfGhIjKlMn"
#define BOTH "x@b.example y@b.example"

static const struct row rows[] = {
	{"the first", HEAD DATE MULTI(B1) PARTS(B1), "", BOTH, 1, true},
	{"again", HEAD DATE MULTI(B1) PARTS(B1), "", BOTH, 1, true},
	{"another Date", HEAD "Date: x\n" MULTI(B1) PARTS(B1), "", BOTH, 1, true},
	{"no Date", HEAD MULTI(B1) PARTS(B1), "", BOTH, 1, true},
	{"Date in another place", "dAtE: x\n" HEAD MULTI(B1) PARTS(B1), "", BOTH, 1, true},
	{"another boundary", HEAD DATE MULTI(B2) PARTS(B2), "", BOTH, 1, true},
	{"field name in another case",
		"FROM: me@a.example\nTO: x@b.example\nMessage-Id: <1@a.example>\n" MULTI(B1)
			PARTS(B1),
		"", BOTH, 1, true},
	{"recipients in another order", HEAD DATE MULTI(B1) PARTS(B1), "",
		"y@b.example x@b.example", 1, true},
	{"recipient in another case", HEAD DATE MULTI(B1) PARTS(B1), "", "X@B.example y@b.example",
		1, true},
	{"a recipient more", HEAD DATE MULTI(B1) PARTS(B1), "", BOTH " z@b.example", 1, false},
	{"a recipient less", HEAD DATE MULTI(B1) PARTS(B1), "", "x@b.example", 1, false},
	{"a sender", HEAD DATE MULTI(B1) PARTS(B1), "me@a.example", BOTH, 1, false},
	{"the null sender", HEAD DATE MULTI(B1) PARTS(B1), "<>", BOTH, 1, false},
	{"body longer", HEAD DATE MULTI(B1) PARTS(B1) "\n", "", BOTH, 1, false},
	{"boundary in the header only", HEAD DATE MULTI(B2) PARTS(B1), "", BOTH, 1, false},
	{"boundary in the body only", HEAD DATE MULTI(B1) PARTS(B2), "", BOTH, 1, false},
	{"a field more", HEAD DATE "X-A: b\n" MULTI(B1) PARTS(B1), "", BOTH, 1, false},
	{"an empty field more", HEAD DATE "X:\n" MULTI(B1) PARTS(B1), "", BOTH, 1, false},
	{"another Message-ID",
		"From: me@a.example\nTo: x@b.example\nMessage-ID: <2@a.example>\n" MULTI(B1)
			PARTS(B1),
		"", BOTH, 1, false},
	{"no Message-ID", "From: me@a.example\n" MULTI(B1) PARTS(B1), "", BOTH, 0, false},
	{"an empty one", "Message-ID: \n" MULTI(B1) PARTS(B1), "", BOTH, 0, false},
};

static void identify(const char *text, size_t len, const char *sender, const char *rcpt,
	const uint8_t *with, int want, uint8_t out[JOURNAL_HASH])
{
	const struct source_opts opts = {.max = 1 << 20};
	struct envelope_rcpt to[4];
	struct envelope env = {.rcpt = to};
	struct message m;
	struct source s;
	char list[200];
	char *p, *save;
	int fd = file_of(text, len);

	snprintf(list, sizeof(list), "%s", rcpt);
	for (p = strtok_r(list, " ", &save); p; p = strtok_r(NULL, " ", &save))
		assert_int_equal(addr_parse(p, &to[env.n++].addr, NULL), 0);
	assert_int_equal(source_open(&s, fd, &opts, NULL), 0);
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	assert_int_equal(journal_mail(with, &m, &env, sender, out, NULL), want);
	message_free(&m);
	source_close(&s);
	close(fd);
}

static void the_same_mail(void **state)
{
	uint8_t first[JOURNAL_HASH], got[JOURNAL_HASH];
	static const uint8_t other_key[JOURNAL_HASH] = {8};
	size_t i;

	(void)state;
	for (i = 0; i < N_OF(rows); i++) {
		const struct row *r = &rows[i];

		print_message("%s\n", r->name);
		memset(got, 0, sizeof(got));
		identify(r->text, strlen(r->text), r->sender, r->rcpt, key, r->rc, i ? got : first);
		if (i > 0 && r->rc == 1)
			assert_int_equal(memcmp(first, got, sizeof(got)) == 0, r->same);
	}
	identify(rows[0].text, strlen(rows[0].text), "", BOTH, other_key, 1, got);
	assert_memory_not_equal(first, got, sizeof(got));
}

/* As programs write it that do not quote. */
static void boundary_without_quotes(void **state)
{
	static const char one[] =
		HEAD "Content-Type: multipart/mixed; boundary=----=_Part_0_1.2\n" PARTS(
			"----=_Part_0_1.2"),
			  two[] = HEAD
			  "Content-Type: multipart/mixed; boundary=----=_Part_0_3.4\n" PARTS(
				  "----=_Part_0_3.4");
	uint8_t a[JOURNAL_HASH], b[JOURNAL_HASH];

	(void)state;
	identify(one, strlen(one), "", BOTH, key, 1, a);
	identify(two, strlen(two), "", BOTH, key, 1, b);
	assert_memory_equal(a, b, sizeof(a));
}

/* A boundary that is a word of the text tells nothing: it is taken as it is. */
static void short_boundary(void **state)
{
	static const char one[] = HEAD MULTI("abc") PARTS("abc"),
			  two[] = HEAD MULTI("xyz") PARTS("xyz");
	uint8_t a[JOURNAL_HASH], b[JOURNAL_HASH];

	(void)state;
	identify(one, strlen(one), "", BOTH, key, 1, a);
	identify(two, strlen(two), "", BOTH, key, 1, b);
	assert_memory_not_equal(a, b, sizeof(a));
}

/* Wherever a delimiter lies, it is left out, also across what is read at a time. */
static void long_body(void **state)
{
	static const char *const boundary[] = {B1, B2};
	uint8_t id[2][JOURNAL_HASH];
	char *text = malloc(200000);
	size_t shift, k, n, i;

	(void)state;
	assert_non_null(text);
	for (shift = 65480; shift < 65560; shift++) {
		for (k = 0; k < 2; k++) {
			n = (size_t)snprintf(text, 1000,
				HEAD "Content-Type: multipart/mixed; boundary=\"%s\"\n\n",
				boundary[k]);
			memset(text + n, 'a', shift);
			n += shift;
			for (i = 0; i < 3; i++)
				n += (size_t)snprintf(text + n, 1000, "\n--%s\n\nb", boundary[k]);
			memset(text + n, 'c', 70000);
			n += 70000;
			n += (size_t)snprintf(text + n, 1000, "\n--%s--", boundary[k]);
			identify(text, n, "", BOTH, key, 1, id[k]);
		}
		assert_memory_equal(id[0], id[1], JOURNAL_HASH);
	}
	text[n - 3] ^= 1;
	identify(text, n, "", BOTH, key, 1, id[0]);
	assert_memory_not_equal(id[0], id[1], JOURNAL_HASH);
	free(text);
}

static void recipients(void **state)
{
	static const uint8_t mail[2][JOURNAL_HASH] = {{1}, {2}};
	uint8_t a[JOURNAL_HASH], b[JOURNAL_HASH];
	struct addr x, same, y;

	(void)state;
	assert_int_equal(addr_parse("x@b.example", &x, NULL), 0);
	assert_int_equal(addr_parse("X@B.example", &same, NULL), 0);
	assert_int_equal(addr_parse("y@b.example", &y, NULL), 0);
	assert_int_equal(journal_rcpt(key, mail[0], &x, a, NULL), 0);
	assert_int_equal(journal_rcpt(key, mail[0], &same, b, NULL), 0);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(journal_rcpt(key, mail[0], &y, b, NULL), 0);
	assert_memory_not_equal(a, b, sizeof(a));
	assert_int_equal(journal_rcpt(key, mail[1], &x, b, NULL), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

static void one_at_a_time(void **state)
{
	static const uint8_t mail[2][JOURNAL_HASH] = {{0xff, 0xff, 0xff}, {0xff, 0xff, 0xfe}};
	char dir[FILE_PATH_MAX], c;
	int fd = -1, other = -1, p[2], status;
	struct err err = ERR_INIT;
	pid_t pid;

	(void)state;
	assert_int_equal(dir_make_temp(dir, NULL), 0);
	assert_int_equal(journal_lock(dir, mail[0], &fd, &err), 0);
	assert_int_equal(journal_lock(dir, mail[0], &other, &err), ERR_TEMP);
	assert_non_null(strstr(err.msg, "another process"));
	assert_int_equal(other, -1);
	assert_int_equal(journal_lock(dir, mail[1], &other, &err), 0);
	close(other);
	close(fd);
	/* killed: free again */
	assert_int_equal(pipe(p), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (journal_lock(dir, mail[0], &fd, NULL) == 0)
			(void)!write(p[1], "x", 1);
		pause();
		_exit(1);
	}
	assert_int_equal(read(p[0], &c, 1), 1);
	assert_int_equal(journal_lock(dir, mail[0], &fd, &err), ERR_TEMP);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(journal_lock(dir, mail[0], &fd, &err), 0);
	close(fd);
	close(p[0]);
	close(p[1]);
	dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_mail),
		cmocka_unit_test(boundary_without_quotes), cmocka_unit_test(short_boundary),
		cmocka_unit_test(long_body), cmocka_unit_test(recipients),
		cmocka_unit_test(one_at_a_time)};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
