/* SPDX-License-Identifier: ISC */
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "conf/conf_ini.h"
#include "conf/conf_trust.h"
#include "conf/keyservers.h"

#define SYSTEM_FILE SEALPOST_SYSCONFDIR "/sealpost.conf"

void conf_free(struct conf *c)
{
	if (!c)
		return;
	free(c->policy);
	free(c->identity);
	free(c->origin);
	memset(c, 0, sizeof(*c));
}

/* $VAR/sealpost, or ~/FALLBACK/sealpost; "" if neither is known. */
static void base_dir(const char *var, const char *fallback, char *out)
{
	const char *base = getenv(var);
	const char *home;
	char dir[FILE_PATH_MAX];
	int rc = -1;

	if (base &&
		base[0] == '/') { /* relative ones are to be ignored, says the XDG specification */
		rc = path_join(out, base, "sealpost");
	} else {
		home = home_dir();
		if (home && path_join(dir, home, fallback) == 0)
			rc = path_join(out, dir, "sealpost");
	}
	if (rc < 0)
		out[0] = '\0';
}

void conf_default_data_dir(char path[FILE_PATH_MAX])
{
	base_dir("XDG_DATA_HOME", ".local/share", path);
}

static void set_defaults(struct conf *c)
{
	memset(c, 0, sizeof(*c));
	c->mta_timeout = 600; /* the time-out of RFC 5321 4.5.3.2.6 for the reply after the data */
	c->encrypt = ENCRYPT_PREFER;
	c->mixed = MIXED_REFUSE;
	c->sign = SIGN_ENCRYPTED;
	c->header_protection = HEADER_BASELINE;
	c->legacy_display = LEGACY_DISPLAY_AUTO;
	c->autocrypt = AUTOCRYPT_YES;
	c->on_unknown = UNKNOWN_REFUSE;
	c->on_change = CHANGE_REFUSE;
	c->absence = ABSENCE_ANY;
	c->weak_keys = WEAK_REFUSE;
	c->gnupg = GNUPG_ASK;
	c->replies = REPLIES_REQUIRE;
	c->tls = TRANSPORT_ANY;
	c->pinentry = PINENTRY_ASK;
	c->queue = QUEUE_NO;
	c->pinentry_timeout = 60;
	c->max_message = 256u << 20;
	c->cache_found = 24 * 3600;
	c->cache_absent = 3600;
	c->cache_failed = 60;
	c->net.timeout_ms = 10000;
	c->net.connect_ms = 4000;
	conf_default_data_dir(c->data_dir);
	base_dir("XDG_CACHE_HOME", ".cache", c->cache_dir);
}

/* Only this user and root may determine where mail goes. */
static int check_conf_file(int fd, const char *path, struct err *err)
{
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return err_path(err, ERR_CONFIG, path);
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3)) /* /dev/null: no settings */
		return 0;
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s: is not a regular file", path);
	rc = trust_file(fd, path, err);
	return rc < 0 ? rc : trust_way(path, err);
}

/* 0: nothing is at the path. An error where a link on it leads nowhere, as to settings on a medium
 * that is not mounted, or where that cannot be told. */
static int check_missing(const char *path, struct err *err)
{
	char part[FILE_PATH_MAX];
	struct stat st;
	char *slash;

	snprintf(part, sizeof(part), "%s", path);
	while (lstat(part, &st) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return err_path(err, ERR_CONFIG, part);
		slash = strrchr(part, '/');
		if (!slash || slash == part)
			return 0;
		*slash = '\0';
	}
	if (stat(part, &st) == 0)
		return 0;
	if (errno != ENOENT && errno != ENOTDIR)
		return err_path(err, ERR_CONFIG, part);
	return err_set(err, ERR_CONFIG, "%s: a link on its way leads nowhere", path);
}

/* Reads one file, overriding c; source receives its path. A missing file is skipped, unless must is
 * set.
 */
static int read_one(const char *path, bool must, struct conf *c, char *source, struct err *err)
{
	struct buf text = BUF_INIT(CONF_FILE_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int rc;

	if (fd < 0) {
		if (must || (errno != ENOENT && errno != ENOTDIR))
			return err_path(err, ERR_CONFIG, path);
		return check_missing(path, err);
	}
	rc = check_conf_file(fd, path, err);
	if (rc == 0 && (rc = fd_read_all(fd, &text, NULL)) < 0)
		rc = err_set(err, rc == ERR_DATA ? ERR_CONFIG : rc,
			"%s: cannot be read, or is larger than %u bytes", path, CONF_FILE_MAX);
	close(fd);
	if (rc == 0 && snprintf(source, FILE_PATH_MAX, "%s", path) >= FILE_PATH_MAX)
		rc = err_set(err, ERR_CONFIG, "%s: the path is too long", path);
	if (rc == 0)
		rc = conf_ini_read(path, source == c->source[1], &text, c, err);
	buf_free(&text);
	return rc;
}

int conf_load(const char *file, struct conf *out, struct err *err)
{
	char dir[FILE_PATH_MAX], user[FILE_PATH_MAX];
	struct conf c;
	int rc;

	set_defaults(&c);
	if (file) {
		rc = read_one(file, true, &c, c.source[0], err);
	} else {
		rc = read_one(SYSTEM_FILE, false, &c, c.source[0], err);
		base_dir("XDG_CONFIG_HOME", ".config", dir);
		if (rc == 0 && dir[0] && path_join(user, dir, "config") == 0)
			rc = read_one(user, false, &c, c.source[1], err);
	}
	if (rc == 0 && (c.data_dir[0] == '\0' || c.cache_dir[0] == '\0')) {
		rc = err_set(err, ERR_CONFIG, "there is no home folder to store data in");
		err_hint(err, "set HOME, or data-dir and cache-dir in the configuration");
	}
	if (rc == 0)
		rc = keyservers_gather(&c, err);
	c.mta_default = c.mta[0] == '\0';
	if (rc < 0) {
		conf_free(&c);
		return rc;
	}
	*out = c;
	return 0;
}

const struct conf_identity *conf_identity_for(const struct conf *c, const struct addr *from)
{
	size_t i;

	for (i = 0; i < c->n_identity; i++) {
		if (strcmp(c->identity[i].from, from->name) == 0)
			return &c->identity[i];
	}
	return NULL;
}

const char *conf_smart_host(const struct conf *c, const struct conf_identity *id)
{
	return id && id->smart_host[0] != '\0' ? id->smart_host : c->smart_host;
}

int conf_each_setting(const struct conf *c, int (*cb)(const struct conf_setting *s, void *arg),
	void *arg, struct err *err)
{
	struct conf *standard = malloc(sizeof(*standard));
	int rc;

	if (!standard)
		return err_set(err, ERR_OS, "out of memory");
	set_defaults(standard);
	rc = conf_show(c, standard, cb, arg, err);
	free(standard);
	return rc;
}
