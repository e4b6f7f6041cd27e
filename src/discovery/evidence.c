/* SPDX-License-Identifier: ISC */
#include "discovery/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/text_file.h"
#include "print/output.h"

#define ENTRIES_MAX 64 /* entries read from an array of the evidence */

static const char *type_name(unsigned type)
{
	static const struct {
		unsigned type;
		const char *name;
	} row[] = {{1, "A"}, {2, "NS"}, {5, "CNAME"}, {6, "SOA"}, {15, "MX"}, {16, "TXT"},
		{28, "AAAA"}, {43, "DS"}, {48, "DNSKEY"}, {52, "TLSA"}, {61, "OPENPGPKEY"},
		{257, "CAA"}};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].type == type)
			return row[i].name;
	}
	return NULL;
}

static void dns_evidence(struct out *o, const struct evidence_dns *d)
{
	out_str(o, "name", d->name);
	out_str(o, "type", type_name(d->type));
	out_int(o, "type_number", d->type);
	out_str(o, "state", d->state ? dns_state_name((enum dns_state)d->state) : NULL);
	out_int(o, "rcode", d->rcode);
	out_bool(o, "nxdomain", d->nxdomain);
	out_int(o, "answers", d->answers);
	out_int(o, "ms", d->ms);
	out_str(o, "note", d->note);
}

static void url_evidence(struct out *o, const struct evidence_url *u)
{
	out_str(o, "url", u->url);
	out_int_if(o, "status", u->status != 0, u->status);
	out_str(o, "tls", tls_auth_name((enum tls_auth)u->tls));
	out_str(o, "ip", u->ip);
	out_str(o, "spki_sha256", u->spki);
	out_int(o, "ms", u->ms);
	out_str(o, "note", u->note);
}

static const char *method_word(const struct method_result *m)
{
	static const char *const word[] = {[METHOD_NOT_ASKED] = "not-asked",
		[METHOD_FOUND] = "found",
		[METHOD_ABSENT] = "absent",
		[METHOD_FAILED] = "failed"};

	_Static_assert(sizeof(word) / sizeof(word[0]) == METHOD_FAILED + 1, "a word for each");
	return word[m->status];
}

static void method_evidence(
	struct out *o, const struct method_result *m, const struct cert_set *set)
{
	out_str(o, "status", method_word(m));
	out_str(o, "method", lookup_method_name(m->method));
	out_str(o, "url", m->url);
	out_bool(o, "proved", m->status == METHOD_ABSENT && m->proved);
	out_str(o, "dnssec", m->dnssec ? dns_state_name(m->dnssec) : NULL);
	out_str(o, "tls", tls_auth_name(m->tls));
	out_bool(o, "armoured", m->status == METHOD_FOUND && set->armoured);
	out_str(o, "reason", m->reason);
}

const char *cert_reason(const struct cert_set *set, const struct cert *c, const struct cert *chosen)
{
	if (c->use != CERT_USABLE)
		return c->why;
	if (set->secret)
		return "a secret key was published with it";
	if (c == chosen)
		return "usable";
	return chosen && strcmp(c->fpr, chosen->fpr) == 0 ? "usable; the same by another method"
							  : "usable, but another one was taken";
}

/* Writes each certificate that a method returned, and why it was selected or not. */
static void cert_evidence(struct out *o, const struct method_result *m, const struct cert_set *set,
	const struct cert *chosen)
{
	struct out *item;
	size_t i;

	for (i = 0; m->status == METHOD_FOUND && i < set->n; i++) {
		const struct cert *c = &set->v[i];

		item = out_item(o, "certificates");
		out_str(item, "method", lookup_method_name(m->method));
		out_str(item, "fingerprint", c->fpr);
		out_str(item, "use", cert_use_name(c->use));
		out_bool(item, "chosen", c == chosen);
		out_time(item, "created", c->created);
		out_time(item, "expires", c->expires);
		out_str(item, "reason", cert_reason(set, c, chosen));
	}
}

void evidence_arrays(struct out *o, const struct evidence_dns *dns, size_t n_dns,
	const struct evidence_url *url, size_t n_url, uint32_t ms)
{
	OUT_LIST(o, "dns", dns, n_dns, dns_evidence);
	OUT_LIST(o, "urls", url, n_url, url_evidence);
	out_int(o, "ms", ms);
}

char *evidence_json(const struct lookup_reply *reply, const struct verdict_in *seen,
	const struct verdict *verdict, int64_t asked)
{
	const struct method_result *m = verdict->method;
	struct out *o = out_new();

	out_time(o, "time", asked);
	out_str(o, "verdict", key_status_name(verdict->status));
	out_str(o, "method", m ? lookup_method_name(m->method) : NULL);
	out_str(o, "url", m ? m->url : NULL);
	if (reply->wkd.method == METHOD_KEYSERVER) {
		method_evidence(out_object(o, "keyserver"), &reply->wkd, seen->wkd_set);
	} else {
		method_evidence(out_object(o, "wkd"), &reply->wkd, seen->wkd_set);
		method_evidence(out_object(o, "openpgpkey"), &reply->dane, seen->dane_set);
	}
	out_array(o, "certificates");
	cert_evidence(o, &reply->wkd, seen->wkd_set, verdict->cert);
	cert_evidence(o, &reply->dane, seen->dane_set, verdict->cert);
	evidence_arrays(o, reply->dns, reply->n_dns, reply->url, reply->n_url, reply->ms);
	return out_text(o);
}

/*
 * The evidence as lines "PATH: TEXT", one for each leaf, owned by the caller; NULL if memory is
 * short. Foreign text is made safe and cannot start a new line.
 */
static char *lines_of(const char *json)
{
	struct text_file t;
	FILE *f = text_file_open(&t);

	if (!f)
		return NULL;
	out_json_lines(f, "", json);
	return text_file_close(&t, f, NULL);
}

/* Copies the text at path to out (EVIDENCE_FACT_MAX bytes, truncated); false, and "", if there is
 * none. */
static bool fact_at(const char *lines, const char *path, char *out)
{
	size_t len = strlen(path);
	const char *at;

	out[0] = '\0';
	for (at = lines; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		if (strncmp(at, path, len) != 0 || strncmp(at + len, ": ", 2) != 0)
			continue;
		at += len + 2;
		snprintf(out, EVIDENCE_FACT_MAX, "%.*s", (int)strcspn(at, "\n"), at);
		return true;
	}
	return false;
}

/* The same for a member of the array's entry i. */
static bool entry_fact(const char *lines, const char *array, int i, const char *member, char *out)
{
	char path[64];

	snprintf(path, sizeof(path), "%s[%d].%s", array, i, member);
	return fact_at(lines, path, out);
}

/* Finds the request that returned it: the last one for its URL with a server key, else the last one
 * with any. */
static void read_server(const char *lines, struct evidence_facts *out)
{
	char url[EVIDENCE_FACT_MAX], spki[EVIDENCE_FACT_MAX];
	bool exact = false, same;
	int i;

	for (i = 0; i < ENTRIES_MAX && entry_fact(lines, "urls", i, "url", url); i++) {
		same = strcmp(url, out->url) == 0;
		if (!entry_fact(lines, "urls", i, "spki_sha256", spki) || (exact && !same))
			continue;
		exact = same;
		memcpy(out->spki, spki, sizeof(spki));
		(void)entry_fact(lines, "urls", i, "ip", out->server);
	}
}

static void read_certificate(const char *lines, const char *fpr, struct evidence_facts *out)
{
	char seen[EVIDENCE_FACT_MAX], use[EVIDENCE_FACT_MAX];
	int i;

	/* Certificates that gpg cannot read have no fingerprint, but every entry has a use. */
	for (i = 0; i < ENTRIES_MAX && entry_fact(lines, "certificates", i, "use", use); i++) {
		if (entry_fact(lines, "certificates", i, "fingerprint", seen) &&
			strcmp(seen, fpr) == 0 && out->created[0] == '\0')
			(void)entry_fact(lines, "certificates", i, "created", out->created);
	}
}

void evidence_read(const char *json, const char *fpr, struct evidence_facts *out)
{
	char method[EVIDENCE_FACT_MAX], path[64];
	char *lines = lines_of(json);
	const char *side;

	memset(out, 0, sizeof(*out));
	if (!lines)
		return;
	(void)fact_at(lines, "url", out->url);
	if (fact_at(lines, "method", method)) {
		side = strcmp(method, "openpgpkey") == 0  ? "openpgpkey"
		       : strcmp(method, "keyserver") == 0 ? "keyserver"
							  : "wkd";
		snprintf(path, sizeof(path), "%s.dnssec", side);
		(void)fact_at(lines, path, out->dnssec);
		snprintf(path, sizeof(path), "%s.tls", side);
		(void)fact_at(lines, path, out->tls);
		if (strcmp(side, "openpgpkey") != 0)
			read_server(lines, out);
	}
	read_certificate(lines, fpr, out);
	free(lines);
}

enum evidence_same evidence_server(const struct evidence_facts *a, const struct evidence_facts *b)
{
	if (a->spki[0] == '\0' || b->spki[0] == '\0')
		return EVIDENCE_UNKNOWN;
	return strcmp(a->spki, b->spki) == 0 ? EVIDENCE_SAME : EVIDENCE_DIFFERENT;
}
