/* SPDX-License-Identifier: ISC */
/*
 * fail_call count|places FILE PROGRAM ARG...
 * fail_call WHO:CALL:WHAT:N FILE PROGRAM ARG...
 *
 * Runs PROGRAM, in which the Nth system call CALL of WHO fails with the error WHAT, or is not made
 * because WHO is killed there (KILL). WHO is main, as it was started; child, what it has forked; or
 * net, which is sealpost-net; other programs that they start are left alone. Each process counts
 * for itself. The kernel stops a process at that call only (seccomp), so the others cost nothing.
 *
 * FILE receives "WHO CALL N LOADER" for each, of the process that made most of them, and how many
 * of these the loader made, before the first rt_sigaction (count); or "WHO CALL N HASH" for each
 * call, with a hash of the code addresses on its stack, so that those of one place are known
 * (places); or what was done, and the object in which a process crashed. The exit code is
 * PROGRAM's, or its signal.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 512
#define CALLS_MAX 512   /* numbers of x86-64 */
#define STACK_LOOK 4000 /* words */
#define STACK_MAX 262144
#define LOWEST 65536 /* nothing is mapped below */

enum who { WHO_MAIN, WHO_CHILD, WHO_NET, WHO_OTHER };

static const char *const who_name[] = {"main", "child", "net", "other"};

struct process {
	pid_t pid;
	enum who who;
	int maps; /* opened while it may be; a parent's if it was too late */
	bool loaded;
	bool known; /* from whom it is; until then it is held */
	bool held;
	unsigned short n[CALLS_MAX];
};

static struct {
	struct process p[PROCESSES_MAX];
	size_t n_p;
	unsigned most[WHO_OTHER][CALLS_MAX], loaders[WHO_OTHER][CALLS_MAX];
	enum who who;
	int call, error; /* 0: it is killed */
	unsigned at;     /* 0: counts */
	bool places;
	pid_t first;
	FILE *told;
} t;

static const struct {
	const char *name;
	int e;
} errors[] = {{"KILL", 0}, {"EINTR", EINTR}, {"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EMFILE", EMFILE},
	{"ENOMEM", ENOMEM}, {"EAGAIN", EAGAIN}, {"EACCES", EACCES}};

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "fail_call: %s: %s\n", what, strerror(errno));
	exit(126);
}

/* WHO:CALL:WHAT:N */
static void read_point(const char *s)
{
	char who[8], call[64], what[16];
	size_t i;

	errno = EINVAL;
	if (sscanf(s, "%7[^:]:%63[^:]:%15[^:]:%u", who, call, what, &t.at) != 4 || t.at == 0)
		die("WHO:CALL:WHAT:N");
	t.call = seccomp_syscall_resolve_name(call);
	t.error = -1;
	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (strcmp(errors[i].name, what) == 0)
			t.error = errors[i].e;
	}
	while (t.who < WHO_OTHER && strcmp(who_name[t.who], who) != 0)
		t.who++;
	if (t.call < 0 || t.call >= CALLS_MAX || t.error < 0 || t.who == WHO_OTHER)
		die("WHO:CALL:WHAT:N");
}

static void stop_at_calls(void)
{
	scmp_filter_ctx f = seccomp_init(t.at ? SCMP_ACT_ALLOW : SCMP_ACT_TRACE(0));

	if (!f || (t.at && seccomp_rule_add(f, SCMP_ACT_TRACE(0), t.call, 0) < 0) ||
		seccomp_load(f) < 0)
		die("seccomp");
}

/* The program, once somebody traces it: then something is in the pipe. */
static _Noreturn void become(int ready, char **argv)
{
	char c;

	if (read(ready, &c, 1) != 1)
		_exit(126);
	close(ready);
	stop_at_calls();
	if (t.places && personality(ADDR_NO_RANDOMIZE) < 0) /* addresses are those of other runs */
		_exit(126);
	execv(argv[0], argv);
	_exit(127);
}

static struct process *find(pid_t pid)
{
	size_t i;

	for (i = t.n_p; i > 0; i--) {
		if (t.p[i - 1].pid == pid)
			return &t.p[i - 1];
	}
	if (t.n_p == PROCESSES_MAX)
		die("too many processes");
	t.p[t.n_p] = (struct process){.pid = pid, .who = WHO_CHILD, .maps = -1};
	return &t.p[t.n_p++];
}

/* The name of the file that is mapped there, or NULL. */
static const char *object_of(
	FILE *maps, unsigned long at, char line[PATH_MAX + 128], unsigned long *offset)
{
	unsigned long from, to, skipped;
	char *slash;

	rewind(maps);
	while (fgets(line, PATH_MAX + 128, maps)) {
		if (sscanf(line, "%lx-%lx %*s %lx", &from, &to, &skipped) != 3 || at < from ||
			at >= to)
			continue;
		*offset = at - from + skipped;
		line[strcspn(line, "\n")] = '\0';
		slash = strrchr(line, '/');
		return slash ? slash + 1 : NULL;
	}
	return NULL;
}

/* Where it is, and what lies on its stack, innermost first. */
static void tell_crash(struct process *p, int sig)
{
	char line[PATH_MAX + 128], last[PATH_MAX] = "";
	FILE *maps = p->maps >= 0 ? fdopen(dup(p->maps), "r") : NULL;
	struct user_regs_struct r;
	const char *object;
	unsigned long word, offset;
	unsigned i;

	fprintf(t.told, "%s: signal %d in", who_name[p->who], sig);
	if (maps && ptrace(PTRACE_GETREGS, p->pid, NULL, &r) == 0) {
		word = r.rip;
		for (i = 0; i < STACK_LOOK; i++) {
			object = object_of(maps, word, line, &offset);
			if (object && strcmp(object, last) != 0)
				fprintf(t.told, " %s+0x%lx", object, offset);
			if (object)
				snprintf(last, sizeof(last), "%s", object);
			word = (unsigned long)ptrace(
				PTRACE_PEEKDATA, p->pid, r.rsp + i * sizeof(word), NULL);
		}
	}
	fputc('\n', t.told);
	if (maps)
		fclose(maps);
}

struct range {
	unsigned long from, to;
};

/* Of the process whose stack was looked at last: its code, and the mapping that the stack is in. */
static struct {
	pid_t pid; /* 0: none, or its mappings have changed */
	struct range code[256], stack;
	size_t n;
} seen;

static void read_mappings(struct process *p, unsigned long sp)
{
	FILE *maps = p->maps >= 0 ? fdopen(dup(p->maps), "r") : NULL;
	char line[PATH_MAX + 128], may[5];
	struct range r;

	if (!maps)
		die("maps");
	seen.pid = p->pid;
	seen.n = 0;
	rewind(maps);
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s", &r.from, &r.to, may) != 3)
			continue;
		if (sp >= r.from && sp < r.to)
			seen.stack = r;
		if (may[2] == 'x' && seen.n < sizeof(seen.code) / sizeof(seen.code[0]))
			seen.code[seen.n++] = r;
	}
	fclose(maps);
}

static bool is_code(unsigned long word)
{
	size_t i;

	for (i = 0; word >= LOWEST && i < seen.n; i++) {
		if (word >= seen.code[i].from && word < seen.code[i].to)
			return true;
	}
	return false;
}

/* FNV-1a of the addresses on the stack that point into code: calls, and a little beside them. */
static uint64_t hash_of_stack(struct process *p, int call)
{
	static unsigned long words[STACK_MAX];
	uint64_t hash = 0xcbf29ce484222325u;
	struct iovec here = {words, sizeof(words)}, there;
	struct user_regs_struct r;
	unsigned long word;
	ssize_t got, i;

	if (ptrace(PTRACE_GETREGS, p->pid, NULL, &r) < 0 && errno == ESRCH)
		return 0; /* killed meanwhile */
	if (seen.pid != p->pid || r.rsp < seen.stack.from || r.rsp >= seen.stack.to)
		read_mappings(p, r.rsp);
	there = (struct iovec){(void *)r.rsp, seen.stack.to - r.rsp};
	if (there.iov_len > sizeof(words))
		there.iov_len = sizeof(words);
	got = process_vm_readv(p->pid, &here, 1, &there, 1, 0);
	if (got < 0 && errno == ESRCH)
		return 0;
	if (got < 0)
		die("stack");
	for (i = -1; i < got / (ssize_t)sizeof(word); i++) {
		word = i < 0 ? r.rip : words[i];
		if (is_code(word))
			hash = (hash ^ word) * 0x100000001b3u;
	}
	if (call == SYS_mmap || call == SYS_munmap || call == SYS_mprotect || call == SYS_execve)
		seen.pid = 0;
	return hash;
}

static void skip_call(pid_t pid)
{
	if (ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, orig_rax), -1L) < 0 ||
		ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax),
			-(long)t.error) < 0)
		die("ptrace");
}

/* prctl(PR_SET_DUMPABLE, 0) would close its stack to us: then it is not made. */
static void keep_readable(struct process *p, int call)
{
	struct user_regs_struct r;

	if (call == SYS_prctl && ptrace(PTRACE_GETREGS, p->pid, NULL, &r) == 0 &&
		r.rdi == PR_SET_DUMPABLE)
		skip_call(p->pid);
}

static void tell_place(struct process *p, int call, unsigned n)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);

	fprintf(t.told, "%s %s %u %016lx\n", who_name[p->who], name ? name : "?", n,
		hash_of_stack(p, call));
	free(name);
}

static void at_call(struct process *p)
{
	long call =
		ptrace(PTRACE_PEEKUSER, p->pid, offsetof(struct user_regs_struct, orig_rax), NULL);
	unsigned n;

	if (p->who == WHO_OTHER || call < 0 || call >= CALLS_MAX)
		return;
	n = ++p->n[call];
	p->loaded |= call == SYS_rt_sigaction;
	if (t.at == 0 && t.most[p->who][call] < n)
		t.most[p->who][call] = n;
	if (t.at == 0 && !p->loaded)
		t.loaders[p->who][call] = n;
	if (t.places) {
		tell_place(p, (int)call, n);
		keep_readable(p, (int)call);
	}
	if (n != t.at || p->who != t.who)
		return;
	fprintf(t.told, "%s: %s in %d\n", who_name[p->who], t.error ? "failed" : "killed",
		(int)p->pid);
	if (t.error)
		skip_call(p->pid);
	else
		kill(p->pid, SIGKILL);
}

static int open_maps(const struct process *p)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)p->pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void at_exec(struct process *p)
{
	char link[64], exe[PATH_MAX];
	ssize_t n;

	if (p->maps >= 0)
		close(p->maps);
	p->maps = open_maps(p);
	snprintf(link, sizeof(link), "/proc/%d/exe", (int)p->pid);
	n = readlink(link, exe, sizeof(exe) - 1);
	exe[n > 0 ? n : 0] = '\0';
	memset(p->n, 0, sizeof(p->n));
	p->loaded = false;
	p->who = p->pid == t.first ? WHO_MAIN
		 : strcmp(strrchr(exe, '/') ? strrchr(exe, '/') + 1 : exe, "sealpost-net") == 0
			 ? WHO_NET
			 : WHO_OTHER;
}

/* What another program starts is no business of ours either. */
static void at_fork(const struct process *parent)
{
	unsigned long pid = 0;
	struct process *p;

	(void)ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
	p = find((pid_t)pid);
	p->who = parent->who == WHO_OTHER || parent->who == WHO_NET ? parent->who : WHO_CHILD;
	p->maps = open_maps(p);
	if (p->maps < 0 && parent->maps >= 0)
		p->maps = dup(parent->maps);
	p->loaded = parent->loaded;
	p->known = true;
	if (p->held)
		(void)ptrace(PTRACE_CONT, p->pid, NULL, 0L);
	p->held = false;
}

/* The signal that it is to get. */
static int at_stop(struct process *p, int status)
{
	int sig = WSTOPSIG(status);

	switch (status >> 16) {
	case PTRACE_EVENT_SECCOMP:
		at_call(p);
		return 0;
	case PTRACE_EVENT_EXEC:
		at_exec(p);
		return 0;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		at_fork(p);
		return 0;
	case PTRACE_EVENT_STOP:
		return 0;
	default:
		if (sig == SIGSEGV || sig == SIGBUS || sig == SIGABRT || sig == SIGSYS ||
			sig == SIGFPE || sig == SIGILL)
			tell_crash(p, sig);
		return sig;
	}
}

/* Its number may be another's later. */
static void at_end(struct process *p)
{
	memset(p->n, 0, sizeof(p->n));
	p->known = p->held = false;
}

/* Until all have ended: the status of the first. */
static int trace(void)
{
	int status, first = 0;
	struct process *p;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid < 0)
			continue;
		p = find(pid);
		if (!WIFSTOPPED(status)) {
			first = pid == t.first ? status : first;
			at_end(p);
		} else if (!p->known) {
			p->held = true;
		} else {
			(void)ptrace(PTRACE_CONT, pid, NULL, (long)at_stop(p, status));
		}
	}
	return first;
}

static void tell_counts(void)
{
	unsigned who, call;
	char *name;

	for (who = 0; who < WHO_OTHER; who++) {
		for (call = 0; call < CALLS_MAX; call++) {
			if (t.most[who][call] == 0)
				continue;
			name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)call);
			fprintf(t.told, "%s %s %u %u\n", who_name[who], name ? name : "?",
				t.most[who][call], t.loaders[who][call]);
			free(name);
		}
	}
}

int main(int argc, char **argv)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int ready[2], status;

	if (argc < 4)
		return 64;
	t.places = strcmp(argv[1], "places") == 0;
	if (!t.places && strcmp(argv[1], "count") != 0)
		read_point(argv[1]);
	t.told = fopen(argv[2], "we");
	if (!t.told || pipe(ready) < 0 || (t.first = fork()) < 0)
		die(argv[2]);
	if (t.first == 0) {
		close(ready[1]);
		become(ready[0], argv + 3);
	}
	close(ready[0]);
	if (ptrace(PTRACE_SEIZE, t.first, NULL, options) < 0)
		die("ptrace");
	if (write(ready[1], "", 1) != 1)
		die("pipe");
	close(ready[1]);
	find(t.first)->who = WHO_OTHER; /* until it is the program */
	find(t.first)->known = true;
	status = trace();
	if (t.at == 0 && !t.places)
		tell_counts();
	fclose(t.told);
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		kill(getpid(), WTERMSIG(status));
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
}
