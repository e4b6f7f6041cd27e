/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"

#define LINE_MAX_ASSUAN 1002 /* bytes with the end of the line, says libassuan's manual */
#define KEYS_TOLD_MAX 10000
#define REDIRECT_MAX 4096
#define VARIABLE_MAX 64
#define GREETING_LEAST 3
#define GREETING_PAUSE_NS 1000000

struct talk {
	int s;
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
		n = poll(&p, 1, (int)left);
		if (n == 0 || (n < 0 && errno == EINTR))
			continue;
		if (n < 0)
			return -1;
		n = read(t->s, t->in + t->have, sizeof(t->in) - t->have);
		if (n > 0) {
			t->have += (size_t)n;
		} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
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

/* The value of an environment variable in place of ${NAME} at *p, which is stepped over. -1: there
 * is none. */
static int add_variable(struct buf *to, const char **p)
{
	const char *end = strchr(*p, '}');
	char name[VARIABLE_MAX];
	const char *value;
	size_t n = end ? (size_t)(end - *p) - 2 : 0;

	if (n == 0 || n >= sizeof(name))
		return -1;
	memcpy(name, *p + 2, n);
	name[n] = '\0';
	value = getenv(name);
	*p = end + 1;
	return value ? buf_adds(to, value) : -1;
}

/* As libassuan's eval_redirection: "%Assuan%", then "socket=PATH" with variables in it. */
static int read_redirect(const char *text, struct buf *path)
{
	static const char lead[] = "%Assuan%\nsocket=";
	const char *p = text + sizeof(lead) - 1;
	int rc = 0;

	if (strncmp(text, lead, sizeof(lead) - 1) != 0)
		return -1;
	while (rc == 0 && *p != '\0' && *p != '\n' && *p != '\r')
		rc = p[0] == '$' && p[1] == '{' ? add_variable(path, &p) : buf_addc(path, *p++);
	return rc;
}

/* Where the socket is: behind a file that redirects, or as it is. Negative: nowhere; 1: it cannot
 * be told, with errno. */
static int socket_address(const char *path, struct sockaddr_un *a)
{
	struct buf text = BUF_INIT(REDIRECT_MAX), to = BUF_INIT(sizeof(a->sun_path) - 1);
	struct stat st;
	int rc;

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	errno = 0;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		rc = buf_adds(&to, path);
	else if ((rc = file_read(path, &text, ERR_CONFIG, NULL)) == 0)
		rc = read_redirect(buf_str(&text), &to);
	if (rc == ERR_OS || rc == ERR_IO || (rc < 0 && errno == ENOMEM))
		rc = 1;
	if (rc == 0 && to.len > 0)
		memcpy(a->sun_path, buf_str(&to), to.len);
	else if (rc == 0)
		rc = -1;
	buf_free(&text);
	buf_free(&to);
	return rc;
}

/* It says "OK", a blank and something kind. What is looked at here is read by whoever talks to it.
 */
enum agent_state agent_greets(int fd)
{
	static const struct timespec pause = {.tv_nsec = GREETING_PAUSE_NS};
	struct pollfd p = {.fd = fd, .events = POLLIN};
	const int64_t until = clock_ms() + AGENT_GREETS_MS;
	char said[GREETING_LEAST + 1] = "";
	int64_t left;
	ssize_t n;

	while ((left = until - clock_ms()) > 0) {
		n = poll(&p, 1, (int)left);
		if (n == 0 || (n < 0 && errno == EINTR))
			continue;
		if (n < 0)
			break;
		n = recv(fd, said, GREETING_LEAST, MSG_PEEK | MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
			return AGENT_GONE; /* it has just ended */
		if (n == GREETING_LEAST)
			return strcmp(said, "OK ") == 0 || strcmp(said, "OK\n") == 0 ? AGENT_ANSWERS
										     : AGENT_SILENT;
		if (p.revents & POLLHUP)
			return AGENT_GONE;
		nanosleep(&pause, NULL); /* half of it */
	}
	return AGENT_SILENT;
}

/* Connected, or what keeps it from that. */
static enum agent_state connect_to(int s, const struct sockaddr_un *a)
{
	if (connect(s, (const struct sockaddr *)a, sizeof(*a)) == 0)
		return AGENT_ANSWERS;
	switch (errno) {
	case EAGAIN:
		return AGENT_SILENT;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return AGENT_FAILED;
	default:
		return AGENT_GONE;
	}
}

/* A connection that blocks, into *fd; AGENT_FAILED: with errno. */
static enum agent_state connect_socket(const struct sockaddr_un *a, int *fd)
{
	enum agent_state state = AGENT_FAILED;
	int flags, e, s;

	/* A silent one's queue may be full: connecting would wait too. */
	s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return state;
	state = connect_to(s, a);
	if (state == AGENT_ANSWERS &&
		((flags = fcntl(s, F_GETFL)) < 0 || fcntl(s, F_SETFL, flags & ~O_NONBLOCK) < 0))
		state = AGENT_FAILED;
	if (state == AGENT_ANSWERS) {
		*fd = s;
	} else {
		e = errno;
		close(s);
		errno = e;
	}
	return state;
}

enum agent_state agent_connect(const char *path, int *fd, struct err *err)
{
	enum agent_state state = AGENT_FAILED;
	struct sockaddr_un a;
	int rc = socket_address(path, &a);

	if (rc <= 0)
		state = rc == 0 ? connect_socket(&a, fd) : AGENT_GONE;
	if (state == AGENT_FAILED)
		err_set(err, ERR_OS, "gpg-agent at %.300s cannot be asked: %s", path,
			strerror(errno));
	return state;
}

enum agent_state agent_count_keys(int fd, size_t *n)
{
	static const char ask[] = "KEYINFO --list\n";
	struct talk t = {.s = fd, .until = clock_ms() + AGENT_GREETS_MS};
	char line[LINE_MAX_ASSUAN];
	bool refused;

	*n = 0;
	if (hear_line(&t, line) < 0 || !says_ok(line) ||
		send(fd, ask, sizeof(ask) - 1, MSG_NOSIGNAL) != (ssize_t)sizeof(ask) - 1)
		return AGENT_SILENT;
	while (*n < KEYS_TOLD_MAX && hear_line(&t, line) == 0) {
		refused = strncmp(line, "ERR ", 4) == 0;
		*n += refused || strncmp(line, "S KEYINFO ", 10) == 0;
		if (refused || says_ok(line))
			return AGENT_ANSWERS;
	}
	*n = 0;
	return AGENT_SILENT;
}

int agent_silent(const char *socket, struct err *err)
{
	err_set(err, ERR_TEMP, "gpg-agent at %.300s does not answer within %d s", socket,
		AGENT_GREETS_MS / 1000);
	err_hint(err, "pkill -KILL -x -u \"$(id -u)\" gpg-agent");
	return ERR_TEMP;
}

static int agent_gone(const char *socket, struct err *err)
{
	err_set(err, ERR_TEMP, "gpg-agent is not running at %.300s", socket);
	err_hint(err, "gpgconf --launch gpg-agent");
	return ERR_TEMP;
}

int agent_refuse(enum agent_state state, const char *socket, struct err *err)
{
	switch (state) {
	case AGENT_ANSWERS:
		return 0;
	case AGENT_FAILED:
		return ERR_OS;
	case AGENT_SILENT:
		return agent_silent(socket, err);
	case AGENT_GONE:
		break;
	}
	return agent_gone(socket, err);
}
