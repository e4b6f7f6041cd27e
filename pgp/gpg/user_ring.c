/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/user_ring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "pgp/gpg/home.h"
#include "pgp/gpg/keyboxd.h"

#define CONF_MAX (FILE_PATH_MAX + 1024)

/* 1: path is a file; 0: there is none. */
static int find_file(const char *home, const char *name, char *path, struct err *err)
{
	struct stat st;

	if (path_join(path, home, name) < 0)
		return err_set(err, ERR_CONFIG, "the path of the user's gpg home is too long");
	if (stat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_path(err, ERR_CONFIG, path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s: is not a regular file", path);
	return 1;
}

int user_ring_find(struct user_ring *r, struct err *err)
{
	static const char *const names[] = {"pubring.kbx", "pubring.gpg"};
	size_t i;
	int rc;

	memset(r, 0, sizeof(*r));
	if (gpg_user_home(r->home) < 0)
		return 0;
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
		rc = err_path(err, ERR_CONFIG, r->path);
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
