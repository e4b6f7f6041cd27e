/* SPDX-License-Identifier: ISC */
#include "process/session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temp_dir.h"
#include "base/log.h"
#include "conf/sender_dir.h"
#include "pgp/cert/signer.h"
#include "pgp/gpg/gpg_child.h"
#include "pgp/seal/seal.h"
#include "process/reads.h"
#include "store/cache.h"
#include "store/maildir.h"

#define WRITABLE_MAX 8 /* besides the identities' */

bool session_named_path(const struct conf *c, const char *name, char path[FILE_PATH_MAX])
{
	struct buf text = BUF_INIT(FILE_PATH_MAX);
	char file[FILE_PATH_MAX];
	size_t len;
	bool found = path_join(file, c->data_dir, name) == 0 &&
		     file_read(file, &text, ERR_IO, NULL) == 0;

	len = found ? strcspn(buf_str(&text), "\n") : 0;
	found = len > 0 && len < FILE_PATH_MAX && buf_str(&text)[0] == '/';
	if (found) {
		memcpy(path, buf_str(&text), len);
		path[len] = '\0';
	}
	buf_free(&text);
	return found;
}

/* Where it may write, NULL-ended; freed with one free(). NULL: no memory. */
static const char **list_writable(
	const struct conf *c, const char *temp, const struct session_opts *opts)
{
	const char *tmp = getenv("TMPDIR");
	const char **writable = calloc(c->n_identity + WRITABLE_MAX, sizeof(*writable));
	size_t i, n = 0;

	if (!writable)
		return NULL;
	writable[n++] = c->data_dir;
	writable[n++] = c->cache_dir;
	writable[n++] = temp;
	if (opts->writes && opts->writes[0])
		writable[n++] = opts->writes;
	writable[n++] = tmp ? tmp : "/var/tmp";
	if (c->sent[0] != '\0')
		writable[n++] = c->sent;
	for (i = 0; i < c->n_identity; i++) {
		if (c->identity[i].sent[0] != '\0')
			writable[n++] = c->identity[i].sent;
	}
	return writable;
}

/* What the verb reads besides, and named, unless it is ""; otherwise as list_writable. */
static const char **list_given(const struct session_opts *opts, const char *named)
{
	const char **given;
	size_t n = 0;

	while (opts->reads && opts->reads[n])
		n++;
	given = calloc(n + 2, sizeof(*given));
	if (given && n > 0)
		memcpy(given, opts->reads, n * sizeof(*given));
	if (given && named[0] != '\0')
		given[n] = named;
	return given;
}

static int enter_sandbox(
	const struct conf *c, const char *temp, const struct session_opts *opts, struct err *err)
{
	const char **writable = list_writable(c, temp, opts), **given;
	char named[FILE_PATH_MAX] = "";
	struct sandbox_state state;
	int rc;

	if (opts->reads_named_in && !session_named_path(c, opts->reads_named_in, named))
		named[0] = '\0';
	given = list_given(opts, named);
	rc = writable && given ? reads_enter(c, writable, given, &state, err)
			       : err_set(err, ERR_OS, "out of memory");
	free(given);
	free(writable);
	if (rc == 0)
		log_debug("sandbox: seccomp %s, Landlock ABI %d", state.seccomp ? "on" : "off",
			state.landlock_abi);
	return rc;
}

/* Before the sandbox, which can only name folders that exist. What fails here is told when a copy
 * is to be kept. */
static void make_sent(const struct conf *c)
{
	struct err ignored = ERR_INIT;
	size_t i;

	if (c->sent[0] != '\0')
		(void)maildir_make(c->sent, &ignored);
	for (i = 0; i < c->n_identity; i++) {
		if (c->identity[i].sent[0] != '\0')
			(void)maildir_make(c->identity[i].sent, &ignored);
	}
}

/* Creates the state folder, where that is wanted and possible. */
static int make_state(
	struct session *s, const struct conf *c, const struct session_opts *opts, struct err *err)
{
	int rc;

	s->readonly = opts->readonly;
	if (opts->readonly)
		return 0;
	rc = store_make_dir(c->data_dir, err);
	s->readonly = rc == ERR_CREATE && opts->may_be_readonly;
	return s->readonly ? 0 : rc;
}

static int open_state(
	struct session *s, const struct conf *c, const struct session_opts *opts, struct err *err)
{
	int rc = store_open(&s->store, c->data_dir, s->readonly, err);

	if (rc == ERR_CREATE && !s->readonly && opts->may_be_readonly) {
		s->readonly = true;
		rc = store_open(&s->store, c->data_dir, true, err);
	}
	if (rc == 0 && s->readonly && opts->may_be_readonly)
		log_info("%s: cannot be written to; nothing is recorded", c->data_dir);
	return rc;
}

/* Whether so much is known of it before it is read. */
static bool input_is_small(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= SEAL_SMALL_MAX;
}

int session_open(
	struct session *s, struct app *app, const struct session_opts *opts, struct err *err)
{
	struct gpg_ready ready = {.small = false};
	char temp[FILE_PATH_MAX] = "";
	int rc = 0;

	memset(s, 0, sizeof(*s));
	s->runner.sock = -1;
	if (opts->runner)
		rc = dir_temp_root(
			temp, err); /* before the fork: the runner removes it, come what may */
	if (rc == 0 && opts->seals && signer_has_secret())
		(void)gpg_ready_make(&ready, input_is_small(), NULL);
	if (rc == 0 && opts->runner)
		rc = runner_start_ready(&s->runner, app->conf_file, app->verbose, opts->opens,
			ready.home.path[0] != '\0' ? &ready : NULL, err);
	runner_daemons(&s->runner, &s->daemons);
	if (rc == 0)
		gpg_ready_give(&s->daemons, &ready);
	else
		gpg_ready_free(&ready);
	if (rc == 0)
		rc = conf_load(app->conf_file, &app->conf, err);
	if (rc == 0)
		rc = conf_use_sender(&app->conf, app->sender, err);
	s->runner.mta_timeout = app->conf.mta_timeout;
	if (rc == 0)
		rc = make_state(s, &app->conf, opts, err);
	if (rc == 0)
		(void)dir_make_private(app->conf.cache_dir, NULL); /* without it, no cache */
	if (rc == 0 && opts->runner && !opts->readonly)
		make_sent(&app->conf);
	if (rc == 0)
		rc = enter_sandbox(&app->conf, temp, opts, err);
	if (rc == 0)
		rc = open_state(s, &app->conf, opts, err);
	if (rc < 0)
		session_close(s);
	return rc;
}

struct cache *session_cache(struct session *s, const struct conf *c)
{
	if (!s->cache)
		s->cache = cache_open(c->cache_dir);
	return s->cache;
}

void session_close(struct session *s)
{
	runner_release(&s->runner); /* both have to clear up: beside each other */
	cache_close(s->cache);
	s->cache = NULL;
	store_close(s->store);
	s->store = NULL;
	runner_stop(&s->runner);
}
