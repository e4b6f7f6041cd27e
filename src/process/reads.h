/* SPDX-License-Identifier: ISC */
/* What the process with the mail, and gpg below it, may read: the way into the sandbox of every
 * verb that works on what others wrote. */
#ifndef SEALPOST_READS_H
#define SEALPOST_READS_H

#include "base/sandbox.h"
#include "conf/conf.h"

/*
 * Into the sandbox. Writable: NULL-ended. Readable besides: the configuration, what of gpg's home
 * is public, gpg itself, and given, files and folders that the user named (NULL-ended, or NULL;
 * relative to the working folder, or /dev/fd/N). As sandbox_mail.
 */
int reads_enter(const struct conf *c, const char *const *writable, const char *const *given,
	struct sandbox_state *state, struct err *err);

/* Into the same sandbox, without gpg: nothing can be written, and only the n files and folders that
 * the user named be read. */
int reads_enter_given(const char *const *given, size_t n, struct err *err);

#endif
