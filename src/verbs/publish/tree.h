/* SPDX-License-Identifier: ISC */
/*
 * DIR: the files to serve, the DNS records, and the server configurations. All of it is first
 * prepared in a separate folder; then each file is replaced atomically, in an order in which
 * nothing is announced before it exists. A manifest lists our files; nothing else is ever removed.
 */
#ifndef SEALPOST_PUBLISH_TREE_H
#define SEALPOST_PUBLISH_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"

#define TREE_LOCK_MS 30000 /* how long to wait for another write */
#define TREE_MANIFEST ".sealpost-publish"
#define TREE_NO_DOMAIN "-" /* for files that belong to no domain */

/* The kind of a path below DIR, in the order in which files are replaced: nothing is announced
 * before it exists. */
enum tree_kind {
	TREE_KEY,    /* certificates of an address */
	TREE_POLICY, /* of MTA-STS */
	TREE_WEB,    /* other served files */
	TREE_OTHER,  /* records, configurations */
	TREE_POINTS, /* markers that a host points here */
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
	bool wanted;   /* to be kept or added */
	uint32_t temp; /* prepared under this number; 0: unchanged */
};

struct tree {
	char path[FILE_PATH_MAX]; /* absolute, without links */
	int fd;                   /* locked */
	int temp_fd;              /* -1: nothing prepared yet */
	uint32_t n_temp;
	int64_t now;
	bool fresh;             /* there was no manifest */
	bool dry;               /* nothing is written: changes are only recorded */
	struct tree_entry *old; /* owned; of the manifest, by path */
	size_t n_old;
	struct tree_entry *added; /* owned; new paths, the first n_sorted by path */
	size_t n_added, n_sorted, cap_added;
	size_t n_written, n_removed; /* by tree_commit */
};

/*
 * Checks that DIR is usable: ours, not writable for others, nor any folder above it, and empty or
 * written by us before. Creates it if missing. Call before entering the sandbox. ERR_CREATE.
 */
int tree_prepare(const char *dir, char real[FILE_PATH_MAX], struct err *err);
/* Takes the lock, and reads the manifest. ERR_TEMP: another write is at work. */
int tree_open(struct tree *t, const char *real, int64_t now, struct err *err);
/* The same for reading only, concurrently with a write; nothing is ever written. */
int tree_look(struct tree *t, const char *real, int64_t now, struct err *err);
/* The kind of a path below DIR, by its folders. */
enum tree_kind tree_kind_of(const char *path);
/* "hu/HASH" within the path of a TREE_KEY. */
const char *tree_key_name(const char *path);
/* Discards what was prepared. */
void tree_close(struct tree *t);

/* Adds a file. It is prepared, unless it already exists with that content. ERR_CREATE, ERR_IO. */
int tree_put(struct tree *t, const char *path, const char *domain, const void *p, size_t len,
	struct err *err);
/* The same with a stream, which the caller writes to, and closes with tree_put_end; written: 0, or
 * -1. */
FILE *tree_put_begin(struct tree *t, struct err *err);
int tree_put_end(struct tree *t, FILE *f, const char *path, const char *domain, struct err *err);
/* Keeps a file that exists with that content, and returns true; otherwise nothing changes. */
bool tree_has(struct tree *t, const char *path, const uint8_t digest[DIGEST_LEN], uint64_t len);
/* Keeps a file of the manifest as it is. false: it is not in the manifest. */
bool tree_keep(struct tree *t, const char *path);
/* Keeps all files of the manifest below a folder, whose name ends in '/'. */
void tree_keep_below(struct tree *t, const char *folder);
/* The content of a file as it will be. ERR_IO; 1: there will be none. */
int tree_read(struct tree *t, const char *path, struct buf *out, struct err *err);
/* The present content of a file. */
int tree_read_old(const struct tree *t, const char *path, struct buf *out, struct err *err);
/* Whether the file will be there. */
bool tree_will_have(struct tree *t, const char *path);
/* The entry that will exist; NULL: none. */
const struct tree_entry *tree_now(struct tree *t, const char *path);
const struct tree_entry *tree_old(const struct tree *t, const char *path);

/* Installs everything wanted, and removes the rest. */
int tree_commit(struct tree *t, struct err *err);

#endif
