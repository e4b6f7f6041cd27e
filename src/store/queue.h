/* SPDX-License-Identifier: ISC */
/*
 * The folder of queued mail: each one a file, sealed to its sender and created atomically. Its name
 * consists of its number, which is never reused, and the mail's hash, so that the same mail is
 * queued only once. The file's time is the time of queueing.
 */
#ifndef SEALPOST_STORE_QUEUE_H
#define SEALPOST_STORE_QUEUE_H

#include "base/buf.h"
#include "base/file.h"
#include "store/journal.h"

#define QUEUE_MAIL_MAX (2u << 30) /* bytes of one file that are read */

struct queue {
	int dir;  /* -1: not open */
	int lock; /* -1: not locked */
	char path[FILE_PATH_MAX];
};

#define QUEUE_NAME_MAX (12 + 2 * JOURNAL_HASH)

struct queue_entry {
	uint32_t n;                 /* 0: none */
	char name[QUEUE_NAME_MAX];  /* of the file */
	uint8_t mail[JOURNAL_HASH]; /* the mail's hash, as in the journal */
	int64_t since;              /* seconds since 1970 */
	int64_t size;               /* bytes of the file */
};

/* data_dir: the data folder. 1: open; 0: there is no queue folder; it is created if make is set.
 * ERR_CONFIG: it, or the data folder, is not a private folder; ERR_CREATE, ERR_IO. */
int queue_open(struct queue *q, const char *data_dir, bool make, struct err *err);
void queue_close(struct queue *q);

/* Lists the entries in order of their numbers in *v (freed by the caller). ERR_IO, ERR_OS. */
int queue_list(struct queue *q, struct queue_entry **v, size_t *n, struct err *err);
/* 1: found, as *e; 0: not. */
int queue_find(
	struct queue *q, const uint8_t mail[JOURNAL_HASH], struct queue_entry *e, struct err *err);

/*
 * Stores fd, with size bytes, in the folder and syncs it to disk. 1: done, e has its number; 0: the
 * mail is there already, as *e. ERR_IO (disk full), ERR_CREATE, ERR_TEMP: another process has
 * locked the folder for too long.
 */
int queue_put(struct queue *q, const uint8_t mail[JOURNAL_HASH], int fd, int64_t size,
	struct queue_entry *e, struct err *err);

/*
 * Locks the folder, so that no mail is stored in it until queue_close. 1: there is none, not after
 * a loss of power either; 0: there is one; errors as of queue_put.
 */
int queue_lock_empty(struct queue *q, struct err *err);

/* Opens the file for reading. 1: *fd is open; 0: it no longer exists; ERR_IO: it cannot be read, is
 * empty, or is no mail. *fd is -1 unless 1. */
int queue_entry_open(struct queue *q, const struct queue_entry *e, int *fd, struct err *err);
/* Removes it and syncs the folder. A missing file is not an error. */
int queue_remove(struct queue *q, const struct queue_entry *e, struct err *err);
/* Corrects a time in the future to now, since such mail would wait for ever. Best effort. */
void queue_date(struct queue *q, struct queue_entry *e, int64_t now);

/* Stores the certificates that queued mail is sealed to, which gpg needs to find the secret key. */
int queue_key_put(
	struct queue *q, const char *fpr, const uint8_t *cert, size_t len, struct err *err);
/* Appends all of them to out. */
int queue_keys(struct queue *q, struct buf *out, struct err *err);

#endif
