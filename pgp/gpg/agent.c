/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_MAX_ASSUAN 1002 /* bytes with the end of the line, says libassuan's manual */
#define KEYS_TOLD_MAX 10000

struct talk {
	int s;
	bool closed; /* by the other end */
	int64_t until;
	char in[LINE_MAX_ASSUAN];
	size_t have;
};

/* One line into line, without its end. 0; -1: none came in time, or it was too long. */
static int hear_line(struct talk *t, char line[LINE_MAX_ASSUAN])
{
	struct pollfd p = {.fd = t->s, .events = POLLIN};
	int64_t left;
	char *end;
	ssize_t n;

	while (!(end = memchr(t->in, '\n', t->have))) {
		left = t->until - clock_ms();
		if (left <= 0 || t->have == sizeof(t->in))
			return -1;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(t->s, t->in + t->have, sizeof(t->in) - t->have);
		if (n > 0) {
			t->have += (size_t)n;
		} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
			t->closed = true;
			return -1;
		}
	}
	n = end - t->in;
	memcpy(line, t->in, (size_t)n);
	line[n] = '\0';
	t->have -= (size_t)n + 1;
	memmove(t->in, end + 1, t->have);
	return 0;
}

static bool says_ok(const char *line)
{
	return strncmp(line, "OK", 2) == 0 && (line[2] == '\0' || line[2] == ' ');
}

static bool is_redirect(const char *socket_path)
{
	struct stat st;

	return stat(socket_path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Connects and is greeted; t->s is to be closed if it answers. */
static enum agent_state open_talk(const char *socket_path, struct talk *t)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	enum agent_state state = AGENT_SILENT;
	char line[LINE_MAX_ASSUAN];

	t->have = 0;
	t->closed = false;
	t->until = clock_ms() + AGENT_GREETS_MS;
	if (strlen(socket_path) >= sizeof(a.sun_path))
		return AGENT_GONE;
	memcpy(a.sun_path, socket_path, strlen(socket_path) + 1);
	/* A silent one's queue may be full: connecting would wait too. */
	t->s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->s < 0)
		return AGENT_GONE;
	if (connect(t->s, (const struct sockaddr *)&a, sizeof(a)) < 0)
		state = errno == EAGAIN ? AGENT_SILENT : AGENT_GONE;
	else if (hear_line(t, line) == 0 && says_ok(line))
		return AGENT_ANSWERS;
	else if (t->closed)
		state = AGENT_GONE; /* it has just ended */
	close(t->s);
	return state;
}

enum agent_state agent_look(const char *socket_path)
{
	enum agent_state state;
	struct talk t;

	if (is_redirect(socket_path))
		return AGENT_ANSWERS;
	state = open_talk(socket_path, &t);
	if (state == AGENT_ANSWERS)
		close(t.s);
	return state;
}

enum agent_state agent_count_keys(const char *socket_path, size_t *n)
{
	static const char ask[] = "KEYINFO --list\n";
	enum agent_state state;
	char line[LINE_MAX_ASSUAN];
	struct talk t;

	*n = 0;
	if (is_redirect(socket_path))
		return AGENT_ANSWERS;
	state = open_talk(socket_path, &t);
	if (state != AGENT_ANSWERS)
		return state;
	state = AGENT_SILENT;
	if (send(t.s, ask, sizeof(ask) - 1, MSG_NOSIGNAL) == (ssize_t)sizeof(ask) - 1) {
		while (*n < KEYS_TOLD_MAX && hear_line(&t, line) == 0) {
			const bool refused = strncmp(line, "ERR ", 4) == 0;

			*n += refused || strncmp(line, "S KEYINFO ", 10) == 0;
			if (refused || says_ok(line)) {
				state = AGENT_ANSWERS;
				break;
			}
		}
	}
	close(t.s);
	return state;
}

int agent_silent(const char *socket, struct err *err)
{
	err_set(err, ERR_TEMP, "gpg-agent at %.300s does not answer within %d s", socket,
		AGENT_GREETS_MS / 1000);
	err_hint(err, "pkill -KILL -x -u \"$(id -u)\" gpg-agent");
	return ERR_TEMP;
}

int agent_gone(const char *socket, struct err *err)
{
	err_set(err, ERR_TEMP, "gpg-agent is not running at %.300s", socket);
	err_hint(err, "gpgconf --launch gpg-agent");
	return ERR_TEMP;
}
