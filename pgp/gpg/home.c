/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/home.h"

#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/packages.h"
#include "base/spawn.h"
#include "base/temp_dir.h"
#include "base/zbase32.h"
#include "pgp/gpg/gpg_args.h"
#include "pgp/gpg/keyboxd.h"
#include "pgp/gpg/wait.h"

#define GPGME_OLDEST "1.18.0"
#define CONF_MAX 8192

/* 2.2.27: what Debian 11 has; older ones lack options below or have known holes. */
static const int oldest[3] = {2, 2, 27};

static char gpg_path[FILE_PATH_MAX];

/* For pinentry. The process itself stays in the C locale: what it parses is not of any language. */
static void pass_locale(void)
{
	char name[128];
	const char *user;

	user = setlocale(LC_CTYPE, "");
	snprintf(name, sizeof(name), "%s", user ? user : "C");
	setlocale(LC_CTYPE, "C");
	gpgme_set_locale(NULL, LC_CTYPE, name);
}

int gpg_init(struct err *err)
{
	char path[FILE_PATH_MAX];
	int e;

	if (gpg_path[0])
		return 0;
	e = spawn_find("gpg", path);
	if (e != 0 && !errno_is_of_path(e))
		return err_set(err, err_of_errno(e, ERR_CONFIG), "gpg: %s", strerror(e));
	if (e != 0) {
		err_set(err, ERR_CONFIG, "gpg is not in PATH");
		err_hint(err, "%s", package_hint(PACKAGE_GPG));
		return ERR_CONFIG;
	}
	memcpy(gpg_path, path, sizeof(path));
	return 0;
}

/* Before the first use of GPGME, which sealing to known keys does without. */
static int start_gpgme(struct err *err)
{
	static bool started;
	int rc = gpg_init(err);

	if (rc < 0 || started)
		return rc;
	/* Without this GPGME starts gpgconf and asks every engine for its version: six processes.
	 */
	gpgme_set_global_flag("disable-gpgconf", "1");
	if (!gpgme_check_version(GPGME_OLDEST)) {
		err_set(err, ERR_CONFIG, "GPGME is older than " GPGME_OLDEST);
		err_hint(err, "%s", package_hint(PACKAGE_GPGME));
		return ERR_CONFIG;
	}
	pass_locale();
	started = true;
	return 0;
}

int gpg_user_home(char *path)
{
	const char *env = getenv("GNUPGHOME"), *home = home_dir();
	size_t len = env ? strlen(env) : 0;

	while (len > 1 && env[len - 1] == '/')
		len--;
	if (len > 0 && env[0] == '/' && len < FILE_PATH_MAX) {
		memcpy(path, env, len);
		path[len] = '\0';
		return 0;
	}
	return home ? path_join(path, home, ".gnupg") : -1;
}

static bool version_old(const char *v)
{
	int have[3] = {0, 0, 0};
	size_t i;

	if (sscanf(v, "%9d.%9d.%9d", &have[0], &have[1], &have[2]) < 2)
		return true;
	for (i = 0; i < 3; i++) {
		if (have[i] != oldest[i])
			return have[i] < oldest[i];
	}
	return false;
}

static bool names_same_file(const char *a, const char *b)
{
	struct stat at, bt;

	return strcmp(a, b) == 0 || (stat(a, &at) == 0 && stat(b, &bt) == 0 &&
					    at.st_dev == bt.st_dev && at.st_ino == bt.st_ino);
}

static int check_engine(gpgme_engine_info_t i, struct err *err)
{
	while (i && i->protocol != GPGME_PROTOCOL_OpenPGP)
		i = i->next;
	/* GPGME looks for gpg itself, and into relative folders of PATH too. */
	if (i && i->file_name && !names_same_file(i->file_name, gpg_path))
		return err_set(err, ERR_CONFIG,
			"gpg in PATH is %s for one search and %s for another", gpg_path,
			i->file_name);
	/* "1.0.0" is GPGME's word for one that it could not learn. */
	if (!i || !i->version || strcmp(i->version, "1.0.0") == 0) {
		err_set(err, ERR_OS, "%s: its version cannot be learnt", gpg_path);
		err_hint(err, "gpg --version");
		return ERR_OS;
	}
	if (version_old(i->version)) {
		err_set(err, ERR_CONFIG, "%s: version %s is older than %d.%d.%d", gpg_path,
			i->version, oldest[0], oldest[1], oldest[2]);
		err_hint(err, "%s", package_hint(PACKAGE_GPG));
		return ERR_CONFIG;
	}
	return 0;
}

int gpg_check(struct err *err)
{
	gpgme_engine_info_t info = NULL;
	int rc = start_gpgme(err);

	if (rc == 0 && gpgme_get_engine_info(&info) != 0)
		info = NULL;
	return rc == 0 ? check_engine(info, err) : rc;
}

const char *gpg_program(void)
{
	return gpg_path;
}

void gpg_home_name(const struct gpg_home *home, char name[GPG_JOB_HOME_MAX])
{
	const char *slash = strrchr(home->path, '/');

	name[0] = '\0';
	if (slash && strlen(slash + 1) < GPG_JOB_HOME_MAX)
		memcpy(name, slash + 1, strlen(slash + 1) + 1);
}

static int put_file(const char *path, const void *data, size_t len, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int failed;

	if (fd < 0)
		return err_path(err, ERR_CREATE, path);
	failed = fd_write_all(fd, data, len) < 0;
	if (close(fd) < 0 || failed)
		return err_path(err, ERR_IO, path);
	return 0;
}

int gpg_home_put(const struct gpg_home *home, const char *name, const void *data, size_t len,
	struct err *err)
{
	char path[FILE_PATH_MAX];

	if (home->path[0] == '\0' || strchr(name, '/') || path_join(path, home->path, name) < 0)
		return err_set(err, ERR_INTERNAL, "%s: cannot be put into a gpg home", name);
	return put_file(path, data, len, err);
}

int gpg_home_make_bare(struct gpg_home *home, struct err *err)
{
	int rc;

	memset(home, 0, sizeof(*home));
	rc = keyboxd_check_system(KEYBOXD_SYSTEM_DIR, err);
	if (rc < 0)
		return rc;
	rc = dir_make_temp(home->path, err);
	if (rc < 0)
		home->path[0] = '\0';
	return rc;
}

int gpg_home_make(struct gpg_home *home, const char *extra, struct err *err)
{
	struct buf conf = BUF_INIT(CONF_MAX);
	int rc;

	rc = gpg_home_make_bare(home, err);
	if (rc < 0)
		return rc;
	if (gpg_common_conf(&conf) < 0 || buf_adds(&conf, extra ? extra : "") < 0)
		rc = err_too_large(err, ERR_INTERNAL, "gpg.conf is longer than %d bytes", CONF_MAX);
	else
		rc = gpg_home_put(home, "gpg.conf", conf.p, conf.len, err);
	buf_free(&conf);
	if (rc < 0)
		gpg_home_remove(home);
	return rc;
}

/*
 * Where a user has a folder below /run/user, gpg neither makes nor looks for sockets in its home,
 * but in gnupg/d.HASH there (GnuPG's common/homedir.c): HASH is the z-base-32 of 15 octets of SHA-1
 * of the home's path. It makes that folder each time it runs. base is one of bases; path has
 * FILE_PATH_MAX bytes.
 */
static const char *const bases[] = {"/run/gnupg", "/run", "/var/run/gnupg", "/var/run"};
#define N_BASES (sizeof(bases) / sizeof(bases[0]))
#define SOCKET_HASH_BITS (15 * 8)

static int socket_dir(const char *base, const char *home, char *parent, char *path)
{
	uint8_t digest[20];
	char hash[SOCKET_HASH_BITS / 5 + 1];
	struct stat st;

	snprintf(parent, FILE_PATH_MAX, "%s/user/%u", base, (unsigned)getuid());
	if (stat(parent, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != getuid() ||
		(st.st_mode & 077) != 0)
		return -1;
	digest_start();
	gcry_md_hash_buffer(GCRY_MD_SHA1, digest, home, strlen(home));
	zbase32(digest, SOCKET_HASH_BITS, hash);
	snprintf(parent, FILE_PATH_MAX, "%s/user/%u/gnupg", base, (unsigned)getuid());
	snprintf(path, FILE_PATH_MAX, "%s/user/%u/gnupg/d.%s", base, (unsigned)getuid(), hash);
	return 0;
}

int gpg_home_redirect_agent(const struct gpg_home *home, const char *socket, struct err *err)
{
	char text[FILE_PATH_MAX + 32], parent[FILE_PATH_MAX], dir[FILE_PATH_MAX];
	char path[FILE_PATH_MAX];
	size_t i;
	int n, rc;

	/* libassuan expands ${VARIABLES} in it, and a line ends it. */
	if (socket[0] != '/' || strpbrk(socket, "$\r\n") || strlen(socket) > FILE_PATH_MAX - 2)
		return err_set(
			err, ERR_CONFIG, "the agent's socket has a path that cannot be used");
	n = snprintf(text, sizeof(text), "%%Assuan%%\nsocket=%s\n", socket);
	rc = gpg_home_put(home, "S.gpg-agent", text, (size_t)n, err);
	for (i = 0; rc == 0 && i < N_BASES; i++) {
		if (socket_dir(bases[i], home->path, parent, dir) < 0)
			continue;
		/* Where we may not, as in the sandbox, gpg may not either, and looks in its home.
		 */
		(void)mkdir(parent, 0700);
		if (mkdir(dir, 0700) == 0 && path_join(path, dir, "S.gpg-agent") == 0)
			rc = put_file(path, text, (size_t)n, err);
	}
	return rc;
}

/*
 * The home goes to gpg through GNUPGHOME, between gpg_home_context and gpg_home_remove: telling
 * GPGME costs a "gpg --version" each time (2 ms). The user's value is kept and comes back.
 */
static struct {
	char home[FILE_PATH_MAX]; /* "" when no home is entered */
	char *users;              /* owned; NULL when there was none */
} entered;

static int enter_home(const struct gpg_home *home, struct err *err)
{
	const char *users = getenv("GNUPGHOME");

	if (strcmp(entered.home, home->path) == 0)
		return 0;
	if (entered.home[0] != '\0' || home->path[0] != '/')
		return err_set(err, ERR_INTERNAL, "a gpg home is in use already");
	entered.users = users ? strdup(users) : NULL;
	if ((users && !entered.users) || setenv("GNUPGHOME", home->path, 1) < 0)
		return err_set(err, ERR_OS, "out of memory");
	memcpy(entered.home, home->path, sizeof(entered.home));
	return 0;
}

static void leave_home(const struct gpg_home *home)
{
	if (entered.home[0] == '\0' || strcmp(entered.home, home->path) != 0)
		return;
	if (!entered.users)
		unsetenv("GNUPGHOME");
	else if (setenv("GNUPGHOME", entered.users, 1) < 0)
		abort(); /* the next program would work in a home that is gone */
	free(entered.users);
	entered.users = NULL;
	entered.home[0] = '\0';
}

int gpg_home_context(const struct gpg_home *home, gpgme_ctx_t *ctx, struct err *err)
{
	gpgme_error_t e;
	gpgme_ctx_t c = NULL;
	int rc;

	rc = start_gpgme(err);
	if (rc == 0)
		rc = enter_home(home, err);
	if (rc < 0)
		return rc;
	e = gpgme_new(&c);
	if (!e)
		e = gpgme_set_protocol(c, GPGME_PROTOCOL_OpenPGP);
	if (e) {
		gpgme_release(c);
		return gpg_err(err, ERR_OS, "no context", e);
	}
	rc = check_engine(gpgme_ctx_get_engine_info(c), err);
	if (rc < 0) {
		gpgme_release(c);
		return rc;
	}
	gpgme_set_armor(c, 0);
	gpgme_set_offline(c, 1);
	wait_attach(c);
	*ctx = c;
	return 0;
}

void gpg_home_remove(struct gpg_home *home)
{
	char parent[FILE_PATH_MAX], dir[FILE_PATH_MAX];
	size_t i;

	leave_home(home);
	if (home->path[0] != '\0') {
		dir_remove(home->path);
		for (i = 0; i < N_BASES; i++) {
			if (socket_dir(bases[i], home->path, parent, dir) == 0)
				dir_remove(dir);
		}
	}
	memset(home, 0, sizeof(*home));
}
