/* SPDX-License-Identifier: ISC */
/* Absence in a domain that gave keys another way. Pure. */
#ifndef SEALPOST_SERVED_H
#define SEALPOST_SERVED_H

#include <stdbool.h>

#include "wire/lookup.h"

/* The method of a name as in the JSON; METHOD_NONE for any other. */
enum lookup_method served_way(const char *name);

/*
 * Whether an absence, which is what both methods together say, came another way than the domain's
 * keys did, without the way they came being securely closed: somebody on the path may have forged
 * openpgpkey.DOMAIN or the record away, to have mail go in clear. way: how the last key came;
 * METHOD_NONE: not known, and then no absence is held against it.
 */
bool served_otherwise(
	enum lookup_method way, const struct method_result *wkd, const struct method_result *dane);

#endif
