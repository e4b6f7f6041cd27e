/* SPDX-License-Identifier: ISC */
/* poll(2) in the hands of a test. */
#ifndef SEALPOST_TESTS_POLL_FAILS_H
#define SEALPOST_TESTS_POLL_FAILS_H

#include <errno.h>
#include <poll.h>
#include <time.h>

static int poll_error; /* 0: it does not fail */
static size_t polls;

int poll(struct pollfd *p, nfds_t n, int ms)
{
	const struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	polls++;
	errno = poll_error;
	return poll_error ? -1 : ppoll(p, n, ms < 0 ? NULL : &t, NULL);
}

#endif
