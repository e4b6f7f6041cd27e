/* SPDX-License-Identifier: ISC */
#include "process/reads.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "pgp/gpg/home.h"

/* Paths that are read. */
struct reads {
	const char **path; /* owned, each of them too; NULL-ended */
	size_t n, room;
	int failed; /* an errno */
};

static void add_read(struct reads *r, const char *dir, const char *name)
{
	char path[FILE_PATH_MAX];
	const char **v;
	size_t room = r->room ? 2 * r->room : 32;

	if (r->failed || dir[0] != '/' || (name[0] != '\0' && path_join(path, dir, name) < 0))
		return;
	if (r->n + 1 >= r->room) {
		v = reallocarray(r->path, room, sizeof(*v));
		if (!v) {
			r->failed = errno;
			return;
		}
		r->path = v;
		r->room = room;
	}
	r->path[r->n] = strdup(name[0] == '\0' ? dir : path);
	if (r->path[r->n])
		r->path[++r->n] = NULL;
	else
		r->failed = errno;
}

/* The files of the user's gpg home that gpg may read: never the secret keys, which only the agent
 * needs. */
static const char *const gpg_public[] = {"pubring.kbx", "pubring.gpg", "public-keys.d",
	"common.conf", "gpg.conf", "gpg.conf-2", "trustdb.gpg", NULL};

static void list_reads(const struct conf *c, const char *const *given, struct reads *r)
{
	char path[FILE_PATH_MAX], real[PATH_MAX];
	size_t i;
	int e;

	for (i = 0; i < 2; i++)
		add_read(r, c->source[i], "");
	if (gpg_user_home(path) == 0) {
		for (i = 0; gpg_public[i]; i++)
			add_read(r, path, gpg_public[i]);
	}
	/* It may be a script. */
	e = spawn_find("gpg", path);
	if (e == 0)
		add_read(r, path, "");
	else if (!errno_is_of_path(e))
		r->failed = e;
	for (; given && *given; given++) {
		if (realpath(*given, real))
			add_read(r, real, "");
		else if (!errno_is_of_path(errno))
			r->failed = errno;
	}
}

/* A folder of the command line may be relative, which Landlock's rules are not. */
static void list_writes(const char *const *writable, struct reads *w)
{
	char real[PATH_MAX];

	for (; *writable; writable++) {
		if ((*writable)[0] == '/')
			add_read(w, *writable, "");
		else if ((*writable)[0] != '\0' && realpath(*writable, real))
			add_read(w, real, "");
		else if ((*writable)[0] != '\0' && !errno_is_of_path(errno))
			w->failed = errno;
	}
}

static void free_reads(struct reads *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free((char *)(uintptr_t)r->path[i]);
	free(r->path);
}

int reads_enter(const struct conf *c, const char *const *writable, const char *const *given,
	struct sandbox_state *state, struct err *err)
{
	static const char *const nothing[] = {NULL};
	struct reads reads = {.path = NULL}, writes = {.path = NULL};
	char home[FILE_PATH_MAX], secret[FILE_PATH_MAX];
	const char *listable[] = {NULL, NULL};
	struct sandbox_paths paths = {nothing, nothing, listable};
	int rc;

	list_writes(writable, &writes);
	list_reads(c, given, &reads);
	if (writes.path)
		paths.writable = writes.path;
	if (reads.path)
		paths.readable = reads.path;
	/* Whether there are secret keys at all. */
	if (gpg_user_home(home) == 0 && path_join(secret, home, "private-keys-v1.d") == 0)
		listable[0] = secret;
	if (writes.failed)
		rc = err_set(err, err_of_errno(writes.failed, ERR_OS),
			"cannot find what is to be written to: %s", strerror(writes.failed));
	else if (reads.failed)
		rc = err_set(err, err_of_errno(reads.failed, ERR_OS),
			"cannot find what is to be read: %s", strerror(reads.failed));
	else
		rc = sandbox_mail(&paths, state, err);
	free_reads(&reads);
	free_reads(&writes);
	return rc;
}

int reads_enter_given(const char *const *given, size_t n, struct err *err)
{
	static const char *const nothing[] = {NULL};
	char **real = calloc(n + 1, sizeof(*real));
	const char **list = calloc(n + 1, sizeof(*list));
	const struct sandbox_paths paths = {nothing, list, NULL};
	struct sandbox_state state;
	size_t i, n_real = 0;
	int rc;

	if (!real || !list) {
		rc = err_set(err, ERR_OS, "out of memory");
	} else {
		for (i = 0; i < n; i++) {
			real[n_real] = realpath(given[i], NULL);
			list[n_real] = real[n_real];
			n_real += real[n_real] != NULL;
		}
		rc = sandbox_mail(&paths, &state, err);
	}
	for (i = 0; real && i < n; i++)
		free(real[i]);
	free(real);
	free(list);
	return rc;
}
