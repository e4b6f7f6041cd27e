/* SPDX-License-Identifier: ISC */
/* What the tests of base/sandbox_linux.c try to do from within. */
#ifndef SANDBOX_TRIES_H
#define SANDBOX_TRIES_H

/* No test tries all of it. */
#pragma GCC diagnostic ignored "-Wunused-function"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "base/sandbox.h"
#include "base/spawn.h"

/* A try answers 0 when it was possible, else the errno. */
typedef int try_fn(void);

static char inside[FILE_PATH_MAX];  /* may be written (mail), may be read (net) */
static char outside[FILE_PATH_MAX]; /* neither */
static char named[FILE_PATH_MAX];   /* may be read (mail) */
static char listed[FILE_PATH_MAX];  /* its names may be read (mail) */

static const char *in(const char *dir, const char *name)
{
	static char path[2][FILE_PATH_MAX];
	static int turn;

	turn = !turn;
	if (path_join(path[turn], dir, name) < 0)
		_exit(99);
	return path[turn];
}

static int done(long rc)
{
	return rc < 0 ? errno : 0;
}

static int create(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	int e = done(fd);

	if (e == 0 && write(fd, "x", 1) != 1)
		e = errno;
	return e;
}

static int can_read(const char *path)
{
	char c;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? errno : done(read(fd, &c, 1));
}

static int t_inet(void)
{
	return done(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

static int t_inet_dgram(void)
{
	return done(socket(AF_INET, SOCK_DGRAM, 0));
}

static int t_inet6_dgram(void)
{
	return done(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

static int t_inet_raw(void)
{
	return done(socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 1));
}

static int t_inet6(void)
{
	return done(socket(AF_INET6, SOCK_STREAM, 0));
}

static int t_netlink(void)
{
	return done(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int t_packet(void)
{
	return done(socket(AF_PACKET, SOCK_RAW, 0));
}

/* The kernel takes the lower half of a register: a wide value must not slip by. */
static int t_inet_wide(void)
{
	return done(syscall(SYS_socket, 0x100000000ul | AF_INET, SOCK_STREAM, 0));
}

static int t_unix(void)
{
	return done(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int t_unix_dgram(void)
{
	return done(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
}

/* To a server that others can be reached by: what gpg does, and everything else. */
static int connect_unix(int s, const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	return done(connect(s, (const struct sockaddr *)&a, sizeof(a)));
}

static int t_connect_unix(void)
{
	int s[2];

	/* A socket that it has may not become another one either. */
	return socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0 ? connect_unix(STDOUT_FILENO, "/x")
							  : connect_unix(s[0], "/x");
}

static int t_listen(void)
{
	return done(listen(STDOUT_FILENO, 1));
}

static int t_accept(void)
{
	return done(accept4(STDOUT_FILENO, NULL, NULL, SOCK_CLOEXEC));
}

static int t_bind_unix(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	return done(bind(STDOUT_FILENO, (const struct sockaddr *)&a, sizeof(a)));
}

static int t_pair(void)
{
	int s[2];

	return done(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
}

static int t_io_uring(void)
{
	char params[120] = {0};

	return done(syscall(SYS_io_uring_setup, 4, params));
}

static int t_ptrace(void)
{
	return done(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int t_vm_read(void)
{
	char c, from = 'x';
	struct iovec l = {&c, 1}, r = {&from, 1};

	return done(process_vm_readv(getpid(), &l, 1, &r, 1, 0));
}

static int t_bpf(void)
{
	return done(syscall(SYS_bpf, 0, NULL, 0)) == EPERM ? EPERM : 0;
}

static int t_userns(void)
{
	return done(unshare(CLONE_NEWUSER));
}

static int t_clone_userns(void)
{
	long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return done(pid);
}

/* Types into a terminal; asked of a descriptor that is none, it fails otherwise where it is
 * allowed. */
static int t_tiocsti(void)
{
	return done(ioctl(0, TIOCSTI, "x")) == EPERM ? EPERM : 0;
}

/* The console's own way: it pastes what is selected. */
static int t_tioclinux(void)
{
	char paste = 3;

	return done(ioctl(0, TIOCLINUX, &paste)) == EPERM ? EPERM : 0;
}

static int t_create_inside(void)
{
	return create(in(inside, "new"));
}

static int t_create_outside(void)
{
	return create(in(outside, "new"));
}

static int t_create_tmp(void)
{
	return create("/tmp/test-sandbox-escaped");
}

static int t_overwrite_outside(void)
{
	return done(open(in(outside, "file"), O_WRONLY | O_CLOEXEC));
}

static int t_unlink_outside(void)
{
	return done(unlink(in(outside, "file")));
}

static int t_truncate_outside(void)
{
	return done(truncate(in(outside, "file"), 0));
}

static int t_read_outside(void)
{
	return can_read(in(outside, "file"));
}

static int t_read_inside(void)
{
	return can_read(in(inside, "file"));
}

static int t_read_named(void)
{
	return can_read(in(named, "file"));
}

static int t_write_named(void)
{
	return create(in(named, "new"));
}

static int t_chmod(void)
{
	return done(chmod(in(inside, "file"), 0644));
}

static int t_fchmod(void)
{
	return done(fchmod(open(in(inside, "file"), O_RDONLY | O_CLOEXEC), 0644));
}

static int t_fchmodat2(void)
{
	return done(syscall(452, AT_FDCWD, in(inside, "file"), 0644, 0));
}

static int t_setxattr(void)
{
	return done(setxattr(in(inside, "file"), "user.x", "y", 1, 0));
}

static int t_removexattr(void)
{
	return done(removexattr(in(inside, "file"), "user.x"));
}

static int t_priority(void)
{
	return done(setpriority(PRIO_PROCESS, 0, 5));
}

static int t_scheduler(void)
{
	const struct sched_param p = {0};

	return done(sched_setscheduler(0, SCHED_BATCH, &p));
}

static int t_list_listed(void)
{
	return done(open(listed, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int t_read_listed(void)
{
	return can_read(in(listed, "file"));
}

static int t_list_outside(void)
{
	return done(open(outside, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

static int t_rename_across(void)
{
	int e = done(mkdir(in(inside, "sub"), 0700));

	if (e == 0)
		e = create(in(inside, "sub/a"));
	return e ? e : done(rename(in(inside, "sub/a"), in(inside, "b")));
}

static int t_rename_within(void)
{
	return done(rename(in(inside, "file"), in(inside, "renamed")));
}

static int t_rename_out(void)
{
	return done(rename(in(inside, "file"), in(outside, "stolen"))) ? EACCES : 0;
}

static int t_link_in(void)
{
	return done(link(in(outside, "file"), in(inside, "linked"))) ? EACCES : 0;
}

/* A socket, a FIFO and a symbolic link, which gpg or SQLite might make in a temporary folder. */
static int t_special_inside(void)
{
	if (mkfifo(in(inside, "fifo"), 0600) < 0)
		return errno;
	return done(symlink("file", in(inside, "symlink")));
}

static int t_symlink_out(void)
{
	int e = done(symlink(in(outside, "file"), in(inside, "way-out")));

	return e ? e : done(open(in(inside, "way-out"), O_WRONLY | O_CLOEXEC));
}

static int t_device(void)
{
	return done(mknod(in(inside, "device"), S_IFBLK | 0600, 0));
}

static int t_null(void)
{
	return create("/dev/null");
}

static int t_memfd(void)
{
	int fd = memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 ? errno : done(write(fd, "x", 1));
}

static int t_tmpfile(void)
{
	return done(open(inside, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
}

static int t_exec(void)
{
	const char *argv[] = {"true", NULL};
	struct buf out = BUF_INIT(10);
	int status;

	if (spawn_capture(argv, 10000, &out, NULL, &status, NULL) < 0)
		return EPERM;
	return status;
}

static int t_exec_raw(void)
{
	const char *argv[] = {"/bin/true", NULL};

	execve("/bin/true", (char *const *)(uintptr_t)argv, NULL);
	return errno;
}

static int t_execveat(void)
{
	const char *argv[] = {"/bin/true", NULL};

	return done(syscall(SYS_execveat, -1, "/bin/true", argv, NULL, 0));
}

/* Listeners on the loopback interface; the network process may connect to the first. */
static uint16_t port_open, port_shut;

static uint16_t listen_somewhere(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(at);
	int s = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s, 64), 0);
	assert_int_equal(getsockname(s, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

static int connect_to(int type, uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_addr = {htonl(INADDR_LOOPBACK)},
		.sin_port = htons(port)};
	int s = socket(AF_INET, type, 0);

	return s < 0 ? errno : done(connect(s, (struct sockaddr *)&to, sizeof(to)));
}

static int t_connect(void)
{
	return connect_to(SOCK_STREAM, port_open);
}

static int t_connect_shut(void)
{
	return connect_to(SOCK_STREAM, port_shut);
}

static int t_connect_dgram(void)
{
	return connect_to(SOCK_DGRAM, port_shut);
}

/* To ::ffff:127.0.0.1. */
static int t_connect_mapped(void)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port_shut)};
	int s = socket(AF_INET6, SOCK_STREAM, 0);

	(void)inet_pton(AF_INET6, "::ffff:127.0.0.1", &to.sin6_addr);
	return s < 0 ? errno : done(connect(s, (struct sockaddr *)&to, sizeof(to)));
}

static int t_bind(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

	return done(bind(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&at, sizeof(at)));
}

/* Connects with what it sends, where no connect is seen. */
static int fast_open(int how)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_addr = {htonl(INADDR_LOOPBACK)},
		.sin_port = htons(port_shut)};
	struct iovec v = {&to, 1};
	struct mmsghdr m = {.msg_hdr = {.msg_name = &to,
				    .msg_namelen = sizeof(to),
				    .msg_iov = &v,
				    .msg_iovlen = 1}};
	int s = socket(AF_INET, SOCK_STREAM, 0);

	switch (how) {
	case 0:
		return done(sendto(s, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&to,
			sizeof(to)));
	case 1:
		return done(sendmsg(s, &m.msg_hdr, MSG_FASTOPEN));
	default:
		return done(sendmmsg(s, &m, 1, MSG_FASTOPEN));
	}
}

static int t_fast_sendto(void)
{
	return fast_open(0);
}

static int t_fast_sendmsg(void)
{
	return fast_open(1);
}

static int t_fast_sendmmsg(void)
{
	return fast_open(2);
}

static int t_mptcp(void)
{
	return done(socket(AF_INET, SOCK_STREAM, 262));
}

static int t_sctp(void)
{
	return done(socket(AF_INET6, SOCK_STREAM, 132));
}

static int t_ping(void)
{
	return done(socket(AF_INET, SOCK_DGRAM, 1));
}

static int t_tcp_wide(void)
{
	return done(syscall(SYS_socket, AF_INET, SOCK_STREAM, 0x100000000ul | 262));
}

static int t_tcp(void)
{
	return done(socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
}

static int t_udp(void)
{
	return done(socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP));
}

static void *thread(void *arg)
{
	return arg;
}

static int t_thread(void)
{
	pthread_t t;
	int e = pthread_create(&t, NULL, thread, NULL);

	return e ? e : pthread_join(t, NULL);
}

static int t_random(void)
{
	return can_read("/dev/urandom");
}

static int t_core(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_CORE, &r) < 0 || r.rlim_cur != 0 || r.rlim_max != 0)
		return EINVAL;
	return prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0
											  : EINVAL;
}

/* What it starts has the same bounds. */
static int t_inherited(void)
{
	const char *argv[] = {"touch", in(outside, "by-child"), NULL};
	struct buf out = BUF_INIT(10);
	int status;

	if (spawn_capture(argv, 10000, &out, NULL, &status, NULL) < 0)
		return EPERM;
	return status ? EACCES : 0;
}

static int t_parent_memory(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)getppid());
	return done(open(path, O_RDWR | O_CLOEXEC)) ? EACCES : 0;
}

static void make_folders(void)
{
	assert_int_equal(dir_make_temp(inside, NULL), 0);
	assert_int_equal(dir_make_temp(outside, NULL), 0);
	assert_int_equal(dir_make_temp(named, NULL), 0);
	assert_int_equal(create(in(named, "file")), 0);
	assert_int_equal(dir_make_temp(listed, NULL), 0);
	assert_int_equal(create(in(listed, "file")), 0);
	assert_int_equal(create(in(inside, "file")), 0);
	assert_int_equal(create(in(outside, "file")), 0);
}

static void remove_folders(void)
{
	dir_remove(inside);
	dir_remove(outside);
	dir_remove(named);
	dir_remove(listed);
}

#endif
