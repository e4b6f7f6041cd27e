/* SPDX-License-Identifier: ISC */
/* net/dns_chain: which keys are asked for beforehand. Each name once, no more levels than there may
 * be, never the root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/dns.h"
#include "net/dns_chain.h"

static char asked[4096];
static int refused; /* an error of libunbound's, or 0 */
static ub_callback_type answer;

/* In place of libunbound's. */
int ub_resolve_async(struct ub_ctx *ctx, const char *name, int rrtype, int rrclass, void *mydata,
	ub_callback_type callback, int *async_id)
{
	size_t n = strlen(asked);

	(void)ctx;
	assert_int_equal(rrclass, 1);
	assert_null(mydata);
	assert_null(async_id);
	answer = callback;
	if (rrtype == DNS_DS)
		snprintf(asked + n, sizeof(asked) - n, "%s%s", n ? " " : "", name);
	else
		snprintf(asked + n, sizeof(asked) - n, "+%s", rrtype == DNS_DNSKEY ? "KEY" : "?");
	return refused;
}

static void names(void **state)
{
	static const struct {
		const char *what, *domain[3], *asked;
	} row[] = {
		{"a domain and what is above it, from the top", {"mail.example.org"},
			"org+KEY example.org+KEY mail.example.org+KEY"},
		{"a top-level domain", {"org"}, "org+KEY"},
		{"twice", {"example.org", "example.org"}, "org+KEY example.org+KEY"},
		{"what two have in common", {"a.example.org", "b.example.org"},
			"org+KEY example.org+KEY a.example.org+KEY b.example.org+KEY"},
		{"one above another", {"a.b.org", "b.org"}, "org+KEY b.org+KEY a.b.org+KEY"},
		{"one below another", {"b.org", "a.b.org"}, "org+KEY b.org+KEY a.b.org+KEY"},
		{"a name that ends alike only", {"example.org", "ample.org"},
			"org+KEY example.org+KEY ample.org+KEY"},
		{"six levels at most", {"1.2.3.4.5.6.7.8"},
			"6.7.8+KEY 5.6.7.8+KEY 4.5.6.7.8+KEY 3.4.5.6.7.8+KEY "
			"2.3.4.5.6.7.8+KEY 1.2.3.4.5.6.7.8+KEY"},
		{"the levels above are not forgotten for that", {"1.2.3.4.5.6.7.8", "7.8"},
			"6.7.8+KEY 5.6.7.8+KEY 4.5.6.7.8+KEY 3.4.5.6.7.8+KEY "
			"2.3.4.5.6.7.8+KEY 1.2.3.4.5.6.7.8+KEY 8+KEY 7.8+KEY"},
		{"none", {""}, ""},
		{"the root is not asked about", {"org."}, "org.+KEY"},
		{"an empty label is libunbound's to refuse", {".org"}, "org+KEY .org+KEY"},
	};
	struct dns_chain c;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		print_message("%s\n", row[i].what);
		c = (struct dns_chain){.seen = NULL};
		asked[0] = '\0';
		for (j = 0; j < 3 && row[i].domain[j]; j++)
			dns_chain_ask(&c, NULL, row[i].domain[j]);
		assert_string_equal(asked, row[i].asked);
		dns_chain_free(&c);
		assert_null(c.seen);
	}
}

/* What libunbound does not take is not asked again; what it answers is let go, an error too. */
static void no_loss(void **state)
{
	struct dns_chain c = {.seen = NULL};

	(void)state;
	refused = -1;
	asked[0] = '\0';
	dns_chain_ask(&c, NULL, "example.org");
	dns_chain_ask(&c, NULL, "example.org");
	refused = 0;
	assert_string_equal(asked, "org+KEY example.org+KEY");
	answer(NULL, -1, NULL);
	answer(NULL, 0, calloc(1, sizeof(struct ub_result)));
	dns_chain_free(&c);
	dns_chain_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(no_loss)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
