/* SPDX-License-Identifier: ISC */
/* How many descriptors are open here: a test that finds more of them than before has found a leak.
 */
#ifndef TESTS_OPEN_FILES_H
#define TESTS_OPEN_FILES_H

#include <dirent.h>
#include <stddef.h>

static inline size_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

#endif
