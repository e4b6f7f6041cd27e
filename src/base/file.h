/* SPDX-License-Identifier: ISC */
/* Files and folders: bounded reads, private creation, atomic replacement. */
#ifndef SEALPOST_FILE_H
#define SEALPOST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

#define FILE_PATH_MAX 4096

/*
 * Appends a whole file to b. lasting: it is not there, not to be read, or has more than b->max
 * bytes; ERR_OS, ERR_IO: the machine failed, and nothing is said of the file. errno says why.
 */
int file_read(const char *path, struct buf *b, enum err_code lasting, struct err *err);

/*
 * Opens a file named by the user for reading; -1 with errno. Does not block on a FIFO without a
 * writer: it reads as empty.
 */
int file_open_named(int dir, const char *name);

/* Opens a regular file; never blocks on anything else. Returns the descriptor, or ERR_CONFIG. */
int file_open_regular(const char *path, struct err *err);

/*
 * Whether a read or write that failed with errno is to be tried again: it was interrupted, or would
 * have blocked and this has waited for events (POLLIN, POLLOUT), for as long as it takes. A caller
 * with an event loop may leave us descriptors that do not block.
 */
bool fd_again(int fd, short events);

/* Reads fd to its end into b. ERR_DATA if there are more than b->max bytes. */
int fd_read_all(int fd, struct buf *b, struct err *err);

/* Closes all descriptors from first to last, open or not, also where the C library lacks
 * close_range (musl), or the kernel (before Linux 5.9). Safe between vfork and exec. */
void fd_close_range(unsigned first, unsigned last);

/* Writes all bytes, handling short writes and EINTR. 0 or -1 with errno. */
int fd_write_all(int fd, const void *p, size_t len);

/* A file in memory with these bytes, close-on-exec, to be read from its beginning; name is only
 * seen in /proc. -1 with errno. */
int fd_memory(const char *name, const void *p, size_t len);

/* Copies the first size bytes of from, whatever its file offset, to to. 0 or -1 with errno; EIO if
 * from is shorter. */
int fd_copy(int from, int64_t size, int to);

/*
 * Atomic replacement of a file: it is written under a temporary name and renamed once it is on
 * disk. Between begin and end the caller writes to fd.
 */
struct file_new {
	int fd;
	int dir;          /* the folder of the temporary name, or AT_FDCWD; borrowed */
	const char *temp; /* the temporary name; borrowed */
};

/* Creates the temporary file, mode 0600; the name must not exist yet, not even as a symlink. 0, or
 * -1 with errno; then file_new_end must not be called. */
int file_new_begin(struct file_new *f, int dir, const char *temp);

/*
 * Renames the file into the folder to (same file system), replacing any file of that name. written:
 * the result of the caller's writing, 0 or -1 with errno. Returns 0 if file and name are on disk.
 * On -1 with errno the temporary file is removed and the old file is kept; if only syncing the
 * folder failed, the new file is in place, but a crash of the machine may undo the rename. Always
 * closes fd; to stays open.
 */
int file_new_end(struct file_new *f, int written, int to, const char *name);

/* Returns 0 if path, whose stat(2) is st, belongs to this user and is not accessible to others,
 * else code with a reason, and a hint if chmod would help. */
int file_check_private(
	const char *path, const struct stat *st, enum err_code code, struct err *err);

/* 1: path is a real folder (no symlink) that belongs to this user and is not accessible to others;
 * 0: there is none; ERR_CONFIG: it is something else, with a hint if chmod would help; ERR_IO. */
int dir_check_private(const char *path, struct err *err);

/*
 * Creates a folder and its missing parents, mode 0700, and checks the last one as above.
 * ERR_CREATE: it cannot be created; ERR_CONFIG, ERR_IO.
 */
int dir_make_private(const char *path, struct err *err);

/* Syncs the folders above path, up to the first one of another user, so that a path that was made
 * lately outlives a loss of power. Ignores errors. */
void dir_sync_above(const char *path);

/* Removes a folder made by dir_make_temp and its contents. Never follows symlinks; ignores errors.
 */
void dir_remove(const char *path);

/* Removes the contents of the folder open at fd, and closes fd. Never follows symlinks; ignores
 * errors. */
void dir_empty(int fd);

/* Writes dir/name into path (FILE_PATH_MAX bytes); -1 if it does not fit. */
int path_join(char *path, const char *dir, const char *name);

/* The home folder: $HOME if absolute, else from the password database. NULL if neither. Static. */
const char *home_dir(void);

#endif
