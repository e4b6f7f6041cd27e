/* SPDX-License-Identifier: ISC */
/* The names of the values in an answer to check, as JSON and the page show them. */
#include "wire/check.h"

#include <stddef.h>

const char *check_dane_name(enum check_dane d)
{
	static const char *const name[] = {[DANE_NOT_ASKED] = NULL,
		[DANE_USABLE] = "usable",
		[DANE_UNUSABLE] = "unusable",
		[DANE_INSECURE] = "insecure",
		[DANE_NONE] = "none",
		[DANE_UNKNOWN] = "unknown"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == DANE_UNKNOWN + 1, "a name for each");
	return name[d];
}

const char *check_outcome_name(enum check_outcome o)
{
	static const char *const name[] = {[CHECK_NOT_ASKED] = NULL,
		[CHECK_FOUND] = "found",
		[CHECK_NONE] = "none",
		[CHECK_INVALID] = "invalid",
		[CHECK_UNKNOWN] = "unknown"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == CHECK_UNKNOWN + 1, "a name for each");
	return name[o];
}

const char *check_result_name(enum check_result r)
{
	static const char *const name[] = {[RESULT_NONE] = NULL,
		[RESULT_STARTTLS_NOT_SUPPORTED] = "starttls-not-supported",
		[RESULT_CERTIFICATE_HOST_MISMATCH] = "certificate-host-mismatch",
		[RESULT_CERTIFICATE_EXPIRED] = "certificate-expired",
		[RESULT_CERTIFICATE_NOT_TRUSTED] = "certificate-not-trusted",
		[RESULT_VALIDATION_FAILURE] = "validation-failure",
		[RESULT_TLSA_INVALID] = "tlsa-invalid",
		[RESULT_DNSSEC_INVALID] = "dnssec-invalid",
		[RESULT_DANE_REQUIRED] = "dane-required",
		[RESULT_STS_POLICY_FETCH_ERROR] = "sts-policy-fetch-error",
		[RESULT_STS_POLICY_INVALID] = "sts-policy-invalid",
		[RESULT_STS_WEBPKI_INVALID] = "sts-webpki-invalid"};

	_Static_assert(
		sizeof(name) / sizeof(name[0]) == RESULT_STS_WEBPKI_INVALID + 1, "a name for each");
	return name[r];
}

const char *check_sts_mode_name(enum check_sts_mode m)
{
	static const char *const name[] = {[STS_MODE_NONE] = "none",
		[STS_MODE_TESTING] = "testing",
		[STS_MODE_ENFORCE] = "enforce"};

	_Static_assert(sizeof(name) / sizeof(name[0]) == STS_MODE_ENFORCE + 1, "a name for each");
	return name[m];
}
