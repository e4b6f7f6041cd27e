/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/keyboxd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"

#define COMMON_CONF_MAX 65536
#define GPGCONF_MS 15000
#define GPGCONF_OUT_MAX 8192
#define OPTION "use-keyboxd"

/* 1 or 0; fails where it cannot be told. A file that may not be read says nothing, to gpg neither.
 */
static int common_conf_says(const char *dir, struct err *err)
{
	struct buf b = BUF_INIT(COMMON_CONF_MAX);
	char path[FILE_PATH_MAX];
	int fd, rc, yes = 0;
	const char *p;

	if (path_join(path, dir, "common.conf") < 0)
		return 0;
	fd = file_open_named(AT_FDCWD, path);
	if (fd < 0)
		return errno_is_of_path(errno) ? 0 : err_path(err, ERR_CONFIG, path);
	rc = fd_read_all(fd, &b, err);
	close(fd);
	for (p = buf_str(&b); *p; p += strspn(p, "\r\n")) {
		p += strspn(p, " \t");
		yes |= strncmp(p, OPTION, strlen(OPTION)) == 0 &&
		       strcspn(p, " \t#\r\n") == strlen(OPTION);
		p += strcspn(p, "\r\n");
	}
	buf_free(&b);
	return rc < 0 ? rc : yes;
}

/* Run with what follows gpgconf; its output. 0 when it ran, with its status. */
static int run_gpgconf(const char *option, const char *what, struct buf *out, int *status)
{
	const char *const argv[] = {"gpgconf", option, what, NULL};

	return spawn_capture(argv, GPGCONF_MS, out, NULL, status, NULL);
}

/* GnuPG has a place for its socket. Where it cannot be asked it may have one: keys that are there
 * are not taken for none. */
static bool has_keyboxd(void)
{
	struct buf out = BUF_INIT(GPGCONF_OUT_MAX);
	int status = 0;
	bool has;

	has = run_gpgconf("--list-dirs", "keyboxd-socket", &out, &status) < 0 ||
	      (status == 0 && out.len > 0);
	buf_free(&out);
	return has;
}

int keyboxd_used(const char *dir, struct err *err)
{
	const int rc = common_conf_says(dir, err);

	return rc > 0 ? has_keyboxd() : rc;
}

int keyboxd_launch(const char *home, struct err *err)
{
	struct buf out = BUF_INIT(GPGCONF_OUT_MAX);
	int status = 0, rc = keyboxd_used(home, err);

	if (rc <= 0)
		return rc;
	rc = run_gpgconf("--launch", "keyboxd", &out, &status);
	buf_free(&out);
	if (rc == 0 && status == 0)
		return 0;
	err_set(err, ERR_TEMP, "keyboxd, which has your keys, does not start");
	err_hint(err, "gpgconf --launch keyboxd");
	return ERR_TEMP;
}

int keyboxd_check_system(const char *dir, struct err *err)
{
	const int rc = keyboxd_used(dir, err);

	if (rc <= 0)
		return rc;
	err_set(err, ERR_CONFIG,
		"%s/common.conf makes every gpg home use keyboxd, those of sealpost too", dir);
	err_hint(err, "move use-keyboxd from %s/common.conf to ~/.gnupg/common.conf", dir);
	return ERR_CONFIG;
}
