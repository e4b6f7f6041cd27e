/* SPDX-License-Identifier: ISC */
/* Runs a fuzz target over files, and over all files of folders, without a fuzzer: corpora as
 * ordinary tests. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "fuzz.h"

#define INPUT_MAX (64u << 20)

static unsigned long inputs;

static int replay_file(const char *path)
{
	struct buf b = BUF_INIT(INPUT_MAX);
	struct err err = ERR_INIT;
	int rc = file_read(path, &b, ERR_IO, &err);

	if (rc == 0) {
		(void)LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&b), b.len);
		inputs++;
	} else {
		fprintf(stderr, "replay: %s\n", err.msg);
	}
	buf_free(&b);
	return rc;
}

static int replay(const char *path)
{
	char child[FILE_PATH_MAX];
	struct dirent *e;
	struct stat st;
	int rc = 0;
	DIR *dir;

	if (stat(path, &st) < 0) {
		perror(path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path);
	dir = opendir(path);
	if (!dir) {
		perror(path);
		return -1;
	}
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		if (path_join(child, path, e->d_name) < 0 || replay(child) < 0)
			rc = -1;
	}
	closedir(dir);
	return rc;
}

/* Nothing read is a failure: a test that looks at no input shows nothing. */
int main(int argc, char **argv)
{
	int i, rc = 0;

	for (i = 1; i < argc; i++) {
		if (replay(argv[i]) < 0)
			rc = 1;
	}
	printf("%lu inputs\n", inputs);
	return rc == 0 && inputs > 0 ? 0 : 1;
}
