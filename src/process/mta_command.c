/* SPDX-License-Identifier: ISC */
/* The MTA's command line: words, and which program it is. */
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf_ini.h"

#define COMMAND_MAX 65536 /* bytes of a command after ~/ has been expanded */
#define SCRIPT_LOOK 4096  /* bytes of a script that are searched */

static bool is_executable_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Looks name up in PATH, absolute folders only; 0, or -1. */
static int in_path(const char *name, char *out)
{
	const char *p = getenv("PATH");
	size_t len;

	for (p = p ? p : "/usr/bin:/bin"; *p; p += len + (p[len] == ':')) {
		len = strcspn(p, ":");
		if (*p != '/' ||
			snprintf(out, FILE_PATH_MAX, "%.*s/%s", (int)len, p, name) >= FILE_PATH_MAX)
			continue;
		if (is_executable_file(out))
			return 0;
	}
	return -1;
}

/* Whether the file is a script that mentions sealpost. */
static bool script_of_ours(const char *path)
{
	struct buf head = BUF_INIT(SCRIPT_LOOK);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n = -1;
	bool ours;

	if (fd >= 0 && buf_reserve(&head, SCRIPT_LOOK) == 0)
		n = read(fd, head.p, SCRIPT_LOOK);
	if (n > 0)
		head.len = (size_t)n;
	ours = head.len > 2 && memcmp(head.p, "#!", 2) == 0 &&
	       memmem(head.p, head.len, "sealpost", 8) != NULL;
	if (fd >= 0)
		close(fd);
	buf_free(&head);
	return ours;
}

/* The folder of path, without symlinks on the way; "" when it cannot be told. */
static void real_dir(const char *path, char *out)
{
	char real[PATH_MAX];
	char *slash;

	out[0] = '\0';
	if (!realpath(path, real))
		return;
	slash = strrchr(real, '/');
	*slash = '\0';
	if (strlen(real) < FILE_PATH_MAX)
		memcpy(out, real, strlen(real) + 1);
}

/* Mail handed to ourselves would loop for ever. */
static bool is_ourselves(const char *path)
{
	char dir[FILE_PATH_MAX], own[FILE_PATH_MAX], libexec[FILE_PATH_MAX], real[PATH_MAX];
	struct stat a, b;

	if (stat(path, &a) == 0 && stat("/proc/self/exe", &b) == 0 && a.st_dev == b.st_dev &&
		a.st_ino == b.st_ino)
		return true;
	real_dir(path, dir);
	real_dir("/proc/self/exe", own);
	if (dir[0] == '\0' || own[0] == '\0')
		return false;
	if (strcmp(dir, SEALPOST_LIBEXECDIR) == 0)
		return true;
	if (path_join(libexec, own, "../libexec/sealpost") == 0 && realpath(libexec, real) &&
		strcmp(dir, real) == 0)
		return true;
	return strcmp(dir, own) == 0 && script_of_ours(path);
}

/* The program's absolute path; ERR_CONFIG. */
static int find_program(const char *name, char *out, struct err *err)
{
	int rc = -1;

	if (!strchr(name, '/'))
		rc = in_path(name, out);
	else if (name[0] != '/')
		return err_set(err, ERR_CONFIG,
			"mta: %s: neither an absolute path nor a name alone", name);
	else if (is_executable_file(name) && strlen(name) < FILE_PATH_MAX) {
		memcpy(out, name, strlen(name) + 1);
		rc = 0;
	}
	if (rc < 0) {
		err_set(err, ERR_CONFIG, "mta: %s: there is no such program", name);
		err_hint(err, "install it, or set mta in the configuration");
		return ERR_CONFIG;
	}
	if (is_ourselves(out)) {
		err_set(err, ERR_CONFIG, "mta: %s: is sealpost itself; mail would loop for ever",
			out);
		err_hint(err,
			"set mta in the configuration to the program that sends the mail, for "
			"example mta = /usr/bin/msmtp");
		return ERR_CONFIG;
	}
	return 0;
}

/* The first mail program of this machine. */
static int find_default(char *out, struct err *err)
{
	static const char *const usual[] = {"/usr/sbin/sendmail", "/usr/lib/sendmail"};
	size_t i;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		if (is_executable_file(usual[i])) {
			snprintf(out, FILE_PATH_MAX, "%s", usual[i]);
			return 0;
		}
	}
	if (in_path("msmtp", out) == 0)
		return 0;
	err_set(err, ERR_CONFIG, "mta: no program that sends mail was found on this machine");
	err_hint(err, "install msmtp or another one, or set mta in the configuration");
	return ERR_CONFIG;
}

/* The configured command for the identity, "" if none. NULL: there is no such identity. */
static const char *command_for(const struct conf *c, const char *identity)
{
	size_t i;

	if (identity[0] == '\0')
		return c->mta;
	for (i = 0; i < c->n_identity; i++) {
		if (strcmp(c->identity[i].name, identity) == 0)
			return c->identity[i].mta[0] ? c->identity[i].mta : c->mta;
	}
	return NULL;
}

/* Words with ~/ expanded and the first one looked up. */
static int resolve(char *const *words, char ***argv, struct err *err)
{
	struct buf all = BUF_INIT(COMMAND_MAX);
	char word[COMMAND_MAX], program[FILE_PATH_MAX];
	size_t n = 0;
	int rc = 0;

	for (; words[n] && rc == 0; n++) {
		if (conf_expand(words[n], word, sizeof(word)) < 0)
			rc = err_set(err, ERR_CONFIG, "mta: %s: there is no home folder", words[n]);
		if (rc == 0 && n == 0) {
			rc = find_program(word, program, err);
			if (rc == 0)
				memcpy(word, program, strlen(program) + 1);
		}
		if (rc == 0 && buf_add(&all, word, strlen(word) + 1) < 0)
			rc = err_set(err, ERR_CONFIG, "mta: the command is too long");
	}
	if (rc == 0)
		rc = conf_pack(&all, n, argv, err);
	buf_free(&all);
	return rc;
}

int conf_mta(const struct conf *c, const char *identity, char ***argv, struct err *err)
{
	const char *command = command_for(c, identity);
	char program[FILE_PATH_MAX];
	char *one[2] = {program, NULL};
	char **words = one;
	int rc;

	if (!command)
		return err_set(err, ERR_CONFIG, "there is no [identity %s]", identity);
	if (command[0] == '\0')
		rc = find_default(program, err);
	else
		rc = conf_argv(command, &words, err);
	if (rc == 0)
		rc = resolve(words, argv, err);
	if (words != one)
		free(words);
	return rc;
}
