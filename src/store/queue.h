/* SPDX-License-Identifier: ISC */
/*
 * The folder of mails that are kept to be sent later: each one a file, sealed to its sender, that
 * is there whole or not at all. Its name is its number, which no other mail ever gets, and the
 * mail's hash, so that the same mail is there once. The file's time says since when.
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
	uint8_t mail[JOURNAL_HASH]; /* which mail it is, as the journal knows it */
	int64_t since;              /* seconds since 1970 */
	int64_t size;               /* bytes of the file */
};

/* data_dir: the data folder. 1: it is open; 0: there is no such folder, which is not made unless
 * make is set. ERR_CREATE, ERR_IO. */
int queue_open(struct queue *q, const char *data_dir, bool make, struct err *err);
void queue_close(struct queue *q);

/* In order of their numbers, into *v (freed by the caller). ERR_IO, ERR_OS. */
int queue_list(struct queue *q, struct queue_entry **v, size_t *n, struct err *err);
/* 1: that mail is there, and is e; 0: not. */
int queue_find(
	struct queue *q, const uint8_t mail[JOURNAL_HASH], struct queue_entry *e, struct err *err);

/*
 * Puts a whole file, fd with size bytes, into the folder and on the disk. 1: did, e tells its
 * number; 0: the mail is there already, as e. ERR_IO (disk full), ERR_CREATE, ERR_TEMP: another
 * process has held the folder for too long.
 */
int queue_put(struct queue *q, const uint8_t mail[JOURNAL_HASH], int fd, int64_t size,
	struct queue_entry *e, struct err *err);

/* The file, open for reading; -1: it is not there any more; ERR_IO. */
int queue_entry_open(struct queue *q, const struct queue_entry *e, int *fd, struct err *err);
/* It is gone, on the disk too. One that is not there is no error. */
int queue_remove(struct queue *q, const struct queue_entry *e, struct err *err);
/* From the future it would wait for ever: it is from now. Best effort. */
void queue_date(struct queue *q, struct queue_entry *e, int64_t now);

/* The certificates that the mails are sealed to: what gpg needs to find the secret key by. */
int queue_key_put(
	struct queue *q, const char *fpr, const uint8_t *cert, size_t len, struct err *err);
/* Appends all of them to out. */
int queue_keys(struct queue *q, struct buf *out, struct err *err);

#endif
