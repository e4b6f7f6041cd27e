/* SPDX-License-Identifier: ISC */
/* Style of output: on a terminal fingerprints in groups and words in colour; otherwise plain, for
 * programs. */
#ifndef SEALPOST_STYLE_H
#define SEALPOST_STYLE_H

#include <stdbool.h>
#include <stdio.h>

#define STYLE_FPR_MAX 96 /* bytes of a fingerprint in groups, with its NUL */

enum style_tone {
	TONE_PLAIN,
	TONE_GOOD,
	TONE_DOUBT,
	TONE_BAD,
	TONE_UNKNOWN,
	TONE_DIM,
	TONE_HEAD, /* of a table */
};

struct style {
	bool terminal;
	bool colour;
	int width; /* columns of the terminal; 0: no terminal */
};

/*
 * Pure. columns: the terminal's, 0 if not known. No colour where NO_COLOR is set and not empty, or
 * TERM is not set or "dumb".
 */
struct style style_decide(bool terminal, const char *no_color, const char *term, int columns);
/* That of a stream of this process. */
struct style style_of(FILE *f);

/* Begins and ends a tone, where there is colour. */
void style_begin(FILE *f, const struct style *s, enum style_tone tone);
void style_end(FILE *f, const struct style *s, enum style_tone tone);

/* Prints text (not foreign) in a tone, padded with blanks to width columns. */
void style_print(FILE *f, const struct style *s, enum style_tone tone, const char *text, int width);

/* A fingerprint in groups of four, with two blanks in the middle; or, for programs, as it is. out
 * has STYLE_FPR_MAX bytes. */
void style_fpr(const struct style *s, const char *fpr, char *out);

#endif
