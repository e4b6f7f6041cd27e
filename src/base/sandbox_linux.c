/* SPDX-License-Identifier: ISC */
/* The sandbox on Linux: Landlock for files and ports, seccomp for system calls. */
#ifdef __linux__

#include "base/sandbox.h"
#include "base/sandbox_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
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
	"/lib64", "/usr/local/lib", "/nix/store", "/gnu/store", "/etc/ld.so.cache",
	"/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom", "/dev/random", "/dev/null",
	"/sys/devices/system/cpu", NULL};

/* What any program of ours needs besides; one is read to be executed. */
static const char *const program_files[] = {"/usr/lib", "/usr/lib32", "/usr/lib64", "/lib",
	"/lib64", "/usr/local/lib", "/usr/bin", "/bin", "/usr/local/bin", "/nix/store",
	"/gnu/store", "/etc/ld.so.cache", "/etc/gnupg", "/etc/gcrypt", "/usr/share/gnupg",
	"/proc/sys/crypto/fips_enabled", "/dev/urandom", "/dev/random", NULL};

/* And the process with the mail: in sss lies what a directory's daemon knows of users. */
static const char *const mail_system_files[] = {"/usr/share/locale", "/etc/localtime",
	"/usr/share/zoneinfo", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/var/lib/sss",
	"/proc/self/maps", NULL};

/* Whether a call that failed so is not for us here: the kernel lacks it, or a container forbids it.
 * Any other failure does not say that. */
static bool is_lacking(int e)
{
	return e == ENOSYS || e == EOPNOTSUPP || e == EINVAL || e == EPERM || e == EACCES;
}

static int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LL_VERSION);

	return abi > 0 ? (int)abi : abi == 0 || is_lacking(errno) ? 0 : -1;
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
 * less. One that cannot be opened now is not: it would be missed later, and taken for absent. */
static int ll_allow_open(int ruleset, const char *path, int flags, uint64_t rights, struct err *err)
{
	struct ll_path rule = {.allowed = rights};
	struct stat st;
	int rc = 0;

	if (path[0] != '/')
		return 0;
	rule.parent = open(path, O_PATH | O_CLOEXEC | flags);
	if (rule.parent < 0 && errno_is_of_path(errno))
		return 0;
	if (rule.parent < 0)
		return err_path(err, ERR_OS, path);
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

static int ll_allow(int ruleset, const char *path, uint64_t rights, struct err *err)
{
	return ll_allow_open(ruleset, path, 0, rights, err);
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

static bool is_below(const char *path, const char *const *dir)
{
	size_t n;

	for (; *dir; dir++) {
		n = strlen(*dir);
		if (strncmp(path, *dir, n) == 0 && path[n] == '/')
			return true;
	}
	return false;
}

/* The folder of a library that is loaded: where others of its kind lie too. */
static int ll_allow_library(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct library_walk *w = arg;
	const char *slash = info->dlpi_name ? strrchr(info->dlpi_name, '/') : NULL;
	char dir[PATH_MAX];

	(void)size;
	if (!slash || slash == info->dlpi_name || slash - info->dlpi_name >= PATH_MAX ||
		is_below(info->dlpi_name, program_files))
		return 0;
	memcpy(dir, info->dlpi_name, (size_t)(slash - info->dlpi_name));
	dir[slash - info->dlpi_name] = '\0';
	return ll_allow(w->ruleset, dir, LL_READ_RIGHTS, w->err);
}

/* What every program needs. */
static int ll_allow_programs(int ruleset, struct err *err)
{
	struct library_walk walk = {ruleset, err};
	int rc = ll_allow_all(ruleset, program_files, LL_READ_RIGHTS, err);

	return rc == 0 ? dl_iterate_phdr(ll_allow_library, &walk) : rc;
}

static int landlock_mail(
	const struct sandbox_paths *paths, const uint16_t *ports, int abi, struct err *err)
{
	const uint64_t unlimited = LL_EXECUTE | (paths->readable ? 0 : LL_READ_RIGHTS);
	const uint64_t handled = fs_rights(abi) & ~unlimited;
	int fd = ll_create(abi, handled, LL_NET_TCP, err), rc = 0;

	(void)ports;
	if (fd < 0)
		return fd;
	rc = ll_allow_all(fd, paths->writable, handled & ~(LL_IOCTL_DEV | LL_DEVICES), err);
	if (rc == 0 && paths->readable) {
		rc = ll_allow_all(fd, paths->readable, LL_READ_RIGHTS, err);
		if (rc == 0)
			rc = ll_allow_programs(fd, err);
		if (rc == 0)
			rc = ll_allow_all(fd, mail_system_files, LL_READ_RIGHTS, err);
		if (rc == 0)
			rc = ll_allow_all(fd, paths->listable, LL_READ_DIR, err);
	}
	if (rc == 0)
		rc = ll_allow(fd, "/dev/null", handled & LL_FILE_RIGHTS, err);
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

static bool seccomp_there(void)
{
	uint32_t action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 ||
	       !is_lacking(errno);
}

/* All threads, if there are any. */
static int seccomp_enter(enum call_rules rules, struct err *err)
{
	struct call_filter f;
	struct sock_fprog prog = {.filter = f.insn};
	long rc;

	if (calls_filter(&f, rules) < 0)
		return err_set(err, ERR_INTERNAL, "sandbox: seccomp: the filter is too long");
	prog.len = (unsigned short)f.n;
	rc = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &prog);
	if (rc != 0)
		return err_set(err, ERR_OS, "sandbox: seccomp: %s",
			rc < 0 ? strerror(errno) : "a thread cannot be limited");
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

static int enter_restrictions(landlock_fn *landlock, enum call_rules rules,
	const struct sandbox_paths *paths, const uint16_t *ports, struct sandbox_state *state,
	struct err *err)
{
	int rc;

	sandbox_probe(state);
	rc = harden_process(err);
	if (rc == 0 && state->landlock_abi < 0)
		rc = err_set(err, ERR_OS, "sandbox: it cannot be told whether there is Landlock");
	if (rc == 0 && state->landlock_abi > 0)
		rc = landlock(paths, ports, state->landlock_abi, err);
	if (rc == 0 && state->seccomp)
		rc = seccomp_enter(rules, err);
	return rc;
}

int sandbox_mail(const struct sandbox_paths *paths, struct sandbox_state *state, struct err *err)
{
	return enter_restrictions(landlock_mail, CALLS_MAIL, paths, NULL, state, err);
}

int sandbox_net(const char *const *readable, const uint16_t *ports, bool datagrams,
	struct sandbox_state *state, struct err *err)
{
	const struct sandbox_paths paths = {.readable = readable};

	return enter_restrictions(
		landlock_net, datagrams ? CALLS_NET : CALLS_NET_STREAM, &paths, ports, state, err);
}

/* Neither takes memory nor changes any of it. 0, or an errno. */
static int enter_ready_made(const struct sock_filter *insn, size_t n)
{
	const struct sock_fprog prog = {(unsigned short)n, (struct sock_filter *)(uintptr_t)insn};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return errno;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0)
		return errno == EINVAL ? ENOSYS : errno;
	return 0;
}

int sandbox_one_socket(void)
{
	/* Of two filters with the same kind of action the younger one's counts. */
	static const struct sock_filter insn[] = {
		BPF_NATIVE_ONLY, BPF_ONE_SOCKET, BPF_RETURN(SECCOMP_RET_ALLOW)};

	return enter_ready_made(insn, sizeof(insn) / sizeof(insn[0]));
}

struct sandbox_wall {
	int ruleset; /* -1: no Landlock */
	bool seccomp;
	struct call_filter none, one; /* sockets */
};

static int wall_ruleset(
	int abi, const char *folder, const char *const *readable, int *ruleset, struct err *err)
{
	const uint64_t handled = fs_rights(abi) & ~LL_EXECUTE;
	int fd = ll_create(abi, handled, LL_NET_TCP, err), rc;

	if (fd < 0)
		return fd;
	rc = ll_allow_open(fd, folder, O_DIRECTORY | O_NOFOLLOW, LL_READ_RIGHTS, err);
	if (rc == 0)
		rc = ll_allow_all(fd, readable, LL_READ_RIGHTS, err);
	if (rc == 0)
		rc = ll_allow_programs(fd, err);
	if (rc == 0)
		rc = ll_allow(fd, "/dev/null", handled & LL_FILE_RIGHTS, err);
	if (rc == 0)
		*ruleset = fd;
	else
		close(fd);
	return rc;
}

struct sandbox_wall *sandbox_wall_make(
	const char *folder, const char *const *readable, struct err *err)
{
	struct sandbox_wall *w = calloc(1, sizeof(*w));
	struct sandbox_state state;
	int rc = 0;

	if (!w) {
		err_set(err, ERR_OS, "out of memory");
		return NULL;
	}
	sandbox_probe(&state);
	w->ruleset = -1;
	w->seccomp = state.seccomp;
	if (calls_filter(&w->none, CALLS_MAIL) < 0 || calls_filter(&w->one, CALLS_ONE_SOCKET) < 0)
		rc = err_set(err, ERR_INTERNAL, "sandbox: seccomp: the filter is too long");
	if (rc == 0 && state.landlock_abi > 0)
		rc = wall_ruleset(state.landlock_abi, folder, readable, &w->ruleset, err);
	if (rc == 0)
		return w;
	free(w);
	return NULL;
}

void sandbox_wall_free(struct sandbox_wall *w)
{
	if (w && w->ruleset >= 0)
		close(w->ruleset);
	free(w);
}

int sandbox_wall_enter(const struct sandbox_wall *w, bool one_socket)
{
	const struct call_filter *f = one_socket ? &w->one : &w->none;
	const struct rlimit no_core = {0, 0};

	if (setrlimit(RLIMIT_CORE, &no_core) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		(w->ruleset >= 0 && syscall(SYS_landlock_restrict_self, w->ruleset, 0) < 0))
		return errno;
	if (!w->seccomp)
		return one_socket ? ENOSYS : 0;
	return enter_ready_made(f->insn, f->n);
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
