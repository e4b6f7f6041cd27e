/* SPDX-License-Identifier: ISC */
#include "verbs/pins/move.h"

#include <string.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "process/reads.h"

int move_open(struct move *m, struct app *app, bool readonly, const char *folder, const char *given,
	struct err *err)
{
	char temp[FILE_PATH_MAX] = "";
	const char *writable[] = {app->conf.data_dir, temp, folder, NULL};
	const char *reads[] = {given, NULL};
	struct sandbox_state state;
	int rc;

	memset(m, 0, sizeof(*m));
	m->runner.sock = -1;
	rc = dir_temp_root(temp, err); /* before the fork: the runner removes it, come what may */
	if (rc == 0)
		rc = runner_start(&m->runner, app->conf_file, app->verbose, false, err);
	if (rc == 0 && !readonly)
		rc = store_make_dir(app->conf.data_dir, err);
	if (rc == 0)
		rc = reads_enter(&app->conf, writable, reads, &state, err);
	if (rc == 0)
		rc = store_open(&m->store, app->conf.data_dir, readonly, err);
	if (rc < 0)
		move_close(m);
	return rc;
}

void move_close(struct move *m)
{
	store_close(m->store);
	m->store = NULL;
	runner_stop(&m->runner);
}
