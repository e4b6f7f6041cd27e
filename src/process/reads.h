/* SPDX-License-Identifier: ISC */
/* What the mail process, and gpg below it, may read: enters the sandbox of every verb that handles
 * untrusted input. */
#ifndef SEALPOST_READS_H
#define SEALPOST_READS_H

#include "base/sandbox.h"
#include "conf/conf.h"

/*
 * Enters the sandbox. writable: NULL-ended. Also readable: the configuration, the public part of
 * gpg's home, gpg itself, and given, files and folders that the user named (NULL-ended, or NULL;
 * relative to the working folder, or /dev/fd/N). As sandbox_mail.
 */
int reads_enter(const struct conf *c, const char *const *writable, const char *const *given,
	struct sandbox_state *state, struct err *err);

/* Enters the same sandbox, without gpg: nothing can be written, and only the n files and folders
 * that the user named can be read. */
int reads_enter_given(const char *const *given, size_t n, struct err *err);

#endif
