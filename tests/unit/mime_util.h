/* SPDX-License-Identifier: ISC */
/* What the tests of messages share: messages from text. */
#ifndef SEALPOST_TEST_MIME_UTIL_H
#define SEALPOST_TEST_MIME_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "mime/message.h"
#include "mime/source.h"

#define N_OF(a) (sizeof(a) / sizeof((a)[0]))

static const struct source_opts from_pipe = {.max = 1u << 20};

/* A file that holds the octets, at its beginning. */
static inline int file_of(const void *p, size_t n)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, p, n), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* A pipe that gives the octets; n must fit into it. */
static inline int pipe_of(const void *p, size_t n)
{
	int fd[2];

	assert_true(n <= 65536);
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(fd_write_all(fd[1], p, n), 0);
	close(fd[1]);
	return fd[0];
}

/* A source from text, through a pipe: it lives in memory. */
static inline void source_of(struct source *s, const void *p, size_t n)
{
	int fd = pipe_of(p, n);

	assert_int_equal(source_open(s, fd, &from_pipe, NULL), 0);
	close(fd);
}

/* All of a descriptor from its present place, NUL-ended, malloc'ed. */
static inline char *text_of(int fd, size_t *n)
{
	struct buf b = BUF_INIT(64u << 20);

	assert_int_equal(fd_read_all(fd, &b, NULL), 0);
	assert_int_equal(buf_addc(&b, '\0'), 0);
	if (n)
		*n = b.len - 1;
	return (char *)b.p;
}

/* haystack with every LF made CRLF, malloc'ed. */
static inline char *crlf_of(const char *s)
{
	char *out = malloc(2 * strlen(s) + 1), *w = out;

	assert_non_null(out);
	for (; *s; s++) {
		if (*s == '\n')
			*w++ = '\r';
		*w++ = *s;
	}
	*w = '\0';
	return out;
}

#endif
