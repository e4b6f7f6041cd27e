/* SPDX-License-Identifier: ISC */
#include "process/agent_relay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 0: not now; -1: the end of it, or an error. */
static ssize_t read_some(int fd, void *p, size_t n)
{
	ssize_t got = recv(fd, p, n, MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	return got > 0 ? got : -1;
}

/* The number of bytes sent; -1: the other end is closed. */
static ssize_t send_some(int fd, const void *p, size_t n)
{
	ssize_t sent = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	return sent >= 0 ? sent : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

struct agent_relay *agent_relay_begin(int agent, enum agent_use use, int *client, struct err *err)
{
	struct agent_relay *r = calloc(1, sizeof(*r));
	int s[2];

	if (!r || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) < 0) {
		err_set(err, ERR_OS, "no socket for gpg: %s", strerror(errno));
		close(agent);
		free(r);
		return NULL;
	}
	r->client = s[1];
	r->agent = agent;
	r->use = use;
	*client = s[0];
	return r;
}

/* Only complete lines are passed on. A client that does not read its answers is disconnected. */
static int pass_commands(struct agent_relay *r)
{
	const char *line;
	char *to;
	size_t n = agent_lines_room(&r->lines, &to);
	ssize_t got = n > 0 ? read_some(r->client, to, n) : -1;

	if (got <= 0)
		return (int)got;
	r->lines.have += (size_t)got;
	while ((n = agent_lines_next(&r->lines, &line)) > 0) {
		const bool passes = agent_command_passes(line, n - 1, r->use, getenv);

		if (!passes) {
			line = agent_command_refusal(line, n - 1);
			n = strlen(line);
		}
		if (send_some(passes ? r->agent : r->client, line, n) != (ssize_t)n)
			return -1;
	}
	return 0;
}

static int send_held(struct agent_relay *r)
{
	ssize_t sent = send_some(r->client, r->held, r->n_held);

	if (sent < 0)
		return -1;
	r->n_held -= (size_t)sent;
	memmove(r->held, r->held + sent, r->n_held);
	return 0;
}

/* The agent's answers are for whoever asked. */
static int pass_answers(struct agent_relay *r)
{
	ssize_t n = read_some(r->agent, r->held, sizeof(r->held));

	if (n <= 0)
		return (int)n;
	r->n_held = (size_t)n;
	return send_held(r);
}

void agent_relay_wait_for(const struct agent_relay *r, struct pollfd p[2])
{
	const bool full = r->n_held > 0;

	p[0] = (struct pollfd){.fd = full ? -1 : r->agent, .events = POLLIN};
	p[1] = (struct pollfd){.fd = r->client, .events = full ? POLLOUT : POLLIN};
}

/* The agent's remaining output is passed on before its end. */
int agent_relay_turn(struct agent_relay *r, const struct pollfd p[2])
{
	if (r->n_held > 0)
		return p[1].revents != 0 ? send_held(r) : 0;
	if (p[0].fd >= 0 && p[0].revents != 0 && pass_answers(r) < 0)
		return -1;
	return p[1].revents != 0 && r->n_held == 0 ? pass_commands(r) : 0;
}

void agent_relay_end(struct agent_relay *r)
{
	if (!r)
		return;
	close(r->client);
	close(r->agent);
	explicit_bzero(r, sizeof(*r)); /* perhaps a session key */
	free(r);
}
