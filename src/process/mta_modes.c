/* SPDX-License-Identifier: ISC */
#include "process/mta_modes.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/spawn.h"
#include "process/mta.h"

int mta_mode_run(const struct conf *c, bool list, struct err *err)
{
	const char *argv[3] = {NULL};
	struct spawn s = {.argv = argv,
		.in = -1,
		.out = STDOUT_FILENO,
		.errout = STDERR_FILENO,
		.keep = -1,
		.stays = true};
	const struct mta *mta;
	char **base;
	pid_t pid;
	int status = 0, rc;

	rc = conf_mta(c, "", &base, err);
	if (rc < 0)
		return rc;
	mta = mta_recognise(base[0]);
	argv[0] = base[0];
	argv[1] = list ? "-bp" : "-bi";
	if (list ? !mta->mailq : !mta->newaliases) {
		rc = err_set(err, ERR_USAGE, "%s: is not known to take %s", base[0], argv[1]);
		err_hint(err, "call that program's own %s", list ? "mailq" : "newaliases");
	}
	if (rc == 0)
		rc = spawn_start(&s, &pid, err);
	if (rc == 0)
		rc = spawn_wait(pid, c->mta_timeout * 1000, &status, err);
	if (rc == 0)
		rc = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	free(base);
	return rc;
}
