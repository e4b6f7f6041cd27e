/* SPDX-License-Identifier: ISC */
/* The findings about published keys. */
#include "verbs/check/page.h"

#include <stdio.h>
#include <string.h>

PAGE_KINDS(GROUP_KEYS);

static void method(struct check_page *p, const struct check_reply *r)
{
	const char *other = r->wkd_method == METHOD_WKD_ADVANCED ? "openpgpkey." : "";

	switch (r->wkd_outcome) {
	case CHECK_FOUND:
		page_add(p, &ok, "Web Key Directory", NULL, "clients ask %s%s (%s)", other,
			r->domain, lookup_method_name(r->wkd_method));
		break;
	case CHECK_NONE:
		page_add(p, &note, "Web Key Directory",
			"publish keys at https://openpgpkey.DOMAIN/", "none");
		break;
	case CHECK_INVALID:
	case CHECK_UNKNOWN:
		page_add(p, &unknown, "Web Key Directory",
			"every mail to the domain waits for this: let the host answer, or take its "
			"address away",
			"clients cannot tell whether a key exists");
		break;
	case CHECK_NOT_ASKED:
		break;
	}
}

/* Whether anything of a host was asked by HTTPS. */
static bool was_asked(const struct check_wkd *w)
{
	return w->policy.outcome != CHECK_NOT_ASKED || w->key.outcome != CHECK_NOT_ASKED;
}

static void host_name(struct check_page *p, const struct check_wkd *w, bool advanced)
{
	if (w->address == CHECK_UNKNOWN)
		page_add(p, &unknown, w->host,
			"fix its DNS: clients cannot tell whether a key exists", "%s", w->reason);
	if (w->address == CHECK_NONE && advanced)
		page_add(p, w->dnssec == DNS_SECURE ? &ok : &note, w->host, NULL,
			"does not exist (%s): the direct method is used",
			w->dnssec == DNS_SECURE ? "proved" : "unproved");
	if (w->address != CHECK_FOUND)
		return;
	if (advanced && w->wildcard != FACT_NOT_ASKED && w->wildcard != FACT_NO)
		page_add(p, &bad, w->host,
			"give openpgpkey.DOMAIN its own address, or a TXT record so that the "
			"wildcard skips it",
			"exists only because the domain answers for every name%s: it hides the "
			"direct method",
			w->wildcard == FACT_UNKNOWN ? ", perhaps" : "");
	switch (w->dane) {
	case DANE_USABLE:
		page_add(p, w->dane_match == FACT_NO ? &bad : &ok, w->host,
			w->dane_match == FACT_NO ? "publish _443._tcp TLSA that fits the "
						   "certificate: clients refuse the host"
						 : NULL,
			"TLSA record, and the certificate %s",
			w->dane_match == FACT_NO ? "does not match it" : "matches");
		break;
	case DANE_UNUSABLE:
		page_add(
			p, &warn, w->host, "publish TLSA 3 1 1", "its TLSA records cannot be used");
		break;
	case DANE_UNKNOWN:
		page_add(p, &unknown, w->host, "fix its zone",
			"it is unknown whether it has a TLSA record: %s", w->reason);
		break;
	case DANE_NONE:
		page_add(p, &note, w->host,
			"publish _443._tcp TLSA 3 1 1, so that no certificate authority can "
			"impersonate it",
			"signed address, no TLSA record");
		break;
	case DANE_INSECURE:
		page_add(p, &note, w->host, "sign its zone", "its address is not signed");
		break;
	case DANE_NOT_ASKED:
		break;
	}
	if (w->covers == FACT_NO)
		page_add(p, &bad, w->host, "get a certificate for this name",
			"its certificate is for other names");
}

static void policy_file(struct check_page *p, const struct check_wkd *w)
{
	const struct check_http *h = &w->policy;

	switch (h->outcome) {
	case CHECK_FOUND:
		page_add(p, w->policy_bad ? &warn : &ok, w->host,
			w->policy_bad
				? "write an empty policy file, or keywords of the draft, one a line"
				: NULL,
			"policy file%s%s%s", w->policy_flags[0] ? ": " : "", w->policy_flags,
			w->policy_bad ? ", with lines that mean nothing" : "");
		break;
	case CHECK_NONE:
		page_add(p, &warn, w->host,
			"publish .well-known/openpgpkey/.../policy; it may be empty",
			"no policy file");
		break;
	case CHECK_INVALID:
	case CHECK_UNKNOWN:
		page_add(p, &unknown, w->host, NULL, "policy file: %s", h->reason);
		break;
	case CHECK_NOT_ASKED:
		break;
	}
}

/* What came for a mailbox. */
static void found_key(struct check_page *p, const struct check_wkd *w)
{
	const struct check_http *k = &w->key;
	bool octets = strncmp(k->content_type, "application/octet-stream",
			      strlen("application/octet-stream")) == 0;

	if (!k->openpgp && !k->armoured) {
		page_add(p, &bad, w->host, "answer 404 where there is no key",
			"200 for a mailbox, with %s in place of a key (%u bytes)",
			k->html ? "a web page" : "something else", k->length);
		return;
	}
	page_add(
		p, &ok, w->host, NULL, "a key, %u bytes, TLS %s", k->length, tls_auth_name(k->tls));
	if (k->armoured)
		page_add(p, &warn, w->host, "publish binary keys (gpg --export, without --armor)",
			"the key is in ASCII armour");
	if (!octets)
		page_add(p, &warn, w->host, "serve keys as application/octet-stream",
			"content type %s", k->content_type[0] ? k->content_type : "is missing");
}

static void key_document(struct check_page *p, const struct check_wkd *w)
{
	const struct check_http *k = &w->key;

	switch (k->outcome) {
	case CHECK_FOUND:
		found_key(p, w);
		break;
	case CHECK_NONE:
		page_add(p, &ok, w->host, NULL, "%u for a mailbox without a key", k->status);
		break;
	case CHECK_INVALID:
	case CHECK_UNKNOWN:
		page_add(p, &bad, w->host,
			"let it answer 200 with the key, or 404: every mail to the domain waits "
			"for this",
			"%s", k->reason);
		break;
	case CHECK_NOT_ASKED:
		return;
	}
	if (k->outcome == CHECK_FOUND && !k->cors)
		page_add(p, &warn, w->host, "send \"Access-Control-Allow-Origin: *\"",
			"no CORS header: mail programs in a browser cannot fetch keys");
	if (w->head.outcome != CHECK_NOT_ASKED && w->head.outcome != k->outcome)
		page_add(p, &warn, w->host, "answer HEAD as GET", "HEAD: %s",
			w->head.reason[0] ? w->head.reason : "another answer than GET");
}

static void page_openpgpkey(struct check_page *p, const struct check_reply *r)
{
	const struct check_openpgpkey *o = &r->openpgpkey;

	switch (o->record != CHECK_NOT_ASKED ? o->record : o->zone) {
	case CHECK_FOUND:
		page_add(p, o->dnssec == DNS_SECURE ? &ok : &warn, "OPENPGPKEY",
			o->dnssec == DNS_SECURE ? NULL : "sign the zone",
			o->record == CHECK_FOUND ? "a record, %s" : "_openpgpkey exists, %s",
			o->dnssec == DNS_SECURE ? "signed" : "not signed: nobody may use it");
		break;
	case CHECK_NONE:
		page_add(p, &note, "OPENPGPKEY", NULL, "none");
		break;
	case CHECK_INVALID:
		page_add(p, &warn, "OPENPGPKEY", "sign the zone", "%s", o->reason);
		break;
	case CHECK_UNKNOWN:
		page_add(p, &unknown, "OPENPGPKEY",
			"fix the zone: every mail to the domain waits for this", "%s", o->reason);
		break;
	case CHECK_NOT_ASKED:
		break;
	}
}

void page_keys(struct check_page *p, const struct check_reply *r)
{
	size_t i;

	if (r->failed[0] != '\0')
		return;
	method(p, r);
	for (i = 0; i < sizeof(r->wkd) / sizeof(r->wkd[0]); i++) {
		const struct check_wkd *w = &r->wkd[i];

		/* The host that clients do not use is mentioned only if it does not exist. */
		if (i == 1 && r->wkd_method == METHOD_WKD_ADVANCED)
			continue;
		host_name(p, w, i == 0);
		if (w->address == CHECK_FOUND && was_asked(w)) {
			policy_file(p, w);
			key_document(p, w);
		}
	}
	page_openpgpkey(p, r);
}
