/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sandbox.h"

#define FDS 6         /* 0, 1, 2, keep, in where a socket takes its place, and settings */
#define FDS_USUAL 3   /* which the program has in any case */
#define FD_ABOVE 16   /* copies lie above what the child will use */
#define EXIT_LOST 127 /* of a child that did not become the program; nobody looks */
#define TICK_MS 20    /* between looks at a child, where the kernel has no pidfd */
#define CHUNK 16384
#define CHUNKS                                                                                     \
	64 /* at a time: more than a pipe holds, and an end to a child that never stops writing */

extern char **environ;

static int check_executable(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	return access(path, X_OK) < 0 ? errno : 0;
}

int spawn_find(const char *name, char *path)
{
	const char *p = getenv("PATH"), *end;
	char dir[FILE_PATH_MAX];
	int best = ENOENT, e;

	if (strchr(name, '/')) {
		if (strlen(name) >= FILE_PATH_MAX)
			return ENAMETOOLONG;
		memcpy(path, name, strlen(name) + 1);
		return check_executable(path);
	}
	if (!p || !*p)
		p = "/usr/local/bin:/usr/bin:/bin";
	for (; *p; p = *end ? end + 1 : end) {
		end = strchrnul(p, ':');
		/* Relative ones: the working folder may belong to anybody. */
		if (*p != '/' || (size_t)(end - p) >= sizeof(dir))
			continue;
		memcpy(dir, p, (size_t)(end - p));
		dir[end - p] = '\0';
		if (path_join(path, dir, name) < 0)
			continue;
		e = check_executable(path);
		/* Not to be found out now: another one further on is not meant. */
		if (e == 0 || !errno_is_of_path(e))
			return e;
		if (e == EACCES && access(path, F_OK) == 0)
			best = e;
	}
	return best;
}

/* Copies of what becomes 0, 1, 2 and 3, out of the way of those numbers. 0, or an errno. */
static int copy_fds(const struct spawn *s, int fd[FDS])
{
	const int from[FDS] = {s->socket > 0 ? s->socket : s->in, s->out, s->errout, s->keep,
		s->socket > 0 ? s->in : -1, s->settings > 0 ? s->settings : -1};
	int i, null = -1, e = 0;

	for (i = 0; i < FDS; i++)
		fd[i] = -1;
	for (i = 0; i < FDS && e == 0; i++) {
		if (from[i] < 0 && i >= FDS_USUAL)
			continue;
		if (from[i] < 0 && null < 0)
			null = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
		if (from[i] >= 0 || null >= 0)
			fd[i] = fcntl(from[i] < 0 ? null : from[i], F_DUPFD_CLOEXEC, FD_ABOVE);
		if (fd[i] < 0)
			e = errno;
	}
	if (null >= 0)
		close(null);
	return e;
}

/* What the child is to become; made ready before it exists. */
struct launch {
	const char *path;
	char *const *argv, *const *env;
	const char *dir;
	int fd[FDS];
	bool stays;      /* when we end */
	bool one_socket; /* it may use: 0 */
	const struct sandbox_wall *wall;
	pid_t parent;
	volatile int error; /* the child writes it: memory is shared until it executes */
};

/* Defaults for the child, but what ends us and is ignored for a while is ignored by it too. */
static void reset_signals(void)
{
	static const int ending[] = {SIGTERM, SIGINT, SIGHUP};
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	struct sigaction act;
	sigset_t kept, none;
	size_t i;
	int sig;

	sigemptyset(&kept);
	for (i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		if (sigaction(ending[i], NULL, &act) == 0 && act.sa_handler == SIG_IGN)
			sigaddset(&kept, ending[i]);
	}
	for (sig = 1; sig < NSIG; sig++) {
		if (!sigismember(&kept, sig))
			(void)sigaction(sig, &usual, NULL);
	}
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: only calls that are safe there, and nothing of ours is changed but l->error. */
static _Noreturn __attribute__((noinline)) void become_program(struct launch *l)
{
	int i, last = 0;

	/* Of whoever ended before this call nothing would be heard. */
	if (!l->stays && (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != l->parent))
		_exit(EXIT_LOST);
	/* Its descriptor may be one of those numbers. */
	if (l->wall) {
		errno = sandbox_wall_enter(l->wall, l->one_socket);
		if (errno != 0)
			goto failed;
	}
	for (i = 0; i < FDS; i++) {
		if (l->fd[i] >= 0 && dup2(l->fd[i], i) < 0)
			goto failed;
		if (l->fd[i] >= 0)
			last = i;
		else
			(void)close(i);
	}
	fd_close_range((unsigned)last + 1, ~0u);
	if (l->dir && chdir(l->dir) < 0)
		goto failed;
	reset_signals();
	if (l->one_socket && !l->wall) {
		errno = sandbox_one_socket();
		if (errno != 0)
			goto failed;
	}
	execve(l->path, l->argv, l->env);
failed:
	l->error = errno;
	_exit(EXIT_LOST);
}

/*
 * The child shares our memory and we wait until it has executed: quick however much we hold, and
 * exec's errno is the result. Signals wait meanwhile, for a handler would run in both. 0, or an
 * errno.
 */
static __attribute__((noinline)) int launch(struct launch *l, pid_t *pid)
{
	sigset_t all, old;
	pid_t made;

	sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &old);
	l->error = 0;
	made = vfork();
	if (made == 0)
		become_program(l);
	if (made < 0)
		l->error = errno;
	else if (l->error != 0)
		(void)waitpid(made, NULL, 0);
	else
		*pid = made;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return l->error;
}

const char **spawn_env(const char *assignment)
{
	size_t name = strcspn(assignment, "=") + 1, n = 0, i, k = 0;
	const char **env;

	while (environ[n])
		n++;
	env = calloc(n + 2, sizeof(*env));
	if (!env)
		return NULL;
	for (i = 0; i < n; i++) {
		if (strncmp(environ[i], assignment, name) != 0)
			env[k++] = environ[i];
	}
	env[k] = assignment;
	return env;
}

int spawn_start(const struct spawn *s, pid_t *pid, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct launch l = {.path = path,
		.argv = (char *const *)(uintptr_t)s->argv,
		.env = s->env ? (char *const *)(uintptr_t)s->env : environ,
		.dir = s->dir,
		.stays = s->stays,
		.one_socket = s->socket > 0,
		.wall = s->wall,
		.parent = getpid()};
	bool run = false;
	int i, e;

	e = spawn_find(s->argv[0], path);
	if (e)
		return err_set(err, err_of_errno(e, ERR_CONFIG), "%s: cannot be run: %s",
			s->argv[0], strerror(e));
	e = copy_fds(s, l.fd);
	if (e == 0) {
		run = true;
		e = launch(&l, pid);
	}
	for (i = 0; i < FDS; i++) {
		if (l.fd[i] >= 0)
			close(l.fd[i]);
	}
	if (e == 0)
		return 0;
	if (run && e != E2BIG)
		return err_set(err, err_of_errno(e, ERR_CONFIG), "%s: cannot be run: %s", path,
			strerror(e));
	return err_set(err, ERR_OS, "%s: cannot be started: %s", path, strerror(e));
}

/* One descriptor that a child writes to, and where it goes. */
struct sink {
	int fd; /* -1: at its end */
	struct buf *to;
	int lost; /* errno of what could not be read or kept, 0: nothing */
};

/* Takes what is there; what does not fit is read and dropped, so that the child is not held up. */
static void drain_pipe(struct sink *k)
{
	char chunk[CHUNK];
	size_t room, used = 0, i;
	ssize_t n;

	for (i = 0; i < CHUNKS && k->fd >= 0; i++) {
		n = read(k->fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			k->lost = errno;
		if (n <= 0) {
			k->fd = -1;
			break;
		}
		used = (size_t)n > used ? (size_t)n : used;
		room = k->to->max - k->to->len;
		if (buf_add(k->to, chunk, (size_t)n < room ? (size_t)n : room) < 0)
			k->lost = errno;
	}
	explicit_bzero(chunk, used);
}

static int reap_child(pid_t pid, int flags, int *status)
{
	pid_t got;

	do
		got = waitpid(pid, status, flags);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -1 : got == pid;
}

static int64_t earlier(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* Waits for output, the child's end, somebody's word on watch, or until (-1: no limit). 1 when the
 * child has ended. */
static int wait_for_child(
	pid_t pid, int pidfd, struct sink sink[2], int watch, int64_t until, int *status)
{
	static const struct timespec tick = {.tv_nsec = TICK_MS * 1000000};
	struct pollfd pfd[4];
	int64_t left = until < 0 ? -1 : until - clock_ms();
	int i;

	if (until >= 0 && left < 0)
		left = 0;
	if (pidfd < 0)
		left = earlier(left, TICK_MS);
	for (i = 0; i < 2; i++)
		pfd[i] = (struct pollfd){.fd = sink[i].fd, .events = POLLIN};
	pfd[2] = (struct pollfd){.fd = pidfd, .events = POLLIN};
	pfd[3] = (struct pollfd){.fd = watch, .events = POLLIN};
	/* Without poll(2) it is looked at now and then. */
	if (poll(pfd, 4, left > INT32_MAX ? INT32_MAX : (int)left) < 0 && errno != EINTR)
		nanosleep(&tick, NULL);
	for (i = 0; i < 2; i++)
		drain_pipe(&sink[i]);
	return reap_child(pid, WNOHANG, status);
}

/* Whether the descriptor can be read, now. */
static bool is_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return fd >= 0 && poll(&p, 1, 0) > 0;
}

/* A signal that somebody wants the child to have, 0: none; -1 in *fd when nobody will want any
 * more. */
static int signal_to_pass(const struct spawn_watch *w, int *fd)
{
	int sig = 0;

	if (w && is_readable(*fd))
		sig = w->next(w->arg);
	if (sig < 0)
		*fd = -1;
	return sig > 0 ? sig : 0;
}

/* Output with a gap is not taken for a short one. */
static int check_whole(const struct sink sink[2], struct err *err)
{
	int e = sink[0].lost ? sink[0].lost : sink[1].lost;

	return e ? err_set(err, ERR_OS, "what a program wrote cannot be read: %s", strerror(e)) : 0;
}

int spawn_collect(pid_t pid, const int fd[2], struct buf *const to[2],
	const struct spawn_limit *limit, int *status, struct err *err)
{
	struct sink sink[2] = {{fd[0], to[0], 0}, {fd[1], to[1], 0}};
	int64_t end = limit->timeout_ms < 0 ? -1 : clock_ms() + limit->timeout_ms, kill_at = -1;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0), i, rc, signalled = 0, sig;
	int watch = limit->watch ? limit->watch->fd : -1;

	for (i = 0; i < 2; i++) {
		if (fd[i] >= 0)
			(void)fcntl(fd[i], F_SETFL, O_NONBLOCK);
	}
	for (;;) {
		rc = wait_for_child(pid, pidfd, sink, watch, earlier(end, kill_at), status);
		if (rc != 0)
			break;
		sig = signal_to_pass(limit->watch, &watch);
		if (sig > 0) {
			kill(pid, sig);
			if (kill_at < 0)
				kill_at = clock_ms() + limit->watch->kill_ms;
		}
		if (end >= 0 && clock_ms() >= end) {
			signalled = 1;
			end = -1;
			kill_at = clock_ms() + limit->term_ms;
			if (limit->term_ms > 0)
				kill(pid, SIGTERM);
		}
		if (kill_at >= 0 && clock_ms() >= kill_at) {
			kill_at = -1;
			signalled = 1;
			if (kill(pid, SIGKILL) < 0) /* the sandbox may forbid it: it is left */
				break;
		}
	}
	/* A grandchild may hold the pipe open for ever: only what is there by now. */
	for (i = 0; i < 2; i++)
		drain_pipe(&sink[i]);
	if (pidfd >= 0)
		close(pidfd);
	if (rc < 0)
		return err_set(err, ERR_OS, "waiting for a program failed: %s", strerror(errno));
	if (signalled)
		return err_set(err, ERR_TEMP, "a program did not finish in time and was stopped");
	return limit->words ? 0 : check_whole(sink, err);
}

int spawn_wait(pid_t pid, int timeout_ms, int *status, struct err *err)
{
	const struct spawn_limit limit = {.timeout_ms = timeout_ms};
	const int none[2] = {-1, -1};
	struct buf *const nowhere[2] = {NULL, NULL};

	return spawn_collect(pid, none, nowhere, &limit, status, err);
}

static void close_both(int p[2])
{
	int i;

	for (i = 0; i < 2; i++) {
		if (p[i] >= 0)
			close(p[i]);
		p[i] = -1;
	}
}

int spawn_capture(const char *const *argv, int timeout_ms, struct buf *out, struct buf *errbuf,
	int *status, struct err *err)
{
	const struct spawn_limit limit = {.timeout_ms = timeout_ms};
	struct buf *const to[2] = {out, errbuf};
	struct spawn s = {.argv = argv, .in = -1, .keep = -1};
	int o[2] = {-1, -1}, e[2] = {-1, -1}, rc = 0;
	pid_t pid;

	if (pipe2(o, O_CLOEXEC) < 0 || (errbuf && pipe2(e, O_CLOEXEC) < 0))
		rc = err_set(err, ERR_OS, "no pipe: %s", strerror(errno));
	s.out = o[1];
	s.errout = e[1];
	if (rc == 0)
		rc = spawn_start(&s, &pid, err);
	if (rc == 0) {
		const int fd[2] = {o[0], e[0]};

		close(o[1]);
		o[1] = -1;
		if (e[1] >= 0)
			close(e[1]);
		e[1] = -1;
		rc = spawn_collect(pid, fd, to, &limit, status, err);
	}
	close_both(o);
	close_both(e);
	return rc;
}

/* What the child reads: a file in memory, or the end of a pipe, whose other end is *give. */
static int open_input(const void *in, size_t len, int *give)
{
	int p[2];

	*give = -1;
	if (in)
		return fd_memory("input", in, len);
	if (pipe2(p, O_CLOEXEC) < 0)
		return -1;
	*give = p[1];
	(void)fcntl(p[1], F_SETPIPE_SZ, SPAWN_FILTER_PIPE);
	return p[0];
}

int spawn_filter_start(struct spawn_filter *f, const char *const *argv, const void *in, size_t len,
	struct err *err)
{
	struct spawn s = {.argv = argv, .errout = -1, .keep = -1, .socket = f->socket};
	int o[2] = {-1, -1}, rc = 0;

	s.in = open_input(in, len, &f->in);
	if (s.in < 0)
		rc = err_set(err, ERR_OS, "no file in memory: %s", strerror(errno));
	else if (pipe2(o, O_CLOEXEC) < 0)
		rc = err_set(err, ERR_OS, "no pipe: %s", strerror(errno));
	s.out = o[1];
	/* Without it, it only waits earlier. */
	if (rc == 0)
		(void)fcntl(o[1], F_SETPIPE_SZ, SPAWN_FILTER_PIPE);
	if (rc == 0)
		rc = spawn_start(&s, &f->pid, err);
	if (rc == 0) {
		f->fd = o[0];
		o[0] = -1;
	}
	close_both(o);
	if (s.in >= 0)
		close(s.in);
	if (rc < 0 && f->in >= 0)
		close(f->in);
	return rc;
}

int spawn_filter_give(struct spawn_filter *f, const void *in, size_t len, struct err *err)
{
	int room = fcntl(f->in, F_GETPIPE_SZ), rc = 0;

	if (room < 0 || len > (size_t)room || fd_write_all(f->in, in, len) < 0)
		rc = err_set(err, ERR_OS, "its input does not reach a program");
	close(f->in);
	f->in = -1;
	return rc;
}

void spawn_filter_drop(struct spawn_filter *f)
{
	if (f->in >= 0)
		close(f->in);
	close(f->fd);
	(void)kill(f->pid, SIGKILL);
	(void)waitpid(f->pid, NULL, 0);
}

int spawn_filter_end(
	struct spawn_filter *f, int timeout_ms, struct buf *out, int *status, struct err *err)
{
	const struct spawn_limit limit = {.timeout_ms = timeout_ms};
	struct buf *const to[2] = {out, NULL};
	const int fd[2] = {f->fd, -1};
	int rc = spawn_collect(f->pid, fd, to, &limit, status, err);

	close(f->fd);
	return rc;
}

int spawn_filter(const char *const *argv, const void *in, size_t len, int timeout_ms,
	struct buf *out, int *status, struct err *err)
{
	struct spawn_filter f = {.fd = -1};
	int rc = spawn_filter_start(&f, argv, in, len, err);

	return rc < 0 ? rc : spawn_filter_end(&f, timeout_ms, out, status, err);
}
