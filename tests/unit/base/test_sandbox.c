/* SPDX-License-Identifier: ISC */
/*
 * sandbox_linux.c: what a process in it can and cannot do. Each case is a child that enters the
 * sandbox and tries; what the kernel lacks is not tried. As root too: root's rights must not lead
 * around it.
 */
#include "sandbox_tries.h"

enum need { ALWAYS, SECCOMP, LANDLOCK, LANDLOCK2, LANDLOCK3, PORTS };

struct row {
	const char *name;
	try_fn *try;
	int expected;
	enum need need;
};

static const struct row mail_rows[] = {
	{"no IPv4", t_inet, EPERM, SECCOMP},
	{"no IPv4 datagrams", t_inet_dgram, EPERM, SECCOMP},
	{"no IPv6", t_inet6, EPERM, SECCOMP},
	{"no netlink", t_netlink, EPERM, SECCOMP},
	{"no packet socket", t_packet, EPERM, SECCOMP},
	{"no IPv4 by a wide register", t_inet_wide, EPERM, SECCOMP},
	{"no Unix stream", t_unix, EPERM, SECCOMP},
	{"no Unix datagrams", t_unix_dgram, EPERM, SECCOMP},
	{"no socket pair", t_pair, EPERM, SECCOMP},
	{"connects nothing", t_connect_unix, EPERM, SECCOMP},
	{"binds nothing", t_bind_unix, EPERM, SECCOMP},
	{"listens on nothing", t_listen, EPERM, SECCOMP},
	{"takes no connection", t_accept, EPERM, SECCOMP},
	{"no io_uring", t_io_uring, EPERM, SECCOMP},
	{"no ptrace", t_ptrace, EPERM, SECCOMP},
	{"no process_vm_readv", t_vm_read, EPERM, SECCOMP},
	{"no bpf", t_bpf, EPERM, SECCOMP},
	{"no user namespace", t_userns, EPERM, SECCOMP},
	{"no user namespace by clone", t_clone_userns, EPERM, SECCOMP},
	{"no typing into the terminal", t_tiocsti, EPERM, SECCOMP},
	{"no pasting into the console", t_tioclinux, EPERM, SECCOMP},
	{"creates inside", t_create_inside, 0, ALWAYS},
	{"not outside", t_create_outside, EACCES, LANDLOCK},
	{"not in /tmp", t_create_tmp, EACCES, LANDLOCK},
	{"does not overwrite", t_overwrite_outside, EACCES, LANDLOCK},
	{"does not unlink", t_unlink_outside, EACCES, LANDLOCK},
	{"does not truncate", t_truncate_outside, EACCES, LANDLOCK3},
	{"reads what is named", t_read_named, 0, ALWAYS},
	{"reads where it may write", t_read_inside, 0, ALWAYS},
	{"does not write there", t_write_named, EACCES, LANDLOCK},
	{"reads nothing else", t_read_outside, EACCES, LANDLOCK},
	{"lists nothing else", t_list_outside, EACCES, LANDLOCK},
	{"lists what may be listed", t_list_listed, 0, ALWAYS},
	{"and reads no file of it", t_read_listed, EACCES, LANDLOCK},
	{"no changing of modes", t_chmod, EPERM, SECCOMP},
	{"nor by a descriptor", t_fchmod, EPERM, SECCOMP},
	{"nor by the newest call", t_fchmodat2, EPERM, SECCOMP},
	{"no extended attributes", t_setxattr, EPERM, SECCOMP},
	{"nor taken away", t_removexattr, EPERM, SECCOMP},
	{"no priorities", t_priority, EPERM, SECCOMP},
	{"nor by the scheduler", t_scheduler, EPERM, SECCOMP},
	{"renames across folders inside", t_rename_across, 0, LANDLOCK2},
	{"renames inside", t_rename_within, 0, ALWAYS},
	{"does not move out", t_rename_out, EACCES, LANDLOCK},
	{"does not link in", t_link_in, EACCES, LANDLOCK},
	{"FIFO and symbolic link inside", t_special_inside, 0, ALWAYS},
	{"no way out by a symbolic link", t_symlink_out, EACCES, LANDLOCK},
	{"/dev/null", t_null, 0, ALWAYS},
	{"memfd", t_memfd, 0, ALWAYS},
	{"unnamed file inside", t_tmpfile, 0, ALWAYS},
	{"starts programs", t_exec, 0, ALWAYS},
	{"which are in it too", t_inherited, EACCES, LANDLOCK},
	{"threads", t_thread, 0, ALWAYS},
	{"no core dumps", t_core, 0, ALWAYS},
	{"not the memory of others", t_parent_memory, EACCES, LANDLOCK},
};

/* Where reading is not limited. */
static const struct row mail_reads_rows[] = {
	{"reads outside", t_read_outside, 0, ALWAYS},
	{"lists outside", t_list_outside, 0, ALWAYS},
	{"not the memory of others", t_parent_memory, EACCES, LANDLOCK},
};

static const struct row mail_root_rows[] = {
	{"no devices", t_device, EACCES, LANDLOCK},
};

static const struct row net_rows[] = {
	{"IPv4", t_inet, 0, ALWAYS},
	{"IPv4 datagrams", t_inet_dgram, 0, ALWAYS},
	{"TCP by its number", t_tcp, 0, ALWAYS},
	{"UDP by its number", t_udp, 0, ALWAYS},
	{"no MPTCP", t_mptcp, EPERM, SECCOMP},
	{"no MPTCP by a wide register", t_tcp_wide, EPERM, SECCOMP},
	{"no SCTP", t_sctp, EPERM, SECCOMP},
	{"no ICMP", t_ping, EPERM, SECCOMP},
	{"connects to a port that is named", t_connect, 0, ALWAYS},
	{"to no other", t_connect_shut, EACCES, PORTS},
	{"nor by IPv6", t_connect_mapped, EACCES, PORTS},
	{"nor with the first bytes", t_fast_sendto, EOPNOTSUPP, SECCOMP},
	{"nor with the first message", t_fast_sendmsg, EOPNOTSUPP, SECCOMP},
	{"nor with the first messages", t_fast_sendmmsg, EOPNOTSUPP, SECCOMP},
	{"datagrams to any port", t_connect_dgram, 0, ALWAYS},
	{"no port of its own", t_bind, EACCES, PORTS},
	{"no netlink", t_netlink, EAFNOSUPPORT, SECCOMP},
	{"no packet socket", t_packet, EAFNOSUPPORT, SECCOMP},
	{"no Unix stream", t_unix, EAFNOSUPPORT, SECCOMP},
	{"no Unix datagrams", t_unix_dgram, EAFNOSUPPORT, SECCOMP},
	{"socket pair", t_pair, 0, ALWAYS},
	{"no io_uring", t_io_uring, EPERM, SECCOMP},
	{"no ptrace", t_ptrace, EPERM, SECCOMP},
	{"no process_vm_readv", t_vm_read, EPERM, SECCOMP},
	{"no user namespace", t_userns, EPERM, SECCOMP},
	{"no exec", t_exec_raw, EPERM, SECCOMP},
	{"no exec by spawn", t_exec, EPERM, SECCOMP},
	{"no execveat", t_execveat, EPERM, SECCOMP},
	{"reads what is named", t_read_inside, 0, ALWAYS},
	{"nothing else", t_read_outside, EACCES, LANDLOCK},
	{"lists nothing else", t_list_outside, EACCES, LANDLOCK},
	{"creates nothing, not where it reads", t_create_inside, EACCES, LANDLOCK},
	{"creates nothing in /tmp", t_create_tmp, EACCES, LANDLOCK},
	{"overwrites nothing", t_overwrite_outside, EACCES, LANDLOCK},
	{"no changing of modes", t_chmod, EPERM, SECCOMP},
	{"no extended attributes", t_setxattr, EPERM, SECCOMP},
	{"no priorities", t_priority, EPERM, SECCOMP},
	{"randomness", t_random, 0, ALWAYS},
	{"threads", t_thread, 0, ALWAYS},
	{"no core dumps", t_core, 0, ALWAYS},
	{"not the memory of others", t_parent_memory, EACCES, LANDLOCK},
};

static const struct row stream_rows[] = {
	{"TCP", t_inet, 0, ALWAYS},
	{"no IPv4 datagrams", t_inet_dgram, EPERM, SECCOMP},
	{"no IPv6 datagrams", t_inet6_dgram, EPERM, SECCOMP},
	{"no raw socket", t_inet_raw, EPERM, SECCOMP},
	{"no MPTCP", t_mptcp, EPERM, SECCOMP},
	{"connects to a port that is named", t_connect, 0, ALWAYS},
	{"to no other", t_connect_shut, EACCES, PORTS},
	{"no netlink", t_netlink, EPERM, SECCOMP},
	{"socket pair", t_pair, 0, ALWAYS},
};

static bool has(const struct sandbox_state *s, enum need need)
{
	switch (need) {
	case SECCOMP:
		return s->seccomp;
	case LANDLOCK:
		return s->landlock_abi >= 1;
	case LANDLOCK2:
		return s->landlock_abi >= 2;
	case LANDLOCK3:
		return s->landlock_abi >= 3;
	case PORTS:
		return s->landlock_abi >= SANDBOX_PORTS_ABI;
	case ALWAYS:
		break;
	}
	return true;
}

static void child(const struct row *row,
	int (*enter)(const char *const *paths, struct sandbox_state *state, struct err *err))
{
	const char *paths[] = {"/nonexistent/folder", inside, NULL};
	struct sandbox_state state;
	struct err err = ERR_INIT;

	if (enter(paths, &state, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		_exit(98);
	}
	_exit(row->try());
}

static void run(const struct row *rows, size_t n,
	int (*enter)(const char *const *paths, struct sandbox_state *state, struct err *err))
{
	struct sandbox_state state;
	size_t i;
	int status;
	pid_t pid;

	sandbox_probe(&state);
	for (i = 0; i < n; i++) {
		if (!has(&state, rows[i].need)) {
			print_message("%s: not on this kernel\n", rows[i].name);
			continue;
		}
		make_folders();
		print_message("%s\n", rows[i].name);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			child(&rows[i], enter);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), rows[i].expected);
		remove_folders();
	}
}

static int limited(const char *const *paths, struct sandbox_state *state, struct err *err)
{
	const char *readable[] = {"/nonexistent/file", named, NULL};

	const char *listable[] = {listed, NULL};

	return sandbox_mail(&(struct sandbox_paths){paths, readable, listable}, state, err);
}

static int unlimited(const char *const *paths, struct sandbox_state *state, struct err *err)
{
	return sandbox_mail(&(struct sandbox_paths){.writable = paths}, state, err);
}

static void mail(void **state)
{
	(void)state;
	run(mail_rows, sizeof(mail_rows) / sizeof(mail_rows[0]), limited);
	run(mail_reads_rows, sizeof(mail_reads_rows) / sizeof(mail_reads_rows[0]), unlimited);
	if (geteuid() == 0)
		run(mail_root_rows, sizeof(mail_root_rows) / sizeof(mail_root_rows[0]), limited);
}

static int with_datagrams(const char *const *paths, struct sandbox_state *state, struct err *err)
{
	const uint16_t ports[] = {port_open, 0};

	return sandbox_net(paths, ports, true, state, err);
}

static int without_datagrams(const char *const *paths, struct sandbox_state *state, struct err *err)
{
	const uint16_t ports[] = {1, port_open, 0};

	return sandbox_net(paths, ports, false, state, err);
}

static void net(void **state)
{
	(void)state;
	run(net_rows, sizeof(net_rows) / sizeof(net_rows[0]), with_datagrams);
	run(stream_rows, sizeof(stream_rows) / sizeof(stream_rows[0]), without_datagrams);
}

/* Without a sandbox the same tries succeed, or the rows above would prove nothing. */
static void not_without(void **state)
{
	static const struct row rows[] = {{"IPv4", t_inet, 0, ALWAYS},
		{"any port", t_connect_shut, 0, ALWAYS}, {"a port of its own", t_bind, 0, ALWAYS},
		{"Unix datagrams", t_unix_dgram, 0, ALWAYS}, {"ptrace", t_ptrace, 0, ALWAYS},
		{"process_vm_readv", t_vm_read, 0, ALWAYS},
		{"outside", t_create_outside, 0, ALWAYS}, {"move out", t_rename_out, 0, ALWAYS},
		{"link in", t_link_in, 0, ALWAYS}, {"by a symbolic link", t_symlink_out, 0, ALWAYS},
		{"reads", t_read_outside, 0, ALWAYS}, {"modes", t_chmod, 0, ALWAYS},
		{"by a descriptor", t_fchmod, 0, ALWAYS}, {"priorities", t_priority, 0, ALWAYS},
		{"the scheduler", t_scheduler, 0, ALWAYS},
		{"starts programs", t_inherited, 0, ALWAYS}};
	size_t i;
	int status;
	pid_t pid;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_folders();
		print_message("%s\n", rows[i].name);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(rows[i].try());
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
		remove_folders();
	}
}

static int listeners(void **state)
{
	(void)state;
	port_open = listen_somewhere();
	port_shut = listen_somewhere();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_without), cmocka_unit_test(mail), cmocka_unit_test(net)};

	return cmocka_run_group_tests_name("sandbox", tests, listeners, NULL);
}
