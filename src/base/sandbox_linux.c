/* SPDX-License-Identifier: ISC */
/* The sandbox on Linux: Landlock for files and ports, seccomp for system calls. */
#ifdef __linux__

#include "base/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Landlock's interface (landlock(7), linux/landlock.h), written out because the headers of a build
 * machine may be older than the kernel it runs on.
 */
#define LL_VERSION 1u     /* flag of landlock_create_ruleset */
#define LL_PATH_BENEATH 1 /* rule types */
#define LL_NET_PORT 2     /* ABI 4 */
#define LL_EXECUTE (1ull << 0)
#define LL_WRITE_FILE (1ull << 1)
#define LL_READ_FILE (1ull << 2)
#define LL_READ_DIR (1ull << 3)
#define LL_FS_ABI1 ((1ull << 13) - 1)
#define LL_DEVICES (1ull << 6 | 1ull << 11) /* making character and block devices */
#define LL_REFER (1ull << 13)               /* ABI 2 */
#define LL_TRUNCATE (1ull << 14)            /* ABI 3 */
#define LL_IOCTL_DEV (1ull << 15)           /* ABI 5 */
#define LL_NET_TCP 3ull                     /* ABI 4: bind and connect */
#define LL_NET_CONNECT_TCP 2ull
#define LL_SCOPE_ALL 3ull /* ABI 6: abstract Unix sockets, signals */

struct ll_ruleset {
	uint64_t fs;
	uint64_t net;    /* ABI 4 */
	uint64_t scoped; /* ABI 6 */
};

struct ll_path {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct ll_port {
	uint64_t allowed;
	uint64_t port;
};

#define LL_FILE_RIGHTS (LL_EXECUTE | LL_WRITE_FILE | LL_READ_FILE | LL_TRUNCATE | LL_IOCTL_DEV)
#define LL_READ_RIGHTS (LL_READ_FILE | LL_READ_DIR)

/* What sealpost-net needs besides its settings: libraries loaded late, randomness, time zone,
 * processors. */
static const char *const net_system_files[] = {"/usr/lib", "/usr/lib32", "/usr/lib64", "/lib",
	"/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo",
	"/dev/urandom", "/dev/random", "/dev/null", "/sys/devices/system/cpu", NULL};

/* What the process with the mail and gpg need besides; a program is read to be executed. In
 * sss lies what a directory's daemon knows of users. */
static const char *const mail_system_files[] = {"/usr/lib", "/usr/lib32", "/usr/lib64", "/lib",
	"/lib64", "/usr/local/lib", "/usr/bin", "/bin", "/usr/local/bin", "/nix/store",
	"/gnu/store", "/etc/ld.so.cache", "/usr/share/locale", "/etc/localtime",
	"/usr/share/zoneinfo", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/var/lib/sss",
	"/etc/gnupg", "/etc/gcrypt", "/usr/share/gnupg", "/proc/sys/crypto/fips_enabled",
	"/proc/self/maps", "/dev/urandom", "/dev/random", "/dev/null", "/dev/tty", NULL};

#define FILTER_SECONDS 5 /* to make the filter of system calls */

static int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LL_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static uint64_t fs_rights(int abi)
{
	uint64_t fs = LL_FS_ABI1;

	if (abi >= 2)
		fs |= LL_REFER;
	if (abi >= 3)
		fs |= LL_TRUNCATE;
	if (abi >= 5)
		fs |= LL_IOCTL_DEV;
	return fs;
}

static int ll_create(int abi, uint64_t fs, uint64_t net, struct err *err)
{
	struct ll_ruleset r = {.fs = fs, .net = net, .scoped = LL_SCOPE_ALL};
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
	int fd = (int)syscall(SYS_landlock_create_ruleset, &r, size, 0);

	if (fd < 0)
		return err_set(err, ERR_OS, "sandbox: Landlock: %s", strerror(errno));
	return fd;
}

/* A file or folder that is not there, or cannot be named by us, is passed over: that only allows
 * less. */
static int ll_allow(int ruleset, const char *path, uint64_t rights, struct err *err)
{
	struct ll_path rule = {.allowed = rights};
	struct stat st;
	int rc = 0;

	if (path[0] != '/')
		return 0;
	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0)
		return 0;
	if (fstat(rule.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed &= LL_FILE_RIGHTS;
	if (rule.allowed != 0 &&
		syscall(SYS_landlock_add_rule, ruleset, LL_PATH_BENEATH, &rule, 0) < 0 &&
		errno !=
			EBADFD) /* a pipe, as /dev/fd/N may be: not of a file system, not limited */
		rc = err_set(err, ERR_OS, "sandbox: Landlock: %s: %s", path, strerror(errno));
	close(rule.parent);
	return rc;
}

/* TCP to that port. A kernel without TCP has nothing to allow. */
static int ll_allow_port(int ruleset, uint16_t port, struct err *err)
{
	const struct ll_port rule = {LL_NET_CONNECT_TCP, port};

	if (syscall(SYS_landlock_add_rule, ruleset, LL_NET_PORT, &rule, 0) < 0 &&
		errno != EAFNOSUPPORT)
		return err_set(
			err, ERR_OS, "sandbox: Landlock: port %u: %s", port, strerror(errno));
	return 0;
}

static int ll_enter(int ruleset, struct err *err)
{
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return err_set(err, ERR_OS, "sandbox: Landlock: %s", strerror(errno));
	return 0;
}

static int ll_allow_all(int ruleset, const char *const *path, uint64_t rights, struct err *err)
{
	int rc = 0;

	for (; rc == 0 && path && *path; path++)
		rc = ll_allow(ruleset, *path, rights, err);
	return rc;
}

struct library_walk {
	int ruleset;
	struct err *err;
};

/* The folder of a library that is loaded: where others of its kind lie too. */
static int ll_allow_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct library_walk *w = arg;
	const char *slash = info->dlpi_name ? strrchr(info->dlpi_name, '/') : NULL;
	char dir[PATH_MAX];

	(void)size;
	if (!slash || slash == info->dlpi_name || slash - info->dlpi_name >= PATH_MAX)
		return 0;
	memcpy(dir, info->dlpi_name, (size_t)(slash - info->dlpi_name));
	dir[slash - info->dlpi_name] = '\0';
	return ll_allow(w->ruleset, dir, LL_READ_RIGHTS, w->err);
}

static int landlock_mail(
	const struct sandbox_paths *paths, const uint16_t *ports, int abi, struct err *err)
{
	const uint64_t unlimited = LL_EXECUTE | (paths->readable ? 0 : LL_READ_RIGHTS);
	const uint64_t handled = fs_rights(abi) & ~unlimited;
	int fd = ll_create(abi, handled, LL_NET_TCP, err), rc = 0;
	struct library_walk walk = {fd, err};

	(void)ports;
	if (fd < 0)
		return fd;
	rc = ll_allow_all(fd, paths->writable, handled & ~(LL_IOCTL_DEV | LL_DEVICES), err);
	if (rc == 0 && paths->readable) {
		rc = ll_allow_all(fd, paths->readable, LL_READ_RIGHTS, err);
		if (rc == 0)
			rc = ll_allow_all(fd, mail_system_files, LL_READ_RIGHTS, err);
		if (rc == 0)
			rc = ll_allow_all(fd, paths->listable, LL_READ_DIR, err);
		if (rc == 0)
			rc = dl_iterate_phdr(ll_allow_library, &walk);
	}
	if (rc == 0)
		rc = ll_allow(fd, "/dev/null", handled & LL_FILE_RIGHTS, err);
	if (rc == 0)
		rc = ll_allow(fd, "/dev/tty", handled & LL_FILE_RIGHTS, err);
	if (rc == 0)
		rc = ll_enter(fd, err);
	close(fd);
	return rc;
}

static int landlock_net(
	const struct sandbox_paths *paths, const uint16_t *ports, int abi, struct err *err)
{
	int fd = ll_create(abi, fs_rights(abi), LL_NET_TCP, err), rc = 0;
	size_t i;

	if (fd < 0)
		return fd;
	rc = ll_allow_all(fd, net_system_files, LL_READ_RIGHTS, err);
	if (rc == 0)
		rc = ll_allow_all(fd, paths->readable, LL_READ_RIGHTS, err);
	for (i = 0; rc == 0 && ports[i] != 0 && abi >= SANDBOX_PORTS_ABI; i++)
		rc = ll_allow_port(fd, ports[i], err);
	if (rc == 0)
		rc = ll_enter(fd, err);
	close(fd);
	return rc;
}

/* The same on every architecture; libseccomp may be older. */
#define NR_FCHMODAT2 452
#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_SETATTR 469

/* Ways around the rest, and ways to other processes' memory; what Landlock does not see:
 * modes, attributes, priorities. Refused in both sandboxes. */
static const int denied[] = {SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter),
	SCMP_SYS(io_uring_register), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise), SCMP_SYS(pidfd_getfd),
	SCMP_SYS(kcmp), SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(delete_module), SCMP_SYS(reboot), SCMP_SYS(mount), SCMP_SYS(umount2),
	SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(fsopen), SCMP_SYS(fsmount),
	SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(mount_setattr), SCMP_SYS(swapon),
	SCMP_SYS(swapoff), SCMP_SYS(setns), SCMP_SYS(unshare), SCMP_SYS(open_by_handle_at),
	SCMP_SYS(name_to_handle_at), SCMP_SYS(acct), SCMP_SYS(quotactl), SCMP_SYS(iopl),
	SCMP_SYS(ioperm), SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), NR_FCHMODAT2,
	SCMP_SYS(setxattr), SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr), NR_SETXATTRAT,
	SCMP_SYS(removexattr), SCMP_SYS(lremovexattr), SCMP_SYS(fremovexattr), NR_REMOVEXATTRAT,
	NR_FILE_SETATTR, SCMP_SYS(setpriority), SCMP_SYS(sched_setscheduler),
	SCMP_SYS(sched_setparam), SCMP_SYS(sched_setattr), SCMP_SYS(ioprio_set)};

#define EPERM_ACTION SCMP_ACT_ERRNO(EPERM)
#define NO_FAMILY SCMP_ACT_ERRNO(EAFNOSUPPORT)

static int deny_common(scmp_filter_ctx f)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(denied) / sizeof(denied[0]); i++)
		rc = seccomp_rule_add(f, EPERM_ACTION, denied[i], 0);
	/* Typing into the terminal would let a command run outside. */
	if (rc == 0)
		rc = seccomp_rule_add(f, EPERM_ACTION, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCSTI));
	if (rc == 0)
		rc = seccomp_rule_add(f, EPERM_ACTION, SCMP_SYS(clone), 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
	/* Its flags lie in memory, which a filter cannot see; the C library then uses clone. */
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return rc;
}

/*
 * No socket of any kind is made, connected or listened on: Landlock cannot stop connect(), and
 * behind the user's own sockets lie command execution (D-Bus, systemd) and the secret keys
 * (gpg-agent). What it talks to it has been given.
 */
static int deny_mail(scmp_filter_ctx f)
{
	static const int calls[] = {SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect),
		SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4)};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(calls) / sizeof(calls[0]); i++)
		rc = seccomp_rule_add(f, EPERM_ACTION, calls[i], 0);
	return rc;
}

/*
 * TCP and UDP are 6 and 17, and 0 is the usual one of a kind of socket. Landlock knows no other
 * protocol's ports: MPTCP would speak TCP to any. One by one, as above; a comparison for "more"
 * covers what is not known today.
 */
static int deny_protocols(scmp_filter_ctx f)
{
	unsigned protocol;
	int rc = seccomp_rule_add(
		f, EPERM_ACTION, SCMP_SYS(socket), 1, SCMP_A2(SCMP_CMP_GT, IPPROTO_UDP));

	for (protocol = 1; rc == 0 && protocol < IPPROTO_UDP; protocol++) {
		if (protocol != IPPROTO_TCP)
			rc = seccomp_rule_add(f, EPERM_ACTION, SCMP_SYS(socket), 1,
				SCMP_A2(SCMP_CMP_EQ, protocol));
	}
	return rc;
}

/* A send that also connects: Landlock does not see it. libunbound then connects first. */
static int deny_fast_open(scmp_filter_ctx f)
{
	static const struct {
		int call;
		unsigned flags; /* which argument */
	} send[] = {{SCMP_SYS(sendto), 3}, {SCMP_SYS(sendmsg), 2}, {SCMP_SYS(sendmmsg), 3}};
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < sizeof(send) / sizeof(send[0]); i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(EOPNOTSUPP), send[i].call, 1,
			SCMP_CMP(send[i].flags, SCMP_CMP_MASKED_EQ, MSG_FASTOPEN, MSG_FASTOPEN));
	return rc;
}

/* The internet only; no new program. A pair of connected Unix sockets is its libraries' wake-up
 * call. */
static int deny_net(scmp_filter_ctx f)
{
	unsigned family;
	int rc;

	rc = seccomp_rule_add(f, EPERM_ACTION, SCMP_SYS(execve), 0);
	if (rc == 0)
		rc = seccomp_rule_add(f, EPERM_ACTION, SCMP_SYS(execveat), 0);
	if (rc == 0)
		rc = seccomp_rule_add(
			f, NO_FAMILY, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_LT, AF_INET));
	/* One by one: a rule may look at each argument once only. */
	for (family = AF_INET + 1; rc == 0 && family < AF_INET6; family++)
		rc = seccomp_rule_add(
			f, NO_FAMILY, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_EQ, family));
	if (rc == 0)
		rc = seccomp_rule_add(
			f, NO_FAMILY, SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GT, AF_INET6));
	if (rc == 0)
		rc = seccomp_rule_add(
			f, NO_FAMILY, SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX));
	if (rc == 0)
		rc = deny_protocols(f);
	return rc == 0 ? deny_fast_open(f) : rc;
}

/* The same without UDP, or sockets of a kind not known today. */
static int deny_net_datagrams(scmp_filter_ctx f)
{
	unsigned type;
	int rc = deny_net(f);

	for (type = 0; rc == 0 && type <= 0xf; type++) {
		if (type != SOCK_STREAM)
			rc = seccomp_rule_add(f, EPERM_ACTION, SCMP_SYS(socket), 1,
				SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, type));
	}
	return rc;
}

static bool seccomp_there(void)
{
	uint32_t action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static void filter_took_too_long(int sig)
{
	static const char why[] = "sealpost: sandbox: seccomp could not be set up in time\n";

	(void)sig;
	(void)!write(STDERR_FILENO, why, sizeof(why) - 1);
	_exit(err_exit(ERR_OS));
}

/* libseccomp makes the filter within a millisecond; where memory ends it may turn in a circle. */
static void limit_filter(bool on)
{
	struct sigaction act = {.sa_handler = on ? filter_took_too_long : SIG_DFL};

	sigemptyset(&act.sa_mask);
	(void)alarm(0);
	(void)sigaction(SIGALRM, &act, NULL);
	(void)alarm(on ? FILTER_SECONDS : 0);
}

static int seccomp_enter(int (*rules)(scmp_filter_ctx f), struct err *err)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
	int rc;

	if (!f)
		return err_set(err, ERR_OS, "sandbox: seccomp: out of memory");
	limit_filter(true);
	/* Other architectures' system calls (32 bit, x32) would pass under other numbers. */
	rc = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (rc == 0)
		rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_NNP, 1);
	/* All threads, if there are any; a kernel too old for that has one filter a thread. */
	if (rc == 0)
		(void)seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = deny_common(f);
	if (rc == 0)
		rc = rules(f);
	if (rc == 0)
		rc = seccomp_load(f);
	seccomp_release(f);
	limit_filter(false);
	if (rc < 0)
		return err_set(err, ERR_OS, "sandbox: seccomp: %s", strerror(-rc));
	return 0;
}

/* Before all else: what does not depend on the kernel's age. */
static int harden_process(struct err *err)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(err, ERR_OS, "sandbox: core dumps cannot be turned off: %s",
			strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(err, ERR_OS, "sandbox: new privileges cannot be given up: %s",
			strerror(errno));
	return 0;
}

typedef int landlock_fn(
	const struct sandbox_paths *paths, const uint16_t *ports, int abi, struct err *err);

static int enter_restrictions(landlock_fn *landlock, int (*rules)(scmp_filter_ctx f),
	const struct sandbox_paths *paths, const uint16_t *ports, struct sandbox_state *state,
	struct err *err)
{
	int rc;

	sandbox_probe(state);
	rc = harden_process(err);
	if (rc == 0 && state->landlock_abi > 0)
		rc = landlock(paths, ports, state->landlock_abi, err);
	if (rc == 0 && state->seccomp)
		rc = seccomp_enter(rules, err);
	return rc;
}

int sandbox_mail(const struct sandbox_paths *paths, struct sandbox_state *state, struct err *err)
{
	return enter_restrictions(landlock_mail, deny_mail, paths, NULL, state, err);
}

int sandbox_net(const char *const *readable, const uint16_t *ports, bool datagrams,
	struct sandbox_state *state, struct err *err)
{
	const struct sandbox_paths paths = {.readable = readable};

	return enter_restrictions(
		landlock_net, datagrams ? deny_net : deny_net_datagrams, &paths, ports, state, err);
}

/*
 * Filters that are ready-made: libseccomp takes memory, and a fifth of a millisecond, to make one.
 * A filter sees the lower half of an argument first or last, as the processor has it.
 */
#define BPF_LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define BPF_RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define BPF_IF(k, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(k), (yes), (no))
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define FIRST_ARG args[0]
#else
#define FIRST_ARG args[0] + 4
#endif
#define RETURN_ERROR(e) (SECCOMP_RET_ERRNO | (e)) /* 0: the call does nothing and returns 0 */
#define X32_CALLS 0x40000000u /* from here on, where the architecture is x86-64's */

/* One system call; the next one stands behind it. */
#define BPF_CALL(nr, action) BPF_IF(nr, 0, 1), BPF_RETURN(action)
#define BPF_CALL_WITH(nr, first_arg, action, otherwise)                                            \
	BPF_IF(nr, 0, 4), BPF_LOAD(FIRST_ARG), BPF_IF(first_arg, 0, 1), BPF_RETURN(action),        \
		BPF_RETURN(otherwise)

#define BPF_NATIVE_ONLY                                                                            \
	BPF_LOAD(arch), BPF_IF(seccomp_arch_native(), 1, 0), BPF_RETURN(SECCOMP_RET_KILL_PROCESS), \
		BPF_LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_CALLS, 0, 1),                \
		BPF_RETURN(SECCOMP_RET_KILL_PROCESS)

static int enter_ready_made(struct sock_filter *insn, size_t n)
{
	const struct sock_fprog prog = {(unsigned short)n, insn};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return errno;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0)
		return errno == EINVAL ? ENOSYS : errno;
	return 0;
}

int sandbox_one_socket(void)
{
	/* Of two filters with the same kind of action the younger one's counts. */
	struct sock_filter insn[] = {BPF_NATIVE_ONLY,
		BPF_CALL_WITH(SYS_socket, AF_UNIX, RETURN_ERROR(0), RETURN_ERROR(EPERM)),
		BPF_CALL_WITH(SYS_connect, STDIN_FILENO, RETURN_ERROR(0), RETURN_ERROR(EPERM)),
		BPF_CALL(SYS_socketpair, RETURN_ERROR(EPERM)),
		BPF_CALL(SYS_bind, RETURN_ERROR(EPERM)), BPF_CALL(SYS_listen, RETURN_ERROR(EPERM)),
		BPF_RETURN(SECCOMP_RET_ALLOW)};

	return enter_ready_made(insn, sizeof(insn) / sizeof(insn[0]));
}

bool sandbox_has_one_socket(void)
{
	return seccomp_there();
}

void sandbox_probe(struct sandbox_state *state)
{
	state->seccomp = seccomp_there();
	state->landlock_abi = landlock_abi();
}

#else

/* An empty translation unit is not C. */
typedef int sandbox_linux_is_empty;

#endif
