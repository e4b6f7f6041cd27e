/* SPDX-License-Identifier: ISC */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void write_msg(
	struct err *err, enum err_code code, const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->code = code;
	err->hint[0] = '\0';
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_msg(err, code, fmt, ap);
	va_end(ap);
	return code;
}

int err_too_large(struct err *err, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (errno == ENOMEM)
		return err_set(err, ERR_OS, "out of memory");
	va_start(ap, fmt);
	write_msg(err, code, fmt, ap);
	va_end(ap);
	return code;
}

void err_hint(struct err *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
}

bool errno_is_of_path(int e)
{
	static const int of_path[] = {EACCES, EEXIST, EINVAL, EISDIR, ELIBBAD, ELOOP, ENAMETOOLONG,
		ENODEV, ENOENT, ENOEXEC, ENOTDIR, ENOTSUP, ENXIO, EPERM, EROFS, ETXTBSY};
	size_t i, n = sizeof(of_path) / sizeof(of_path[0]);

	for (i = 0; i < n && of_path[i] != e; i++)
		;
	return i < n;
}

enum err_code err_of_errno(int e, enum err_code lasting)
{
	if (errno_is_of_path(e))
		return lasting;
	return e == EAGAIN || e == EINTR || e == EMFILE || e == ENFILE || e == ENOMEM ? ERR_OS
										      : ERR_IO;
}

void err_hint_space(struct err *err, int e)
{
	if (e == ENOSPC || e == EDQUOT)
		err_hint(err, "make room on that disk; how full each is: df -h");
}

int err_path(struct err *err, enum err_code lasting, const char *path)
{
	const int e = errno;

	err_set(err, err_of_errno(e, lasting), "%s: %s", path, strerror(e));
	err_hint_space(err, e);
	return err_of_errno(e, lasting);
}

int err_left_out(int rc, struct err *err)
{
	return rc < 0 && errno == ENOMEM ? err_set(err, ERR_OS, "out of memory") : 0;
}

int err_exit(enum err_code code)
{
	return -(int)code;
}
