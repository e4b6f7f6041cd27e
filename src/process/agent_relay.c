/* SPDX-License-Identifier: ISC */
#include "process/agent_relay.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 0: not now; -1 with errno, EPIPE at its end. */
static ssize_t read_some(int fd, void *p, size_t n)
{
	ssize_t got = recv(fd, p, n, MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	errno = EPIPE;
	return got > 0 ? got : -1;
}

/* The number of bytes sent; -1 with errno, EPIPE if the other end is closed. */
static ssize_t send_some(int fd, const void *p, size_t n)
{
	ssize_t sent = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	return sent >= 0 ? sent : errno == EAGAIN || errno == EINTR ? 0 : -1;
}

struct agent_relay *agent_relay_begin(int agent, int client, enum agent_use use, struct err *err)
{
	struct agent_relay *r = calloc(1, sizeof(*r));

	if (!r) {
		err_set(err, ERR_OS, "out of memory");
		close(agent);
		close(client);
		return NULL;
	}
	r->client = client;
	r->agent = agent;
	r->use = use;
	return r;
}

/* Of an error on the client's side. */
static enum relay_state client_failed(void)
{
	return errno == EPIPE || errno == ECONNRESET ? RELAY_DONE : RELAY_BROKE;
}

/* The agent does not wait for the end of a client that has said BYE. */
static enum relay_state agent_failed(const struct agent_relay *r)
{
	return r->said_bye ? RELAY_DONE : RELAY_BROKE;
}

static enum relay_state pass_line(struct agent_relay *r, const char *line, size_t n)
{
	const bool passes = agent_command_passes(line, n - 1, r->use, getenv);
	const char *refusal;

	if (passes) {
		r->said_bye |= n >= 4 && memcmp(line, "BYE", 3) == 0;
		return send_some(r->agent, line, n) == (ssize_t)n ? RELAY_GOES_ON : agent_failed(r);
	}
	refusal = agent_command_refusal(line, n - 1);
	n = strlen(refusal);
	return send_some(r->client, refusal, n) == (ssize_t)n ? RELAY_GOES_ON : client_failed();
}

/* Only complete lines are passed on. A client that does not read its answers is disconnected. */
static enum relay_state pass_commands(struct agent_relay *r)
{
	enum relay_state state = RELAY_GOES_ON;
	const char *line;
	char *to;
	size_t n = agent_lines_room(&r->lines, &to);
	ssize_t got;

	if (n == 0)
		return RELAY_BROKE;
	got = read_some(r->client, to, n);
	if (got <= 0)
		return got == 0 ? RELAY_GOES_ON : client_failed();
	r->lines.have += (size_t)got;
	while (state == RELAY_GOES_ON && (n = agent_lines_next(&r->lines, &line)) > 0)
		state = pass_line(r, line, n);
	return state;
}

static enum relay_state send_held(struct agent_relay *r)
{
	ssize_t sent = send_some(r->client, r->held, r->n_held);

	if (sent < 0)
		return client_failed();
	r->n_held -= (size_t)sent;
	memmove(r->held, r->held + sent, r->n_held);
	return RELAY_GOES_ON;
}

/* The agent's answers are for whoever asked. */
static enum relay_state pass_answers(struct agent_relay *r)
{
	ssize_t n = read_some(r->agent, r->held, sizeof(r->held));

	if (n <= 0)
		return n == 0 ? RELAY_GOES_ON : agent_failed(r);
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
enum relay_state agent_relay_turn(struct agent_relay *r, const struct pollfd p[2])
{
	enum relay_state state = RELAY_GOES_ON;

	if (r->n_held > 0)
		return p[1].revents != 0 ? send_held(r) : RELAY_GOES_ON;
	if (p[0].fd >= 0 && p[0].revents != 0)
		state = pass_answers(r);
	if (state != RELAY_GOES_ON || p[1].revents == 0 || r->n_held > 0)
		return state;
	return pass_commands(r);
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
