/* SPDX-License-Identifier: ISC */
/*
 * Into every file of make coverage: a child that ends by _exit(), or becomes another program, is
 * counted too, and so is the process whose memory it shares: what was written out is forgotten, and
 * gcc's own execve() would leave it as written. In a sandbox nothing can be written, and nothing is
 * said of it.
 */
#ifndef SEALPOST_TEST_COVERAGE_H
#define SEALPOST_TEST_COVERAGE_H

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);
void __gcov_reset(void);

static inline void coverage_dump(void)
{
	int fd = open(COVERAGE_DIR "/written", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	close(fd);
	__gcov_dump();
	__gcov_reset();
}

#define _exit(status) (coverage_dump(), _exit(status))
#define execve(path, argv, env) (coverage_dump(), syscall(SYS_execve, path, argv, env))

#endif
