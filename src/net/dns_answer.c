/* SPDX-License-Identifier: ISC */
#include "net/dns_answer.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "net/packet.h"

#define RCODE_NOERROR 0
#define RCODE_NXDOMAIN 3

enum dns_state dns_classify(const struct dns_flags *f)
{
	if (f->rc != 0)
		return DNS_ERROR;
	if (f->bogus)
		return DNS_BOGUS;
	if (f->rcode != RCODE_NOERROR && f->rcode != RCODE_NXDOMAIN)
		return DNS_ERROR;
	/* Answers that contradict themselves prove nothing. */
	if (f->nxdomain && (f->havedata || f->rcode != RCODE_NXDOMAIN))
		return DNS_ERROR;
	if (f->havedata && f->rcode != RCODE_NOERROR)
		return DNS_ERROR;
	return f->secure ? DNS_SECURE : DNS_INSECURE;
}

const char *dns_type_name(uint16_t type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_CNAME:
		return "CNAME";
	case DNS_SOA:
		return "SOA";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_AAAA:
		return "AAAA";
	case DNS_DS:
		return "DS";
	case DNS_DNSKEY:
		return "DNSKEY";
	case DNS_TLSA:
		return "TLSA";
	case DNS_OPENPGPKEY:
		return "OPENPGPKEY";
	case DNS_CAA:
		return "CAA";
	default:
		return "?";
	}
}

const char *dns_rcode_name(unsigned rcode)
{
	static const char *const name[] = {
		"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};

	return rcode < sizeof(name) / sizeof(name[0]) ? name[rcode] : "?";
}

struct dns_flags dns_flags_of(int rc, const struct ub_result *res)
{
	if (rc || !res)
		return (struct dns_flags){.rc = -1};
	return (struct dns_flags){.rcode = res->rcode,
		.havedata = res->havedata,
		.nxdomain = res->nxdomain,
		.secure = res->secure,
		.bogus = res->bogus};
}

const char *dns_canon_of(const char *name, const struct ub_result *res, char *out)
{
	size_t len;

	out[0] = '\0';
	if (!res->canonname || strlen(res->canonname) > DNS_NAME_MAX)
		return out;
	snprintf(out, DNS_NAME_MAX + 1, "%s", res->canonname);
	len = strlen(out);
	if (len > 1 && out[len - 1] == '.')
		out[len - 1] = '\0';
	if (strcasecmp(out, name) == 0)
		out[0] = '\0';
	return out;
}

/* libunbound has made sure that all signatures have the same number of labels. */
bool dns_is_wildcard(const struct ub_result *res)
{
	return res->answer_packet && res->answer_len > 0 &&
	       dns_packet_wildcard(res->answer_packet, (size_t)res->answer_len);
}

bool dns_is_signed(const struct ub_result *res)
{
	return res->answer_packet && res->answer_len > 0 &&
	       dns_packet_signed(res->answer_packet, (size_t)res->answer_len);
}
