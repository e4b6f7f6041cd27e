/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/user_ring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/spawn.h"
#include "pgp/gpg/home.h"
#include "pgp/gpg/keyboxd.h"

#define CONF_MAX (FILE_PATH_MAX + 1024)
#define LISTED_MAX (256u << 20)

/* gpg keeps a copy of what it last replaced. */
static int damaged(const char *path, struct err *err)
{
	char copy[FILE_PATH_MAX + 1];

	err_set(err, ERR_TEMP, "%.700s: is damaged, or gpg cannot read all of it", path);
	snprintf(copy, sizeof(copy), "%s~", path);
	if (access(copy, R_OK) == 0)
		err_hint(err, "gpg --list-keys; gpg's last copy of that file: %.300s", copy);
	else
		err_hint(err, "gpg --list-keys");
	return ERR_TEMP;
}

/* why: NULL: errno has it. */
static int refuse_path(const char *path, const char *why, struct err *err)
{
	int rc = why ? err_set(err, ERR_CONFIG, "%s: %s", path, why)
		     : err_path(err, ERR_CONFIG, path);

	if (rc == ERR_CONFIG)
		err_hint(err, "ls -ld %.400s", path);
	return rc;
}

/* 1: there is something; 0: nothing. A link that leads nowhere, as to a medium that is not mounted,
 * is not nothing. */
static int stat_link(const char *path, struct stat *st, struct err *err)
{
	if (lstat(path, st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : refuse_path(path, NULL, err);
	return stat(path, st) == 0 ? 1 : refuse_path(path, NULL, err);
}

/* 1: path is a file; 0: there is none. gpg writes a header into each new keybox: it is never empty.
 */
static int find_file(const char *home, const char *name, char *path, struct err *err)
{
	struct stat st;
	int rc;

	if (path_join(path, home, name) < 0)
		return err_set(err, ERR_CONFIG, "the path of the user's gpg home is too long");
	rc = stat_link(path, &st, err);
	if (rc == 1 && !S_ISREG(st.st_mode))
		rc = refuse_path(path, "is not a regular file", err);
	if (rc == 1 && st.st_size == 0 && strcmp(name, "pubring.kbx") == 0)
		rc = damaged(path, err);
	return rc;
}

int user_ring_find(struct user_ring *r, struct err *err)
{
	static const char *const names[] = {"pubring.kbx", "pubring.gpg"};
	struct stat st;
	size_t i;
	int rc;

	memset(r, 0, sizeof(*r));
	if (gpg_user_home(r->home) < 0)
		return 0;
	rc = stat_link(r->home, &st, err);
	if (rc == 1)
		rc = keyboxd_used(r->home, err);
	if (rc < 0)
		return rc;
	r->keyboxd = rc > 0;
	if (r->keyboxd)
		return path_join(r->path, r->home, "public-keys.d/pubring.db") == 0
			       ? 1
			       : err_set(err, ERR_CONFIG,
					 "the path of the user's gpg home is too long");
	for (i = 0; rc == 0 && i < sizeof(names) / sizeof(names[0]); i++)
		rc = find_file(r->home, names[i], r->path, err);
	return rc;
}

/* Whether gpg.conf can hold the name: a line, without blanks at its end, that is not quoted. */
static bool fits_conf(const char *path)
{
	return !strpbrk(path, "\r\n\"") && path[strlen(path) - 1] != ' ';
}

int user_ring_open(const struct user_ring *r, const char *conf, struct gpg_daemons *daemons,
	struct gpg_home *home, struct err *err)
{
	struct buf lines = BUF_INIT(CONF_MAX);
	int rc = 0;

	if (!r->keyboxd && access(r->path, R_OK) != 0)
		rc = refuse_path(r->path, NULL, err);
	else if (!r->keyboxd && !fits_conf(r->path))
		rc = err_set(err, ERR_CONFIG, "%s: has a name that gpg.conf cannot hold", r->path);
	else if (buf_addf(&lines, "%sno-default-keyring\nkeyring %s\n", conf,
			 r->keyboxd ? GPG_RING : r->path) < 0)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc == 0)
		rc = gpg_home_make(home, buf_str(&lines), err);
	if (rc == 0 && r->keyboxd)
		rc = daemons_put_keys(daemons, home, err);
	buf_free(&lines);
	return rc;
}

int user_ring_check(
	const struct user_ring *r, const struct gpg_home *home, int timeout_ms, struct err *err)
{
	const char *const argv[] = {gpg_program(), "--homedir", home->path, "--trust-model",
		"always", "--no-auto-check-trustdb", "--with-colons", "--fast-list-mode",
		"--list-keys", NULL};
	struct buf out = BUF_INIT(LISTED_MAX);
	int status = 0, rc = spawn_filter(argv, "", 0, timeout_ms, &out, &status, err);

	if (rc == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		rc = damaged(r->path, err);
	buf_free(&out);
	return rc;
}
