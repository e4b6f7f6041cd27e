/* SPDX-License-Identifier: ISC */
#include "base/text_file.h"

#include <stdint.h>

static ssize_t append_text(void *cookie, const char *p, size_t len)
{
	struct text_file *t = cookie;

	if (!t->failed && buf_add(&t->text, p, len) == 0)
		return (ssize_t)len;
	t->failed = true;
	return 0;
}

FILE *text_file_open(struct text_file *t)
{
	*t = (struct text_file){.text = BUF_INIT(SIZE_MAX / 4)};
	return fopencookie(t, "w", (cookie_io_functions_t){.write = append_text});
}

char *text_file_close(struct text_file *t, FILE *f, size_t *len)
{
	if (fclose(f) != 0 || t->failed || buf_addc(&t->text, '\0') < 0) {
		buf_free(&t->text);
		return NULL;
	}
	if (len)
		*len = t->text.len - 1;
	return (char *)t->text.p;
}
