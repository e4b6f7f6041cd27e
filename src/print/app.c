/* SPDX-License-Identifier: ISC */
#include "print/app.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/text.h"

/* One line to stderr, whatever -q says: it is why the exit status is not 0. */
static void error_line(const char *prefix, const char *text)
{
	struct buf out = BUF_INIT(8 * ERR_MSG_MAX);

	if (text_shown(&out, text, strlen(text)) == 0)
		fprintf(stderr, "%s: %s\n", prefix, buf_str(&out));
	buf_free(&out);
}

const char *app_hint(const struct err *err)
{
	if (err->hint[0] != '\0')
		return err->hint;
	switch (err->code) {
	case ERR_USAGE:
		return "man sealpost";
	case ERR_DATA:
		return "nothing was sent; fix the message and send it again";
	case ERR_TEMP:
		return "nothing was sent; send it again later";
	case ERR_INTERNAL:
		return "this is a fault of sealpost: please report it with the output of sealpost "
		       "-v";
	case ERR_CONFIG:
		return "man sealpost.conf, or: sealpost doctor";
	default:
		return "sealpost doctor";
	}
}

/* Of a verb that sends nothing. */
static const char *verb_hint(const struct err *err)
{
	if (err->hint[0] != '\0' || (err->code != ERR_DATA && err->code != ERR_TEMP))
		return app_hint(err);
	return err->code == ERR_DATA ? "correct the input and try again" : "try again later";
}

int app_fail(const struct err *err)
{
	error_line("sealpost", err->msg);
	error_line("hint", verb_hint(err));
	return err_exit(err->code);
}

int app_help(const char *usage)
{
	fputs(usage, stdout);
	return 0;
}

int app_usage_err(const char *verb, struct err *err)
{
	err->code = ERR_USAGE;
	if (err->hint[0] == '\0' && verb)
		err_hint(err, "sealpost %s --help", verb);
	else if (err->hint[0] == '\0')
		err_hint(err, "sealpost --help");
	return app_fail(err);
}

int app_usage(const char *verb, const char *fmt, ...)
{
	struct err err = ERR_INIT;
	char msg[ERR_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	err_set(&err, ERR_USAGE, "%s", msg);
	return app_usage_err(verb, &err);
}

int app_unknown(const char *command, const char *what, const char *word, const char *const *list)
{
	const char *near = nearest_word(word, list), *apart = *command ? " " : "";
	struct err err = ERR_INIT;

	err_set(&err, ERR_USAGE, "%.300s: no such %s", word, what);
	if (near)
		err_hint(&err, "perhaps: sealpost %s%s%s", command, apart, near);
	else
		err_hint(&err, "sealpost %s%s--help", command, apart);
	return app_fail(&err);
}
