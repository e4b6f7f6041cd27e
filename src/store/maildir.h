/* SPDX-License-Identifier: ISC */
/* Atomic delivery to a Maildir. */
#ifndef SEALPOST_MAILDIR_H
#define SEALPOST_MAILDIR_H

#include <sys/types.h>

#include "base/err.h"

/* Creates the folder if missing, with its cur, new and tmp; its parent must exist. ERR_CREATE. */
int maildir_make(const char *path, struct err *err);

/*
 * Stores the first size bytes of fd, whatever its offset, as a seen message: written to tmp,
 * synced, renamed into cur, the folder synced; mode 0600. ERR_CREATE, ERR_IO; then nothing is left
 * behind, unless only syncing the folder failed.
 */
int maildir_store(const char *path, int fd, off_t size, struct err *err);

#endif
