/* SPDX-License-Identifier: ISC */
#include "mx/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/check.h"

#define ESCAPED 4 /* octets that one may become */

void mx_text(char **s, const void *p, size_t len)
{
	struct buf b = BUF_INIT(ESCAPED * CHECK_TEXT_MAX + 16);

	free(*s);
	(void)text_safe(&b, p, len < CHECK_TEXT_MAX ? len : CHECK_TEXT_MAX);
	*s = strndup(buf_str(&b), CHECK_TEXT_MAX);
	buf_free(&b);
}

void mx_say(char **s, const char *fmt, ...)
{
	char text[CHECK_TEXT_MAX + 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	mx_text(s, text, strlen(text));
}
