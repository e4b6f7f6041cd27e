/* SPDX-License-Identifier: ISC */
#include "pgp/gpg/gpg_env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define LOCALE_MAX 64

/* The user's locale for a category (setlocale(3)), as pinentry is to have it; NULL: none, or no
 * name of one. */
static const char *users_locale(const char *category)
{
	const char *value = text_locale(category);

	return value && strlen(value) < LOCALE_MAX && value[0] != '-' &&
			       strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
					     "tuvwxyz0123456789_.@-") == strlen(value)
		       ? value
		       : NULL;
}

void gpg_own_terminal(char tty[GPG_TTY_MAX])
{
	if (ttyname_r(STDOUT_FILENO, tty, GPG_TTY_MAX) != 0)
		tty[0] = '\0';
}

size_t gpg_pinentry_args(const char *tty, const char **argv)
{
	static const char *const category[] = {"LC_CTYPE", "LC_MESSAGES"}, *const option[] = {
										   "--lc-ctype",
										   "--lc-messages"};
	size_t n = 0, i;

	if (!getenv("GPG_TTY") && tty[0] != '\0') {
		argv[n++] = "--ttyname";
		argv[n++] = tty;
	}
	for (i = 0; i < 2; i++) {
		const char *name = users_locale(category[i]);

		if (name) {
			argv[n++] = option[i];
			argv[n++] = name;
		}
	}
	return n;
}
