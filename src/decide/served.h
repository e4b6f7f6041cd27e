/* SPDX-License-Identifier: ISC */
/* Absence in a domain that published keys by another method. Pure. */
#ifndef SEALPOST_SERVED_H
#define SEALPOST_SERVED_H

#include <stdbool.h>

#include "wire/lookup.h"

/* The method of a name as in the JSON; METHOD_NONE for any other. */
enum lookup_method served_way(const char *name);

/*
 * Whether an absence (the verdict of both methods) is based on another method than the one that
 * delivered the domain's keys, without proof that the latter is no longer in use: an attacker on
 * the path may suppress openpgpkey.DOMAIN or the record in order to have mail sent in clear. way:
 * the method of the last key; METHOD_NONE: not known, then false.
 */
bool served_otherwise(
	enum lookup_method way, const struct method_result *wkd, const struct method_result *dane);

#endif
