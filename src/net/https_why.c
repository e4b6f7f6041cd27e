/* SPDX-License-Identifier: ISC */
#include "net/https_why.h"

#include <errno.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

#include "net/clock_hint.h"
#include "net/https.h"

bool https_wrong_name(const struct https_failure *f)
{
	return f->code == CURLE_PEER_FAILED_VERIFICATION && !f->stopped && f->verified &&
	       !f->dane_failed;
}

bool https_tls_failed(const struct https_failure *f)
{
	return !f->stopped &&
	       (f->code == CURLE_ABORTED_BY_CALLBACK || f->code == CURLE_PEER_FAILED_VERIFICATION ||
		       f->code == CURLE_SSL_CONNECT_ERROR);
}

bool https_refused(const struct https_failure *f)
{
	return f->code == CURLE_COULDNT_CONNECT && !f->stopped && !f->proxied &&
	       f->os_errno == ECONNREFUSED;
}

static void why_certificate(const struct https_failure *f, char *out)
{
	char hint[CLOCK_HINT_MAX] = "";
	const char *why;

	if (f->dane_failed)
		why = "its certificate does not match the TLSA record";
	else if (f->verified)
		why = "its certificate is not for this name";
	else
		why = X509_verify_cert_error_string(f->verify_error);
	if (!f->verified && (f->verify_error == X509_V_ERR_CERT_NOT_YET_VALID ||
				    f->verify_error == X509_V_ERR_CERT_HAS_EXPIRED))
		clock_hint(hint);
	snprintf(out, HTTPS_REASON_MAX, "TLS: %.160s%s", why, hint);
}

static void why_connect(int os, char *out)
{
	snprintf(out, HTTPS_REASON_MAX, "%s", strerror(os ? os : ECONNREFUSED));
	if (out[0] >= 'A' && out[0] <= 'Z')
		out[0] = (char)(out[0] - 'A' + 'a');
}

/* What the proxy said of what is behind it (RFC 1928 section 6); NULL: nothing. */
static const char *proxy_reply(int error)
{
	static const struct {
		int error;
		const char *why;
	} said[] = {{CURLPX_REPLY_GENERAL_SERVER_FAILURE, "general failure"},
		{CURLPX_REPLY_NOT_ALLOWED, "not allowed by its rules"},
		{CURLPX_REPLY_NETWORK_UNREACHABLE, "network unreachable"},
		{CURLPX_REPLY_HOST_UNREACHABLE, "host unreachable"},
		{CURLPX_REPLY_CONNECTION_REFUSED, "connection refused"},
		{CURLPX_REPLY_TTL_EXPIRED, "TTL expired"}};
	size_t i;

	for (i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		if (said[i].error == error)
			return said[i].why;
	}
	return NULL;
}

static bool proxy_failed(const struct https_failure *f)
{
	return !f->stopped &&
	       (f->code == CURLE_PROXY || (f->code == CURLE_COULDNT_CONNECT && f->proxied));
}

bool https_proxy_down(const struct https_failure *f)
{
	return proxy_failed(f) && !proxy_reply(f->proxy_error);
}

static void why_proxy(const struct https_failure *f, const char *detail, char *out)
{
	const char *reply = proxy_reply(f->proxy_error);

	if (reply)
		snprintf(out, HTTPS_REASON_MAX, "the proxy did not reach it (%s)", reply);
	else
		snprintf(out, HTTPS_REASON_MAX, "the proxy itself cannot be used (%.160s)", detail);
}

void https_why(const struct https_failure *f, char *out)
{
	if (f->stopped) {
		snprintf(out, HTTPS_REASON_MAX, "%s", f->stopped);
		return;
	}
	switch (f->code) {
	case CURLE_PROXY:
		why_proxy(f, f->detail, out);
		break;
	case CURLE_COULDNT_CONNECT:
		if (f->proxied)
			why_proxy(f, f->os_errno ? strerror(f->os_errno) : f->detail, out);
		else
			why_connect(f->os_errno, out);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		snprintf(out, HTTPS_REASON_MAX, "no connection within %.1f s",
			f->connect_ms / 1000.0);
		break;
	case CURLE_ABORTED_BY_CALLBACK:
	case CURLE_PEER_FAILED_VERIFICATION:
		why_certificate(f, out);
		break;
	case CURLE_SSL_CONNECT_ERROR:
		snprintf(out, HTTPS_REASON_MAX, "TLS: no agreement with the server (%.160s)",
			f->detail);
		break;
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_HTTP2_STREAM:
		snprintf(out, HTTPS_REASON_MAX, "the answer broke off");
		break;
	case CURLE_OUT_OF_MEMORY:
		/* So libcurl says, too, of a header field beyond its limit. */
		snprintf(out, HTTPS_REASON_MAX, "%s",
			f->header ? "its header is too large" : f->detail);
		break;
	default:
		snprintf(out, HTTPS_REASON_MAX, "%.200s", f->detail);
		break;
	}
}
