/* SPDX-License-Identifier: ISC */
/* Paths in DIR. */
#ifndef SEALPOST_PUBLISH_LAYOUT_H
#define SEALPOST_PUBLISH_LAYOUT_H

#include "verbs/publish/publish.h"

/* Paths below DIR, into FILE_PATH_MAX bytes: of the domain's Web Key Directory, by either method,
 * name ("policy", "hu/HASH"); of the policy of MTA-STS. */
void tree_key_path(char *path, const struct publish_domain *d, bool advanced, const char *name);
void tree_policy_path(char *path, const struct publish_domain *d);
/* The file of a value of tlsa-from, absolute, into FILE_PATH_MAX bytes. 0, or -1: too long. */
int tlsa_path(const struct publish_conf *c, const char *value, char *path);
/* The name for data about FILE in the state and cache folders; out has 40 bytes. 0, or -1. */
int publish_file_name(const struct publish_conf *c, char *out);
/* Stores in the state folder where FILE was written to, and returns it; false: unknown.
 */
int publish_remember_dir(const struct publish *p, const char *real, struct err *err);
bool publish_recall_dir(const struct publish *p, char real[FILE_PATH_MAX]);
/* The name of a file of keys in the store, from its SHA-256; out has 32 bytes. */
void key_thing(const uint8_t *digest, char *out);

#endif
