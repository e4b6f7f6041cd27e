/* SPDX-License-Identifier: ISC */
/* Libraries that are loaded when they are needed: few commands need them, or not at once. */
#ifndef SEALPOST_LIBRARY_H
#define SEALPOST_LIBRARY_H

#include <stddef.h>

#include "base/err.h"

/* A function of a library, and the pointer that is set to it. */
struct library_function {
	const char *name;
	void *pointer; /* borrowed: its address */
};

/*
 * Loads a library for good, and sets the pointers in their order: the last one only if there are
 * all. what: who needs it, for the message. ERR_OS.
 */
int library_load(const char *library, const char *what, const struct library_function *f, size_t n,
	struct err *err);

#endif
