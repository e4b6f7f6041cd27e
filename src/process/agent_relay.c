/* SPDX-License-Identifier: ISC */
#include "process/agent_relay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "process/agent_commands.h"

#define CHUNK 4096

struct relay {
	int client, agent;
	bool opens;
	struct agent_lines lines;
};

/* -1: the end of it, or an error. */
static ssize_t read_some(int fd, void *p, size_t n)
{
	ssize_t got;

	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got > 0 ? got : -1;
}

/* A line goes on as a whole, and only when all of it is known. */
static int pass_commands(struct relay *r)
{
	const char *line;
	char *to;
	size_t n = agent_lines_room(&r->lines, &to);
	ssize_t got = n > 0 ? read_some(r->client, to, n) : -1;
	int rc = 0;

	if (got < 0)
		return -1;
	r->lines.have += (size_t)got;
	while (rc == 0 && (n = agent_lines_next(&r->lines, &line)) > 0) {
		if (agent_command_passes(line, n - 1, r->opens, getenv)) {
			rc = fd_write_all(r->agent, line, n);
		} else {
			line = agent_command_refusal(line, n - 1);
			rc = fd_write_all(r->client, line, strlen(line));
		}
	}
	return rc;
}

/* The agent's answers are for whoever asked. */
static int pass_answers(const struct relay *r)
{
	char chunk[CHUNK];
	ssize_t n = read_some(r->agent, chunk, sizeof(chunk));
	int rc = n < 0 ? -1 : fd_write_all(r->client, chunk, (size_t)n);

	explicit_bzero(chunk, sizeof(chunk)); /* perhaps a session key */
	return rc;
}

void agent_relay_run(int client, int agent, bool opens)
{
	struct relay r = {.client = client, .agent = agent, .opens = opens};
	struct pollfd p[2] = {{.fd = client, .events = POLLIN}, {.fd = agent, .events = POLLIN}};
	int rc = 0;

	while (rc == 0) {
		if (poll(p, 2, -1) < 0) {
			rc = errno == EINTR ? 0 : -1;
			continue;
		}
		if (p[1].revents != 0)
			rc = pass_answers(&r);
		if (rc == 0 && p[0].revents != 0)
			rc = pass_commands(&r);
	}
}

/* Nothing of the runner's stays open here: who waits for an end of one of its sockets would wait
 * for us. */
static _Noreturn void become_relay(int client, int agent, bool opens, pid_t parent)
{
	int e;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != parent ||
		dup2(client, 0) < 0 || dup2(agent, 1) < 0 || fd_close_range(2, ~0u) < 0)
		_exit(1);
	e = sandbox_pass_on();
	if (e != 0 && e != ENOSYS)
		_exit(1);
	agent_relay_run(0, 1, opens);
	_exit(0);
}

int agent_relay_start(int agent, bool opens, int *client, pid_t *pid, struct err *err)
{
	const pid_t self = getpid();
	pid_t made;
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) < 0)
		return err_set(err, ERR_OS, "no socket for gpg: %s", strerror(errno));
	made = fork();
	if (made == 0)
		become_relay(s[1], agent, opens, self);
	close(s[1]);
	if (made < 0) {
		close(s[0]);
		return err_set(err, ERR_OS, "no process for gpg's agent: %s", strerror(errno));
	}
	*client = s[0];
	*pid = made;
	return 0;
}
