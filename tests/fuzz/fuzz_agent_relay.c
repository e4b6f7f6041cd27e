/* SPDX-License-Identifier: ISC */
/*
 * What gpg, or who took it over, says to the relay: the first byte says what it may have and
 * in what pieces the rest comes. What reaches the agent is whole lines, each of them one that an
 * independent reading of the list lets through; and the relay itself passes exactly those.
 */
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "fuzz.h"
#include "process/agent_commands.h"
#include "process/agent_relay.h"

#define SAID_MAX 30000
#define LINES_MAX 64 /* with SAID_MAX less than a socket holds: one process is on all sides */

static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t n = 0;

	for (; size > 0; size--)
		n += *data++ == '\n';
	return n;
}

static char *no_variable(const char *name)
{
	(void)name;
	return NULL;
}

/* Words that begin what may pass, in a form of its own; the longest first. */
static bool begins_as(const char *line, const char *const *words)
{
	for (; *words; words++) {
		if (strncmp(line, *words, strlen(*words)) == 0)
			return true;
	}
	return false;
}

static bool begins_well(const char *line, enum agent_use use)
{
	static const char *const lists[] = {"RESET\n", "BYE\n", "END\n", "CAN\n",
		"GETINFO version\n", "OPTION ", "HAVEKEY ", "KEYINFO ", NULL},
				 *const signs[] = {"PKSIGN\n", "SIGKEY ", "SETKEYDESC ", "SETHASH ",
					 NULL},
				 *const opens[] = {
					 "SETKEY ", "SETKEYDESC ", "PKDECRYPT\n", "D ", NULL};

	return begins_as(line, lists) || (use == AGENT_TO_SIGN && begins_as(line, signs)) ||
	       (use == AGENT_TO_OPEN && begins_as(line, opens));
}

static void passed_line(const char *line, size_t len, enum agent_use use)
{
	static const char *const never[] = {"OPTION putenv", "OPTION xauthority",
		"OPTION pinentry-mode=loopback", "OPTION pinentry-user-data"};
	char text[AGENT_COMMAND_MAX + 2];
	size_t i;

	must(len >= 2 && len <= AGENT_COMMAND_MAX + 1 && line[len - 1] == '\n');
	must(!memchr(line, '\n', len - 1) && !memchr(line, '\r', len));
	memcpy(text, line, len);
	text[len] = '\0';
	must(begins_well(text, use));
	if (strncmp(text, "D ", 2) == 0)
		return;
	must(strlen(text) == len);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		must(strncmp(text, never[i], strlen(never[i])) != 0);
}

/* What passes of the whole, by the pure part. */
static void expect(
	const uint8_t *data, size_t size, size_t piece, enum agent_use use, struct buf *out)
{
	struct agent_lines l = {.have = 0};
	const char *line;
	size_t n, len;
	char *to;

	for (; size > 0; data += n, size -= n) {
		n = agent_lines_room(&l, &to);
		if (n == 0)
			return;
		n = n < piece ? n : piece;
		n = n < size ? n : size;
		memcpy(to, data, n);
		l.have += n;
		while ((len = agent_lines_next(&l, &line)) > 0) {
			if (!agent_command_passes(line, len - 1, use, no_variable)) {
				must(strchr(agent_command_refusal(line, len - 1), '\n'));
				continue;
			}
			passed_line(line, len, use);
			must(buf_add(out, line, len) == 0);
		}
	}
}

/* The relay with all of it before it starts. */
static void relayed(
	const uint8_t *data, size_t size, enum agent_use use, const struct buf *expected)
{
	static char got[SAID_MAX];
	struct agent_relay *r;
	struct pollfd p[2];
	int client[2], agent[2];
	size_t have = 0;
	ssize_t n;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, agent) == 0);
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client) == 0);
	r = agent_relay_begin(agent[0], client[1], use, NULL);
	must(r);
	must(write(client[0], data, size) == (ssize_t)size && shutdown(client[0], SHUT_WR) == 0);
	do {
		agent_relay_wait_for(r, p);
		must(poll(p, 2, 1000) > 0);
	} while (agent_relay_turn(r, p) == 0);
	agent_relay_end(r);
	while (have < sizeof(got) && (n = read(agent[1], got + have, sizeof(got) - have)) > 0)
		have += (size_t)n;
	must(have == expected->len && (have == 0 || memcmp(got, expected->p, have) == 0));
	close(client[0]);
	close(agent[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum agent_use uses[] = {AGENT_TO_LIST, AGENT_TO_SIGN, AGENT_TO_OPEN};
	struct buf expected = BUF_INIT(SAID_MAX);
	enum agent_use use;

	if (size < 2 || size > SAID_MAX)
		return 0;
	use = uses[data[0] % 3];
	expect(data + 1, size - 1, 1 + data[0] / 3, use, &expected);
	/* The surroundings are not the same in every place where this runs. */
	if (!memmem(data, size, "OPTION ", 7) && count_lines(data, size) <= LINES_MAX)
		relayed(data + 1, size - 1, use, &expected);
	buf_free(&expected);
	return 0;
}
