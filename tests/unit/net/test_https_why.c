/* SPDX-License-Identifier: ISC */
/* Why an HTTPS request failed, and what of it is a fact of its own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509_vfy.h>

#include "net/https.h"
#include "net/https_why.h"

static void each_failure(void **state)
{
	static const struct {
		const char *name;
		struct https_failure f;
		const char *want; /* it begins so */
		bool wrong_name, proxy_down;
	} row[] = {
		{"stopped by us",
			{.code = CURLE_COULDNT_CONNECT, .stopped = "why", .proxied = true}, "why",
			false, false},
		{"stopped by us while TLS began",
			{.code = CURLE_ABORTED_BY_CALLBACK, .stopped = "why"}, "why", false, false},
		{"no connection", {.code = CURLE_COULDNT_CONNECT, .os_errno = EHOSTUNREACH},
			"no route to host", false, false},
		{"no connection, and no errno", {.code = CURLE_COULDNT_CONNECT},
			"connection refused", false, false},
		{"the proxy is not there",
			{.code = CURLE_COULDNT_CONNECT, .proxied = true, .os_errno = ECONNREFUSED},
			"the proxy itself cannot be used (Connection refused)", false, true},
		{"nor is there an errno",
			{.code = CURLE_COULDNT_CONNECT, .proxied = true, .detail = "words"},
			"the proxy itself cannot be used (words)", false, true},
		{"it speaks no SOCKS", {.code = CURLE_PROXY, .proxied = true, .detail = "words"},
			"the proxy itself cannot be used (words)", false, true},
		{"it does not reach the host",
			{.code = CURLE_PROXY,
				.proxied = true,
				.proxy_error = CURLPX_REPLY_HOST_UNREACHABLE},
			"the proxy did not reach it (host unreachable)", false, false},
		{"it must not", {.code = CURLE_PROXY, .proxy_error = CURLPX_REPLY_NOT_ALLOWED},
			"the proxy did not reach it (not allowed by its rules)", false, false},
		{"it wants a password",
			{.code = CURLE_PROXY, .proxy_error = CURLPX_NO_AUTH, .detail = "words"},
			"the proxy itself cannot be used (words)", false, true},
		{"late", {.code = CURLE_OPERATION_TIMEDOUT, .connect_ms = 2500},
			"no connection within 2.5 s", false, false},
		{"another name", {.code = CURLE_PEER_FAILED_VERIFICATION, .verified = true},
			"TLS: its certificate is not for this name", true, false},
		{"TLSA does not match",
			{.code = CURLE_ABORTED_BY_CALLBACK, .verified = true, .dane_failed = true},
			"TLS: its certificate does not match the TLSA record", false, false},
		{"not trusted",
			{.code = CURLE_PEER_FAILED_VERIFICATION,
				.verify_error = X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN},
			"TLS: self", false, false},
		{"expired",
			{.code = CURLE_PEER_FAILED_VERIFICATION,
				.verify_error = X509_V_ERR_CERT_HAS_EXPIRED},
			"TLS: certificate has expired", false, false},
		{"no TLS", {.code = CURLE_SSL_CONNECT_ERROR, .detail = "words"},
			"TLS: no agreement with the server (words)", false, false},
		{"half an answer", {.code = CURLE_PARTIAL_FILE}, "the answer broke off", false,
			false},
		{"too much of a header", {.code = CURLE_OUT_OF_MEMORY, .header = true},
			"its header is too large", false, false},
		{"no memory", {.code = CURLE_OUT_OF_MEMORY, .detail = "words"}, "words", false,
			false},
		{"anything else", {.code = CURLE_WRITE_ERROR, .detail = "words"}, "words", false,
			false},
	};
	char out[HTTPS_REASON_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		https_why(&row[i].f, out);
		if (strncmp(out, row[i].want, strlen(row[i].want)) != 0 ||
			https_wrong_name(&row[i].f) != row[i].wrong_name ||
			https_tls_failed(&row[i].f) != (strncmp(row[i].want, "TLS: ", 5) == 0) ||
			https_proxy_down(&row[i].f) != row[i].proxy_down)
			fail_msg("%s: %s", row[i].name, out);
	}
}

/* That a host refuses connections is known of itself only, and by the system's word. */
static void refused(void **state)
{
	static const struct {
		const char *name;
		struct https_failure f;
		bool want;
	} row[] = {
		{"refused", {.code = CURLE_COULDNT_CONNECT, .os_errno = ECONNREFUSED}, true},
		{"no errno", {.code = CURLE_COULDNT_CONNECT}, false},
		{"no route", {.code = CURLE_COULDNT_CONNECT, .os_errno = EHOSTUNREACH}, false},
		{"by a proxy",
			{.code = CURLE_COULDNT_CONNECT, .os_errno = ECONNREFUSED, .proxied = true},
			false},
		{"late", {.code = CURLE_OPERATION_TIMEDOUT, .os_errno = ECONNREFUSED}, false},
		{"stopped by us",
			{.code = CURLE_COULDNT_CONNECT, .os_errno = ECONNREFUSED, .stopped = "why"},
			false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (https_refused(&row[i].f) != row[i].want)
			fail_msg("%s", row[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure), cmocka_unit_test(refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
