/* SPDX-License-Identifier: ISC */
/*
 * Where systems keep what is used when no setting names a file of one's own: the places of Debian,
 * Fedora, Arch and Alpine, tried in order.
 */
#ifndef SEALPOST_PLACES_H
#define SEALPOST_PLACES_H

#include <stdbool.h>

enum place {
	PLACE_CA_BUNDLE,    /* certificate authorities, PEM, all in one file */
	PLACE_CA_FOLDER,    /* the same, each in a file that openssl-rehash(1) has named */
	PLACE_ROOT_HINTS,   /* addresses of the root's name servers */
	PLACE_TRUST_ANCHOR, /* the root's keys, DNSKEY or DS records */
};

/* The first place that is_there says yes to; where it never does, the first of all, to be named in
 * an error. Never NULL. Pure but for is_there. */
const char *place_choose(enum place what, bool (*is_there)(const char *path));

/* The first place that can be read, see place_choose. */
const char *place_find(enum place what);

/* NULL-ended: the folders that certificate authorities lie in, and those that the symbolic links in
 * them lead to. */
extern const char *const place_ca_folders[];

#endif
