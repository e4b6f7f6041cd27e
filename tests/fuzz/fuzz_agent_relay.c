/* SPDX-License-Identifier: ISC */
/*
 * What gpg, or who took it over, says to the relay: the first byte says whether it may decrypt and
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
static bool begins_well(const char *line, bool opens)
{
	static const char *const words[] = {"RESET\n", "BYE\n", "END\n", "CAN\n", "PKSIGN\n",
		"GETINFO version\n", "OPTION ", "HAVEKEY ", "KEYINFO ", "SIGKEY ", "SETKEYDESC ",
		"SETHASH "},
				 *const also[] = {"SETKEY ", "PKDECRYPT\n", "D "};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strncmp(line, words[i], strlen(words[i])) == 0)
			return true;
	}
	for (i = 0; opens && i < sizeof(also) / sizeof(also[0]); i++) {
		if (strncmp(line, also[i], strlen(also[i])) == 0)
			return true;
	}
	return false;
}

static void passed_line(const char *line, size_t len, bool opens)
{
	static const char *const never[] = {"OPTION putenv", "OPTION xauthority",
		"OPTION pinentry-mode=loopback", "OPTION pinentry-user-data"};
	char text[AGENT_COMMAND_MAX + 2];
	size_t i;

	must(len >= 2 && len <= AGENT_COMMAND_MAX + 1 && line[len - 1] == '\n');
	must(!memchr(line, '\n', len - 1) && !memchr(line, '\r', len));
	memcpy(text, line, len);
	text[len] = '\0';
	must(begins_well(text, opens));
	if (strncmp(text, "D ", 2) == 0)
		return;
	must(strlen(text) == len);
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		must(strncmp(text, never[i], strlen(never[i])) != 0);
}

/* What passes of the whole, by the pure part. */
static void expect(const uint8_t *data, size_t size, size_t piece, bool opens, struct buf *out)
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
			if (!agent_command_passes(line, len - 1, opens, no_variable)) {
				must(strchr(agent_command_refusal(line, len - 1), '\n'));
				continue;
			}
			passed_line(line, len, opens);
			must(buf_add(out, line, len) == 0);
		}
	}
}

/* The relay with all of it before it starts. */
static void relayed(const uint8_t *data, size_t size, bool opens, const struct buf *expected)
{
	static char got[SAID_MAX];
	struct agent_relay *r;
	struct pollfd p[2];
	int client, agent[2];
	size_t have = 0;
	ssize_t n;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, agent) == 0);
	r = agent_relay_begin(agent[0], opens, &client, NULL);
	must(r);
	must(write(client, data, size) == (ssize_t)size && shutdown(client, SHUT_WR) == 0);
	do {
		agent_relay_wait_for(r, p);
		must(poll(p, 2, 1000) > 0);
	} while (agent_relay_turn(r, p) == 0);
	agent_relay_end(r);
	while (have < sizeof(got) && (n = read(agent[1], got + have, sizeof(got) - have)) > 0)
		have += (size_t)n;
	must(have == expected->len && (have == 0 || memcmp(got, expected->p, have) == 0));
	close(client);
	close(agent[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf expected = BUF_INIT(SAID_MAX);
	bool opens;

	if (size < 2 || size > SAID_MAX)
		return 0;
	opens = data[0] & 1;
	expect(data + 1, size - 1, 1 + data[0] / 2, opens, &expected);
	/* The surroundings are not the same in every place where this runs. */
	if (!memmem(data, size, "OPTION ", 7) && count_lines(data, size) <= LINES_MAX)
		relayed(data + 1, size - 1, opens, &expected);
	buf_free(&expected);
	return 0;
}
