/* SPDX-License-Identifier: ISC */
/*
 * For LD_PRELOAD: the allocation with the number FAIL_ALLOC of the program FAIL_IN fails; FAIL_WHO
 * says in which process: main, as it was started, or child, which it forked; else in each. Each
 * process counts for itself.
 * FAIL_TOLD, a file that is mapped from the start on, as no file can be opened in a sandbox, tells
 * how many there were, in the process that made most, the signal that ended a process after the
 * failure, and the calls that led to it. Where none fails (FAIL_ALLOC=0), it has the number of each
 * as well, and a hash of the calls that led to it, so that those of one place are known.
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CALLS_MAX 40
#define PLACES_MAX 500000

struct told {
	atomic_long count, signal, places;
	char where[4096 - 3 * sizeof(atomic_long)]; /* OBJECT(FUNCTION+OFFSET), innermost first */
	struct {
		uint64_t number, hash;
	} place[PLACES_MAX];
};

static atomic_long count, fails_at = -1;
static const char *who = "";
static int is_child;
static struct told *told;

static void map_told(const char *file)
{
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *p = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof(*told)) == 0)
		p = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fd >= 0)
		(void)close(fd);
	told = p == MAP_FAILED ? NULL : p;
}

static void set_up(void)
{
	const char *name = getenv("FAIL_IN"), *number = getenv("FAIL_ALLOC");
	const char *self = program_invocation_short_name, *file = getenv("FAIL_TOLD");

	who = getenv("FAIL_WHO") ? getenv("FAIL_WHO") : "";
	fails_at = name && number && self && strcmp(name, self) == 0 ? strtol(number, NULL, 10) : 0;
	if (name && self && strcmp(name, self) == 0 && file && !told)
		map_told(file);
}

static void note_crash(int sig)
{
	told->signal = sig;
	(void)signal(sig, SIG_DFL);
	(void)raise(sig);
}

static void watch_for_crash(void)
{
	static const int sigs[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
	size_t i;

	for (i = 0; told && i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)signal(sigs[i], note_crash);
}

static void tell_where(void)
{
	void *calls[CALLS_MAX];
	int i, n = told ? backtrace(calls, CALLS_MAX) : 0;
	size_t len = 0;
	Dl_info in;

	for (i = 0; i < n && len < sizeof(told->where); i++) {
		if (!dladdr(calls[i], &in) || !in.dli_fname)
			continue;
		len += (size_t)snprintf(told->where + len, sizeof(told->where) - len,
			"%s(%s+0x%lx) ",
			strrchr(in.dli_fname, '/') ? strrchr(in.dli_fname, '/') + 1 : in.dli_fname,
			in.dli_sname ? in.dli_sname : "",
			(unsigned long)((char *)calls[i] -
					(char *)(in.dli_sname ? in.dli_saddr : in.dli_fbase)));
	}
}

static void tell_place(long number)
{
	void *calls[CALLS_MAX];
	int i, n = backtrace(calls, CALLS_MAX);
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, by addresses */
	long at = told->places++;

	for (i = 0; i < n; i++)
		hash = (hash ^ (uint64_t)(uintptr_t)calls[i]) * 0x100000001b3u;
	if (at < PLACES_MAX) {
		told->place[at].number = (uint64_t)number;
		told->place[at].hash = hash;
	}
}

static int is_due(void)
{
	long n;

	if (fails_at < 0) /* what is loaded, and what we need ourselves */
		return 0;
	if (who[0] && is_child != (who[0] == 'c'))
		return 0;
	n = ++count;
	if (told && told->count < n)
		told->count = n;
	if (told && fails_at == 0)
		tell_place(n);
	if (n != fails_at)
		return 0;
	watch_for_crash();
	tell_where();
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	extern void *__libc_malloc(size_t n);

	return is_due() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	extern void *__libc_calloc(size_t n, size_t size);

	return is_due() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
	extern void *__libc_realloc(void *p, size_t n);

	return is_due() ? NULL : __libc_realloc(p, n);
}

static void begin_child(void)
{
	is_child = 1;
	count = 0;
}

__attribute__((constructor)) static void keep_name(void)
{
	void *call;

	(void)backtrace(&call, 1); /* loads what it needs, while files can be opened */
	(void)pthread_atfork(NULL, NULL, begin_child);
	set_up();
}
