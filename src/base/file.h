/* SPDX-License-Identifier: ISC */
/* Files and folders: read bounded, made private, written whole or not at all. */
#ifndef SEALPOST_FILE_H
#define SEALPOST_FILE_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define FILE_PATH_MAX 4096

/* Appends the whole of a file to b, up to b->max. ERR_IO; *not_found (may be NULL) tells ENOENT
 * apart. */
int file_read(const char *path, struct buf *b, int *not_found, struct err *err);

/*
 * Opens a file that a person has named for reading; -1 with errno. A pipe that nobody writes to is
 * empty: nothing is waited for.
 */
int file_open_named(int dir, const char *name);

/* Opens a regular file, and waits for nothing else. The descriptor, or ERR_CONFIG. */
int file_open_regular(const char *path, struct err *err);

/* Reads fd to its end into b. ERR_DATA when it holds more than b->max. */
int fd_read_all(int fd, struct buf *b, struct err *err);

/* Closes the descriptors from first to last, there or not; the C library need not have close_range
 * (musl). 0 or -1 with errno: ENOSYS before Linux 5.9. Safe between vfork and exec. */
int fd_close_range(unsigned first, unsigned last);

/* Writes all of it, through short writes and EINTR. 0 or -1 with errno. */
int fd_write_all(int fd, const void *p, size_t len);

/* Writes the first size bytes of from, wherever it stands, to to. 0 or -1 with errno; EIO where
 * from is shorter. */
int fd_copy(int from, int64_t size, int to);

/*
 * A file that appears whole or not at all: it is written under another name, and gets its own when
 * all of it is on the disk. Between begin and end the caller writes to fd.
 */
struct file_new {
	int fd;
	int dir;          /* the folder of the other name, or AT_FDCWD; borrowed */
	const char *temp; /* the other name; borrowed */
};

/* Makes it, mode 0600. Nothing of that name may be there yet, not even a symlink. 0, or -1 with
 * errno: nothing to end. */
int file_new_begin(struct file_new *f, int dir, const char *temp);

/*
 * Gives it its name in the folder to, on the same file system, in the place of what had that name.
 * written: what the caller's writing came to, 0 or -1 with errno. 0: file and name are on the disk.
 * -1 with errno: the other name is gone, and what had its own name has it still, unless only the
 * folder could not be written to the disk: then the file is in its place, and a crash of the
 * machine might undo that. Closes fd in any case; to stays open.
 */
int file_new_end(struct file_new *f, int written, int to, const char *name);

/* 0 if path, of which st tells, is ours and closed to others, else code with a reason, and a hint
 * if chmod would help. */
int file_check_private(
	const char *path, const struct stat *st, enum err_code code, struct err *err);

/*
 * Makes a folder and its missing parents, mode 0700, and checks that the last one is a real folder
 * (no symlink), ours, and closed to others. ERR_CREATE.
 */
int dir_make_private(const char *path, struct err *err);

/* Removes a folder made by dir_make_temp with all in it. Never follows symlinks. Quiet on failure.
 */
void dir_remove(const char *path);

/* Removes all that is in the folder that fd has open, and closes fd. Never follows symlinks. Quiet
 * on failure. */
void dir_empty(int fd);

/* snprintf into path (FILE_PATH_MAX bytes); -1 when it would be cut. */
int path_join(char *path, const char *dir, const char *name);

/* The home folder: $HOME if absolute, else from the password database. NULL if neither. Static. */
const char *home_dir(void);

#endif
