/* SPDX-License-Identifier: ISC */
/* Delivery into a Maildir: whole or not at all. */
#ifndef SEALPOST_MAILDIR_H
#define SEALPOST_MAILDIR_H

#include <sys/types.h>

#include "base/err.h"

/* Makes the folder, if it is not there, with its cur, new and tmp; the folder above it has to
 * exist. ERR_CREATE. */
int maildir_make(const char *path, struct err *err);

/*
 * Stores the first size octets of fd, whose offset does not matter, as a message that was seen:
 * written to tmp, synced, renamed into cur, the folder synced; mode 0600. ERR_CREATE, ERR_IO; then
 * nothing of it stays, unless only the folder could not be synced.
 */
int maildir_store(const char *path, int fd, off_t size, struct err *err);

#endif
