/* SPDX-License-Identifier: ISC */
#include "base/places.h"

#include <errno.h>
#include <stddef.h>
#include <unistd.h>

#include "base/err.h"

#define PLACES_MAX 4

static const char *const usual_place[][PLACES_MAX + 1] = {
	[PLACE_CA_BUNDLE] = {"/etc/ssl/certs/ca-certificates.crt",   /* Debian, Arch, Alpine */
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora */
		"/etc/ca-certificates/extracted/tls-ca-bundle.pem",  /* Arch */
		"/etc/ssl/cert.pem"},                                /* Alpine */
	/* Fedora has both, and only the first has hashed names in every release. */
	[PLACE_CA_FOLDER] = {"/etc/pki/ca-trust/extracted/pem/directory-hash", /* Fedora */
		"/etc/ssl/certs"},                         /* Debian, Arch, Alpine */
	[PLACE_ROOT_HINTS] = {"/usr/share/dns/root.hints", /* Debian */
		"/var/named/named.ca",                     /* Fedora */
		"/etc/unbound/root.hints",                 /* Arch */
		"/usr/share/dns-root-hints/named.root"},   /* Alpine */
	[PLACE_TRUST_ANCHOR] = {"/usr/share/dns/root.key", /* Debian */
		"/var/lib/unbound/root.key",               /* Fedora; Debian's unbound */
		"/etc/trusted-key.key",                    /* Arch */
		"/usr/share/dnssec-root/trusted-key.key"}, /* Alpine */
};

const char *const place_ca_folders[] = {"/etc/ssl", "/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates", "/etc/pki/ca-trust", "/etc/pki/tls",
	"/etc/ca-certificates", NULL};

const char *place_choose(enum place what, bool (*is_there)(const char *path))
{
	const char *const *p = usual_place[what];

	while (*p && !is_there(*p))
		p++;
	return *p ? *p : usual_place[what][0];
}

static bool can_be_read(const char *path)
{
	/* Whoever opens it finds out what else is wrong. */
	return access(path, R_OK) == 0 || !errno_is_of_path(errno);
}

const char *place_find(enum place what)
{
	return place_choose(what, can_be_read);
}
