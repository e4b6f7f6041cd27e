/* SPDX-License-Identifier: ISC */
/* Suggests a correction for a mistyped name. */
#ifndef SEALPOST_NEAREST_H
#define SEALPOST_NEAREST_H

/* The word of the NULL-terminated list that is nearest to a mistyped one; NULL if none is near. */
const char *nearest_word(const char *word, const char *const *list);

#endif
