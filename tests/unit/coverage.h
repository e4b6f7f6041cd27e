/* SPDX-License-Identifier: ISC */
/*
 * Into every file of make coverage: a child that ends by _exit(), or becomes another program, is
 * counted too, and so is the process whose memory it shares: what was written out is forgotten, and
 * gcc's own execve() would leave it as written.
 */
#ifndef SEALPOST_TEST_COVERAGE_H
#define SEALPOST_TEST_COVERAGE_H

#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);
#define _exit(status) (__gcov_dump(), __gcov_reset(), _exit(status))
#define execve(path, argv, env)                                                                    \
	(__gcov_dump(), __gcov_reset(), syscall(SYS_execve, path, argv, env))

#endif
