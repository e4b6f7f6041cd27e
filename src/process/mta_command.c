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

#include "base/spawn.h"
#include "conf/conf_ini.h"

#define COMMAND_MAX 65536 /* bytes of a command after ~/ has been expanded */
#define SCRIPT_LOOK 4096  /* bytes of a script that are searched */

/* Whether the file is a script that mentions sealpost; -1 with errno. */
static int is_script_of_ours(const char *path)
{
	struct buf head = BUF_INIT(SCRIPT_LOOK);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), ours = -1;
	ssize_t n = -1;

	if (fd >= 0 && buf_reserve(&head, SCRIPT_LOOK) == 0)
		n = read(fd, head.p, SCRIPT_LOOK);
	if (n >= 0) {
		head.len = (size_t)n;
		ours = head.len > 2 && memcmp(head.p, "#!", 2) == 0 &&
		       memmem(head.p, head.len, "sealpost", 8) != NULL;
	}
	if (fd >= 0)
		close(fd);
	buf_free(&head);
	return ours;
}

/* The folder of path, without symlinks on the way. 0, or -1 with errno. */
static int find_real_dir(const char *path, char *out)
{
	char real[PATH_MAX];
	char *slash;

	if (!realpath(path, real))
		return -1;
	slash = strrchr(real, '/');
	*slash = '\0';
	if (strlen(real) >= FILE_PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(out, real, strlen(real) + 1);
	return 0;
}

/* Mail handed to ourselves would loop for ever. -1 with errno. */
static int is_ourselves(const char *path)
{
	static const char self[] = "/proc/self/exe";
	char dir[FILE_PATH_MAX], own[FILE_PATH_MAX], libexec[FILE_PATH_MAX], real[PATH_MAX];
	struct stat a, b;

	if (stat(path, &a) < 0 || stat(self, &b) < 0)
		return -1;
	if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
		return 1;
	if (find_real_dir(path, dir) < 0 || find_real_dir(self, own) < 0)
		return -1;
	if (strcmp(dir, SEALPOST_LIBEXECDIR) == 0)
		return 1;
	if (path_join(libexec, own, "../libexec/sealpost") == 0 && realpath(libexec, real) &&
		strcmp(dir, real) == 0)
		return 1;
	return strcmp(dir, own) == 0 ? is_script_of_ours(path) : 0;
}

/* 0: its absolute path; 1: there is no such program; ERR_*: that cannot be told. */
static int look_for_mta(const char *name, char *out, struct err *err)
{
	int e = spawn_find(name, out);

	if (e == 0 || errno_is_of_path(e))
		return e != 0;
	return err_set(err, err_of_errno(e, ERR_CONFIG), "%s: %s", name, strerror(e));
}

/* The program's absolute path; ERR_CONFIG. */
static int find_program(const char *name, char *out, struct err *err)
{
	int rc, ours;

	if (strchr(name, '/') && name[0] != '/') {
		err_set(err, ERR_CONFIG, "%s: neither an absolute path nor a name alone", name);
		err_hint(err, "set mta in the configuration to its absolute path");
		return ERR_CONFIG;
	}
	rc = look_for_mta(name, out, err);
	if (rc < 0)
		return rc;
	if (rc > 0) {
		err_set(err, ERR_CONFIG, "%s: there is no such program", name);
		err_hint(err, "install it, or set mta in the configuration");
		return ERR_CONFIG;
	}
	ours = is_ourselves(out);
	/* Without /proc it cannot be told. */
	if (ours < 0 && !errno_is_of_path(errno))
		return err_path(err, ERR_CONFIG, out);
	if (ours > 0) {
		err_set(err, ERR_CONFIG, "%s: is sealpost itself; mail would loop for ever", out);
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
	static const char *const usual[] = {"/usr/sbin/sendmail", "/usr/lib/sendmail", "msmtp"};
	size_t i;
	int rc = 1;

	for (i = 0; rc > 0 && i < sizeof(usual) / sizeof(usual[0]); i++)
		rc = look_for_mta(usual[i], out, err);
	if (rc <= 0)
		return rc;
	err_set(err, ERR_CONFIG, "no program that sends mail was found on this machine");
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

/* Whether the option has the MTA take recipients from the header: everybody there would get every
 * copy, those of hidden recipients and clear ones too. */
static bool reads_recipients(const char *word)
{
	static const char longer[] = "--read-r"; /* as short as msmtp takes --read-recipients */

	if (strncmp(word, longer, strlen(longer)) == 0)
		return true;
	return word[0] == '-' && word[1] != '\0' && word[1 + strspn(word + 1, "Gimntv")] == '\0' &&
	       strchr(word, 't');
}

static int check_mta_words(char *const *words, struct err *err)
{
	for (words++; *words; words++) {
		if (!reads_recipients(*words))
			continue;
		err_set(err, ERR_CONFIG,
			"with %s everybody in the header would get every copy of the mail", *words);
		err_hint(err, "leave %s out of mta: sealpost names the recipients of each copy",
			*words);
		return ERR_CONFIG;
	}
	return 0;
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
			rc = err_set(err, ERR_CONFIG, "%s: there is no home folder", words[n]);
		if (rc == 0 && n == 0) {
			rc = find_program(word, program, err);
			if (rc == 0)
				memcpy(word, program, strlen(program) + 1);
		}
		if (rc == 0 && buf_add(&all, word, strlen(word) + 1) < 0)
			rc = err_too_large(
				err, ERR_CONFIG, "the mail program's command is too long");
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
		rc = check_mta_words(words, err);
	if (rc == 0)
		rc = resolve(words, argv, err);
	if (words != one)
		free(words);
	return rc;
}
