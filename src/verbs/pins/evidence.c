/* SPDX-License-Identifier: ISC */
#include "verbs/pins/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print/output.h"

#define ENTRIES_MAX 64 /* of an array of the evidence */

/*
 * The evidence as lines "PATH: TEXT", one for each leaf, owned by the caller; NULL without memory.
 * Foreign text in it is made safe, which includes that it does not begin a line of its own.
 */
static char *lines_of(const char *json)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return NULL;
	out_json_lines(f, "", json);
	if (fclose(f) == 0)
		return text;
	free(text);
	return NULL;
}

/* The text at path into out (EVIDENCE_FACT_MAX bytes, cut there); false, and "", when there is
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

/* The same of a member of the array's entry i. */
static bool get_entry(const char *lines, const char *array, int i, const char *member, char *out)
{
	char path[64];

	snprintf(path, sizeof(path), "%s[%d].%s", array, i, member);
	return fact_at(lines, path, out);
}

/* The request that brought it: the last one for its URL with a server's key, else the last one with
 * any. */
static void read_server(const char *lines, struct evidence_facts *out)
{
	char url[EVIDENCE_FACT_MAX], spki[EVIDENCE_FACT_MAX];
	bool exact = false, same;
	int i;

	for (i = 0; i < ENTRIES_MAX && get_entry(lines, "urls", i, "url", url); i++) {
		same = strcmp(url, out->url) == 0;
		if (!get_entry(lines, "urls", i, "spki_sha256", spki) || (exact && !same))
			continue;
		exact = same;
		memcpy(out->spki, spki, sizeof(spki));
		(void)get_entry(lines, "urls", i, "ip", out->server);
	}
}

static void read_certificate(const char *lines, const char *fpr, struct evidence_facts *out)
{
	char seen[EVIDENCE_FACT_MAX], use[EVIDENCE_FACT_MAX];
	int i;

	/* A certificate that gpg cannot read has no fingerprint; each has a use. */
	for (i = 0; i < ENTRIES_MAX && get_entry(lines, "certificates", i, "use", use); i++) {
		if (get_entry(lines, "certificates", i, "fingerprint", seen) &&
			strcmp(seen, fpr) == 0 && out->created[0] == '\0')
			(void)get_entry(lines, "certificates", i, "created", out->created);
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
		side = strcmp(method, "openpgpkey") == 0 ? "openpgpkey" : "wkd";
		snprintf(path, sizeof(path), "%s.dnssec", side);
		(void)fact_at(lines, path, out->dnssec);
		snprintf(path, sizeof(path), "%s.tls", side);
		(void)fact_at(lines, path, out->tls);
		if (strcmp(side, "wkd") == 0)
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
