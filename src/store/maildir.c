/* SPDX-License-Identifier: ISC */
#include "store/maildir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define NAME_MAX_LEN 160
#define HOST_MAX 64

static int make_dir(const char *path, struct err *err)
{
	struct stat st;

	if (mkdir(path, 0700) == 0 ||
		(errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	return err_set(err, err_of_errno(errno, ERR_CREATE), "Maildir %.500s: %s", path,
		errno == EEXIST ? "is not a folder" : strerror(errno));
}

int maildir_make(const char *path, struct err *err)
{
	static const char *const part[] = {"cur", "new", "tmp"};
	char sub[FILE_PATH_MAX];
	int rc = make_dir(path, err);
	size_t i;

	for (i = 0; rc == 0 && i < sizeof(part) / sizeof(part[0]); i++)
		rc = path_join(sub, path, part[i]) < 0
			     ? err_set(err, ERR_CREATE, "Maildir: name too long")
			     : make_dir(sub, err);
	return rc;
}

/* Time, process and host, as usual in Maildirs; slashes and colons in the host name are replaced.
 */
static void unique_name(char *out)
{
	char host[HOST_MAX] = "localhost";
	struct timespec now;
	char *p;

	(void)gethostname(host, sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	for (p = host; *p; p++) {
		if (*p == '/' || *p == ':' || *p <= ' ')
			*p = '_';
	}
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(out, NAME_MAX_LEN, "%lld.M%06ldP%ld.%s", (long long)now.tv_sec, now.tv_nsec / 1000,
		(long)getpid(), host);
}

int maildir_store(const char *path, int fd, off_t size, struct err *err)
{
	char cur[FILE_PATH_MAX], tmp[FILE_PATH_MAX], name[NAME_MAX_LEN], sub[NAME_MAX_LEN + 16];
	struct file_new f;
	int dir, rc;

	unique_name(name);
	snprintf(sub, sizeof(sub), "tmp/%s", name);
	if (path_join(tmp, path, sub) < 0 || path_join(cur, path, "cur") < 0)
		return err_set(err, ERR_CREATE, "Maildir: name too long");
	dir = open(cur, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || file_new_begin(&f, AT_FDCWD, tmp) < 0) {
		rc = err_set(err, err_of_errno(errno, ERR_CREATE), "Maildir %.500s: %s", path,
			strerror(errno));
	} else {
		snprintf(sub, sizeof(sub), "%s:2,S", name);
		rc = file_new_end(&f, fd_copy(fd, size, f.fd), dir, sub);
		if (rc < 0)
			rc = err_set(err, ERR_IO, "Maildir %.500s: %s", path, strerror(errno));
	}
	if (dir >= 0)
		close(dir);
	return rc;
}
