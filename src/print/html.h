/* SPDX-License-Identifier: ISC */
/* Self-contained HTML pages: no script, nothing loaded, light and dark, printable. */
#ifndef SEALPOST_PRINT_HTML_H
#define SEALPOST_PRINT_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Writes the page up to its first heading, which is the title (foreign text). */
void html_begin(FILE *f, const char *title);
void html_end(FILE *f);

/* Writes foreign text, made safe as for a terminal and escaped, for content and quoted attributes.
 */
void html_text(FILE *f, const char *s);
/* "<TAG>text</TAG>"; tag may have attributes: "td class=\"n\"". */
void html_element(FILE *f, const char *tag, const char *text);

/* Writes "<thead>" with these column headings, and starts "<tbody>"; html_table_end ends the table.
 */
void html_table(FILE *f, const char *caption, const char *const *head, size_t n);
void html_table_end(FILE *f);

#endif
