/* SPDX-License-Identifier: ISC */
/* Homes whose keys are kept by GnuPG's keyboxd (since 2.3) instead of a keyring file. */
#ifndef SEALPOST_KEYBOXD_H
#define SEALPOST_KEYBOXD_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Whether common.conf in this folder says use-keyboxd, and this GnuPG has one (2.2 does not read
 * the file; true if that cannot be found out). One that cannot be read says nothing.
 */
bool keyboxd_used(const char *dir);

/*
 * Starts it for the user, unless it runs or is not used there. It must not be done in a sandbox,
 * where keyboxd would stay confined for other programs too. ERR_TEMP with a hint: gpg would take
 * the keys, which it cannot ask for, for none.
 */
int keyboxd_launch(const char *home, struct err *err);

/* The folder whose common.conf speaks for all homes. */
#define KEYBOXD_SYSTEM_DIR "/etc/gnupg"

/*
 * ERR_CONFIG with a hint, if the system's common.conf wants keyboxd: no home of ours could then
 * have a keyring, and every certificate would look as if gpg rejected it.
 */
int keyboxd_check_system(const char *dir, struct err *err);

#endif
