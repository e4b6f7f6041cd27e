/* SPDX-License-Identifier: ISC */
/* What a mistyped name was perhaps meant to be. */
#ifndef SEALPOST_NEAREST_H
#define SEALPOST_NEAREST_H

/* The word of the list (NULL-ended) that a mistyped one most likely is; NULL if none is near. */
const char *nearest_word(const char *word, const char *const *list);

#endif
