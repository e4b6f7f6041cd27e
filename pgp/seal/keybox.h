/* SPDX-License-Identifier: ISC */
/*
 * gpg's keybox, written: its file of certificates in which a fingerprint is looked up without
 * reading packets (kbx/keybox-blob.c of GnuPG). A thousand recipients take gpg five seconds in a
 * keyring, and two as files; in a keybox one that says which signatures are valid, half of one.
 */
#ifndef SEALPOST_KEYBOX_H
#define SEALPOST_KEYBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Whether it could be in one: all its keys are of version 4. */
bool keybox_takes(const uint8_t *cert, size_t len);

/* Appends a certificate that it takes, with or without trust packets (sig_marks_weave); before the
 * first one, the beginning. 0, or -1 without memory. */
int keybox_add(struct buf *to, const uint8_t *cert, size_t len);

#endif
