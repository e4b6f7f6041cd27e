/* SPDX-License-Identifier: ISC */
#include "net/dns_why.h"

#include <stdio.h>
#include <string.h>

#include "net/clock_hint.h"

#define WHY_MAX 160
#define RCODE_SERVFAIL 2 /* so libunbound says of one that it waited for in vain */

static bool why_says(const char *why, const char *what)
{
	return strstr(why, what) != NULL;
}

/*
 * Without what is known already, or helps nobody: "validation failure <NAME TYPE CLASS>: WHY from
 * SERVER for key ZONE ...", where WHY may tell in the same words of an earlier failure.
 */
static void shorten(const char *why, char *out)
{
	static const char start[] = "validation failure <";
	const char *p, *zone;

	while ((p = strstr(why, start)) && (p = strstr(p, ">: ")))
		why = p + 3;
	p = strstr(why, " from ");
	zone = p ? strstr(p, " for key ") : NULL;
	snprintf(out, WHY_MAX, "%.*s", p ? (int)(p - why) : WHY_MAX, why);
	if (zone)
		snprintf(out + strlen(out), WHY_MAX - strlen(out), " for key %.*s",
			(int)strcspn(zone + 9, " "), zone + 9);
}

void dns_why_bogus(const char *why_bogus, char *note)
{
	char why[WHY_MAX], hint[CLOCK_HINT_MAX] = "";

	shorten(why_bogus ? why_bogus : "", why);
	/* An expired signature is the zone's own mistake as a rule, and the root's would have
	 * shown; this is not. */
	if (why_says(why, "before inception"))
		clock_hint(hint);
	snprintf(note, DNS_NOTE_MAX, "DNSSEC validation failed%s%s%s%s", why[0] ? " (" : "", why,
		why[0] ? ")" : "", hint);
}

void dns_why_none(enum dns_state state, int rcode, const char *why_bogus, char *note)
{
	if (state == DNS_BOGUS)
		dns_why_bogus(why_bogus, note);
	else if (rcode == RCODE_SERVFAIL)
		snprintf(note, DNS_NOTE_MAX, "no usable answer from its name servers");
	else
		snprintf(note, DNS_NOTE_MAX, "its name servers answered %s",
			dns_rcode_name((unsigned)rcode));
}

void dns_why_broken(const char *why_bogus, bool stripped, bool recursing, char *note)
{
	const char *who = recursing ? "network" : "resolver";
	const char *why = why_bogus ? why_bogus : "";
	char hint[CLOCK_HINT_MAX];

	clock_hint(hint);
	if (stripped)
		snprintf(note, DNS_NOTE_MAX, "the %s does not pass on DNSSEC", who);
	else if (why_says(why, "signature expired"))
		snprintf(note, DNS_NOTE_MAX, "the DNSSEC signatures of the root have expired%s",
			hint);
	else if (why_says(why, "before inception"))
		snprintf(note, DNS_NOTE_MAX,
			"the DNSSEC signatures of the root are not valid yet%s", hint);
	else if (why_says(why, "signature missing") || why_says(why, "have a DS") ||
		 why_says(why, "DS hash mismatch"))
		snprintf(note, DNS_NOTE_MAX, "none of the trust anchors matches the root's key");
	else
		snprintf(note, DNS_NOTE_MAX,
			"the %s does not pass on DNSSEC, or the trust anchor is out of date", who);
}

struct dns_answer dns_unanswered(const char *name, uint16_t type, const char *note)
{
	return (struct dns_answer){.name = name,
		.type = type,
		.state = DNS_ERROR,
		.rcode = RCODE_SERVFAIL,
		.canon = "",
		.note = note};
}
