/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/keyboxd.h"

#include <string.h>

#include "base/file.h"
#include "base/spawn.h"

#define COMMON_CONF_MAX 65536
#define GPGCONF_MS 15000
#define GPGCONF_OUT_MAX 8192
#define OPTION "use-keyboxd"

static bool common_conf_says(const char *dir)
{
	struct buf b = BUF_INIT(COMMON_CONF_MAX);
	char path[FILE_PATH_MAX];
	const char *p;
	int missing_file;
	bool yes = false;

	if (path_join(path, dir, "common.conf") == 0 &&
		file_read(path, &b, &missing_file, NULL) == 0) {
		for (p = buf_str(&b); *p; p += strspn(p, "\r\n")) {
			p += strspn(p, " \t");
			yes |= strncmp(p, OPTION, strlen(OPTION)) == 0 &&
			       strcspn(p, " \t#\r\n") == strlen(OPTION);
			p += strcspn(p, "\r\n");
		}
	}
	buf_free(&b);
	return yes;
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

bool keyboxd_used(const char *dir)
{
	return common_conf_says(dir) && has_keyboxd();
}

int keyboxd_launch(const char *home, struct err *err)
{
	struct buf out = BUF_INIT(GPGCONF_OUT_MAX);
	int status = 0, rc;

	if (!keyboxd_used(home))
		return 0;
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
	if (!keyboxd_used(dir))
		return 0;
	err_set(err, ERR_CONFIG,
		"%s/common.conf makes every gpg home use keyboxd, those of sealpost too", dir);
	err_hint(err, "move use-keyboxd from %s/common.conf to ~/.gnupg/common.conf", dir);
	return ERR_CONFIG;
}
