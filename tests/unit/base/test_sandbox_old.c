/* SPDX-License-Identifier: ISC */
/*
 * sandbox_linux.c on kernels with less of Landlock: what they have is used, what they lack is no
 * error. The system call that tells the ABI is answered by answered_syscall.h; the rest is the
 * kernel's, which takes what an older one took.
 */
#include "answered_syscall.h"
#include "sandbox_tries.h"

static int real_abi; /* of this kernel */

static const struct row {
	int abi;
	const char *name;
	try_fn *try;
	int expected;
} rows[] = {
	{-1, "no Landlock: reads anything", t_read_outside, 0},
	{-1, "no Landlock: connects to any port", t_connect_shut, 0},
	{-1, "no Landlock: seccomp is there all the same", t_unix, EAFNOSUPPORT},
	{1, "ABI 1: reads nothing else", t_read_outside, EACCES},
	{1, "ABI 1: reads what is named", t_read_inside, 0},
	{1, "ABI 1: connects to any port", t_connect_shut, 0},
	{2, "ABI 2: reads nothing else", t_read_outside, EACCES},
	{2, "ABI 2: connects to any port", t_connect_shut, 0},
	{3, "ABI 3: creates nothing", t_create_inside, EACCES},
	{3, "ABI 3: connects to any port", t_connect_shut, 0},
	{4, "ABI 4: connects to a port that is named", t_connect, 0},
	{4, "ABI 4: to no other", t_connect_shut, EACCES},
	{5, "ABI 5: connects to a port that is named", t_connect, 0},
	{5, "ABI 5: to no other", t_connect_shut, EACCES},
};

static void child(const struct row *row)
{
	const char *readable[] = {inside, NULL};
	const uint16_t ports[] = {port_open, 0};
	struct sandbox_state s;
	struct err err = ERR_INIT;

	answer_landlock(row->abi);
	if (sandbox_net(readable, ports, true, &s, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		_exit(98);
	}
	_exit(s.landlock_abi == (row->abi < 0 ? 0 : row->abi) ? row->try() : 97);
}

static void older_kernels(void **state)
{
	struct sandbox_state s;
	size_t i;
	int status;
	pid_t pid;

	(void)state;
	port_open = listen_somewhere();
	port_shut = listen_somewhere();
	sandbox_probe(&s);
	real_abi = s.landlock_abi;
	answer_landlock(-1);
	sandbox_probe(&s);
	assert_int_equal(s.landlock_abi, 0);
	answer_landlock(0);
	for (i = 0; s.seccomp && i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* A kernel that has less than the row cannot pass for it. */
		if (rows[i].abi > real_abi)
			continue;
		make_folders();
		print_message("%s\n", rows[i].name);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			child(&rows[i]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].expected);
		remove_folders();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(older_kernels)};

	return cmocka_run_group_tests_name("older kernels", tests, NULL, NULL);
}
