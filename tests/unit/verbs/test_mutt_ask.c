/* SPDX-License-Identifier: ISC */
/* verbs/doctor/mutt_ask.c, with shell scripts in the place of mutt and neomutt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "files.h"

#include "verbs/doctor/muttrc.h"

static char dir[] = "/tmp/test_mutt_ask.XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[4][FILE_PATH_MAX];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, FILE_PATH_MAX, "%s/%s", dir, name);
	return p;
}

/* NULL: there is no such program. */
static void put_program(const char *name, const char *script)
{
	char path[64], text[1024];

	snprintf(path, sizeof(path), "bin/%s", name);
	unlink(in_dir(path));
	if (!script)
		return;
	snprintf(text, sizeof(text), "#!/bin/sh\n%s", script);
	write_file(in_dir(path), text, strlen(text));
	assert_int_equal(chmod(in_dir(path), 0700), 0);
}

static int setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(mkdir(in_dir("bin"), 0700), 0);
	assert_int_equal(mkdir(in_dir("neomutt"), 0700), 0);
	assert_int_equal(mkdir(in_dir("neomutt/below"), 0700), 0);
	write_file(in_dir("muttrc"), "\n", 1);
	write_file(in_dir("neomuttrc"), "\n", 1);
	write_file(in_dir("neomutt/rc"), "\n", 1);
	write_file(in_dir("neomutt/below/rc"), "\n", 1);
	write_file(in_dir("run|"), "\n", 1);
	assert_int_equal(setenv("PATH", in_dir("bin"), 1), 0);
	assert_int_equal(setenv("DIR", dir, 1), 0);
	return 0;
}

static int teardown(void **state)
{
	static const char *const names[] = {"bin/mutt", "bin/neomutt", "muttrc", "neomuttrc",
		"neomutt/rc", "neomutt/below/rc", "run|", "neomutt/below", "neomutt", "bin"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)remove(in_dir(names[i]));
	return rmdir(dir);
}

/* Answers each "-Q NAME" as mutt does, and as neomutt does; which file it was goes to "folder". */
#define ANSWER(line) "file=$2; shift 2; while [ $# -gt 0 ]; do\n" line "\nshift 2; done\n"
#define MUTT                                                                                       \
	ANSWER("case $2 in sendmail) echo 'sendmail=\"sealpost send -oi\"' ;; folder) echo "       \
	       "\"folder=\\\"$file\\\"\" ;; *) echo \"$2=\\\"\\\"\" ;; esac")
#define NEOMUTT                                                                                    \
	ANSWER("case $2 in sendmail) echo 'set sendmail = \"sealpost send -oi\"' ;; folder) echo " \
	       "\"set folder = \\\"$file\\\"\" ;; *) echo \"set $2 = \\\"\\\"\" ;; esac")
/* Stops at what it does not have. */
#define WITHOUT_SMTP                                                                               \
	ANSWER("[ \"$2\" != smtp_url ] || { echo 'smtp_url: unknown variable' >&2; exit 1; }\n"    \
	       "echo \"$2=\\\"x\\\"\"")

static void who_is_asked(void **state)
{
	static const struct {
		const char *name, *mutt, *neomutt, *file;
		const char *program; /* "" neither */
		const char *sendmail;
		const char *complaint;
	} row[] = {
		{"1 mutt", MUTT, NEOMUTT, "muttrc", "mutt", "sealpost send -oi", ""},
		{"2 a file of neomutt's", MUTT, NEOMUTT, "neomuttrc", "neomutt",
			"sealpost send -oi", ""},
		{"3 in a folder of neomutt's", MUTT, NEOMUTT, "neomutt/rc", "neomutt",
			"sealpost send -oi", ""},
		{"4 in a folder below that", MUTT, NEOMUTT, "neomutt/below/rc", "mutt",
			"sealpost send -oi", ""},
		{"5 only neomutt is there", NULL, NEOMUTT, "muttrc", "neomutt", "sealpost send -oi",
			""},
		{"6 only mutt is there", MUTT, NULL, "neomuttrc", "mutt", "sealpost send -oi", ""},
		{"7 neither", NULL, NULL, "muttrc", "", "", ""},
		{"8 it says nothing", "exit 0\n", NULL, "muttrc", "mutt", "", ""},
		{"9 it only complains", "echo 'no terminal' >&2; exit 1\n", NULL, "muttrc", "mutt",
			"", "no terminal"},
		{"10 it answers, and fails", MUTT "exit 1\n", NULL, "muttrc", "mutt",
			"sealpost send -oi", ""},
	};
	struct muttrc m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err err = ERR_INIT;
		const char *base;

		put_program("mutt", row[i].mutt);
		put_program("neomutt", row[i].neomutt);
		if (mutt_ask(in_dir(row[i].file), &m, &err) != 0)
			fail_msg("%s: %s", row[i].name, err.msg);
		base = strrchr(m.program, '/');
		if (strcmp(base ? base + 1 : m.program, row[i].program) != 0 ||
			strcmp(m.var[MUTTRC_SENDMAIL].value, row[i].sendmail) != 0 ||
			strcmp(m.complaint, row[i].complaint) != 0)
			fail_msg("%s: %s: \"%s\", \"%s\"", row[i].name, m.program,
				m.var[MUTTRC_SENDMAIL].value, m.complaint);
	}
}

/* All is asked in one run; what a run stopped before is asked by itself. */
static void one_that_is_missing(void **state)
{
	struct err err = ERR_INIT;
	struct muttrc m;
	int v;

	(void)state;
	put_program("mutt", WITHOUT_SMTP);
	put_program("neomutt", NULL);
	assert_int_equal(mutt_ask(in_dir("muttrc"), &m, &err), 0);
	for (v = 0; v < MUTTRC_VARS; v++) {
		if (v == MUTTRC_SMTP_URL)
			assert_int_equal(m.var[v].known, MUTTRC_NO_SUCH);
		else if (m.var[v].known != MUTTRC_TOLD || strcmp(m.var[v].value, "x") != 0)
			fail_msg("%s: %d \"%s\"", muttrc_name((enum muttrc_var)v, false),
				(int)m.var[v].known, m.var[v].value);
	}
}

/* In a session of its own, in another folder, and where it can write nothing. */
static void what_it_may(void **state)
{
	static const char script[] =
		"pwd; echo \"sendmail=\\\"$(pwd)\\\"\"\n"
		"{ echo x >\"$DIR/written\"; } 2>/dev/null && echo 'record=\"written\"'\n"
		"(: </dev/tty) 2>/dev/null && echo 'folder=\"terminal\"'\n"
		"echo \"smtp_url=\\\"$LANGUAGE\\\"\"\n";
	struct err err = ERR_INIT;
	struct muttrc m;

	(void)state;
	put_program("mutt", script);
	assert_int_equal(mutt_ask(in_dir("muttrc"), &m, &err), 0);
	assert_string_equal(m.var[MUTTRC_SENDMAIL].value, "/dev");
	assert_int_equal(m.var[MUTTRC_RECORD].known, MUTTRC_SILENT);
	assert_int_equal(m.var[MUTTRC_FOLDER].known, MUTTRC_SILENT);
	assert_string_equal(m.var[MUTTRC_SMTP_URL].value, "en");
	assert_int_equal(access(in_dir("written"), F_OK), -1);
}

static void which_file(void **state)
{
	static char longest[FILE_PATH_MAX + 8];
	char by_descriptor[32], muttrc[FILE_PATH_MAX];
	int fd = open(in_dir("muttrc"), O_RDONLY | O_CLOEXEC);
	const struct {
		const char *name, *file;
		int rc;
		const char *told; /* what mutt is given, or the end of the message */
	} row[] = {
		{"1 absolute", muttrc, 0, muttrc},
		{"2 relative", "muttrc", 0, muttrc},
		{"3 one that begins as mutt's own names do", "=x", ERR_IO,
			"No such file or directory"},
		{"4 by a descriptor", by_descriptor, 0, muttrc},
		{"5 a device", "/dev/null", ERR_IO, "not a regular file"},
		{"6 none in /dev", "/dev/nothing-such", ERR_IO, "No such file or directory"},
		{"7 a folder", dir, ERR_IO, "not a regular file"},
		{"8 mutt would run it", "run|", ERR_USAGE, "mutt runs a file of such a name"},
		{"9 too long", longest, ERR_USAGE, "the name is too long"},
	};
	char before[FILE_PATH_MAX];
	struct muttrc m;
	size_t i;

	(void)state;
	assert_true(fd >= 0);
	snprintf(by_descriptor, sizeof(by_descriptor), "/dev/fd/%d", fd);
	snprintf(muttrc, sizeof(muttrc), "%s/muttrc", dir);
	memset(longest, 'x', sizeof(longest) - 1);
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(dir), 0);
	put_program("mutt", MUTT);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct err err = ERR_INIT;
		int rc = mutt_ask(row[i].file, &m, &err);
		const char *told = rc == 0 ? m.var[MUTTRC_FOLDER].value : err.msg;
		size_t len = strlen(told), end = strlen(row[i].told);

		if (rc != row[i].rc || len < end || strcmp(told + len - end, row[i].told) != 0)
			fail_msg("%s: %d %s", row[i].name, rc, told);
	}
	close(fd);
	assert_int_equal(chdir(before), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(who_is_asked),
		cmocka_unit_test(one_that_is_missing), cmocka_unit_test(what_it_may),
		cmocka_unit_test(which_file)};

	return cmocka_run_group_tests_name("mutt_ask", tests, setup, teardown);
}
