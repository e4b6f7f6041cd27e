/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/daemons.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sandbox.h"

static int ask_for_agent(
	struct gpg_daemons *d, const struct agent_wish *wish, int *fd, struct err *err)
{
	struct agent_reply reply = {.state = AGENT_GONE, .fd = -1};
	int rc = d->agent(d->arg, wish, &reply, err);

	if (rc < 0)
		return rc;
	if (reply.state == AGENT_SILENT)
		return agent_silent(reply.path, err);
	if (reply.state == AGENT_GONE)
		return agent_gone(reply.path, err);
	memcpy(d->path, reply.path, sizeof(d->path));
	*fd = reply.fd;
	return 0;
}

/* Its greeting comes while we do something else, and is waited for where it is needed. */
int daemons_find_agent(struct gpg_daemons *d, struct err *err)
{
	const struct agent_wish wish = {.launch = true};

	return d->path[0] != '\0' ? 0 : ask_for_agent(d, &wish, &d->ready, err);
}

bool daemons_agent_listens(struct gpg_daemons *d)
{
	const struct agent_wish wish = {.greeted = true};

	return d->path[0] != '\0' || ask_for_agent(d, &wish, &d->ready, NULL) == 0;
}

/* The connection that is ready, or a new one. */
static int any_connection(struct gpg_daemons *d, bool opens, int *fd, struct err *err)
{
	const struct agent_wish wish = {.opens = opens};

	if (opens || d->ready == 0)
		return ask_for_agent(d, &wish, fd, err);
	*fd = d->ready;
	d->ready = 0;
	return 0;
}

/* An agent that has ended since, or was about to, is started once more. */
int daemons_connect(struct gpg_daemons *d, bool opens, int *fd, struct err *err)
{
	const struct agent_wish again = {.launch = true, .greeted = true, .opens = opens};
	enum agent_state state;
	int s, rc = any_connection(d, opens, &s, err);

	if (rc < 0)
		return rc;
	state = agent_greets(s);
	if (state == AGENT_ANSWERS) {
		*fd = s;
		return 0;
	}
	close(s);
	return state == AGENT_SILENT ? agent_silent(d->path, err)
				     : ask_for_agent(d, &again, fd, err);
}

int daemons_connect_home(struct gpg_daemons *d, const struct gpg_home *home, bool opens,
	int *socket, struct err *err)
{
	int fd, rc;

	*socket = 0;
	if (sandbox_has_one_socket())
		return daemons_connect(d, opens, socket, err);
	rc = daemons_connect(d, opens, &fd, err);
	if (rc < 0)
		return rc;
	close(fd);
	return gpg_home_redirect_agent(home, d->path, err);
}

int daemons_count_keys(struct gpg_daemons *d, size_t *n, struct err *err)
{
	int fd, rc = daemons_connect(d, false, &fd, err);

	if (rc < 0)
		return rc;
	if (agent_count_keys(fd, n) != AGENT_ANSWERS)
		rc = agent_silent(d->path, err);
	close(fd);
	return rc;
}

int daemons_put_keys(struct gpg_daemons *d, const struct gpg_home *home, struct err *err)
{
	char path[FILE_PATH_MAX];
	struct stat st;
	int from, to, rc;

	if (path_join(path, home->path, GPG_RING) < 0)
		return err_set(err, ERR_INTERNAL, "the path of a gpg home is too long");
	rc = d->keys ? d->keys(d->arg, &from, err)
		     : err_set(err, ERR_INTERNAL, "nobody can ask keyboxd");
	if (rc < 0)
		return rc;
	to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		rc = err_path(err, ERR_CREATE, path);
	else if (fstat(from, &st) < 0 || fd_copy(from, st.st_size, to) < 0)
		rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	if (to >= 0)
		close(to);
	close(from);
	return rc;
}

void daemons_end(struct gpg_daemons *d)
{
	if (d->ready > 0)
		close(d->ready);
	d->ready = 0;
}
