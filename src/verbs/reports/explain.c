/* SPDX-License-Identifier: ISC */
/* The meaning of each result of RFC 8460 section 4.3 for the owner of the domain. */
#include "verbs/reports/report.h"

static const struct report_explained explained[] = {
	[RESULT_NONE] = {"a kind of failure that this version does not know",
		"look it up in RFC 8460 section 4.3 or its registry, or ask the sender's contact"},
	[RESULT_STARTTLS_NOT_SUPPORTED] = {"the server did not offer STARTTLS, or somebody on the "
					   "way took the offer out",
		"look whether it offers STARTTLS to everybody: sealpost check --live; if it "
		"does, somebody between it and the sender is attacking"},
	[RESULT_CERTIFICATE_HOST_MISMATCH] = {"the server's certificate is not for its name",
		"get a certificate that names the host as the MX record does, or correct the MX "
		"record and the policy's mx lines"},
	[RESULT_CERTIFICATE_EXPIRED] = {"the server's certificate has expired",
		"renew it, and let the mail server load it again; see that renewal is automatic"},
	[RESULT_CERTIFICATE_NOT_TRUSTED] =
		{"the sender does not trust who issued the server's certificate",
			"send the whole chain, not the host's certificate alone, of an authority "
			"that is "
			"widely trusted"},
	[RESULT_VALIDATION_FAILURE] = {"the session failed for a reason that has no name",
		"see the reason code, and the mail server's log for the sender's network and day"},
	[RESULT_TLSA_INVALID] = {"the TLSA records do not fit the certificate, or none can be used",
		"publish TLSA 3 1 1 of the key that is in use; before a key is changed, publish "
		"the "
		"next one beside it and wait two TTLs"},
	[RESULT_DNSSEC_INVALID] = {"the zone's signatures could not be validated",
		"fix its signatures and its DS record: sealpost check says which zone it is"},
	[RESULT_DANE_REQUIRED] = {"the sender demands DANE, and the server has no usable TLSA "
				  "record",
		"publish TLSA records in signed zones, or agree on something else with the sender"},
	[RESULT_STS_POLICY_FETCH_ERROR] = {"the MTA-STS policy could not be fetched",
		"let https://mta-sts.DOMAIN/.well-known/mta-sts.txt answer everybody, with "
		"status 200 and no redirection; or take the record at _mta-sts away"},
	[RESULT_STS_POLICY_INVALID] = {"the MTA-STS policy could not be read",
		"fix its lines: sealpost check names what is wrong"},
	[RESULT_STS_WEBPKI_INVALID] =
		{"the certificate of the policy's web server was not accepted",
			"get a certificate for mta-sts.DOMAIN of an authority that is widely "
			"trusted, "
			"and send its whole chain"},
};

_Static_assert(
	sizeof(explained) / sizeof(explained[0]) == RESULT_STS_WEBPKI_INVALID + 1, "one for each");

struct report_explained report_explain(enum check_result r)
{
	return explained[r];
}
