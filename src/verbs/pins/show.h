/* SPDX-License-Identifier: ISC */
/* Pins, as JSON and for people. */
#ifndef SEALPOST_PINS_SHOW_H
#define SEALPOST_PINS_SHOW_H

#include <stdio.h>

#include "discovery/learnt.h"
#include "print/style.h"
#include "store/store.h"

/* One line of "pins list": JSON (an error code if that fails), or text for programs. */
int pins_list_json(FILE *f, const struct pin *p);
void pins_list_row(FILE *f, const struct pin *p);

/* For a terminal of 80 columns: the table's head, and the two or three lines of a pin. */
void pins_table_head(FILE *f, const struct style *s);
void pins_table_row(FILE *f, const struct style *s, const struct pin *p);

/* Everything known about one pin. */
struct pins_shown {
	struct store *store;
	const struct pin *pin;
	const char *evidence;              /* of the pin; a JSON object, or "" */
	const struct held *held;           /* beside it; NULL: nothing */
	const struct learnt_known *learnt; /* what received mail has for the address */
	bool everything;                   /* the whole evidence too (text; JSON always has it) */
};

/* 0, or an error. */
int pins_show_json(FILE *f, const struct pins_shown *x, struct err *err);
/* The held certificate is shown beside the pin, line by line, with the commands to decide below. */
int pins_show_text(FILE *f, const struct pins_shown *x, struct err *err);

#endif
