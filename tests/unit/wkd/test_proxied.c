/* SPDX-License-Identifier: ISC */
/* wkd/methods behind a proxy, and with methods left out. */
#include "methods_util.h"

static unsigned replies;

/* What only a proxy can resolve: nothing is asked, nothing is proved, and the direct method is out
 * of reach. */
static const struct proxied_row {
	struct fake_url url[3];
	struct expect wkd;
} proxied_rows[] = {
	{{{ADV, 200, KEY}, {DIR, 200, KEY}}, {METHOD_FOUND, false, 0, TLS_WEBPKI, ADV, NULL}},
	{{{ADV, 404}, {DIR, 200, KEY}},
		{METHOD_ABSENT, false, 0, TLS_WEBPKI, ADV, "that proves nothing"}},
	{{{ADV, 500}, {DIR, 200, KEY}},
		{METHOD_FAILED, false, 0, TLS_WEBPKI, ADV, "HTTP status 500"}},
	{{{ADV, FAKE_REFUSED}, {DIR, 200, KEY}},
		{METHOD_FAILED, false, 0, 0, ADV, "is unknown behind a proxy"}},
	{{{ADV, FAKE_WRONG_NAME}, {DIR, 200, KEY}},
		{METHOD_FAILED, false, 0, 0, ADV, "is unknown behind a proxy"}},
	{{{ADV, 302, NULL, DIR}, {DIR, 200, KEY}},
		{METHOD_FAILED, false, 0, TLS_WEBPKI, ADV, "redirected to another host"}},
};
static const struct proxied_row *proxied_row;

static void proxied_reply(void *arg, const struct lookup_reply *r)
{
	(void)arg;
	replies++;
	check_method(&r->wkd, &proxied_row->wkd);
	assert_int_equal(r->n_dns, 0);
	assert_int_equal(r->n_url, 1);
}

static void proxied(void **state)
{
	struct lookup_request q = {.id = 1, .methods = METHODS_ALL};
	struct methods_settings s = {
		.timeout_ms = 10000, .allowed = METHOD_WKD, .reply = proxied_reply};
	struct net net = {.proxied = true};
	struct methods *m = methods_new(&net, &s);

	(void)state;
	assert_int_equal(addr_parse("Joe.Doe@Example.ORG", &q.addr, NULL), 0);
	for (replies = 0, proxied_row = proxied_rows;
		replies < sizeof(proxied_rows) / sizeof(proxied_rows[0]); proxied_row++) {
		fake_reset(NULL, proxied_row->url);
		assert_int_equal(methods_start(m, &q, NULL), 0);
		while (fake_step(&net.timers))
			;
		assert_int_equal(fake_n_asked, 1);
		assert_int_equal(fake_open, 0);
	}
	methods_free(m);
}

static void none_reply(void *arg, const struct lookup_reply *r)
{
	(void)arg;
	replies++;
	assert_int_equal(r->wkd.status, METHOD_NOT_ASKED);
	assert_int_equal(r->dane.status, METHOD_NOT_ASKED);
}

/* What the settings leave out is not asked, whoever wants it. */
static void not_allowed(void **state)
{
	struct lookup_request q = {.id = 1, .methods = METHOD_DANE};
	struct methods_settings s = {
		.timeout_ms = 10000, .allowed = METHOD_WKD, .reply = none_reply};
	struct net net = {0};
	struct methods *m = methods_new(&net, &s);

	(void)state;
	fake_reset(NULL, NULL);
	replies = 0;
	assert_int_equal(addr_parse("joe@example.org", &q.addr, NULL), 0);
	assert_int_equal(methods_start(m, &q, NULL), 0);
	assert_int_equal(replies, 1);
	assert_int_equal(fake_n_asked, 0);
	methods_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proxied), cmocka_unit_test(not_allowed)};

	return cmocka_run_group_tests_name("proxied", tests, NULL, NULL);
}
