/* SPDX-License-Identifier: ISC */
/* Pages of HTML that stand alone: no script, nothing is loaded, light and dark, for paper too. */
#ifndef SEALPOST_PRINT_HTML_H
#define SEALPOST_PRINT_HTML_H

#include <stddef.h>
#include <stdio.h>

/* The page up to its first heading, which is the title (foreign text). */
void html_begin(FILE *f, const char *title);
void html_end(FILE *f);

/* Foreign text, made safe as for a terminal, and escaped: for content and for quoted attributes. */
void html_text(FILE *f, const char *s);
/* "<TAG>text</TAG>"; tag may have attributes: "td class=\"n\"". */
void html_element(FILE *f, const char *tag, const char *text);

/* "<thead>" of a table whose columns have these heads, and "<tbody>"; html_table_end ends both. */
void html_table(FILE *f, const char *caption, const char *const *head, size_t n);
void html_table_end(FILE *f);

#endif
