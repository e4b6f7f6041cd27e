/* SPDX-License-Identifier: ISC */
/* Shared by the tests of process/runner*.c: a folder with a configuration and stub programs that
 * write down what they get. */
#ifndef RUNNER_UTIL_H
#define RUNNER_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "base/spawn.h"
#include "process/runner.h"
#include "process/runner_priv.h"

#define MAIL "Subject: x\n\nbody\n"
#define ALL_SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

static char dir[FILE_PATH_MAX];
static char path_buf[4][FILE_PATH_MAX];

static const char *at(const char *name)
{
	static unsigned turn;
	char *p = path_buf[turn++ % 4];

	assert_int_equal(path_join(p, dir, name), 0);
	return p;
}

static void put(const char *name, mode_t mode, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void put(const char *name, mode_t mode, const char *fmt, ...)
{
	FILE *f = fopen(at(name), "we");
	va_list ap;

	assert_non_null(f);
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(at(name), mode), 0);
}

/* The file's text, "" if it is not there. Static. */
static const char *text(const char *name)
{
	static struct buf b = BUF_INIT(65536);

	buf_reset(&b);
	(void)file_read(at(name), &b, ERR_IO, NULL);
	return buf_str(&b);
}

/* An MTA that writes down its arguments and its input, and does more. */
static void put_mta(const char *name, const char *more)
{
	put(name, 0700, "#!/bin/sh\nprintf '%%s|' \"$@\" >'%s/argv'\ncat >'%s/stdin'\n%s\n", dir,
		dir, more);
}

static int setup(void **state)
{
	static char root[FILE_PATH_MAX];

	(void)state;
	assert_int_equal(dir_make_temp(dir, NULL), 0);
	assert_int_equal(dir_temp_root(root, NULL), 0);
	put_mta("mta", "");
	put_mta("mta-work", "echo to stdout; echo to stderr >&2; exit 75");
	put_mta("mta-slow", "exec sleep 100");
	put_mta("mta-late", "sleep 0.3; echo finished >>\"$(dirname \"$0\")/argv\"");
	put_mta("mta-dies", "kill -9 $$");
	put("conf", 0600,
		"[sealpost]\nmta = %s/mta --of-ours\nmta-timeout = 1\n"
		"[identity work]\nfrom = me@work.example\nmta = %s/mta-work\n"
		"[identity slow]\nfrom = me@slow.example\nmta = %s/mta-slow\n"
		"[identity late]\nfrom = me@late.example\nmta = %s/mta-late\n"
		"[identity dies]\nfrom = me@dies.example\nmta = %s/mta-dies\n",
		dir, dir, dir, dir, dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	dir_remove(dir);
	dir_temp_root_remove();
	return 0;
}

static int mail_fd(int seals)
{
	int fd = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, MAIL, sizeof(MAIL) - 1), sizeof(MAIL) - 1);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void start(struct runner *r)
{
	assert_int_equal(runner_start(r, at("conf"), false, false, NULL), 0);
}

/* One hand-off to a@b.example and c@b.example, or to rcpt; what runner_handoff says. */
static int hand(struct runner *r, const char *identity, const char *sender, const char *name,
	int fd, struct handoff_result *x, struct err *err)
{
	struct addr rcpt[2];
	struct handoff h = {.rcpt = rcpt, .n_rcpt = 2};

	assert_int_equal(addr_parse("A@b.example", &rcpt[0], NULL), 0);
	assert_int_equal(addr_parse("\"-x y\"@b.example", &rcpt[1], NULL), 0);
	snprintf(h.identity, sizeof(h.identity), "%s", identity);
	snprintf(h.sender, sizeof(h.sender), "%s", sender);
	snprintf(h.fullname, sizeof(h.fullname), "%s", name);
	(void)unlink(at("argv"));
	(void)unlink(at("stdin"));
	return runner_handoff(r, &h, fd, -1, x, err);
}

#endif
