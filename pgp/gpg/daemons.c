/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/daemons.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "pgp/gpg/agent.h"

static int ask_for_agent(struct gpg_daemons *d, enum agent_wish wish, int *fd, struct err *err)
{
	return d->agent(d->arg, wish, d->path, fd, err);
}

/* The gpg that is ready reaches it by itself. */
int daemons_find_agent(struct gpg_daemons *d, struct err *err)
{
	int none;

	return d->path[0] != '\0' || d->ready.home.path[0] != '\0'
		       ? 0
		       : ask_for_agent(d, AGENT_STARTS, &none, err);
}

bool daemons_agent_listens(struct gpg_daemons *d)
{
	int none;

	return d->path[0] != '\0' || ask_for_agent(d, AGENT_LISTENS, &none, NULL) == 0;
}

int daemons_tell_home(struct gpg_daemons *d, const struct gpg_home *home, struct err *err)
{
	int rc;

	if (sandbox_has_one_socket())
		return 0;
	rc = daemons_find_agent(d, err);
	return rc < 0 ? rc : gpg_home_redirect_agent(home, d->path, err);
}

int daemons_connect_home(
	struct gpg_daemons *d, const struct gpg_home *home, int *socket, struct err *err)
{
	*socket = 0;
	return sandbox_has_one_socket() ? ask_for_agent(d, AGENT_LISTS, socket, err)
					: daemons_tell_home(d, home, err);
}

int daemons_count_keys(struct gpg_daemons *d, size_t *n, struct err *err)
{
	int fd, rc = ask_for_agent(d, AGENT_LISTS, &fd, err);

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
	if (to >= 0 && close(to) < 0 && rc == 0)
		rc = err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
	close(from);
	return rc;
}
