/* SPDX-License-Identifier: ISC */
/*
 * The manual's table of what a broken process can still do, row by row: each is tried from inside
 * each process, with what this kernel's Landlock has, and with what each older one had. (The system
 * call that tells the ABI is answered by answered_syscall.h.)
 */
#include "answered_syscall.h"
#include "process/agent_relay.h"
#include "sandbox_tries.h"
#include "unix_listener.h"

#include <poll.h>

#define SIGNALS_ABI 6

static int service = -1; /* listens, as D-Bus, systemd or gpg-agent do */
static char service_path[FILE_PATH_MAX];

/* Whether anything comes to be connected to it, whatever the calls say. */
static int t_service(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	struct pollfd p = {.fd = service, .events = POLLIN};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", service_path);
	if (s < 0 || connect(s, (const struct sockaddr *)&a, sizeof(a)) < 0)
		return errno;
	return poll(&p, 1, 0) == 1 ? 0 : ECONNREFUSED;
}

/* What the runner has given it to talk to the agent by; NULL: nothing. */
static struct agent_relay *relay;
static int relay_end, agent_end;

static int say_to_agent(const char *line)
{
	struct pollfd p[2];
	char heard[256];

	if (t_service() == 0)
		return 0;
	if (!relay || send(relay_end, line, strlen(line), MSG_NOSIGNAL) < 0)
		return ECONNREFUSED;
	agent_relay_wait_for(relay, p);
	(void)poll(p, 2, 1000);
	(void)agent_relay_turn(relay, p);
	return recv(agent_end, heard, sizeof(heard), MSG_DONTWAIT) > 0 ? 0 : EPERM;
}

static int t_agent_lists(void)
{
	return say_to_agent("KEYINFO --list\n");
}

static int t_agent_signs(void)
{
	return say_to_agent("PKSIGN\n");
}

static int t_agent_opens(void)
{
	return say_to_agent("PKDECRYPT\n") == 0
		       ? 0
		       : say_to_agent("EXPORT_KEY 0123456789012345678901234567890123456789\n");
}

/* Its own and others': both ways. */
static int t_memory(void)
{
	return t_ptrace() == 0 || t_vm_read() == 0 ? 0 : t_parent_memory();
}

static int t_signal(void)
{
	return done(syscall(SYS_kill, getppid(), 0));
}

static char terminal[64];

static int t_terminal(void)
{
	return done(open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC));
}

static int t_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 ? 0 : EPERM;
}

enum { MAIL, GPG, NET, COLUMNS };
enum need { NEEDS_SECCOMP, NEEDS_LANDLOCK, NEEDS_SIGNALS, NEEDS_NOTHING };

/* How the manual calls them. */
static const char *const need_name[] = {"seccomp", "Linux 5.13", "Linux 6.12", "nothing"};

static const struct row {
	const char *what; /* as the manual has it */
	try_fn *try;
	bool can[COLUMNS];
	enum need need;
} rows[] = {
	{"talk to D-Bus, systemd", t_service, {false}, NEEDS_SECCOMP},
	{"have gpg-agent list the keys", t_agent_lists, {[MAIL] = true, [GPG] = true},
		NEEDS_SECCOMP},
	{"have gpg-agent sign anything", t_agent_signs, {[GPG] = true}, NEEDS_SECCOMP},
	{"have gpg-agent decrypt, export", t_agent_opens, {false}, NEEDS_SECCOMP},
	{"reach the internet", t_inet, {[NET] = true}, NEEDS_SECCOMP},
	{"start a program, which stays inside", t_exec, {[MAIL] = true, [GPG] = true},
		NEEDS_SECCOMP},
	{"gain privileges by a program", t_privileges, {false}, NEEDS_NOTHING},
	{"trace others, read their memory", t_memory, {false}, NEEDS_LANDLOCK},
	{"change modes of files", t_chmod, {false}, NEEDS_SECCOMP},
	{"type into the terminal", t_tiocsti, {false}, NEEDS_SECCOMP},
	{"paste into the console", t_tioclinux, {false}, NEEDS_SECCOMP},
	{"open a terminal of yours", t_terminal, {false}, NEEDS_LANDLOCK},
	{"read its own files", t_read_inside, {[MAIL] = true, [GPG] = true, [NET] = true},
		NEEDS_LANDLOCK},
	{"read other files of yours", t_read_outside, {false}, NEEDS_LANDLOCK},
	{"see the names of secret keys", t_list_listed, {[MAIL] = true}, NEEDS_LANDLOCK},
	{"read secret keys", t_read_listed, {false}, NEEDS_LANDLOCK},
	{"write to its own folders", t_create_inside, {[MAIL] = true}, NEEDS_LANDLOCK},
	{"write elsewhere", t_create_outside, {false}, NEEDS_LANDLOCK},
	{"send signals to your programs", t_signal, {false}, NEEDS_SIGNALS},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int enter_mail(struct sandbox_state *s, struct err *err)
{
	const char *writable[] = {inside, NULL}, *readable[] = {named, NULL},
		   *listable[] = {listed, NULL};

	return sandbox_mail(&(struct sandbox_paths){writable, readable, listable}, s, err);
}

/* As spawn does it for a gpg that has a socket. */
static int enter_gpg(struct sandbox_state *s, struct err *err)
{
	const char *readable[] = {named, NULL};
	struct sandbox_wall *w = sandbox_wall_make(inside, readable, err);
	int pair[2];

	(void)s;
	if (!w || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0 || dup2(pair[0], STDIN_FILENO) < 0)
		return ERR_OS;
	return sandbox_wall_enter(w, true) == 0 ? 0 : ERR_OS;
}

static int enter_net(struct sandbox_state *s, struct err *err)
{
	const char *readable[] = {inside, NULL};
	const uint16_t ports[] = {1, 0};

	return sandbox_net(readable, ports, true, s, err);
}

static int (*const enter[COLUMNS])(struct sandbox_state *s, struct err *err) = {
	enter_mail, enter_gpg, enter_net};

/* What each is given: process/runner_agent.c and runner_gpg.c. */
static void give_relay(int column)
{
	static const enum agent_use use[COLUMNS] = {[MAIL] = AGENT_TO_LIST, [GPG] = AGENT_TO_SIGN};
	int agent[2], client[2];

	if (use[column] == 0)
		return;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, agent) < 0 ||
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client) < 0)
		_exit(97);
	agent_end = agent[0];
	relay_end = client[0];
	relay = agent_relay_begin(agent[1], client[1], use[column], NULL);
	if (!relay)
		_exit(97);
}

/* Whether the try was possible from inside, in a child. */
static bool possible(const struct row *row, int column)
{
	struct sandbox_state s;
	struct err err = ERR_INIT;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		give_relay(column);
		if (enter[column](&s, &err) < 0)
			_exit(98);
		_exit(row->try() == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) <= 1);
	return WEXITSTATUS(status) == 0;
}

/* Whether what the row needs is there. */
static bool is_there(enum need need, int have)
{
	return need == NEEDS_SECCOMP || need == NEEDS_NOTHING ||
	       have >= (need == NEEDS_SIGNALS ? SIGNALS_ABI : 1);
}

static void try_all(int have)
{
	bool can;
	size_t i;
	int c;

	for (i = 0; i < ROWS; i++) {
		for (c = 0; c < COLUMNS; c++) {
			if (!rows[i].can[c] && !is_there(rows[i].need, have))
				continue;
			can = possible(&rows[i], c);
			if (can != rows[i].can[c])
				print_message("ABI %d: %s, process %d: %s\n", have, rows[i].what, c,
					can ? "can" : "cannot");
			assert_int_equal(can, rows[i].can[c]);
		}
	}
}

static void tried(void **state)
{
	struct sandbox_state s;
	int real, i;

	(void)state;
	sandbox_probe(&s);
	if (!s.seccomp)
		skip();
	real = s.landlock_abi;
	for (i = real; i >= 0; i--) {
		print_message("Landlock ABI %d\n", i);
		make_folders();
		answer_landlock(i == real ? 0 : i == 0 ? -1 : i);
		try_all(i);
		answer_landlock(0);
		remove_folders();
	}
}

/* Without a wall each of them is possible: or the above would prove nothing. */
static void without(void **state)
{
	size_t i;
	int status;
	pid_t pid;

	(void)state;
	make_folders();
	for (i = 0; i < ROWS; i++) {
		/* Where there is no terminal, and if it is forbidden to all. */
		if (rows[i].try == t_parent_memory || rows[i].try == t_memory)
			continue;
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0)
			_exit(rows[i].try() == 0 ? 0 : 1);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (status != 0)
			print_message("%s: not possible without walls either\n", rows[i].what);
		assert_int_equal(status, 0);
	}
	remove_folders();
}

/* The manual's table says the same. */
static void in_the_manual(void **state)
{
	char path[FILE_PATH_MAX], want[512];
	struct buf b = BUF_INIT(1u << 20);
	const char *src = getenv("LAB_SRC"), *at;
	size_t i, n = 0;
	int c;

	(void)state;
	assert_int_equal(path_join(path, src ? src : ".", "src/man/sealpost.1"), 0);
	assert_int_equal(file_read(path, &b, ERR_IO, NULL), 0);
	for (i = 0; i < ROWS; i++) {
		c = snprintf(want, sizeof(want), "\n.It %s", rows[i].what);
		for (n = 0; n < COLUMNS; n++)
			c += snprintf(want + c, sizeof(want) - (size_t)c, " Ta %s",
				rows[i].can[n] ? "yes" : "no");
		snprintf(want + c, sizeof(want) - (size_t)c, " Ta %s\n", need_name[rows[i].need]);
		if (!strstr(buf_str(&b), want))
			print_message("the manual lacks:%s", want);
		assert_non_null(strstr(buf_str(&b), want));
	}
	/* And has no other row. */
	at = strstr(buf_str(&b), "\n.It Em an intruder tries to");
	assert_non_null(at);
	for (n = 0; (at = strstr(at + 1, "\n.It ")) != NULL &&
		    at < strstr(buf_str(&b), "\n.\\\" end of the walls");)
		n++;
	assert_int_equal(n, ROWS);
	buf_free(&b);
}

static int listener(void **state)
{
	static char folder[FILE_PATH_MAX];
	int master; /* open until the end */

	*state = folder;
	assert_int_equal(dir_make_temp(folder, NULL), 0);
	assert_int_equal(path_join(service_path, folder, "bus"), 0);
	service = listen_at(service_path, 128);
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	assert_int_equal(ptsname_r(master, terminal, sizeof(terminal)), 0);
	return 0;
}

static int no_listener(void **state)
{
	dir_remove(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tried), cmocka_unit_test(without),
		cmocka_unit_test(in_the_manual)};

	return cmocka_run_group_tests_name("walls", tests, listener, no_listener);
}
