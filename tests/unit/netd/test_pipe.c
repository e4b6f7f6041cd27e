/* SPDX-License-Identifier: ISC */
/* netd/pipe and net/timer: what keeps sealpost-net's loop from ever blocking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/timer.h"
#include "netd/pipe.h"

#define LARGE (4u << 20)

/* A frame far larger than the socket's buffer goes out piece by piece, and arrives whole. */
static void large_frame(void **state)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct pipe out = PIPE_INIT(-1), in = PIPE_INIT(-1);
	enum frame_kind kind;
	char *data = malloc(LARGE);
	int sock[2];

	(void)state;
	memset(data, 'x', LARGE);
	data[LARGE - 1] = 'z';
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sock), 0);
	out.sock = sock[0];
	in.sock = sock[1];
	assert_int_equal(pipe_put(&out, FRAME_REPLY, data, LARGE, NULL), 0);
	assert_int_equal(pipe_write(&out, NULL), 0);
	assert_true(pipe_unsent(&out));
	assert_int_equal(pipe_read(&in, NULL), 1);
	/* A second one is queued behind the half that is left. */
	assert_int_equal(pipe_put(&out, FRAME_TRACE, "line", 4, NULL), 0);
	while (pipe_unsent(&out)) {
		assert_int_equal(pipe_write(&out, NULL), 0);
		assert_int_equal(pipe_read(&in, NULL), 1);
	}
	assert_int_equal(frame_take(&in.in, &kind, &body, NULL), 1);
	assert_int_equal(kind, FRAME_REPLY);
	assert_int_equal(body.len, LARGE);
	assert_memory_equal(body.p, data, LARGE);
	buf_reset(&body);
	assert_int_equal(frame_take(&in.in, &kind, &body, NULL), 1);
	assert_int_equal(kind, FRAME_TRACE);
	assert_string_equal(buf_str(&body), "line");
	assert_int_equal(pipe_read(&in, NULL), 1);
	close(sock[0]);
	assert_int_equal(pipe_read(&in, NULL), 0);
	close(sock[1]);
	pipe_free(&out);
	pipe_free(&in);
	buf_free(&body);
	free(data);
}

static void limits(void **state)
{
	struct pipe p = PIPE_INIT(-1);
	char *data = calloc(1, FRAME_MAX + 1);
	int rc = 0, n;

	(void)state;
	assert_int_equal(pipe_put(&p, FRAME_REPLY, data, FRAME_MAX + 1, NULL), ERR_INTERNAL);
	assert_false(pipe_unsent(&p));
	for (n = 0; rc == 0 && n < 100; n++) {
		assert_int_equal(pipe_full(&p), p.out.len > PIPE_OUT_FULL);
		rc = pipe_put(&p, FRAME_REPLY, data, FRAME_MAX, NULL);
	}
	assert_int_equal(rc, ERR_INTERNAL);
	assert_true(p.out.len >= PIPE_OUT_MAX - FRAME_MAX - 16 && p.out.len <= PIPE_OUT_MAX);
	assert_int_equal(pipe_write(&p, NULL), ERR_OS);
	pipe_free(&p);
	free(data);
}

static struct timers timers;
static struct timer t[3];
static char fired[16];

static void fire(void *arg)
{
	size_t n = strlen(fired);

	fired[n] = *(const char *)arg;
	fired[n + 1] = '\0';
	if (*(const char *)arg == 'a')
		timer_stop(&timers, &t[1]);
	if (*(const char *)arg == 'c' && n < 3)
		timer_set(&timers, &t[2], 40, fire, (void *)(uintptr_t) "d");
}

static void deadlines(void **state)
{
	(void)state;
	assert_int_equal(timers_wait(&timers, 0, 500), 500);
	timer_set(&timers, &t[2], 30, fire, (void *)(uintptr_t) "c");
	timer_set(&timers, &t[1], 10, fire, (void *)(uintptr_t) "b");
	timer_set(&timers, &t[0], 10, fire, (void *)(uintptr_t) "a");
	timer_set(&timers, &t[0], 10, fire, (void *)(uintptr_t) "a"); /* moved, not doubled */
	assert_int_equal(timers_wait(&timers, 4, 500), 6);
	assert_int_equal(timers_wait(&timers, 4, 5), 5);
	assert_int_equal(timers_wait(&timers, 11, 500), 0);
	timers_run(&timers, 9);
	assert_string_equal(fired, "");
	timers_run(&timers, 10);
	assert_string_equal(fired, "a"); /* it stopped b */
	timers_run(&timers, 30);
	assert_string_equal(fired, "ac");
	timers_run(&timers, 40);
	assert_string_equal(fired, "acd");
	assert_null(timers.first);
	timer_stop(&timers, &t[0]);
	assert_int_equal(timers_wait(&timers, 50, 500), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(large_frame), cmocka_unit_test(limits),
		cmocka_unit_test(deadlines)};

	return cmocka_run_group_tests_name("pipe", tests, NULL, NULL);
}
