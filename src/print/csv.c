/* SPDX-License-Identifier: ISC */
#include "print/csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

#define CELL_MAX (1u << 20)

static void begin_cell(struct csv *c)
{
	if (c->cells++ > 0)
		(void)putc(',', c->f);
}

void csv_text(struct csv *c, const char *s)
{
	struct buf safe = BUF_INIT(CELL_MAX);
	const char *p;

	begin_cell(c);
	if (s && strchr("=+-@", *s) && *s)
		(void)buf_addc(&safe, '\'');
	if (s)
		(void)text_safe(&safe, s, strlen(s));
	if (!strpbrk(buf_str(&safe), ",\"")) {
		(void)fputs(buf_str(&safe), c->f);
	} else {
		(void)putc('"', c->f);
		for (p = buf_str(&safe); *p; p++) {
			if (*p == '"')
				(void)putc('"', c->f);
			(void)putc(*p, c->f);
		}
		(void)putc('"', c->f);
	}
	buf_free(&safe);
}

void csv_int(struct csv *c, int64_t v)
{
	begin_cell(c);
	(void)fprintf(c->f, "%" PRId64, v);
}

void csv_end(struct csv *c)
{
	c->cells = 0;
	(void)fputs("\r\n", c->f);
}
