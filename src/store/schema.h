/* SPDX-License-Identifier: ISC */
/* The layout of pins.db and its versions. Private to src/store/. */
#ifndef SEALPOST_SCHEMA_H
#define SEALPOST_SCHEMA_H

#include "store/db.h"

/* What was found in the file. */
enum schema_found {
	SCHEMA_OURS,
	SCHEMA_EMPTY, /* nothing yet */
	SCHEMA_OLDER, /* ours, to be upgraded by schema_make */
};

/* ERR_CONFIG when the file is another program's or a newer sealpost's. */
int schema_check(struct db *d, enum schema_found *found, struct err *err);

/* Creates or upgrades the layout in one transaction; safe if several processes do so at once. */
int schema_make(struct db *d, struct err *err);

#endif
