/* SPDX-License-Identifier: ISC */
#include "process/reads.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/spawn.h"
#include "pgp/gpg/home.h"

#define READABLE_MAX 96

/* Paths that are read, kept where they stand. */
struct reads {
	char text[READABLE_MAX][FILE_PATH_MAX];
	const char *path[READABLE_MAX + 1]; /* NULL-ended */
	size_t n;
};

static void add_read(struct reads *r, const char *dir, const char *name)
{
	if (r->n == READABLE_MAX || dir[0] != '/')
		return;
	if (name[0] == '\0' ? snprintf(r->text[r->n], FILE_PATH_MAX, "%s", dir) < FILE_PATH_MAX
			    : path_join(r->text[r->n], dir, name) == 0) {
		r->path[r->n] = r->text[r->n];
		r->n++;
	}
}

/* What gpg may read of the user's home: never its secret keys, which only the agent needs. The
 * sockets may be files that say where the socket is. */
static const char *const gpg_public[] = {"pubring.kbx", "pubring.gpg", "public-keys.d",
	"common.conf", "gpg.conf", "gpg.conf-2", "trustdb.gpg", "S.gpg-agent", "S.keyboxd", NULL};

static void list_reads(const struct conf *c, const char *const *given, struct reads *r)
{
	const char *tty = getenv("GPG_TTY");
	char path[FILE_PATH_MAX], real[PATH_MAX];
	size_t i;

	for (i = 0; i < 2; i++)
		add_read(r, c->source[i], "");
	if (gpg_user_home(path) == 0) {
		for (i = 0; gpg_public[i]; i++)
			add_read(r, path, gpg_public[i]);
	}
	snprintf(path, sizeof(path), "/run/user/%u/gnupg/S.gpg-agent", (unsigned)getuid());
	add_read(r, path, "");
	/* It may be a script. */
	if (spawn_find("gpg", path) == 0)
		add_read(r, path, "");
	if (tty && strncmp(tty, "/dev/", 5) == 0)
		add_read(r, tty, "");
	for (; given && *given; given++) {
		if (realpath(*given, real))
			add_read(r, real, "");
	}
	r->path[r->n] = NULL;
}

int reads_enter(const struct conf *c, const char *const *writable, const char *const *given,
	struct sandbox_state *state, struct err *err)
{
	struct reads *reads = calloc(1, sizeof(*reads));
	char home[FILE_PATH_MAX], secret[FILE_PATH_MAX];
	const char *listable[] = {NULL, NULL};
	const struct sandbox_paths paths = {writable, reads ? reads->path : NULL, listable};
	int rc;

	if (!reads)
		return err_set(err, ERR_OS, "out of memory");
	list_reads(c, given, reads);
	/* Whether there are secret keys at all. */
	if (gpg_user_home(home) == 0 && path_join(secret, home, "private-keys-v1.d") == 0)
		listable[0] = secret;
	rc = sandbox_mail(&paths, state, err);
	free(reads);
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
