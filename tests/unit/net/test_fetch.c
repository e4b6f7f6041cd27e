/* SPDX-License-Identifier: ISC */
/* net/fetch: redirects, each hop resolved and validated, and never from outside to inside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_net.h"
#include "net/fetch.h"

#define U(host, path) "https://" host ".example/" path

static const struct row {
	const char *name;
	const char *ip; /* of the first host */
	struct fake_dns dns[4];
	struct fake_url url[8];
	enum fetch_status status;
	const char *last; /* URL of the result */
	enum tls_auth tls;
	const char *reason; /* part of it */
} rows[] = {
	{"no redirect", "192.0.2.1", {{NULL}}, {{U("a", ""), 200, "key"}}, FETCH_OK, U("a", ""),
		TLS_WEBPKI, ""},
	{"to another host", "192.0.2.1", {{"b.example", DNS_A, DNS_SECURE, "192.0.2.2"}},
		{{U("a", ""), 302, NULL, U("b", "k")},
			{U("b", "k"), 200, "key", NULL, "192.0.2.2"}},
		FETCH_OK, U("b", "k"), TLS_WEBPKI, ""},
	{"gone at the other host", "192.0.2.1", {{"b.example", DNS_A, DNS_SECURE, "192.0.2.2"}},
		{{U("a", ""), 302, NULL, U("b", "k")}, {U("b", "k"), 404}}, FETCH_GONE, U("b", "k"),
		TLS_WEBPKI, "b.example: has none"},
	{"301", "192.0.2.1", {{NULL}}, {{U("a", ""), 301, NULL, "/1"}, {U("a", "1"), 410}},
		FETCH_FAILED, U("a", "1"), TLS_WEBPKI, "a.example: does not exist"},
	{"303, 307, 308", "192.0.2.1", {{"a.example", DNS_AAAA, DNS_SECURE, "2001:db8::1"}},
		{{U("a", ""), 303, NULL, "/1"}, {U("a", "1"), 307, NULL, "/2"},
			{U("a", "2"), 308, NULL, "/3"}, {U("a", "3"), 200, "key"}},
		FETCH_OK, U("a", "3"), TLS_WEBPKI, ""},
	{"300 is no redirect", "192.0.2.1", {{NULL}}, {{U("a", ""), 300, NULL, "/1"}}, FETCH_FAILED,
		U("a", ""), TLS_WEBPKI, "a.example: HTTP status 300"},
	{"five hops", "192.0.2.1", {{"a.example", DNS_A, DNS_SECURE, "192.0.2.1"}},
		{{U("a", ""), 302, NULL, "/1"}, {U("a", "1"), 302, NULL, "/2"},
			{U("a", "2"), 302, NULL, "/3"}, {U("a", "3"), 302, NULL, "/4"},
			{U("a", "4"), 302, NULL, "/5"}, {U("a", "5"), 200, "key"}},
		FETCH_OK, U("a", "5"), TLS_WEBPKI, ""},
	{"six hops", "192.0.2.1", {{"a.example", DNS_A, DNS_SECURE, "192.0.2.1"}},
		{{U("a", ""), 302, NULL, "/1"}, {U("a", "1"), 302, NULL, "/2"},
			{U("a", "2"), 302, NULL, "/3"}, {U("a", "3"), 302, NULL, "/4"},
			{U("a", "4"), 302, NULL, "/5"}, {U("a", "5"), 302, NULL, "/6"}},
		FETCH_FAILED, U("a", "5"), TLS_WEBPKI, "redirected too often"},
	{"circle", "192.0.2.1", {{"a.example", DNS_A, DNS_SECURE, "192.0.2.1"}},
		{{U("a", ""), 302, NULL, "/1"}, {U("a", "1"), 302, NULL, "/"}}, FETCH_FAILED,
		U("a", "1"), TLS_WEBPKI, "in a loop"},
	{"to itself", "192.0.2.1", {{NULL}}, {{U("a", ""), 302, NULL, U("a", "#x")}}, FETCH_FAILED,
		U("a", ""), TLS_WEBPKI, "in a loop"},
	{"without Location", "192.0.2.1", {{NULL}}, {{U("a", ""), 302}}, FETCH_FAILED, U("a", ""),
		TLS_WEBPKI, "without a target"},
	{"to http", "192.0.2.1", {{NULL}}, {{U("a", ""), 302, NULL, "http://a.example/"}},
		FETCH_FAILED, U("a", ""), TLS_WEBPKI,
		"a.example: redirected to something other than https"},
	{"bogus host", "192.0.2.1", {{"b.example", DNS_A, DNS_BOGUS}},
		{{U("a", ""), 302, NULL, U("b", "")}, {U("b", ""), 200, "key"}}, FETCH_FAILED,
		U("b", ""), TLS_WEBPKI, "b.example: its address is unknown"},
	{"outside to inside", "192.0.2.1", {{"b.example", DNS_A, DNS_SECURE, "10.0.0.1 127.0.0.1"}},
		{{U("a", ""), 302, NULL, U("b", "")}, {U("b", ""), 200, "key"}}, FETCH_FAILED,
		U("b", ""), TLS_WEBPKI, "private address"},
	{"outside to both: the outer one", "192.0.2.1",
		{{"b.example", DNS_A, DNS_SECURE, "10.0.0.1 192.0.2.2"}},
		{{U("a", ""), 302, NULL, U("b", "")}, {U("b", ""), 200, "key", NULL, "192.0.2.2"}},
		FETCH_OK, U("b", ""), TLS_WEBPKI, ""},
	{"inside to inside", "10.0.0.1", {{"b.example", DNS_A, DNS_SECURE, "192.168.0.1"}},
		{{U("a", ""), 302, NULL, U("b", "")},
			{U("b", ""), 200, "key", NULL, "192.168.0.1"}},
		FETCH_OK, U("b", ""), TLS_WEBPKI, ""},
	{"inside to outside to inside", "10.0.0.1",
		{{"b.example", DNS_A, DNS_SECURE, "192.0.2.2"},
			{"c.example", DNS_A, DNS_SECURE, "10.0.0.1"}},
		{{U("a", ""), 302, NULL, U("b", "")}, {U("b", ""), 302, NULL, U("c", "")},
			{U("c", ""), 200, "key"}},
		FETCH_FAILED, U("c", ""), TLS_WEBPKI, "c.example: a redirect to a private address"},
	{"no host at all", "0.0.0.0", {{NULL}}, {{U("a", ""), 200, "key"}}, FETCH_FAILED,
		U("a", ""), TLS_NONE, "a.example: its address is not that of a host"},
};

static const struct row *row;
static unsigned ended;

static void on_fetched(void *arg, struct fetch_result *r)
{
	(void)arg;
	ended++;
	assert_int_equal(r->status, row->status);
	assert_string_equal(r->url, row->last);
	assert_int_equal(r->tls, row->tls);
	assert_non_null(strstr(r->reason, row->reason));
	assert_int_equal(r->status == FETCH_OK, r->reason[0] == '\0');
	if (r->status == FETCH_OK)
		assert_string_equal(buf_str(r->body), "key");
}

static void fetches(void **state)
{
	struct host_answer at = {.status = HOST_FOUND, .n_ip = 1};
	struct fetch_request q = {
		.url = U("a", ""), .host = "a.example", .at = &at, .hops = 99, .max_body = 100};
	struct net net = {0};
	struct fetch *f;

	(void)state;
	for (row = rows; row < rows + sizeof(rows) / sizeof(rows[0]); row++) {
		struct err err = ERR_INIT;

		print_message("# %s\n", row->name);
		fake_reset(row->dns, row->url);
		ended = 0;
		assert_int_equal(inet_pton(AF_INET, row->ip, at.ip[0].b), 1);
		if (fetch_start(&net, &q, NULL, on_fetched, NULL, &f, &err) < 0) {
			assert_non_null(strstr(err.msg, row->reason));
			assert_int_equal(row->tls, TLS_NONE);
			continue;
		}
		while (fake_step(&net.timers))
			;
		assert_int_equal(ended, 1);
		assert_int_equal(fake_open, 0);
	}
}

/* One that is forgotten while it waits leaves nothing behind and says nothing. */
static void forgotten(void **state)
{
	static const struct fake_dns dns[] = {{"b.example", DNS_A, 0}, {NULL}};
	static const struct fake_url url[] = {{U("a", ""), 302, NULL, U("b", "")}, {NULL}};
	struct host_answer at = {.status = HOST_FOUND, .n_ip = 1, .ip[0].b = {192, 0, 2, 1}};
	struct fetch_request q = {
		.url = U("a", ""), .host = "a.example", .at = &at, .hops = 5, .max_body = 100};
	struct net net = {0};
	struct fetch *f;

	(void)state;
	fake_reset(dns, url);
	ended = 0;
	assert_int_equal(fetch_start(&net, &q, NULL, on_fetched, NULL, &f, NULL), 0);
	assert_string_equal(fetch_waiting(f), "a.example: no answer");
	while (fake_step(&net.timers))
		;
	assert_string_equal(fetch_waiting(f), "b.example: no answer from its name servers");
	assert_string_equal(fetch_url(f), U("b", ""));
	fetch_cancel(f);
	assert_int_equal(ended, 0);
	assert_int_equal(fake_open, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(fetches), cmocka_unit_test(forgotten)};

	return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
