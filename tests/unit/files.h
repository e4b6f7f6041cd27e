/* SPDX-License-Identifier: ISC */
/* Files for tests. */
#ifndef SEALPOST_TEST_FILES_H
#define SEALPOST_TEST_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

/* A file with these octets and no others, mode 0600 if it is new. */
static void write_file(const char *path, const void *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, p, len), 0);
	assert_int_equal(close(fd), 0);
}

#endif
