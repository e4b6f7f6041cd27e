/* SPDX-License-Identifier: ISC */
/* Temporary folders of a run, and those of earlier runs that were killed before they cleared up. */
#ifndef SEALPOST_TEMP_DIR_H
#define SEALPOST_TEMP_DIR_H

#include "base/err.h"

/* What their names begin with; six more characters follow. No other folder has such a name. */
#define STALE_PREFIX "sealpost."

#define STALE_MAX 16 /* removed at a time */

/*
 * Marks the fresh folder path as in use until this process ends, however it ends: by a lock, which
 * the kernel drops. A child has no part in it once it has closed what it does not need. -1:
 * somebody took it for a stale one meanwhile, and it is gone or about to be.
 */
int stale_hold(const char *path);

/*
 * Removes the folders of ours in dir that nobody holds, STALE_MAX at most. Only if dir is a real
 * folder that is ours and closed to others: nobody else can have put anything there. Never follows
 * symlinks. Quiet on failure.
 */
void stale_remove(const char *dir);

/*
 * Makes a fresh private folder for short-lived things, in $XDG_RUNTIME_DIR if that is ours and
 * private, else in TMPDIR or /tmp; socket paths in it stay short. path has FILE_PATH_MAX bytes.
 */
int dir_make_temp(char *path, struct err *err);

/*
 * Makes one private folder below which all later dir_make_temp calls of this process put theirs, so
 * that a sandbox can name it beforehand. path as above. dir_temp_root_remove is for a child outside
 * of the sandbox that outlives it. Folders of earlier processes that were killed together with that
 * child are removed, in $XDG_RUNTIME_DIR only.
 */
int dir_temp_root(char *path, struct err *err);
void dir_temp_root_remove(void);

#endif
