/* SPDX-License-Identifier: ISC */
/* The layout of pins.db and its versions. Private to src/store/. */
#ifndef SEALPOST_SCHEMA_H
#define SEALPOST_SCHEMA_H

#include "store/db.h"

/* What lies in the file. */
enum schema_found {
	SCHEMA_OURS,
	SCHEMA_EMPTY, /* nothing yet */
	SCHEMA_OLDER, /* ours, to be brought up by schema_make */
};

/* ERR_CONFIG when the file is another program's or a newer sealpost's. */
int schema_check(struct db *d, enum schema_found *found, struct err *err);

/* Makes the layout, or brings an older one up, in one transaction; safe when several processes do
 * so at once. */
int schema_make(struct db *d, struct err *err);

#endif
