/* SPDX-License-Identifier: ISC */
/* One configuration file into a struct conf: the grammar and the table of settings. Private to
 * conf.c. */
#ifndef SEALPOST_CONF_INI_H
#define SEALPOST_CONF_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "conf/conf.h"

#define CONF_FILE_MAX (64u << 10)
#define CONF_SECTIONS_MAX 1000 /* policies, and identities */

/*
 * Reads text (of path, which is for messages) over what c holds. file: which of c's sources it is.
 * ERR_CONFIG with "PATH:LINE: ...", c is then half changed.
 */
int conf_ini_read(
	const char *path, int file, const struct buf *text, struct conf *c, struct err *err);

/*
 * Sets one key of a section; i: which policy or identity. index (may be NULL) gets the key's place
 * in the section's table, less than 32. ERR_CONFIG; err->msg then lacks PATH:LINE.
 */
int conf_set(struct conf *c, enum conf_section section, size_t i, const char *key,
	const char *value, unsigned *index, struct err *err);

/* Whether the key at that place may stand in a section several times. */
bool conf_repeats(enum conf_section section, unsigned index);

/* Expands a leading "~/"; -1 when it does not fit or there is no home. */
int conf_expand(const char *value, char *out, size_t cap);

/* Makes *argv, owned and one block, of n words that each end in a NUL. ERR_OS. */
int conf_pack(const struct buf *words, size_t n, char ***argv, struct err *err);

/* conf_each_setting, beside the defaults. */
int conf_show(const struct conf *c, const struct conf *standard,
	int (*cb)(const struct conf_setting *s, void *arg), void *arg, struct err *err);

#endif
