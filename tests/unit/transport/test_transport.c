/* SPDX-License-Identifier: ISC */
/* Asking sealpost-net about the way to domains: what goes along, what is kept, and a helper that
 * does not keep to the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "store/sts.h"
#include "transport/transport.h"

#define TEXT "version: STSv1\nmode: enforce\nmx: mx.one.example\nmax_age: 86400\n"
#define S(text) ((char *)(uintptr_t)(text))

enum behaviour { HONEST, GONE, WRONG_ID, WRONG_DOMAIN, TWICE, UNBOUND, GARBAGE, CUT, STRANGE };

static char root[FILE_PATH_MAX];
static struct err err;
static struct app app;
static struct store *store;
static enum behaviour behaviour;
static pid_t helper;
static int port; /* that was asked for */

static _Noreturn void be_gone(int sock)
{
	close(sock);
	_exit(0);
}

/* One reply, honest but for what is spoilt. What was handed in comes back as the reason. n_mx: 0
 * for one that is bound by nothing. */
static void reply(
	int sock, const struct check_request *q, uint32_t id, const char *domain, size_t n_mx)
{
	static struct check_reply r;
	static struct check_mx mx;
	struct wr w = WR_INIT;
	char said[512];

	mx = (struct check_mx){
		.host = S("mx.one.example"), .address = CHECK_FOUND, .sts = FACT_YES};
	snprintf(said, sizeof(said), "%s %s", q->sts_id, q->sts_text ? q->sts_text : "");
	memset(&r, 0, sizeof(r));
	r.id = id;
	r.want = q->want;
	r.domain = S(domain);
	r.sts.txt_reason = said;
	r.mx_outcome = CHECK_FOUND;
	r.mx = &mx;
	r.n_mx = n_mx;
	r.sts.policy = CHECK_FOUND;
	r.sts.mode = STS_MODE_ENFORCE;
	r.sts.max_age = 86400;
	r.sts.fetched = (int64_t)time(NULL);
	r.sts.expires = r.sts.fetched + 86400;
	snprintf(r.sts.policy_id, sizeof(r.sts.policy_id), "a1");
	r.sts.text = S(TEXT);
	check_reply_write(&w, &r);
	if (frame_send(sock, -1, FRAME_CHECKED, &w, -1, NULL) < 0)
		_exit(3);
	wr_free(&w);
}

static void answer(int sock, const struct check_request *q)
{
	struct wr w = WR_INIT;

	switch (behaviour) {
	case HONEST:
		reply(sock, q, q->id, q->domain, 1);
		return;
	case GONE:
		if (q->id > 0)
			be_gone(sock);
		reply(sock, q, q->id, q->domain, 1);
		return;
	case WRONG_ID:
		reply(sock, q, q->id + 7, q->domain, 1);
		return;
	case WRONG_DOMAIN:
		reply(sock, q, q->id, "evil.example", 1);
		return;
	case TWICE:
		reply(sock, q, 0, "one.example", 1);
		return;
	case UNBOUND:
		reply(sock, q, q->id, q->domain, 0);
		return;
	case CUT:
		if (q->id == 0)
			return;
		(void)!write(sock, "\0\0\1\0\6abc", 8); /* the beginning of a frame */
		be_gone(sock);
	case GARBAGE:
		wr_u32(&w, 1);
		(void)frame_send(sock, -1, FRAME_CHECKED, &w, -1, NULL);
		return;
	case STRANGE:
		(void)frame_send(sock, -1, FRAME_DONE, &w, -1, NULL);
		return;
	}
}

/* In place of the real one: a helper that answers as the test wants. */
int runner_net(struct runner *r, uint16_t smtp_port, int *sock, struct err *e)
{
	struct buf body = BUF_INIT(FRAME_MAX + 1);
	struct check_request q;
	enum frame_kind kind;
	struct rd rd;
	int s[2];

	(void)r;
	(void)e;
	port = smtp_port;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	helper = fork();
	assert_true(helper >= 0);
	if (helper == 0) {
		close(s[0]);
		while (frame_recv(s[1], -1, &kind, &body, NULL, NULL, NULL) == 0 &&
			kind == FRAME_CHECK) {
			rd_init(&rd, body.p, body.len);
			if (check_request_read(&rd, &q, NULL) < 0)
				_exit(2);
			answer(s[1], &q);
			check_request_free(&q);
			buf_reset(&body);
		}
		_exit(0);
	}
	close(s[1]);
	*sock = s[0];
	return 0;
}

static int setup(void **state)
{
	char dir[FILE_PATH_MAX];

	(void)state;
	memset(&err, 0, sizeof(err));
	app.conf.net.timeout_ms = 60000;
	assert_int_equal(dir_make_temp(root, &err), 0);
	assert_int_equal(path_join(dir, root, "data"), 0);
	assert_int_equal(store_open(&store, dir, false, &err), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_close(store);
	store = NULL;
	dir_remove(root);
	return 0;
}

static void questions(struct transport *t)
{
	memset(t, 0, 2 * sizeof(*t));
	t[0].q.want = t[1].q.want = CHECK_TRANSPORT;
	snprintf(t[0].q.domain, sizeof(t[0].q.domain), "one.example");
	snprintf(t[1].q.domain, sizeof(t[1].q.domain), "two.example");
}

static int ask_both(struct transport *t, enum behaviour how, bool keep)
{
	int rc, status;

	behaviour = how;
	rc = transport_ask(&app, NULL, store, keep, t, 2, &err);
	assert_int_equal(waitpid(helper, &status, 0), helper);
	return rc;
}

static void free_both(struct transport *t)
{
	transport_free(&t[0]);
	transport_free(&t[1]);
}

static void policies_go_along_and_are_kept(void **state)
{
	struct sts_policy p;
	struct transport t[2];

	(void)state;
	questions(t);
	assert_int_equal(ask_both(t, HONEST, false), 0);
	assert_true(t[0].answered && t[1].answered);
	assert_string_equal(t[1].reply.domain, "two.example");
	assert_string_equal(t[0].reply.sts.txt_reason, " ");
	assert_int_equal(store_sts_get(store, "one.example", (int64_t)time(NULL), &p, &err), 0);
	free_both(t);

	questions(t);
	assert_int_equal(ask_both(t, HONEST, true), 0);
	assert_int_equal(store_sts_get(store, "one.example", (int64_t)time(NULL), &p, &err), 1);
	assert_string_equal(p.text, TEXT);
	assert_string_equal(p.id, "a1");
	sts_policy_free(&p);
	free_both(t);

	questions(t);
	assert_int_equal(ask_both(t, HONEST, true), 0);
	assert_string_equal(t[0].reply.sts.txt_reason, "a1 " TEXT);
	free_both(t);
}

static void a_helper_that_is_gone_leaves_the_rest_open(void **state)
{
	struct transport t[2];

	(void)state;
	questions(t);
	assert_int_equal(ask_both(t, CUT, true), 0);
	assert_false(t[0].answered);
	assert_false(t[1].answered);
	assert_string_not_equal(t[0].why, "");
	free_both(t);
	questions(t);
	assert_int_equal(ask_both(t, GONE, true), 0);
	assert_true(t[0].answered);
	assert_false(t[1].answered);
	assert_string_not_equal(t[1].why, "");
	free_both(t);
}

/* The verdict is made here, of the facts. */
static void a_policy_that_nobody_matches_binds_nobody(void **state)
{
	struct transport t[2];

	(void)state;
	questions(t);
	assert_int_equal(ask_both(t, HONEST, false), 0);
	assert_int_equal(t[0].protection.kind, PROTECTION_MTA_STS);
	free_both(t);
	questions(t);
	assert_int_equal(ask_both(t, UNBOUND, false), 0);
	assert_int_equal(t[0].protection.kind, PROTECTION_NONE);
	free_both(t);
}

static void what_was_not_asked_is_not_believed(void **state)
{
	static const enum behaviour row[] = {WRONG_ID, WRONG_DOMAIN, TWICE, GARBAGE, STRANGE};
	struct sts_policy p;
	struct transport t[2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		questions(t);
		if (ask_both(t, row[i], true) != ERR_INTERNAL)
			fail_msg("row %zu was believed", i);
		assert_false(t[1].answered);
		assert_int_equal(
			store_sts_get(store, "evil.example", (int64_t)time(NULL), &p, &err), 0);
		free_both(t);
	}
}

static void what_is_answered_is_not_asked_again(void **state)
{
	struct transport t[2];

	(void)state;
	questions(t);
	assert_int_equal(ask_both(t, HONEST, true), 0);
	helper = -1;
	behaviour = STRANGE;
	assert_int_equal(transport_ask(&app, NULL, store, true, t, 2, &err), 0);
	assert_int_equal(helper, -1);
	free_both(t);
}

/* The helper may speak SMTP where it is to, and nowhere else. */
static void the_port_of_smtp(void **state)
{
	static const struct {
		uint8_t want;
		uint16_t port;
		int wants;
	} row[] = {
		{CHECK_TRANSPORT, 0, 0},
		{CHECK_TRANSPORT, 2525, 0},
		{CHECK_TRANSPORT | CHECK_LIVE, 0, 25},
		{CHECK_TRANSPORT | CHECK_LIVE, 2525, 2525},
	};
	struct transport t[2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		questions(t);
		t[1].q.want = row[i].want;
		t[1].q.port = row[i].port;
		assert_int_equal(ask_both(t, HONEST, false), 0);
		assert_int_equal(port, row[i].wants);
		free_both(t);
	}
}

/* In two steps; or given up after the first. */
static void in_between(void **state)
{
	struct transport_round r;
	struct transport t[2];
	int status;

	(void)state;
	behaviour = HONEST;
	questions(t);
	assert_int_equal(transport_begin(&r, &app, NULL, store, t, 2, &err), 0);
	assert_false(t[0].answered);
	assert_int_equal(transport_end(&r, true, &err), 0);
	assert_true(t[0].answered && t[1].answered);
	assert_int_equal(waitpid(helper, &status, 0), helper);
	free_both(t);

	questions(t);
	assert_int_equal(transport_begin(&r, &app, NULL, store, t, 2, &err), 0);
	transport_cancel(&r);
	assert_false(t[0].answered || t[1].answered);
	assert_int_equal(waitpid(helper, &status, 0), helper);
	free_both(t);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {T(policies_go_along_and_are_kept),
		T(a_helper_that_is_gone_leaves_the_rest_open),
		T(a_policy_that_nobody_matches_binds_nobody), T(what_was_not_asked_is_not_believed),
		T(what_is_answered_is_not_asked_again), T(the_port_of_smtp), T(in_between)};

	return cmocka_run_group_tests_name("transport", tests, NULL, NULL);
}
