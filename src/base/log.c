/* SPDX-License-Identifier: ISC */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"

#define LOG_LINE_MAX 4096

static enum log_level level = LOG_WARN;

void log_set_level(enum log_level l)
{
	level = l;
}

enum log_level log_level(void)
{
	return level;
}

static void write_log_line(const char *fmt, va_list ap)
{
	struct buf out = BUF_INIT(8 * LOG_LINE_MAX);
	char text[LOG_LINE_MAX];

	vsnprintf(text, sizeof(text), fmt, ap);
	/* One write, so that lines of several processes do not mix. */
	if (buf_adds(&out, "sealpost: ") == 0 && text_shown(&out, text, strlen(text)) == 0 &&
		buf_addc(&out, '\n') == 0)
		(void)fd_write_all(STDERR_FILENO, out.p, out.len);
	buf_free(&out);
}

void log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_log_line(fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_WARN)
		return;
	va_start(ap, fmt);
	write_log_line(fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_INFO)
		return;
	va_start(ap, fmt);
	write_log_line(fmt, ap);
	va_end(ap);
}

void log_debug(const char *fmt, ...)
{
	va_list ap;

	if (level < LOG_DEBUG)
		return;
	va_start(ap, fmt);
	write_log_line(fmt, ap);
	va_end(ap);
}
