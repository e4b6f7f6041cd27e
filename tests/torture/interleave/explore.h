/* SPDX-License-Identifier: ISC */
/*
 * Every order in which two processes can go on from each of their points, with one of them killed
 * at any, or both at once by a loss of power, and then what must hold. A state that was reached
 * before, with all that each process has learnt and all that is on the disk, is not gone on from
 * again. A process that is about to look at something goes first, and the other does not, unless
 * that one, going on alone, comes to change what is looked at: else it is the same in either order,
 * and so is what a kill or a loss of power leaves.
 */
#ifndef TESTS_EXPLORE_H
#define TESTS_EXPLORE_H

#include "step.h"

#define OUTCOME_ROOM 1024

struct side {
	const char *words; /* the verb */
	char mail;         /* on its standard input; 0: none */
	const char *served;
};

struct scenario {
	const char *name;
	const char *setup[4]; /* "SERVED VERB...", with the mail A as its input */
	struct side side[ROLES];
	const char *rcpt[3]; /* of the mail A */
	const char *config;  /* more of it */
	unsigned refuses;    /* as in struct neighbours */
	int refuses_with;
	int days;     /* that the queue has been waiting */
	bool queued;  /* A is in the queue */
	bool decides; /* about pins: what comes out is what comes of one after the other */
	bool free;    /* but for that: only the store has to be whole */
	bool fresh;   /* no state folder yet */
};

struct counts {
	unsigned long states, executions, kills, losses, endings, faults;
	double orders;
};

/* Where the processes are, once both have come to an end. */
struct ending {
	bool killed[ROLES], power;
	bool never[ROLES]; /* killed before it had done anything */
	int status[ROLES]; /* of those that were not */
};

/* Adds to c. at: one path to show, as a fault names it; NULL: all. */
void explore(const struct scenario *s, const char *at, struct counts *c);
/* Of looks too both orders are tried, always: the endings are the same. */
extern bool explore_whole;

/* What must hold, of scenarios.c: writes what does not. The disk may be changed. */
bool holds(const struct scenario *s, const struct ending *e, char *why, size_t cap);
/* Of one that decides: pins and exit statuses. */
void outcome_of(const struct scenario *s, const struct ending *e, char *out);

/* Undisturbed: a verb with this input, after so many more seconds. Its exit status, 128 and more:
 * it did not end. */
int run_alone(
	const struct scenario *s, const char *words, char mail, const char *served, int64_t later);
/* The disk as it is, kept in a folder beside, and brought back. */
void disk_keep(const char *name);
void disk_restore(const char *name);

#endif
