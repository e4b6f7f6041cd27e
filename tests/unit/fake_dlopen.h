/* SPDX-License-Identifier: ISC */
/* dlopen in place of the C library's: counts, and takes another library than the one asked for. */
#ifndef TESTS_FAKE_DLOPEN_H
#define TESTS_FAKE_DLOPEN_H

#include <dlfcn.h>
#include <string.h>

static const char *instead; /* of any library; NULL: as it is */
static unsigned opened;

void *dlopen(const char *file, int flags)
{
	static void *(*real)(const char *, int);
	void *found;

	if (!real) {
		found = dlsym(RTLD_NEXT, "dlopen");
		memcpy(&real, &found, sizeof(real));
	}
	opened++;
	return real(instead ? instead : file, flags);
}

#endif
