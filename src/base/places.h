/* SPDX-License-Identifier: ISC */
/*
 * Default locations of system files, used if the configuration names none: those of Debian, Fedora,
 * Arch and Alpine, tried in order.
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

/* The first location for which is_there returns true, or else the first one, to be named in an
 * error. Never NULL. Pure except for is_there. */
const char *place_choose(enum place what, bool (*is_there)(const char *path));

/* The first location that can be read; see place_choose. */
const char *place_find(enum place what);

/* NULL-terminated: the folders of certificate authorities, and those that symbolic links in them
 * point to. */
extern const char *const place_ca_folders[];

#endif
