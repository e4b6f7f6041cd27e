/* SPDX-License-Identifier: ISC */
/* The runner's requests about the user's gpg-agent and keyboxd: what gpg in the sandbox cannot do
 * itself. */
#include "process/runner_priv.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/packages.h"
#include "base/spawn.h"
#include "base/text.h"
#include "pgp/gpg/daemons.h"
#include "pgp/gpg/home.h"
#include "pgp/gpg/keyboxd.h"
#include "process/agent_relay.h"

#define AGENT_MS 15000 /* to start an agent */
#define AGENT_TRIES 4
#define AGENT_PAUSE_NS 50000000 /* between them */
#define AGENT_OUT_MAX 8192
#define KEYS_MS 60000 /* to export a large keyring */

/* The text of the first Assuan data line, "D /run/...", percent-decoded into path. */
static int parse_agent(const char *out, char *path)
{
	size_t n = 0;

	while (out && strncmp(out, "D ", 2) != 0) {
		out = strchr(out, '\n');
		out = out ? out + 1 : NULL;
	}
	if (!out)
		return -1;
	for (out += 2; *out && *out != '\n' && *out != '\r'; out++) {
		int c = (unsigned char)*out;

		if (c == '%' && text_hex_digit(out[1]) >= 0 && text_hex_digit(out[2]) >= 0) {
			c = text_hex_digit(out[1]) << 4 | text_hex_digit(out[2]);
			out += 2;
		}
		if (c == '\0' || n == FILE_PATH_MAX - 1)
			return -1;
		path[n++] = (char)c;
	}
	path[n] = '\0';
	return path[0] == '/' ? 0 : -1;
}

/* Starts the user's agent where none runs, and has it say where it listens. 1: it cannot be
 * reached. */
static int launch_agent(char path[FILE_PATH_MAX], struct err *err)
{
	static const char *const argv[] = {
		"gpg-connect-agent", "getinfo socket_name", "/bye", NULL};
	struct buf out = BUF_INIT(AGENT_OUT_MAX), said = BUF_INIT(AGENT_OUT_MAX);
	int status = 0, rc;

	rc = spawn_capture(argv, AGENT_MS, &out, &said, &status, err);
	if (rc == ERR_CONFIG) {
		err_hint(err, "%s", package_hint(PACKAGE_GPG_AGENT));
	} else if (rc == ERR_TEMP) {
		err_set(err, ERR_TEMP, "gpg-agent does not answer within %d s", AGENT_MS / 1000);
		err_hint(err, "pkill -KILL -x -u \"$(id -u)\" gpg-agent");
	} else if (rc == 0 && parse_agent(buf_str(&out), path) < 0) {
		err_set(err, ERR_TEMP, "gpg-agent cannot be reached: %.*s",
			(int)strcspn(buf_str(&said), "\n"), buf_str(&said));
		err_hint(err, "gpg-connect-agent /bye");
		rc = 1;
	}
	buf_free(&out);
	buf_free(&said);
	return rc;
}

/* Where gpg-agent listens unless it was told otherwise. 0, or -1 when there is no such place. */
static int usual_agent(char *path)
{
	const char *home = home_dir();
	char run[64];

	snprintf(run, sizeof(run), "/run/user/%u", (unsigned)getuid());
	if (getenv("GNUPGHOME"))
		return -1; /* its place is a secret of gpg's */
	if (access(run, F_OK) == 0)
		return path_join(path, run, "gnupg/S.gpg-agent");
	return home ? path_join(path, home, ".gnupg/S.gpg-agent") : -1;
}

static enum agent_state connect_and_greet(const char *path, int *fd)
{
	enum agent_state state = agent_connect(path, fd);

	if (state == AGENT_ANSWERS && (state = agent_greets(*fd)) != AGENT_ANSWERS) {
		close(*fd);
		*fd = -1;
	}
	return state;
}

/* An agent that is being killed still accepts connections: another one must be started after it.
 */
static int start_agent(struct runner_agent *a, enum agent_state *state, int *fd, struct err *err)
{
	static const struct timespec pause = {.tv_nsec = AGENT_PAUSE_NS};
	char path[FILE_PATH_MAX];
	int rc, tries = AGENT_TRIES;

	while ((rc = launch_agent(path, err)) >= 0 &&
		(rc > 0 || (*state = connect_and_greet(path, fd)) == AGENT_GONE) && --tries > 0)
		nanosleep(&pause, NULL);
	if (rc == 0)
		memcpy(a->path, path, strlen(path) + 1);
	return rc > 0 ? ERR_TEMP : rc;
}

/* A connection of our own, and the path of the socket. */
static int reach_agent(struct runner_agent *a, const struct agent_wish *wish,
	enum agent_state *state, char *path, int *fd, struct err *err)
{
	int rc = 0;

	*state = AGENT_GONE;
	path[0] = '\0';
	if (a->path[0] != '\0')
		memcpy(path, a->path, sizeof(a->path));
	else if (usual_agent(path) < 0)
		path[0] = '\0';
	if (path[0] != '\0')
		*state = wish->greeted ? connect_and_greet(path, fd) : agent_connect(path, fd);
	if (*state == AGENT_GONE && wish->launch) {
		rc = start_agent(a, state, fd, err);
		memcpy(path, a->path, sizeof(a->path));
	}
	return rc;
}

/* A place for a relay. NULL: there are too many. */
static struct agent_relay **free_place(struct runner_agent *a)
{
	size_t i;

	for (i = 0; i < RELAYS_MAX; i++) {
		if (!a->relay[i])
			return &a->relay[i];
	}
	return NULL;
}

int runner_agent_serve(struct runner_agent *a, const struct buf *body, struct wr *answer,
	int *attach, struct err *err)
{
	enum agent_state state;
	char path[FILE_PATH_MAX];
	struct agent_wish wish;
	struct rd rd;
	struct agent_relay **place;
	int fd = -1, rc;

	rd_init(&rd, body->p, body->len);
	wish.launch = rd_u8(&rd) != 0;
	wish.greeted = rd_u8(&rd) != 0;
	wish.opens = rd_u8(&rd) != 0;
	rc = rd_end(&rd, "request for the agent", err);
	if (rc < 0)
		return rc;
	if (wish.opens && !a->opens)
		return err_set(err, ERR_INTERNAL, "this verb does not decrypt");
	place = free_place(a);
	if (!place)
		return err_set(
			err, ERR_INTERNAL, "%d programs talk to the agent already", RELAYS_MAX);
	rc = reach_agent(a, &wish, &state, path, &fd, err);
	if (rc == 0 && state == AGENT_ANSWERS) {
		*place = agent_relay_begin(fd, wish.opens, attach, err);
		rc = *place ? 0 : ERR_OS;
	}
	wr_u8(answer, (uint8_t)state);
	wr_str(answer, path);
	return rc;
}

/* All of them, in their home, where alone keyboxd answers; as gpg exports them for a backup, with
 * where they came from. */
int runner_agent_keys(int *attach, struct err *err)
{
	static const char *const argv[] = {"gpg", "--no-options", "--no-autostart", "--batch",
		"--no-tty", "--export-options", "backup", "--export", NULL};
	struct spawn s = {.argv = argv, .in = -1, .errout = -1, .keep = -1};
	char home[FILE_PATH_MAX];
	int status = 0, rc;
	pid_t pid;

	rc = gpg_user_home(home) < 0 ? 0 : keyboxd_used(home, err);
	if (rc <= 0)
		return rc < 0 ? rc : err_set(err, ERR_INTERNAL, "keyboxd is not used");
	rc = keyboxd_launch(home, err);
	if (rc < 0)
		return rc;
	s.out = memfd_create("keys", MFD_CLOEXEC);
	if (s.out < 0)
		return err_set(err, ERR_OS, "no file in memory: %s", strerror(errno));
	rc = spawn_start(&s, &pid, err);
	if (rc == 0)
		rc = spawn_wait(pid, KEYS_MS, &status, err);
	if (rc == 0 && status != 0) {
		rc = err_set(err, ERR_TEMP, "gpg does not give the keys that keyboxd has");
		err_hint(err, "gpg --export >/dev/null");
	}
	if (rc == 0)
		*attach = s.out;
	else
		close(s.out);
	return rc;
}

void runner_agent_wait(struct runner_agent *a, int sock)
{
	struct pollfd p[1 + 2 * RELAYS_MAX];
	size_t of[RELAYS_MAX], n, i;

	do {
		p[0] = (struct pollfd){.fd = sock, .events = POLLIN};
		for (i = n = 0; i < RELAYS_MAX; i++) {
			if (a->relay[i]) {
				agent_relay_wait_for(a->relay[i], &p[1 + 2 * n]);
				of[n++] = i;
			}
		}
		if (poll(p, 1 + 2 * n, -1) < 0)
			continue;
		for (i = 0; i < n; i++) {
			if (agent_relay_turn(a->relay[of[i]], &p[1 + 2 * i]) < 0) {
				agent_relay_end(a->relay[of[i]]);
				a->relay[of[i]] = NULL;
			}
		}
	} while (p[0].revents == 0);
}

void runner_agent_end(struct runner_agent *a)
{
	size_t i;

	for (i = 0; i < RELAYS_MAX; i++) {
		agent_relay_end(a->relay[i]);
		a->relay[i] = NULL;
	}
}
