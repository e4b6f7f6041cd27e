/* SPDX-License-Identifier: ISC */
/* The runner's requests about the user's gpg-agent and keyboxd: what gpg in the sandbox cannot do
 * itself. */
#include "process/runner_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/packages.h"
#include "base/spawn.h"
#include "base/text.h"
#include "pgp/gpg/agent.h"
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

static enum agent_state connect_and_greet(const char *path, int *fd, struct err *err)
{
	enum agent_state state = agent_connect(path, fd, err);

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
		(rc > 0 || (*state = connect_and_greet(path, fd, err)) == AGENT_GONE) &&
		--tries > 0)
		nanosleep(&pause, NULL);
	if (rc == 0)
		memcpy(a->path, path, strlen(path) + 1);
	return rc > 0 ? ERR_TEMP : rc;
}

/* A connection of our own. */
static int reach_agent(struct runner_agent *a, bool launch, bool greeted, int *fd, struct err *err)
{
	enum agent_state state = AGENT_GONE;
	int rc = 0;

	if (a->path[0] == '\0' && usual_agent(a->path) < 0)
		a->path[0] = '\0';
	if (a->path[0] != '\0')
		state = greeted ? connect_and_greet(a->path, fd, err)
				: agent_connect(a->path, fd, err);
	if (state == AGENT_GONE && launch)
		rc = start_agent(a, &state, fd, err);
	return rc < 0 ? rc : agent_refuse(state, a->path, err);
}

/* One that has greeted: that which is ready, or a new one. An agent that has ended since, or was
 * about to, is started once more. */
static int take_connection(struct runner_agent *a, int *fd, struct err *err)
{
	enum agent_state state;

	if (a->spare > 0) {
		*fd = a->spare;
		a->spare = 0;
		state = agent_greets(*fd);
		if (state == AGENT_ANSWERS)
			return 0;
		close(*fd);
		if (state == AGENT_SILENT)
			return agent_silent(a->path, err);
	}
	return reach_agent(a, true, true, fd, err);
}

/* Returns the first place for a relay that is free, or NULL. */
static struct agent_relay **free_place(struct runner_agent *a)
{
	size_t i;

	for (i = 0; i < RELAYS_MAX; i++) {
		if (!a->relay[i])
			return &a->relay[i];
	}
	return NULL;
}

int runner_agent_join(struct runner_agent *a, enum agent_use use, int client, struct err *err)
{
	struct agent_relay **place = free_place(a);
	int fd, rc;

	rc = place ? take_connection(a, &fd, err)
		   : err_set(err, ERR_INTERNAL, "%d programs talk to the agent already",
			     RELAYS_MAX);
	if (rc < 0) {
		close(client);
		return rc;
	}
	*place = agent_relay_begin(fd, client, use, err);
	return *place ? 0 : ERR_OS;
}

int runner_agent_relay(struct runner_agent *a, enum agent_use use, int *client, struct err *err)
{
	int s[2], rc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s) < 0)
		return err_set(err, ERR_OS, "no socket for gpg: %s", strerror(errno));
	rc = runner_agent_join(a, use, s[1], err);
	if (rc == 0)
		*client = s[0];
	else
		close(s[0]);
	return rc;
}

void runner_agent_prepare(struct runner_agent *a)
{
	int fd;

	if (reach_agent(a, false, false, &fd, NULL) == 0)
		a->spare = fd;
}

/* Its greeting comes while others do something else, unless that is what matters. */
static int find_agent(struct runner_agent *a, bool launch, struct err *err)
{
	int fd, rc;

	if (a->spare > 0 && launch)
		return 0;
	rc = reach_agent(a, launch, !launch, &fd, err);
	if (rc < 0)
		return rc;
	if (a->spare > 0)
		close(a->spare);
	a->spare = fd;
	return 0;
}

/* Who asks what keys there are has heard from gpg that there is none: that was not all, then. */
static int tell_broken(struct runner_agent *a, struct err *err)
{
	if (!a->broke)
		return 0;
	a->broke = false;
	err_set(err, ERR_TEMP, "the talk of gpg with gpg-agent broke off");
	err_hint(err, "gpg-connect-agent /bye");
	return ERR_TEMP;
}

int runner_agent_serve(struct runner_agent *a, const struct buf *body, struct wr *answer,
	int *attach, struct err *err)
{
	struct rd rd;
	uint8_t wish;
	int rc;

	rd_init(&rd, body->p, body->len);
	wish = rd_u8(&rd);
	rd.bad |= wish > AGENT_LISTS;
	rc = rd_end(&rd, "request for the agent", err);
	if (rc == 0)
		rc = wish == AGENT_LISTS ? tell_broken(a, err) : 0;
	if (rc == 0)
		rc = wish == AGENT_LISTS ? runner_agent_relay(a, AGENT_TO_LIST, attach, err)
					 : find_agent(a, wish == AGENT_STARTS, err);
	wr_str(answer, a->path);
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

void runner_agent_polls(const struct runner_agent *a, struct pollfd *p)
{
	size_t i;

	for (i = 0; i < RELAYS_MAX; i++, p += 2) {
		if (a->relay[i])
			agent_relay_wait_for(a->relay[i], p);
		else
			p[0] = p[1] = (struct pollfd){.fd = -1};
	}
}

void runner_agent_turn(struct runner_agent *a, const struct pollfd *p)
{
	size_t i;

	for (i = 0; i < RELAYS_MAX; i++, p += 2) {
		const enum relay_state state =
			a->relay[i] ? agent_relay_turn(a->relay[i], p) : RELAY_GOES_ON;

		if (state == RELAY_GOES_ON)
			continue;
		a->broke |= state == RELAY_BROKE;
		agent_relay_end(a->relay[i]);
		a->relay[i] = NULL;
	}
}

void runner_agent_end(struct runner_agent *a)
{
	size_t i;

	for (i = 0; i < RELAYS_MAX; i++) {
		agent_relay_end(a->relay[i]);
		a->relay[i] = NULL;
	}
	if (a->spare > 0)
		close(a->spare);
	a->spare = 0;
}
