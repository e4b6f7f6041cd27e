/* SPDX-License-Identifier: ISC */
/* Parses one configuration file into a struct conf: the grammar and the table of settings. Private
 * to conf.c. */
#ifndef SEALPOST_CONF_INI_H
#define SEALPOST_CONF_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "conf/conf.h"

#define CONF_FILE_MAX (64u << 10)
#define CONF_SECTIONS_MAX 1000 /* policies, and identities */

/*
 * Reads text (path is for messages) and overrides the settings of c. file: index in c's sources.
 * ERR_CONFIG with "PATH:LINE: ..."; c may then be partly changed.
 */
int conf_ini_read(
	const char *path, int file, const struct buf *text, struct conf *c, struct err *err);

/*
 * Sets one key of a section; i: index of the policy or identity. index (may be NULL) receives the
 * key's index in the section's table, less than 32. ERR_CONFIG, without PATH:LINE in err->msg.
 */
int conf_set(struct conf *c, enum conf_section section, size_t i, const char *key,
	const char *value, unsigned *index, struct err *err);

/* Whether the key with this index may occur several times in a section. */
bool conf_repeats(enum conf_section section, unsigned index);

/* Expands a leading "~/"; -1 if it does not fit or there is no home folder. */
int conf_expand(const char *value, char *out, size_t cap);

/* Builds *argv, owned and one block, from n NUL-terminated words. ERR_OS. */
int conf_pack(const struct buf *words, size_t n, char ***argv, struct err *err);

/* conf_each_setting, with the defaults handed in. */
int conf_show(const struct conf *c, const struct conf *standard,
	int (*cb)(const struct conf_setting *s, void *arg), void *arg, struct err *err);

#endif
