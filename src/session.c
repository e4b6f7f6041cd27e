#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/sandbox.h"

static int enter_sandbox(const struct conf *c, const char *temp, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	const char *writable[] = {c->data_dir, c->cache_dir, temp, tmp ? tmp : "/var/tmp", NULL};
	struct sandbox_state state;
	int rc;

	rc = sandbox_mail(writable, &state, err);
	if (rc == 0)
		log_debug("sandbox: seccomp %s, Landlock ABI %d", state.seccomp ? "on" : "off",
			state.landlock_abi);
	return rc;
}

int session_open(
	struct session *s, struct app *app, const struct session_opts *opts, struct err *err)
{
	char temp[FILE_PATH_MAX] = "";
	int rc = 0;

	memset(s, 0, sizeof(*s));
	s->runner.sock = -1;
	if (opts->runner)
		rc = dir_temp_root(
			temp, err); /* before the fork: the runner removes it, come what may */
	if (rc == 0 && opts->runner)
		rc = runner_start(&s->runner, app->conf_file, app->verbose, err);
	if (rc == 0)
		rc = conf_load(app->conf_file, &app->conf, err);
	if (rc == 0 && !opts->readonly)
		rc = dir_make_private(app->conf.data_dir, err);
	if (rc == 0)
		(void)dir_make_private(app->conf.cache_dir, NULL); /* without it, no cache */
	if (rc == 0)
		rc = enter_sandbox(&app->conf, temp, err);
	if (rc == 0)
		rc = store_open(&s->store, app->conf.data_dir, opts->readonly, err);
	if (rc < 0)
		session_close(s);
	return rc;
}

void session_close(struct session *s)
{
	store_close(s->store);
	s->store = NULL;
	runner_stop(&s->runner);
}
