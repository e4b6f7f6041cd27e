/* SPDX-License-Identifier: ISC */
/* Pins, as JSON and for people. */
#ifndef SEALPOST_PINS_SHOW_H
#define SEALPOST_PINS_SHOW_H

#include <stdio.h>

#include "store/store.h"

/* One line of "pins list": JSON (an error's code when that fails), or a row of the table and its
 * head. */
int pins_list_json(FILE *f, const struct pin *p);
void pins_list_head(FILE *f);
void pins_list_row(FILE *f, const struct pin *p);

/* All that is known of one pin. */
struct pins_shown {
	struct store *store;
	const struct pin *pin;
	const char *evidence;    /* of the pin; a JSON object, or "" */
	const struct held *held; /* beside it; NULL: nothing */
	bool everything;         /* the whole evidence too (text; JSON always has it) */
};

/* 0, or an error. */
int pins_show_json(FILE *f, const struct pins_shown *x, struct err *err);
/* What is held stands beside the pin, line by line, with what to do about it below. */
int pins_show_text(FILE *f, const struct pins_shown *x, struct err *err);

#endif
