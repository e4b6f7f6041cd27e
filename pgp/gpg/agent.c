#include "pgp/gpg/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

/* The first two bytes of its greeting, or as many as come in time. */
static size_t read_greeting(int s, char greeting[2])
{
	const int64_t until = clock_ms() + AGENT_GREETS_MS;
	struct pollfd p = {.fd = s, .events = POLLIN};
	int64_t left;
	size_t have = 0;
	ssize_t n;

	while (have < 2 && (left = until - clock_ms()) > 0) {
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(s, greeting + have, 2 - have);
		if (n > 0)
			have += (size_t)n;
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			break;
	}
	return have;
}

enum agent_state agent_look(const char *socket_path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	enum agent_state state = AGENT_SILENT;
	char greeting[2];
	struct stat st;
	int s;

	if (stat(socket_path, &st) == 0 && S_ISREG(st.st_mode))
		return AGENT_ANSWERS;
	if (strlen(socket_path) >= sizeof(a.sun_path))
		return AGENT_GONE;
	memcpy(a.sun_path, socket_path, strlen(socket_path) + 1);
	/* A silent one's queue may be full: connecting would wait too. */
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return AGENT_GONE;
	if (connect(s, (const struct sockaddr *)&a, sizeof(a)) < 0)
		state = errno == EAGAIN ? AGENT_SILENT : AGENT_GONE;
	else if (read_greeting(s, greeting) == 2 && memcmp(greeting, "OK", 2) == 0)
		state = AGENT_ANSWERS;
	close(s);
	return state;
}

int agent_silent(const char *socket, struct err *err)
{
	err_set(err, ERR_TEMP, "gpg-agent at %.300s does not answer within %d s", socket,
		AGENT_GREETS_MS / 1000);
	err_hint(err, "pkill -KILL -x -u \"$(id -u)\" gpg-agent");
	return ERR_TEMP;
}
