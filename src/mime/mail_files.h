/* SPDX-License-Identifier: ISC */
/* Received mails as files, Maildirs or standard input. */
#ifndef SEALPOST_MAIL_FILES_H
#define SEALPOST_MAIL_FILES_H

#include <stdbool.h>

#include "base/err.h"

struct mail_files {
	/* One open file; folder: it is one of a Maildir, not one that was named. */
	int (*take)(void *arg, int fd, const char *path, bool folder, struct err *err);
	/* One that cannot be opened, and why. */
	int (*bad)(void *arg, const char *path, const char *why, struct err *err);
	void *arg;
};

/*
 * Calls take for what path names: "-" for standard input, a file, or each regular file in new and
 * cur of a Maildir, in order of their names; hidden files are left out. What cannot be opened is
 * passed to bad. Returns the first error that a callback returned, else 0.
 */
int mail_files(const struct mail_files *f, const char *path, struct err *err);

#endif
