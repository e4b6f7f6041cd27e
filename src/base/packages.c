/* SPDX-License-Identifier: ISC */
#include "base/packages.h"

#include <unistd.h>

static const struct {
	const char *apt, *words;
} install_hint[] = {
	[PACKAGE_GPG] = {"apt-get install gpg", "install GnuPG"},
	[PACKAGE_GPG_AGENT] = {"apt-get install gpg-agent",
		"install gpg-agent and gpg-connect-agent, which belong to GnuPG"},
	[PACKAGE_GPGME] = {"apt-get install libgpgme11", "install a newer GPGME"},
	[PACKAGE_LIBCURL] = {"apt-get install libcurl4", "install libcurl, with OpenSSL"},
	[PACKAGE_CA_CERTIFICATES] = {"apt-get install ca-certificates, or set ca-file",
		"install the package of certificate authorities, or set ca-file"},
	[PACKAGE_DNS_ROOT_DATA] = {"apt-get install dns-root-data, or set trust-anchor",
		"install the package of the DNS root's keys, or set trust-anchor"},
};

_Static_assert(sizeof(install_hint) / sizeof(install_hint[0]) == PACKAGES, "a hint for each");

const char *package_choose(enum package what, bool apt)
{
	return apt ? install_hint[what].apt : install_hint[what].words;
}

const char *package_hint(enum package what)
{
	return package_choose(what, access("/usr/bin/apt-get", X_OK) == 0);
}
