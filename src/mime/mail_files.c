/* SPDX-License-Identifier: ISC */
#include "mime/mail_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static int take_file(const struct mail_files *f, int dir, const char *name, const char *path,
	bool folder, struct err *err)
{
	struct stat st;
	int fd = file_open_named(dir, name);
	int rc;

	if (fd < 0)
		return f->bad(f->arg, path, strerror(errno), err);
	if (folder && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		rc = f->bad(f->arg, path, "is not a file", err);
	else
		rc = f->take(f->arg, fd, path, folder, err);
	close(fd);
	return rc;
}

static int not_hidden(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* The mails of new or cur. */
static int take_folder(const struct mail_files *f, const char *path, struct err *err)
{
	struct dirent **list = NULL;
	char file[FILE_PATH_MAX];
	int i, rc = 0, dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int n = dir < 0 ? -1 : scandir(path, &list, not_hidden, alphasort);

	if (n < 0)
		rc = f->bad(f->arg, path, strerror(errno), err);
	for (i = 0; i < n; i++) {
		if (rc == 0)
			rc = path_join(file, path, list[i]->d_name) < 0
				     ? f->bad(f->arg, path, "the name is too long", err)
				     : take_file(f, dir, list[i]->d_name, file, true, err);
		free(list[i]);
	}
	free(list);
	if (dir >= 0)
		close(dir);
	return rc;
}

static int take_maildir(const struct mail_files *f, const char *path, struct err *err)
{
	static const char *const part[] = {"new", "cur"};
	char sub[FILE_PATH_MAX];
	struct stat st;
	size_t i;
	int rc = 0;

	for (i = 0; i < 2 && rc == 0; i++) {
		if (path_join(sub, path, part[i]) < 0 || stat(sub, &st) < 0)
			return f->bad(f->arg, path, "is not a Maildir", err);
		rc = take_folder(f, sub, err);
	}
	return rc;
}

int mail_files(const struct mail_files *f, const char *path, struct err *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return f->take(f->arg, STDIN_FILENO, "standard input", false, err);
	if (stat(path, &st) < 0)
		return f->bad(f->arg, path, strerror(errno), err);
	return S_ISDIR(st.st_mode) ? take_maildir(f, path, err)
				   : take_file(f, AT_FDCWD, path, path, false, err);
}
