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

/* All that is known of one pin, h being what is held beside it (NULL: nothing). 0, or an error. */
int pins_show_json(
	FILE *f, struct store *s, const struct pin *p, const struct held *h, struct err *err);
int pins_show_text(
	FILE *f, struct store *s, const struct pin *p, const struct held *h, struct err *err);

#endif
