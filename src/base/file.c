/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DIR_DEPTH_MAX 8 /* of what dir_remove walks into */

int path_join(char *path, const char *dir, const char *name)
{
	int n = snprintf(path, FILE_PATH_MAX, "%s/%s", dir, name);

	return n < 0 || n >= FILE_PATH_MAX ? -1 : 0;
}

bool fd_again(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	if (errno == EAGAIN)
		return poll(&p, 1, -1) >= 0 || errno == EINTR;
	return errno == EINTR;
}

int fd_read_all(int fd, struct buf *b, struct err *err)
{
	char chunk[16384];
	ssize_t n;
	int rc = 0;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && fd_again(fd, POLLIN))
			continue;
		if (n < 0)
			rc = err_set(err, ERR_IO, "reading failed: %s", strerror(errno));
		else if (n > 0 && buf_add(b, chunk, (size_t)n) < 0)
			rc = err_too_large(err, ERR_DATA, "input is larger than %zu bytes", b->max);
		if (n <= 0 || rc < 0)
			break;
	}
	if (b->secret)
		explicit_bzero(chunk, sizeof(chunk));
	return rc;
}

int file_open_named(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

	if (flags >= 0)
		(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	return fd;
}

int file_open_regular(const char *path, struct err *err)
{
	int fd = file_open_named(AT_FDCWD, path);
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0) {
		rc = err_path(err, ERR_CONFIG, path);
		if (fd >= 0)
			close(fd);
		return rc;
	}
	if (S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return err_set(err, ERR_CONFIG, "%s: is not a regular file", path);
}

int file_read(const char *path, struct buf *b, enum err_code lasting, struct err *err)
{
	int fd = file_open_named(AT_FDCWD, path), rc, e;

	if (fd < 0)
		return err_path(err, lasting, path);
	rc = fd_read_all(fd, b, NULL);
	e = errno;
	close(fd);
	errno = e;
	if (rc == ERR_IO)
		rc = err_path(err, lasting, path);
	else if (rc < 0)
		rc = err_too_large(err, lasting, "%s: is larger than %zu bytes", path, b->max);
	errno = e;
	return rc;
}

void fd_close_range(unsigned first, unsigned last)
{
	unsigned fd, end = (unsigned)getdtablesize();

	if (syscall(SYS_close_range, first, last, 0) == 0)
		return;
	/* What stayed open would keep somebody waiting for the end of a pipe. */
	for (fd = first; fd < end && fd <= last; fd++)
		(void)close((int)fd);
}

int fd_write_all(int fd, const void *p, size_t len)
{
	const char *c = p;
	ssize_t n;

	while (len > 0) {
		n = write(fd, c, len);
		if (n < 0 && fd_again(fd, POLLOUT))
			continue;
		if (n < 0)
			return -1;
		c += n;
		len -= (size_t)n;
	}
	return 0;
}

int fd_memory(const char *name, const void *p, size_t len)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	if (fd >= 0 && (fd_write_all(fd, p, len) < 0 || lseek(fd, 0, SEEK_SET) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

int fd_copy(int from, int64_t size, int to)
{
	char chunk[65536];
	int64_t off = 0;
	ssize_t n;

	while (off < size) {
		n = pread(from, chunk,
			size - off < (int64_t)sizeof(chunk) ? (size_t)(size - off) : sizeof(chunk),
			off);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0 || fd_write_all(to, chunk, (size_t)n) < 0)
			return -1;
		off += n;
	}
	return 0;
}

int file_new_begin(struct file_new *f, int dir, const char *temp)
{
	*f = (struct file_new){.fd = -1, .dir = dir, .temp = temp};
	f->fd = openat(dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return f->fd < 0 ? -1 : 0;
}

int file_new_end(struct file_new *f, int written, int to, const char *name)
{
	int bad = written < 0 || fsync(f->fd) < 0 ? errno : 0;

	if (close(f->fd) < 0 && !bad)
		bad = errno;
	f->fd = -1;
	if (!bad && renameat(f->dir, f->temp, to, name) < 0)
		bad = errno;
	if (bad)
		(void)unlinkat(f->dir, f->temp, 0);
	else if (fsync(to) < 0)
		bad = errno;
	if (bad)
		errno = bad; /* not that of the cleaning up */
	return bad ? -1 : 0;
}

int file_check_private(const char *path, const struct stat *st, enum err_code code, struct err *err)
{
	if (st->st_uid != geteuid()) {
		err_set(err, code, "%s: belongs to another user", path);
		err_hint(err, "move it away, or name another one in the configuration");
		return code;
	}
	if ((st->st_mode & 077) != 0) {
		err_set(err, code, "%s: is open to other users (mode %03o)", path,
			(unsigned)(st->st_mode & 0777));
		err_hint(err, "chmod %s '%s'", S_ISDIR(st->st_mode) ? "700" : "600", path);
		return code;
	}
	return 0;
}

int dir_check_private(const char *path, struct err *err)
{
	struct stat st;
	int rc;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_path(err, ERR_IO, path);
	if (!S_ISDIR(st.st_mode)) {
		err_set(err, ERR_CONFIG, "%s: is not a folder", path);
		err_hint(err, "move it away, or name another one in the configuration");
		return ERR_CONFIG;
	}
	rc = file_check_private(path, &st, ERR_CONFIG, err);
	return rc < 0 ? rc : 1;
}

int dir_make_private(const char *path, struct err *err)
{
	char part[FILE_PATH_MAX];
	size_t i, len = strlen(path);
	int why, rc;

	if (len == 0 || path[0] != '/' || len >= sizeof(part))
		return err_set(err, ERR_CREATE, "%s: is not an absolute path", path);
	for (i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		why = mkdir(part, 0700) < 0 ? errno : 0;
		/* A parent on a read-only file system exists all the same. */
		if (why != 0 && why != EEXIST && access(part, F_OK) != 0)
			return err_set(err, err_of_errno(why, ERR_CREATE), "cannot make %s: %s",
				part, strerror(why));
	}
	rc = dir_check_private(path, err);
	if (rc == 0)
		return err_set(err, ERR_CREATE, "cannot make %s: %s", path, strerror(ENOENT));
	return rc < 0 ? rc : 0;
}

void dir_sync_above(const char *path)
{
	char part[FILE_PATH_MAX];
	bool ours = true;
	struct stat st;
	char *slash;
	int fd;

	snprintf(part, sizeof(part), "%s", path);
	while (ours && (slash = strrchr(part, '/')) != NULL && slash != part) {
		*slash = '\0';
		fd = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		(void)fsync(fd);
		ours = fstat(fd, &st) == 0 && st.st_uid == geteuid();
		close(fd);
	}
}

static void empty_dir(int fd, int depth)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;
	int sub;

	if (!d) {
		close(fd);
		return;
	}
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(d), e->d_name, 0) == 0 || depth >= DIR_DEPTH_MAX)
			continue;
		sub = openat(dirfd(d), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0) {
			empty_dir(sub, depth + 1);
			(void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
		}
	}
	closedir(d);
}

void dir_empty(int fd)
{
	empty_dir(fd, 0);
}

void dir_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		empty_dir(fd, 0);
	(void)rmdir(path);
}

const char *home_dir(void)
{
	static char home[FILE_PATH_MAX];
	const char *env = getenv("HOME");
	const struct passwd *pw;

	if (env && env[0] == '/')
		return env;
	if (home[0] != '\0')
		return home;
	pw = getpwuid(getuid());
	if (!pw || !pw->pw_dir || pw->pw_dir[0] != '/')
		return NULL;
	snprintf(home, sizeof(home), "%s", pw->pw_dir);
	return home;
}
