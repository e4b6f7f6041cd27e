/* SPDX-License-Identifier: ISC */
/* Homes whose keys are in GnuPG's keyboxd (since 2.3) instead of a keyring file. */
#ifndef SEALPOST_KEYBOXD_H
#define SEALPOST_KEYBOXD_H

#include <stdbool.h>

#include "base/err.h"

/*
 * 1: common.conf in this folder has use-keyboxd, and this GnuPG supports it (2.2 ignores the file)
 * or cannot be asked; 0: no, or the file may not be read; ERR_OS, ERR_IO, ERR_DATA.
 */
int keyboxd_used(const char *dir, struct err *err);

/*
 * Starts it for the user, unless it runs or is not used there. Must not be called in a sandbox,
 * which keyboxd would inherit. ERR_TEMP with a hint on failure, since gpg would then see no keys.
 */
int keyboxd_launch(const char *home, struct err *err);

/* The folder of the common.conf for all homes. */
#define KEYBOXD_SYSTEM_DIR "/etc/gnupg"

/*
 * ERR_CONFIG with a hint if the system's common.conf enables keyboxd: our homes could not have a
 * keyring, and gpg would appear to reject every certificate.
 */
int keyboxd_check_system(const char *dir, struct err *err);

#endif
