/* Temporary folders whose process was killed together with the one that would have cleared up. */
#ifndef SEALPOST_STALE_H
#define SEALPOST_STALE_H

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

#endif
