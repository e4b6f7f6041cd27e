/* SPDX-License-Identifier: ISC */
/* One system call is answered here, as an older kernel would; all others are the kernel's. */
#ifndef TESTS_ANSWERED_SYSCALL_H
#define TESTS_ANSWERED_SYSCALL_H

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	bool on;
	long number, first; /* which: by its first argument, too */
	long answer;        /* and errno ENOSYS */
} answered;

/* In place of the C library's. Nothing here has more than five arguments. */
long syscall(long number, ...)
{
	long (*real)(long, ...), a[5];
	void *found = dlsym(RTLD_NEXT, "syscall");
	va_list ap;
	size_t i;

	memcpy(&real, &found, sizeof(real));
	va_start(ap, number);
	for (i = 0; i < 5; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (answered.on && number == answered.number && a[0] == answered.first) {
		errno = ENOSYS;
		return answered.answer;
	}
	return real(number, a[0], a[1], a[2], a[3], a[4]);
}

/* The Landlock ABI that the kernel is said to have. -1: no Landlock; 0: the real one. */
__attribute__((unused)) static void answer_landlock(int abi)
{
	answered.on = abi != 0;
	answered.number = SYS_landlock_create_ruleset;
	answered.first = 0;
	answered.answer = abi;
}

#endif
