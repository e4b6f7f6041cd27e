/* SPDX-License-Identifier: ISC */
/* What sealpost needs of other packages, and how one that is missing is installed. */
#ifndef SEALPOST_PACKAGES_H
#define SEALPOST_PACKAGES_H

#include <stdbool.h>

enum package {
	PACKAGE_GPG,
	PACKAGE_GPG_AGENT,
	PACKAGE_GPGME,
	PACKAGE_CA_CERTIFICATES,
	PACKAGE_DNS_ROOT_DATA,
	PACKAGES,
};

/* For a hint: apt-get's command line, or in words. Never NULL. Pure. */
const char *package_choose(enum package what, bool apt);

/* The one that fits this system: words, where there is no apt-get. */
const char *package_hint(enum package what);

#endif
