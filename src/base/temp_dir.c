/* SPDX-License-Identifier: ISC */
#include "base/temp_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define RANDOM_LEN 6 /* mkdtemp's */
#define ROOT_TRIES 8 /* to make a folder that nobody takes for a stale one */

static bool is_our_lock(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

/* Whether name in the folder at is what fd has open. */
static bool is_same_file(int at, const char *name, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(at, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/*
 * Who clears up locks a folder before it removes it, and removes it before it unlocks it. So either
 * the lock is not to be had here, or what is locked is no longer what the path names, or it is
 * held. A file system without locks has nobody who clears up.
 */
int stale_hold(const char *path)
{
	int fd = open(path, OPEN_DIR);

	if (fd >= 0 && (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
		is_same_file(AT_FDCWD, path, fd))
		return 0; /* and stays open */
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool has_our_name(const char *name)
{
	size_t n = strlen(STALE_PREFIX);

	return strncmp(name, STALE_PREFIX, n) == 0 && strlen(name) == n + RANDOM_LEN;
}

/* Whether it was removed. */
static bool remove_one(int at, const char *name)
{
	int fd = openat(at, name, OPEN_DIR), inside;
	bool gone = false;

	if (fd < 0)
		return false;
	if (is_our_lock(fd) && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_same_file(at, name, fd)) {
		inside = fcntl(fd, F_DUPFD_CLOEXEC, 3); /* the lock is both's */
		if (inside >= 0)
			dir_empty(inside);
		gone = unlinkat(at, name, AT_REMOVEDIR) == 0;
	}
	close(fd);
	return gone;
}

void stale_remove(const char *dir)
{
	int fd = open(dir, OPEN_DIR), n = 0;
	struct dirent *e;
	DIR *d;

	if (fd < 0)
		return;
	d = is_our_lock(fd) ? fdopendir(fd) : NULL;
	if (!d) {
		close(fd);
		return;
	}
	while (n < STALE_MAX && (e = readdir(d)) != NULL) {
		if (has_our_name(e->d_name))
			n += remove_one(dirfd(d), e->d_name);
	}
	closedir(d);
}

static char temp_root[FILE_PATH_MAX];

/* $XDG_RUNTIME_DIR, if it is ours and private, else NULL. */
static const char *runtime_dir(void)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	struct stat st;

	return dir && stat(dir, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0
		       ? dir
		       : NULL;
}

/* name: a pattern of mkdtemp's. */
static int make_temp(char *path, const char *name, struct err *err)
{
	const char *dirs[3] = {runtime_dir(), getenv("TMPDIR"), "/tmp"};
	size_t i;

	for (i = 0; i < 3; i++) {
		if (!dirs[i] || dirs[i][0] != '/' || strlen(dirs[i]) > 60)
			continue;
		if (path_join(path, dirs[i], name) == 0 && mkdtemp(path))
			return 0;
	}
	return err_set(err, err_of_errno(errno, ERR_CREATE), "no temporary folder can be made: %s",
		strerror(errno));
}

int dir_temp_root(char *path, struct err *err)
{
	const char *dir = runtime_dir();
	int i, rc;

	if (dir)
		stale_remove(dir);
	for (i = 0; i < ROOT_TRIES; i++) {
		rc = make_temp(path, STALE_PREFIX "XXXXXX", err);
		if (rc < 0)
			return rc;
		if (stale_hold(path) == 0) {
			memcpy(temp_root, path, strlen(path) + 1);
			return 0;
		}
		dir_remove(path);
	}
	return err_set(err, ERR_CREATE, "%s: the folder cannot be kept", path);
}

void dir_temp_root_remove(void)
{
	if (temp_root[0] != '\0')
		dir_remove(temp_root);
	temp_root[0] = '\0';
}

const char *dir_temp_root_path(void)
{
	return temp_root;
}

int dir_make_temp(char *path, struct err *err)
{
	if (temp_root[0] == '\0')
		return make_temp(path, "sealpost-XXXXXX", err);
	if (path_join(path, temp_root, "XXXXXX") == 0 && mkdtemp(path))
		return 0;
	return err_path(err, ERR_CREATE, temp_root);
}
