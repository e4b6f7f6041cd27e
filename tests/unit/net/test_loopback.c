/* SPDX-License-Identifier: ISC */
/*
 * net/smtp, net/https and net/dns on loopback: servers that refuse, hang up, or speak no TLS; a
 * child each.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <poll.h>

#include "base/clock.h"
#include "net/net.h"
#include "net/smtp.h"

#define WAIT_MS 10000

/* A socket on loopback; -1: there is no loopback here. */
static int open_socket(int type, uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -1;
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* Says each of its lines when the one before was answered; "" ends it at once. */
static _Noreturn void speak(int listening, const char *const *line)
{
	char heard[512];
	int fd = accept(listening, NULL, NULL);

	for (; fd >= 0 && *line; line++) {
		if (write(fd, *line, strlen(*line)) < 0)
			break;
		if (line[1] && read(fd, heard, sizeof(heard)) <= 0)
			break;
	}
	if (fd >= 0 && read(fd, heard, sizeof(heard)) < 0)
		_exit(1);
	_exit(0);
}

static struct smtp_result seen;
static bool over;

static void on_session_end(void *arg, const struct smtp_result *r)
{
	(void)arg;
	seen = *r;
	over = true;
}

static const struct row {
	const char *name;
	const char *line[6];
	enum smtp_stage stage;
	bool injected;
	const char *why; /* part of it */
} rows[] = {
	{"hangs up", {""}, SMTP_NO_SERVER, false, ""},
	{"not SMTP", {"HTTP/1.1 400 Bad Request\r\n\r\n"}, SMTP_NO_SERVER, false, ""},
	{"does not serve us", {"554 go away\r\n", "221 bye\r\n"}, SMTP_NO_SERVER, false,
		"does not serve us"},
	{"no STARTTLS", {"220 mx ESMTP\r\n", "250-mx\r\n250 SIZE 1000\r\n", "221 bye\r\n"},
		SMTP_NO_STARTTLS, false, "STARTTLS"},
	{"EHLO is refused", {"220 mx\r\n", "502 no\r\n", "502 no\r\n", "221 bye\r\n"},
		SMTP_NO_SERVER, false, "EHLO"},
	{"starttls in lower case",
		{"220 mx\r\n", "250-mx\r\n250 starttls\r\n", "454 not now\r\n", "221 bye\r\n"},
		SMTP_NO_TLS, false, "refuses it"},
	{"StartTLS in mixed case",
		{"220 mx\r\n", "250-mx\r\n250-StartTLS\r\n250 SIZE\r\n", "454 not now\r\n",
			"221 bye\r\n"},
		SMTP_NO_TLS, false, "refuses it"},
	{"STARTTLS is refused",
		{"220-mx\r\n220 ESMTP\r\n", "250-mx\r\n250 STARTTLS\r\n", "454 not now\r\n",
			"221 bye\r\n"},
		SMTP_NO_TLS, false, "refuses it"},
	{"STARTTLS, and no TLS behind it",
		{"220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", "hello\r\n"},
		SMTP_NO_TLS, false, ""},
	{"more behind the reply to STARTTLS",
		{"220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n250 injected\r\n", "x"},
		SMTP_NO_TLS, true, ""},
};

static void run_session(struct net *net, const struct row *row, int listening, uint16_t port)
{
	struct smtp_request q = {.host = row ? row->name : "mx.example", .port = port};
	struct smtp_session *s = NULL;
	int64_t until = clock_ms() + WAIT_MS;
	pid_t pid = 0;

	q.ip.b[0] = 127;
	q.ip.b[3] = 1;
	q.name[0] = q.host;
	over = false;
	if (row) {
		fflush(NULL);
		pid = fork();
		if (pid == 0)
			speak(listening, row->line);
	}
	assert_int_equal(smtp_start(net, &q, on_session_end, NULL, &s, NULL), 0);
	while (!over && clock_ms() < until) {
		struct pollfd fd = {.fd = smtp_fd(net->smtp), .events = POLLIN};

		(void)poll(&fd, 1, timers_wait(&net->timers, clock_ms(), 1000));
		smtp_process(net->smtp);
		timers_run(&net->timers, clock_ms());
	}
	assert_true(over);
	if (pid > 0)
		assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void mail_servers(void **state)
{
	struct net net = {.smtp = smtp_open("", 3000, 3000)};
	bool bad = false;
	uint16_t port;
	size_t i;
	int fd = open_socket(SOCK_STREAM, &port);

	(void)state;
	if (fd < 0)
		skip();
	assert_non_null(net.smtp);
	/* Nobody listens yet. */
	run_session(&net, NULL, fd, port);
	assert_int_equal(seen.stage, SMTP_NO_CONNECTION);
	assert_int_equal(listen(fd, 8), 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_session(&net, &rows[i], fd, port);
		if (seen.stage != rows[i].stage || seen.injected != rows[i].injected ||
			!strstr(seen.why, rows[i].why) || !seen.why[0]) {
			print_message("# %s: stage %d%s: %s\n", rows[i].name, (int)seen.stage,
				seen.injected ? ", injected" : "", seen.why);
			bad = true;
		}
	}
	assert_false(bad);
	close(fd);
	smtp_close(net.smtp);
}

static unsigned told;

static void on_told(void *arg, const struct smtp_result *r)
{
	*(enum smtp_stage *)arg = r->stage;
	told++;
}

static void wait_until_told(struct net *net, unsigned n)
{
	int64_t until = clock_ms() + WAIT_MS;

	while (told < n && clock_ms() < until) {
		struct pollfd fd = {.fd = smtp_fd(net->smtp), .events = POLLIN};

		(void)poll(&fd, 1, timers_wait(&net->timers, clock_ms(), 100));
		smtp_process(net->smtp);
		timers_run(&net->timers, clock_ms());
	}
	assert_int_equal(told, n);
}

/* Those who ask the same of a mail server at about the same time: the child answers one connection.
 */
static void one_visit(void **state)
{
	static const char *const answers_no[] = {"220 mx\r\n", "250 mx\r\n", "221 bye\r\n", NULL};
	static const char *const hangs_up[] = {"", NULL};
	static const struct {
		const char *name;
		const char *const *line;
		bool dane;
		const char *host, *next_hop; /* of the one who comes afterwards */
		uint8_t usage;
		bool new; /* it needs a connection of its own */
		enum smtp_stage stage;
	} row[] = {
		{"the same", answers_no, false, "mx.example", "b.example", 3, false,
			SMTP_NO_STARTTLS},
		{"DANE-EE: for another domain", answers_no, true, "mx.example", "b.example", 3,
			false, SMTP_NO_STARTTLS},
		{"DANE-TA: its names count", answers_no, true, "mx.example", "b.example", 2, true,
			SMTP_NO_STARTTLS},
		{"another host", answers_no, false, "mx2.example", "a.example", 3, true,
			SMTP_NO_STARTTLS},
		{"what failed counts no more", hangs_up, false, "mx.example", "a.example", 3, true,
			SMTP_NO_SERVER},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct net net = {.smtp = smtp_open("", 3000, 3000)};
		uint16_t port;
		int fd = open_socket(SOCK_STREAM, &port);
		struct tlsa_set tlsa = {
			.n = row[i].dane, .v = {{.usage = row[i].usage, .matching = 1}}};
		struct smtp_request q = {.host = "mx.example",
			.port = port,
			.tlsa = &tlsa,
			.ip = {.b = {127, 0, 0, 1}},
			.name = {"mx.example", "a.example"}};
		enum smtp_stage stage[4] = {0};
		struct smtp_session *s;
		pid_t pid;

		if (fd < 0)
			skip();
		assert_int_equal(listen(fd, 8), 0);
		fflush(NULL);
		pid = fork();
		if (pid == 0)
			speak(fd, row[i].line);
		told = 0;
		for (k = 0; k < 3; k++)
			assert_int_equal(smtp_start(&net, &q, on_told, &stage[k], &s, NULL), 0);
		/* Who does not wait any more leaves the others. */
		smtp_cancel(s);
		wait_until_told(&net, 2);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		close(fd); /* a new one is refused */
		q.host = row[i].host;
		q.name[1] = row[i].next_hop;
		assert_int_equal(smtp_start(&net, &q, on_told, &stage[3], &s, NULL), 0);
		assert_int_equal(told, 2);
		wait_until_told(&net, 3);
		if (stage[0] != row[i].stage || stage[1] != row[i].stage || stage[2] != 0 ||
			stage[3] != (row[i].new ? SMTP_NO_CONNECTION : row[i].stage))
			fail_msg("%s: %d %d %d %d", row[i].name, stage[0], stage[1], stage[2],
				stage[3]);
		smtp_close(net.smtp);
	}
}

static struct https_result got;
static int answers;

static void on_got(void *arg, struct https_result *r)
{
	(void)arg;
	got = *r;
	answers++;
}

/* Port 443 of an address where nobody serves that name. */
static void web_servers(void **state)
{
	struct net_ip ip = {.b = {127, 255, 255, 253}};
	struct https_request q = {.url = "https://nobody.example/x",
		.host = "nobody.example",
		.ip = &ip,
		.n_ip = 1,
		.max_body = 1000};
	int64_t until = clock_ms() + WAIT_MS;
	struct https_get *one = NULL, *other = NULL;
	struct https *h = NULL;

	(void)state;
	assert_int_equal(https_open("", 3000, "", &h, NULL), 0);
	assert_int_equal(https_prepare(h, NULL), 0);
	if (https_get(h, &q, on_got, NULL, &one, NULL) < 0)
		skip(); /* there are no authorities here */
	q.head = q.look = true;
	assert_int_equal(https_get(h, &q, on_got, NULL, &other, NULL), 0);
	assert_string_equal(https_so_far(other, "no answer")->reason, "no answer");
	https_cancel(other);
	while (answers == 0 && clock_ms() < until) {
		https_wait(h, NULL, 0, 1000);
		https_process(h);
	}
	assert_int_equal(answers, 1);
	assert_int_equal(got.status, 0);
	assert_false(got.complete);
	assert_int_equal(got.tls, TLS_NONE);
	assert_true(got.reason[0] != '\0');
	https_cancel(NULL);
	assert_false(https_untrusting(h));
	https_close(h);
	/* Without authorities that can be read no server is to blame. */
	assert_int_equal(https_open("/nonexistent", 3000, "", &h, NULL), 0);
	assert_int_equal(https_prepare(h, NULL), 0);
	assert_false(https_untrusting(h));
	assert_int_equal(https_get(h, &q, on_got, NULL, &one, NULL), ERR_CONFIG);
	assert_true(https_untrusting(h));
	https_close(h);
}

/* Refuses every question. */
static _Noreturn void refuse_questions(int fd)
{
	unsigned char p[1500];
	struct sockaddr_in from;
	socklen_t len;
	ssize_t n;

	for (;;) {
		len = sizeof(from);
		n = recvfrom(fd, p, sizeof(p), 0, (struct sockaddr *)&from, &len);
		if (n < 12)
			_exit(0);
		p[2] |= 0x80;
		p[3] = 5;
		(void)sendto(fd, p, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
}

static enum dns_state state_seen;
static int dns_answers, local_answers;

static void on_dns(void *arg, const struct dns_answer *a)
{
	(void)arg;
	state_seen = a->state;
	assert_int_equal(a->n, 0);
	assert_true(a->note[0] != '\0');
	dns_answers++;
}

static const char anchor[] = ". 172800 IN DS 20326 8 2 "
			     "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";

static void on_silent(void *arg, const struct dns_answer *a)
{
	(void)arg;
	assert_int_equal(a->state, DNS_ERROR);
	assert_string_equal(a->note, "nobody there");
	local_answers++;
}

/* What is asked about it is answered by the next dns_process, for which nobody has to wait. */
static void silent_domain(struct dns *d)
{
	struct dns_query *q = NULL, *other = NULL;

	assert_false(dns_knows_domain(d, "dead.example"));
	dns_note_domain(d, "dead.example", "nobody there");
	assert_true(dns_knows_domain(d, "dead.example"));
	assert_int_equal(dns_ask(d, "mail.dead.example", DNS_A, on_silent, NULL, &q, NULL), 0);
	assert_int_equal(dns_ask(d, "dead.example", DNS_MX, on_silent, NULL, &other, NULL), 0);
	assert_int_equal(dns_wait(d, clock_ms(), 500), 0);
	dns_cancel(other);
	dns_process(d);
	assert_int_equal(local_answers, 1);
	assert_true(dns_wait(d, clock_ms(), 500) > 0);
}

static void on_too_long(void *arg, const struct dns_answer *a)
{
	(void)arg;
	assert_int_equal(a->state, DNS_SECURE);
	assert_true(a->nxdomain);
	assert_int_equal(a->n, 0);
	assert_int_equal(a->rcode, 3);
	assert_string_equal(a->note, "");
	local_answers++;
}

/* There is no name of more than 253 octets, and nobody needs to be asked for that. */
static void name_that_is_too_long(struct dns *d)
{
	static const struct {
		size_t octets;
		const char *end;
		bool too_long;
	} row[] = {{253, "", false}, {253, ".", false}, {254, "", true}, {254, ".", true},
		{300, "", true}};
	struct dns_query *q = NULL;
	char name[320];
	size_t i, k;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		for (k = 0; k < row[i].octets; k++)
			name[k] = k % 60 == 59 ? '.' : 'a';
		snprintf(name + k, sizeof(name) - k, "%s", row[i].end);
		local_answers = 0;
		assert_int_equal(dns_ask(d, name, DNS_A, on_too_long, NULL, &q, NULL), 0);
		if (row[i].too_long)
			dns_process(d);
		else
			dns_cancel(q);
		assert_int_equal(local_answers, row[i].too_long);
	}
}

static void resolver_that_refuses(void **state)
{
	char file[] = "/tmp/test_loopback.XXXXXX", resolver[32];
	struct dns_settings s = {.resolver = resolver, .trust_anchor = file};
	struct dns_query *q = NULL, *other = NULL;
	int64_t until = clock_ms() + 2 * WAIT_MS;
	struct err err = ERR_INIT;
	struct dns *d = NULL;
	uint16_t port;
	pid_t pid;
	int fd = mkstemp(file), sock = open_socket(SOCK_DGRAM, &port);

	(void)state;
	assert_int_equal(write(fd, anchor, sizeof(anchor) - 1), sizeof(anchor) - 1);
	close(fd);
	if (sock < 0) {
		unlink(file);
		skip();
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		refuse_questions(sock);
	snprintf(resolver, sizeof(resolver), "127.0.0.1@%u", port);
	assert_int_equal(dns_open(&s, &d, &err), 0);
	dns_foresee(d, "example.org");
	assert_int_equal(dns_ask(d, "example.org", DNS_MX, on_dns, NULL, &q, &err), 0);
	assert_int_equal(dns_ask(d, "example.org", DNS_A, on_dns, NULL, &other, &err), 0);
	assert_int_equal(dns_young(d), 2);
	dns_cancel(other);
	assert_true(dns_on_trial(d, clock_ms()));
	assert_false(dns_on_trial(d, clock_ms() + WAIT_MS));
	assert_int_equal(dns_open_questions(d), 1);
	assert_int_equal(dns_ask_apart(d, "example.org", DNS_SOA, on_dns, NULL, &other, &err), 0);
	assert_int_equal(dns_young(d), 2);
	assert_int_equal(dns_open_questions(d), 1);
	dns_end_apart(d);
	dns_cancel(other);
	dns_end_apart(d);
	silent_domain(d);
	name_that_is_too_long(d);
	while (dns_answers == 0 && clock_ms() < until) {
		struct pollfd p = {.fd = dns_fd(d), .events = POLLIN};

		(void)poll(&p, 1, dns_wait(d, clock_ms(), 500));
		dns_process(d);
	}
	assert_int_equal(dns_answers, 1);
	assert_true(state_seen == DNS_ERROR || state_seen == DNS_BOGUS);
	assert_non_null(dns_doubt(d));
	dns_close(d);
	close(sock);
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(mail_servers),
		cmocka_unit_test(one_visit), cmocka_unit_test(web_servers),
		cmocka_unit_test(resolver_that_refuses)};

	return cmocka_run_group_tests_name("loopback", tests, NULL, NULL);
}
