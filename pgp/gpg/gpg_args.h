/* SPDX-License-Identifier: ISC */
/*
 * gpg's arguments and settings for the runs that may talk to the user's agent. All settings are
 * arguments: no file that somebody else could write to has a say, but the machine's in /etc/gnupg.
 */
#ifndef SEALPOST_GPG_ARGS_H
#define SEALPOST_GPG_ARGS_H

#include "base/buf.h"
#include "base/err.h"
#include "wire/gpg_job.h"

struct gpg_args {
	const char **argv; /* NULL-terminated */
	char *text;        /* what it points to, besides constants and the environment */
};

/* Where a run takes place. */
struct gpg_place {
	const char *program; /* gpg_program() */
	const char *root;    /* the folder in which the homes are */
	const char *tty;     /* the terminal for pinentry where GPG_TTY names none; "": none */
	bool socket;         /* it has one as its standard input (struct spawn) */
};

/* Freed with gpg_args_free; borrows from j and p. ERR_OS. */
int gpg_args_make(
	struct gpg_args *a, const struct gpg_job *j, const struct gpg_place *p, struct err *err);
void gpg_args_free(struct gpg_args *a);

/*
 * The same in two parts, for a gpg that is started before its job is known, but that it will sign
 * and seal in that home. All else it reads from SPAWN_SETTINGS: the lines that gpg_args_lines makes
 * of the job. ERR_OS; ERR_INTERNAL: it cannot be said in lines.
 */
int gpg_args_make_ready(
	struct gpg_args *a, const char *home, const struct gpg_place *p, struct err *err);
int gpg_args_lines(
	struct buf *to, const struct gpg_job *j, const struct gpg_place *p, struct err *err);

/* What each gpg of ours is told, as lines of gpg.conf. As buf_add. */
int gpg_common_conf(struct buf *to);

#endif
