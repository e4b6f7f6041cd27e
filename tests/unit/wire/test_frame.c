/* SPDX-License-Identifier: ISC */
/* wire/: frames and the lookup messages in them; what does not fit must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "poll_fails.h"
#include "wire/lookup.h"

static char *word(const char *s)
{
	char *p = strdup(s);

	assert_non_null(p);
	return p;
}

static void fill(struct lookup_reply *a)
{
	memset(a, 0, sizeof(*a));
	a->id = 7;
	a->ms = 42;
	a->ours = true;
	a->wkd = (struct method_result){.status = METHOD_FOUND,
		.method = METHOD_WKD_ADVANCED,
		.dnssec = DNS_SECURE,
		.tls = TLS_WEBPKI,
		.wildcard = true,
		.url = word("https://x.example/"),
		.reason = word(""),
		.ttl = 300,
		.n_body = 1};
	a->wkd.body[0].data = (uint8_t *)word("a-b");
	a->wkd.body[0].data[1] = 0;
	a->wkd.body[0].len = 3;
	a->dane = (struct method_result){.status = METHOD_FAILED,
		.method = METHOD_OPENPGPKEY,
		.dnssec = DNS_BOGUS,
		.proxy_down = true,
		.url = word(""),
		.reason = word("bogus")};
	a->dns = calloc(1, sizeof(*a->dns));
	a->n_dns = 1;
	a->dns[0] = (struct evidence_dns){.name = word("x.example"),
		.type = 28,
		.state = DNS_SECURE,
		.rcode = 3,
		.nxdomain = true,
		.note = word("n")};
	a->url = calloc(1, sizeof(*a->url));
	a->n_url = 1;
	a->url[0] = (struct evidence_url){.url = word("https://x.example/"),
		.status = 200,
		.tls = TLS_WEBPKI,
		.ip = "192.0.2.1",
		.note = word("")};
}

static void round_trip(void **state)
{
	struct lookup_reply in, out;
	struct wr w = WR_INIT;
	struct rd r;

	(void)state;
	fill(&in);
	lookup_reply_write(&w, &in);
	assert_false(w.bad);
	rd_init(&r, w.b.p, w.b.len);
	assert_int_equal(lookup_reply_read(&r, &out, NULL), 0);
	assert_int_equal(out.id, 7);
	assert_int_equal(out.wkd.status, METHOD_FOUND);
	assert_int_equal(out.wkd.body[0].len, 3);
	assert_memory_equal(out.wkd.body[0].data, in.wkd.body[0].data, 3);
	assert_string_equal(out.dane.reason, "bogus");
	assert_int_equal(out.dane.dnssec, DNS_BOGUS);
	assert_int_equal(out.n_dns, 1);
	assert_true(out.dns[0].nxdomain);
	assert_string_equal(out.url[0].ip, "192.0.2.1");
	lookup_reply_free(&out);
	lookup_reply_free(&in);
	wr_free(&w);
}

/* Every shorter prefix is refused, and so is one octet more; every changed octet is read or
 * refused. */
static void damaged(void **state)
{
	struct lookup_reply in, out;
	struct wr w = WR_INIT;
	struct rd r;
	size_t i;

	(void)state;
	fill(&in);
	lookup_reply_write(&w, &in);
	for (i = 0; i < w.b.len; i++) {
		rd_init(&r, w.b.p, i);
		assert_int_equal(lookup_reply_read(&r, &out, NULL), ERR_INTERNAL);
	}
	for (i = 0; i < w.b.len; i++) {
		w.b.p[i] ^= 0xff;
		rd_init(&r, w.b.p, w.b.len);
		if (lookup_reply_read(&r, &out, NULL) == 0)
			lookup_reply_free(&out);
		w.b.p[i] ^= 0xff;
	}
	wr_u8(&w, 0);
	rd_init(&r, w.b.p, w.b.len);
	assert_int_equal(lookup_reply_read(&r, &out, NULL), ERR_INTERNAL);
	lookup_reply_free(&in);
	wr_free(&w);
}

/* Found without a body is a verdict made of nothing. */
static void found_without_body(void **state)
{
	struct lookup_reply in, out;
	struct wr w = WR_INIT;
	struct rd r;

	(void)state;
	fill(&in);
	in.wkd.n_body = 0;
	lookup_reply_write(&w, &in);
	rd_init(&r, w.b.p, w.b.len);
	assert_int_equal(lookup_reply_read(&r, &out, NULL), ERR_INTERNAL);
	in.wkd.n_body = 1;
	lookup_reply_free(&in);
	wr_free(&w);
}

/* What is too much is not written, and a number that is too large is not cut down to one that is
 * not. */
static void out_of_bounds(void **state)
{
	struct lookup_reply in, out;
	struct evidence_dns *one;
	struct wr w = WR_INIT;
	struct rd r;
	uint8_t *name;

	(void)state;
	fill(&in);
	lookup_reply_write(&w, &in);
	name = memmem(w.b.p, w.b.len, "x.example\0\0\0\x1c", 13);
	assert_non_null(name);
	name[10] = 1; /* of the type, 65536 + 28 */
	rd_init(&r, w.b.p, w.b.len);
	assert_int_equal(lookup_reply_read(&r, &out, NULL), ERR_INTERNAL);
	wr_free(&w);
	one = in.dns;
	in.dns = calloc(256 + LOOKUP_EVIDENCE_MAX, sizeof(*in.dns));
	assert_non_null(in.dns);
	for (in.n_dns = LOOKUP_EVIDENCE_MAX; in.n_dns <= 256 + 1;
		in.n_dns += 256 - LOOKUP_EVIDENCE_MAX + 1) {
		w = (struct wr)WR_INIT;
		lookup_reply_write(&w, &in);
		assert_int_equal(w.bad, in.n_dns > LOOKUP_EVIDENCE_MAX);
		wr_free(&w);
	}
	free(in.dns);
	in.dns = one;
	in.n_dns = 1;
	lookup_reply_free(&in);
}

static void request_checks_the_address(void **state)
{
	static const char *const bad[] = {
		"-x@b.example", "root", "a@[192.0.2.1]", "a@b..example", ""};
	struct lookup_request q;
	struct wr w;
	struct rd r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w = (struct wr)WR_INIT;
		wr_u32(&w, 1);
		wr_u8(&w, METHOD_WKD);
		wr_u8(&w, 0);
		wr_str(&w, bad[i]);
		rd_init(&r, w.b.p, w.b.len);
		assert_int_equal(lookup_request_read(&r, &q, NULL), ERR_INTERNAL);
		wr_free(&w);
	}
}

static void descriptors(void **state)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct wr w = WR_INIT;
	enum frame_kind kind;
	int s[2], fd, got;
	bool eof;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	wr_str(&w, "hello");
	assert_int_equal(frame_send(s[0], -1, FRAME_HANDOFF, &w, fd, NULL), 0);
	assert_int_equal(frame_recv(s[1], clock_ms() + 1000, &kind, &body, &got, NULL, NULL), 0);
	assert_int_equal(kind, FRAME_HANDOFF);
	assert_true(got >= 0);
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	close(got);
	buf_reset(&body);
	/* where none is expected it is closed and refused */
	assert_int_equal(frame_send(s[0], -1, FRAME_HANDOFF, &w, fd, NULL), 0);
	assert_int_equal(
		frame_recv(s[1], clock_ms() + 1000, &kind, &body, NULL, NULL, NULL), ERR_INTERNAL);
	close(s[0]);
	close(s[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
	assert_int_equal(
		frame_recv(s[1], clock_ms() + 10, &kind, &body, &got, NULL, NULL), ERR_TEMP);
	close(s[0]);
	assert_int_equal(
		frame_recv(s[1], clock_ms() + 1000, &kind, &body, &got, &eof, NULL), ERR_IO);
	assert_true(eof);
	close(s[1]);
	close(fd);
	buf_free(&body);
	wr_free(&w);
}

static void too_large(void **state)
{
	static const uint8_t head[][5] = {
		{0xff, 0xff, 0xff, 0xff, 1}, {0, 0, 0, 0, 1}, {1, 0, 0, 2, 1}};
	struct buf in = BUF_INIT(FRAME_MAX), body = BUF_INIT(FRAME_MAX);
	enum frame_kind kind;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		buf_reset(&in);
		buf_add(&in, head[i], 5);
		assert_int_equal(frame_take(&in, &kind, &body, NULL), ERR_INTERNAL);
	}
	buf_free(&in);
	buf_free(&body);
}

static void taken_piecewise(void **state)
{
	static const uint8_t bytes[] = {0, 0, 0, 3, FRAME_LOOKUP, 'a', 'b', 0, 0, 0, 1, FRAME_OK};
	struct buf in = BUF_INIT(FRAME_MAX), body = BUF_INIT(FRAME_MAX);
	enum frame_kind kind;
	size_t i, frames = 0;

	(void)state;
	for (i = 0; i < sizeof(bytes); i++) {
		buf_add(&in, bytes + i, 1);
		while (frame_take(&in, &kind, &body, NULL) == 1) {
			assert_int_equal(kind, frames == 0 ? FRAME_LOOKUP : FRAME_OK);
			frames++;
		}
	}
	assert_int_equal(frames, 2);
	assert_string_equal(buf_str(&body), "ab");
	assert_int_equal(in.len, 0);
	buf_free(&in);
	buf_free(&body);
}

/* How long a helper that hangs may hold up whoever asked. */
static void talks_end(void **state)
{
	static const struct {
		const char *name;
		uint32_t timeout_ms;
		size_t n;
		int64_t ms;
	} rows[] = {
		{"1 one question", 10000, 1, 15000},
		{"2 as many as begin together", 10000, 49, 15000},
		{"3 one more", 10000, 50, 25000},
		{"4 many", 1000, 5000, 106000},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("%s\n", rows[i].name);
		assert_int_equal(talk_ms(rows[i].timeout_ms, rows[i].n), rows[i].ms);
	}
}

/* That nothing can be waited for is an error; reading all the same would wait for ever. */
static void waiting_fails(void **state)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct err err = ERR_INIT;
	enum frame_kind kind;
	int pair[2], rc;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	alarm(30);
	poll_error = EIO;
	rc = frame_recv(pair[0], clock_ms() + 60000, &kind, &body, NULL, NULL, &err);
	poll_error = 0;
	alarm(0);
	assert_int_equal(rc, ERR_OS);
	close(pair[0]);
	close(pair[1]);
	buf_free(&body);
}

/* A peer that does not read holds nobody up; one that reads late gets all of it. */
static void peer_reads(void **state)
{
	static const struct {
		const char *name;
		size_t len, n; /* of a frame; frames */
		bool reads;
		int64_t ms; /* -1: without a limit */
		int rc;
	} rows[] = {
		{"1 a large frame, nobody reads", 4 << 20, 1, false, 100, ERR_TEMP},
		{"2 many small ones", 100, 100000, false, 100, ERR_TEMP},
		{"3 one that fits", 100, 1, false, 100, 0},
		{"4 one that fits, though the time is over", 100, 1, false, 0, 0},
		{"5 read, within the time", 4 << 20, 1, true, 60000, 0},
		{"6 read, without a limit", 4 << 20, 2, true, -1, 0},
	};
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	enum frame_kind kind;
	size_t i, k;
	int s[2], rc;
	pid_t pid;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct wr w = WR_INIT;
		const int64_t until = rows[i].ms < 0 ? -1 : clock_ms() + rows[i].ms;
		char *text = calloc(1, rows[i].len);

		print_message("%s\n", rows[i].name);
		wr_bytes(&w, text, rows[i].len);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s), 0);
		pid = rows[i].reads ? fork() : -1;
		if (pid == 0) {
			alarm(60);
			for (k = rc = 0; rc == 0 && k < rows[i].n; k++) {
				buf_reset(&body);
				rc = frame_recv(s[1], -1, &kind, &body, NULL, NULL, NULL);
				if (body.len != rows[i].len + 4)
					rc = -1;
			}
			_exit(rc != 0);
		}
		alarm(60);
		for (k = rc = 0; rc == 0 && k < rows[i].n; k++)
			rc = frame_send(s[0], until, FRAME_LOOKUP, &w, -1, NULL);
		alarm(0);
		assert_int_equal(rc, rows[i].rc);
		if (pid > 0) {
			assert_int_equal(waitpid(pid, &rc, 0), pid);
			assert_int_equal(rc, 0);
		}
		close(s[0]);
		close(s[1]);
		wr_free(&w);
		free(text);
	}
	buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(talks_end),
		cmocka_unit_test(round_trip), cmocka_unit_test(damaged),
		cmocka_unit_test(found_without_body), cmocka_unit_test(out_of_bounds),
		cmocka_unit_test(request_checks_the_address), cmocka_unit_test(descriptors),
		cmocka_unit_test(too_large), cmocka_unit_test(taken_piecewise),
		cmocka_unit_test(waiting_fails), cmocka_unit_test(peer_reads)};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
