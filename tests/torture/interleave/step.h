/* SPDX-License-Identifier: ISC */
/*
 * What the explorer and the processes that it steps have in common. A process says what it is about
 * to do where another one could see it, waits until it may, does it, and goes on to the next such
 * point.
 */
#ifndef TESTS_STEP_H
#define TESTS_STEP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ROLES 2
#define LOST_MAX 6   /* changes of folders that are not on the disk yet, at a time */
#define TAKEN_MAX 32 /* recipients, over all hand-overs */
#define PATH_ROOM 512
#define OBJECTS 64 /* that a process can look at, a bit each */

/* A change of a folder that a loss of power may undo, until the folder is synced. */
struct unsynced {
	enum { MADE, RENAMED, REMOVED } what;
	char path[PATH_ROOM]; /* that has come or gone */
	char from[PATH_ROOM]; /* of RENAMED; of REMOVED: where its file still is */
	bool empty;           /* of RENAMED: the file's own bytes are not synced */
};

/* Objects: paths, folders that are not synced, tables. */
struct touched {
	uint64_t looked; /* on these it depends what came of it */
	bool unclear;    /* and on something else */
	uint64_t wrote;  /* these it has changed */
};

/* In memory that all share; anew for each execution. */
struct world {
	uint64_t db;            /* what is in pins.db */
	uint64_t rows[OBJECTS]; /* of each table */
	bool rows_known;
	struct touched touched[ROLES]; /* since it last said so */
	struct unsynced lost[LOST_MAX];
	unsigned n_lost, kept; /* kept: files of REMOVED so far */
	struct {
		char rcpt[64], mail;
	} taken[TAKEN_MAX]; /* by the MTA, in order; mail: what follows "Message-ID: <" */
	unsigned n_taken;
	bool in_doubt[ROLES];     /* handed over, and not noted yet */
	unsigned from[ROLES];     /* the first of taken that is in doubt */
	unsigned handed;          /* number of hand-overs */
	unsigned granted[ROLES];  /* points that it may pass without asking */
	char fault[256];          /* that a process has found of itself */
	uint64_t object[OBJECTS]; /* their names, hashed; for all executions */
};
extern struct world *world;

/* From the process. */
struct at {
	uint64_t seen; /* everything that it has learnt of others so far */
	int status;    /* of ENDED */
	enum { BEFORE, WAITS, ENDED } kind;
	bool changed;           /* a file was changed since the last one */
	struct touched touched; /* likewise */
	bool looks;             /* it is likely that what it does next changes nothing */
	char what[104];
};

/* The process that this is: before its verb. sock: to the explorer; -1: it is not stepped. */
void step_begin(int role, int sock, int64_t now);
/* Returns when it may do it. */
void step_before(const char *what);
/* Part of what decides what it does next. */
void step_seen(const void *p, size_t n);
void step_end(int status);
/* The MTA has it from here on, whether it comes to be noted or not. */
void step_taken(void);

uint64_t hash_add(uint64_t h, const void *p, size_t n);

/* What the neighbours are, in this process. */
struct neighbours {
	char served[16];  /* by every domain: "A", "B", "B+" (certified by A), "R" (A revoked),
			     "late", "absent" */
	unsigned refuses; /* the MTA does, so many hand-overs */
	int refuses_with; /* this exit status */
	bool fresh;       /* no state folder yet */
};
extern struct neighbours neighbours;

#endif
