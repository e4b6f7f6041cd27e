/* SPDX-License-Identifier: ISC */
/* Values that are a path or a command line. */
#include "conf/conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "conf/conf_ini.h"

#define COMMAND_MAX 65536 /* bytes of a command after ~/ has been expanded */

int conf_expand(const char *value, char *out, size_t cap)
{
	const char *home = "";
	int n;

	if (value[0] == '~' && value[1] == '/') {
		home = home_dir();
		value++;
	}
	if (!home)
		return -1;
	n = snprintf(out, cap, "%s%s", home, value);
	return n < 0 || (size_t)n >= cap ? -1 : 0;
}

int conf_pack(const struct buf *words, size_t n, char ***argv, struct err *err)
{
	char **block = malloc((n + 1) * sizeof(char *) + words->len);
	char *p;
	size_t i;

	if (!block)
		return err_set(err, ERR_OS, "out of memory");
	p = (char *)(block + n + 1);
	memcpy(p, words->p, words->len);
	for (i = 0; i < n; i++) {
		block[i] = p;
		p += strlen(p) + 1;
	}
	block[n] = NULL;
	*argv = block;
	return 0;
}

/* Appends the word at *s, which is not blank, and a NUL to words; 1, ERR_CONFIG on an open quote or
 * lack of space, ERR_OS. */
static int take_shell_word(const char **s, struct buf *words)
{
	const char *p = *s;
	char quote = '\0';
	int rc = 0;

	for (; *p && (quote || (*p != ' ' && *p != '\t')) && rc == 0; p++) {
		if (quote ? *p == quote : *p == '\'' || *p == '"')
			quote = quote ? '\0' : *p;
		else
			rc = buf_addc(words, *p);
	}
	*s = p;
	if (rc == 0 && !quote && buf_addc(words, '\0') == 0)
		return 1;
	return quote || words->len == words->max ? ERR_CONFIG : ERR_OS;
}

int conf_argv(const char *command, char ***argv, struct err *err)
{
	struct buf words = BUF_INIT(COMMAND_MAX);
	size_t n = 0;
	int rc = 0;

	for (; rc >= 0; n++) {
		command += strspn(command, " \t");
		if (*command == '\0')
			break;
		rc = take_shell_word(&command, &words);
	}
	if (rc == ERR_OS)
		rc = err_set(err, ERR_OS, "out of memory");
	else if (rc < 0)
		rc = err_set(err, ERR_CONFIG,
			"the command has a quote that does not end, or is too long");
	else if (n == 0 || words.p[0] == '\0')
		rc = err_set(err, ERR_CONFIG, "the command is empty");
	else
		rc = conf_pack(&words, n, argv, err);
	buf_free(&words);
	return rc;
}
