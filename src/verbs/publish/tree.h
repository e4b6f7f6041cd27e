/* SPDX-License-Identifier: ISC */
/*
 * DIR: what is served, what is to be put into DNS, and the servers' configurations. All of it is
 * prepared in a folder of its own first; then each file appears whole, in an order in which nothing
 * is promised before it is there. A manifest names what is ours; nothing else is ever removed.
 */
#ifndef SEALPOST_PUBLISH_TREE_H
#define SEALPOST_PUBLISH_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"

#define TREE_LOCK_MS 30000 /* how long another write is waited for */
#define TREE_MANIFEST ".sealpost-publish"
#define TREE_NO_DOMAIN "-" /* of what belongs to all */

/* What a path below DIR is, in the order in which files appear: nothing is promised before it is
 * there. */
enum tree_kind {
	TREE_KEY,    /* certificates of an address */
	TREE_POLICY, /* of MTA-STS */
	TREE_WEB,    /* else what is served */
	TREE_OTHER,  /* records, configurations */
	TREE_POINTS, /* that a host leads here */
	TREE_KINDS
};

struct tree_entry {
	char *path; /* owned; below DIR */
	enum tree_kind kind;
	char *domain; /* owned */
	uint8_t digest[DIGEST_LEN];
	uint64_t len;
	int64_t since;
	bool old;      /* in the manifest */
	bool wanted;   /* stays, or comes */
	uint32_t temp; /* prepared under this number; 0: as it is */
};

struct tree {
	char path[FILE_PATH_MAX]; /* absolute, without links */
	int fd;                   /* locked */
	int temp_fd;              /* -1: nothing prepared yet */
	uint32_t n_temp;
	int64_t now;
	bool fresh;             /* there was no manifest */
	bool dry;               /* nothing is written: what is put is only noted */
	struct tree_entry *old; /* owned; of the manifest, by path */
	size_t n_old;
	struct tree_entry *added; /* owned; new paths, the first n_sorted by path */
	size_t n_added, n_sorted, cap_added;
	size_t n_written, n_removed; /* by tree_commit */
};

/*
 * Makes sure that DIR is there and can be used: ours, closed to others' writing as are all folders
 * on the way to it, empty or one that was written before. Makes it if missing. Before the sandbox.
 * ERR_CREATE.
 */
int tree_prepare(const char *dir, char real[FILE_PATH_MAX], struct err *err);
/* Takes the lock, and reads the manifest. ERR_TEMP: another write is at work. */
int tree_open(struct tree *t, const char *real, int64_t now, struct err *err);
/* The same to look at only, beside a write that may be at work; nothing is ever written. */
int tree_look(struct tree *t, const char *real, int64_t now, struct err *err);
/* The kind of a path below DIR, by its folders. */
enum tree_kind tree_kind_of(const char *path);
/* "hu/HASH" within the path of a TREE_KEY. */
const char *tree_key_name(const char *path);
/* Gives up what was prepared. */
void tree_close(struct tree *t);

/* A file is to be there. It is prepared, unless it is there already. ERR_CREATE, ERR_IO. */
int tree_put(struct tree *t, const char *path, const char *domain, const void *p, size_t len,
	struct err *err);
/* The same of a stream, which the caller writes to, and closes with tree_put_end; written: 0, or
 * -1. */
FILE *tree_put_begin(struct tree *t, struct err *err);
int tree_put_end(struct tree *t, FILE *f, const char *path, const char *domain, struct err *err);
/* A file that is there with that content stays, and is reported so; else nothing changes. */
bool tree_has(struct tree *t, const char *path, const uint8_t digest[DIGEST_LEN], uint64_t len);
/* A file of the manifest stays as it is. false: it does not name it. */
bool tree_keep(struct tree *t, const char *path);
void tree_keep_domain(struct tree *t, const char *domain);
/* The content of a file as it will be. ERR_IO; 1: there will be none. */
int tree_read(struct tree *t, const char *path, struct buf *out, struct err *err);
/* That of a file as it is now. */
int tree_read_old(const struct tree *t, const char *path, struct buf *out, struct err *err);
/* Whether the file will be there. */
bool tree_will_have(struct tree *t, const char *path);
/* What will be there; NULL: nothing. */
const struct tree_entry *tree_now(struct tree *t, const char *path);
const struct tree_entry *tree_old(const struct tree *t, const char *path);

/* All that is wanted appears, all that is not goes. */
int tree_commit(struct tree *t, struct err *err);

#endif
