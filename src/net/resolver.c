/* SPDX-License-Identifier: ISC */
#include "net/resolver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BLANKS " \t"
#define WORD "nameserver"

enum resolver_step resolver_decide(const struct resolver_facts *f)
{
	if (!f->system || !f->stripped)
		return RESOLVER_STAY;
	return f->local ? RESOLVER_STAY_LOCAL : RESOLVER_RECURSE;
}

static bool is_local4(const uint8_t *b)
{
	static const uint8_t resolved[][4] = {{127, 0, 0, 53}, {127, 0, 0, 54}};

	if (memcmp(b, resolved[0], 4) == 0 || memcmp(b, resolved[1], 4) == 0)
		return false;
	return b[0] == 127 || b[0] == 0;
}

/* Of an address of IPv6, perhaps with "%SCOPE" behind it. */
static bool read_ip6(const char *text, struct in6_addr *out)
{
	char address[RESOLVER_SERVER_MAX];

	snprintf(address, sizeof(address), "%.*s", (int)strcspn(text, "%"), text);
	return inet_pton(AF_INET6, address, out) == 1;
}

static bool is_local(const char *text)
{
	struct in6_addr six;
	uint8_t four[4];

	if (inet_pton(AF_INET, text, four) == 1)
		return is_local4(four);
	if (!read_ip6(text, &six))
		return true;
	if (IN6_IS_ADDR_V4MAPPED(&six))
		return is_local4(six.s6_addr + 12);
	return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six);
}

static bool is_address(const char *text)
{
	struct in6_addr six;
	uint8_t four[4];

	return inet_pton(AF_INET, text, four) == 1 || read_ip6(text, &six);
}

/* A line "nameserver ADDRESS[%SCOPE]"; false if it is another line. */
static bool server_of(const char *line, size_t len, char *out)
{
	size_t n, word = sizeof(WORD) - 1;
	const char *end = line + len;

	line += strspn(line, BLANKS);
	if (line >= end || strncmp(line, WORD, word) != 0 || !strchr(BLANKS, line[word]))
		return false;
	line += word;
	line += strspn(line, BLANKS);
	n = strcspn(line, BLANKS "#;\r\n");
	snprintf(out, RESOLVER_SERVER_MAX, "%.*s", n < RESOLVER_SERVER_MAX ? (int)n : 0, line);
	return true;
}

bool resolver_server(const char **conf, char *out)
{
	size_t len;
	bool found;

	while (**conf) {
		len = strcspn(*conf, "\n");
		found = server_of(*conf, len, out) && is_address(out);
		*conf += len + ((*conf)[len] != '\0');
		if (found)
			return true;
	}
	return false;
}

bool resolver_is_local(const char *conf)
{
	char address[RESOLVER_SERVER_MAX];
	bool any = false, local = false;

	while (!local && resolver_server(&conf, address)) {
		any = true;
		local = is_local(address);
	}
	/* Then it is 127.0.0.1. */
	return local || !any;
}

void resolver_why_not(enum resolver_step step, const char *why, char *out)
{
	if (step == RESOLVER_STAY_LOCAL)
		snprintf(out, RESOLVER_NOTE_MAX,
			"%s; with a name server on this machine it is not bypassed automatically: "
			"resolver = recursive allows it",
			why);
	else
		snprintf(out, RESOLVER_NOTE_MAX, "%s", why);
}

void resolver_why_neither(const char *why, const char *recursion, char *out)
{
	snprintf(out, RESOLVER_NOTE_MAX, "%s, and full recursion fails: %s", why, recursion);
}

const char *resolver_why_silent(bool recursion)
{
	return recursion ? "the name servers of the root do not answer"
			 : "the resolver does not answer";
}

void resolver_notice(const char *why, bool tcp, char *out)
{
	static const char silent[] = "nothing is answered over UDP";

	out[0] = '\0';
	if (why[0])
		snprintf(out, RESOLVER_NOTE_MAX, "by full recursion%s: %s%s%s",
			tcp ? " over TCP" : "", why, tcp ? ", and " : "", tcp ? silent : "");
	else if (tcp)
		snprintf(out, RESOLVER_NOTE_MAX, "over TCP: %s", silent);
}
