/* SPDX-License-Identifier: ISC */
/* How many descriptors are open here: a test in which more of them stay open than before has found
 * a leak. Threads of a fake helper may close theirs a little later. */
#ifndef TESTS_OPEN_FILES_H
#define TESTS_OPEN_FILES_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

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

/* Whether there are as few as before, within ten seconds. */
static inline bool no_file_stays_open(size_t before)
{
	int i;

	for (i = 0; open_files() > before && i < 1000; i++)
		usleep(10000);
	return open_files() <= before;
}

#endif
