/* SPDX-License-Identifier: ISC */
/* What the tests of wkd/methods share: an address's places on the Web, and what is said of one
 * method. */
#ifndef SEALPOST_TEST_METHODS_UTIL_H
#define SEALPOST_TEST_METHODS_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_net.h"
#include "wkd/methods.h"

#define HASH "iy9q119eutrkn8s1mk4r39qejnbu3n5q" /* of joe.doe, in any case */
#define ADV "https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/" HASH
#define DIR "https://example.org/.well-known/openpgpkey/hu/" HASH

#define KEY                                                                                        \
	"\x99"                                                                                     \
	"ey" /* at first sight */

struct expect {
	enum method_status status;
	bool proved;
	enum dns_state dnssec;
	enum tls_auth tls;
	const char *url;    /* NULL: not compared */
	const char *reason; /* part of it; NULL: there must be none */
	enum control control;
	const char *body; /* of METHOD_FOUND; NULL: KEY */
};

static void check_method(const struct method_result *r, const struct expect *e)
{
	assert_int_equal(r->status, e->status);
	assert_int_equal(r->proved, e->proved);
	assert_int_equal(r->dnssec, e->dnssec);
	assert_int_equal(r->tls, e->tls);
	if (e->url)
		assert_string_equal(r->url, e->url);
	assert_non_null(r->reason);
	if (!e->reason)
		assert_string_equal(r->reason, "");
	else
		assert_non_null(strstr(r->reason, e->reason));
	/* Only where it is said do two reasons come together. */
	if (!e->reason || !strstr(e->reason, "wildcard"))
		assert_null(strstr(r->reason, "wildcard"));
	assert_int_equal(r->wildcard, e->status == METHOD_FOUND && e->reason);
	assert_false(r->proxy_down);
	assert_int_equal(r->control, e->control);
	assert_int_equal(r->n_body, e->status == METHOD_FOUND);
	if (e->status == METHOD_FOUND) {
		const char *body = e->body ? e->body : KEY;

		assert_int_equal(r->body[0].len, strlen(body));
		assert_memory_equal(r->body[0].data, body, strlen(body));
	}
}

#endif
