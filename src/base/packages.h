/* SPDX-License-Identifier: ISC */
/* Other packages that sealpost needs, and how to install a missing one. */
#ifndef SEALPOST_PACKAGES_H
#define SEALPOST_PACKAGES_H

#include <stdbool.h>

enum package {
	PACKAGE_GPG,
	PACKAGE_GPG_AGENT,
	PACKAGE_GPGME,
	PACKAGE_LIBCURL,
	PACKAGE_CA_CERTIFICATES,
	PACKAGE_DNS_ROOT_DATA,
	PACKAGES,
};

/* For a hint: apt-get's command line, or in words. Never NULL. Pure. */
const char *package_choose(enum package what, bool apt);

/* The hint for this system: plain words if there is no apt-get. */
const char *package_hint(enum package what);

#endif
