/* SPDX-License-Identifier: ISC */
/*
 * For LD_PRELOAD: the allocation with the number FAIL_ALLOC of the program FAIL_IN fails. With
 * FAIL_COUNT, a file, it is told at the program's end how many there were.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long count, fails_at = -1;

static void set_up(void)
{
	const char *name = getenv("FAIL_IN"), *number = getenv("FAIL_ALLOC");
	const char *self = program_invocation_short_name;

	fails_at = name && number && self && strcmp(name, self) == 0 ? strtol(number, NULL, 10) : 0;
}

static int is_due(void)
{
	if (fails_at < 0)
		set_up();
	if (++count != fails_at)
		return 0;
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

__attribute__((constructor)) static void keep_name(void)
{
	if (fails_at <= 0)
		set_up();
}

__attribute__((destructor)) static void tell(void)
{
	const char *file = getenv("FAIL_COUNT"), *name = getenv("FAIL_IN");
	char text[32];
	int fd, n;

	if (!file || !name || strcmp(name, program_invocation_short_name) != 0)
		return;
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	n = snprintf(text, sizeof(text), "%ld\n", (long)count);
	if (fd >= 0 && write(fd, text, (size_t)n) == n)
		(void)close(fd);
}
