/* SPDX-License-Identifier: ISC */
/* Temporary folders of a run, and removal of those left by earlier runs that were killed. */
#ifndef SEALPOST_TEMP_DIR_H
#define SEALPOST_TEMP_DIR_H

#include "base/err.h"

/* Prefix of their names; six more characters follow. No other folder has such a name. */
#define STALE_PREFIX "sealpost."

#define STALE_MAX 16 /* removed at a time */

/*
 * Marks the new folder path as in use until this process ends, however it ends, by a lock that the
 * kernel releases. Children do not keep it once they have closed inherited descriptors. -1: another
 * process took it for a stale one meanwhile; it is removed or about to be.
 */
int stale_hold(const char *path);

/*
 * Removes at most STALE_MAX of this user's folders in dir that are not in use. Only if dir is a
 * real folder that belongs to this user and is not accessible to others, so that nobody else can
 * have put anything there. Never follows symlinks; ignores errors.
 */
void stale_remove(const char *dir);

/*
 * Creates a private temporary folder, in $XDG_RUNTIME_DIR if that belongs to this user and is
 * private, else in TMPDIR or /tmp; socket paths in it stay short. path has FILE_PATH_MAX bytes.
 */
int dir_make_temp(char *path, struct err *err);

/*
 * Creates one private folder in which all later dir_make_temp calls of this process create theirs,
 * so that a sandbox can allow it beforehand. path as above. dir_temp_root_remove is for a child
 * outside of the sandbox that outlives it. Folders of earlier processes that were killed together
 * with that child are removed, in $XDG_RUNTIME_DIR only.
 */
int dir_temp_root(char *path, struct err *err);
void dir_temp_root_remove(void);
/* Its path, "" if there is none. */
const char *dir_temp_root_path(void);

#endif
