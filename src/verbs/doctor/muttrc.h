/* SPDX-License-Identifier: ISC */
/* The settings that mutt or neomutt reports, and doctor's findings about them. */
#ifndef SEALPOST_DOCTOR_MUTTRC_H
#define SEALPOST_DOCTOR_MUTTRC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/file.h"
#include "verbs/doctor/doctor.h"

#define MUTTRC_VALUE_MAX 1024

enum muttrc_var {
	MUTTRC_SENDMAIL,
	MUTTRC_SENDMAIL_WAIT,
	MUTTRC_SMTP_URL,
	MUTTRC_RECORD,
	MUTTRC_FOLDER,
	MUTTRC_COPY,
	MUTTRC_SAVE_NAME,
	MUTTRC_FORCE_NAME,
	MUTTRC_AUTOENCRYPT,
	MUTTRC_OPPORTUNISTIC,
	MUTTRC_VARS
};

/* What is known about a variable. */
enum muttrc_known {
	MUTTRC_SILENT,  /* not reported */
	MUTTRC_NO_SUCH, /* this mutt does not have it, so it cannot be set */
	MUTTRC_TOLD
};

struct muttrc {
	struct {
		enum muttrc_known known;
		char value[MUTTRC_VALUE_MAX]; /* cut if longer; "yes" and "no" of a switch */
	} var[MUTTRC_VARS];
	bool sendmail_lacks; /* there is no such program as sendmail begins with; set by doctor */
	char program[FILE_PATH_MAX];      /* the program that was run; "": neither is installed */
	char error[MUTTRC_VALUE_MAX];     /* its first line of an error in a file; "": none */
	char complaint[MUTTRC_VALUE_MAX]; /* the first other line, or why it did not answer */
};

struct muttrc_finding {
	enum doctor_level level;
	const char *what;
	char text[2 * MUTTRC_VALUE_MAX];
	char fix[2 * MUTTRC_VALUE_MAX]; /* "" with DOCTOR_OK only */
};

#define MUTTRC_FINDINGS_MAX 8

struct muttrc_report {
	struct muttrc_finding finding[MUTTRC_FINDINGS_MAX];
	size_t n;
};

/* A variable's name as neomutt or mutt spells it. */
const char *muttrc_name(enum muttrc_var v, bool neomutt);

/* Parses the stdout of "-Q": the last line for each variable, since commands in the file may write
 * there before. Pure. */
void muttrc_take_answers(struct muttrc *m, const char *output);

/* Parses its stderr: missing variables, the first error in a file, and the first other line. Pure.
 */
void muttrc_take_errors(struct muttrc *m, const char *output);

/* The program that sendmail begins with, "~/" being home, into out (FILE_PATH_MAX). -1: none, or it
 * is too long. Pure. */
int muttrc_sendmail(const struct muttrc *m, const char *home, char *out);

/*
 * The findings: settings that bypass sealpost, hide its refusals, drop a line, or keep copies in
 * clear. Unknown values are never reported as OK. file is named in them; home ("" if there is none)
 * replaces "~". Pure.
 */
void muttrc_judge(
	const struct muttrc *m, const char *file, const char *home, struct muttrc_report *r);

/*
 * Asks mutt or neomutt what the settings are once it has read file: in the mail sandbox with
 * nothing writable, in a session without terminal, in /dev, for 5 s at most. It runs the commands
 * in backquotes that the file holds. Which of the two: neomutt for a file, or in a folder, of that
 * name; else mutt; the other where that one is not installed. 0 also when neither could tell
 * anything; ERR_*: the file cannot be read.
 */
int mutt_ask(const char *file, struct muttrc *m, struct err *err);

#endif
