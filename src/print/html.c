/* SPDX-License-Identifier: ISC */
#include "print/html.h"

#include <string.h>

#include "base/text.h"

#define HTML_TEXT_MAX (1u << 20)

/* A word of a level stands in each coloured cell: colour is never the only sign. */
static const char style[] =
	":root{color-scheme:light dark;--fg:#1a1a1a;--bg:#fff;--line:#c4c4c4;--dim:#555;"
	"--bad:#b00020;--warn:#7a4d00;--ok:#0b6b2e;--unknown:#6a1b9a}\n"
	"@media(prefers-color-scheme:dark){:root{--fg:#e8e8e8;--bg:#121212;--line:#4a4a4a;"
	"--dim:#b0b0b0;--bad:#ff8a80;--warn:#ffcc66;--ok:#81d99b;--unknown:#d7a6f5}}\n"
	"*{box-sizing:border-box}\n"
	"body{margin:0 auto;padding:1rem;max-width:72rem;color:var(--fg);background:var(--bg);"
	"font:1rem/1.45 system-ui,sans-serif}\n"
	"h1,h2,h3,p,pre,figcaption{overflow-wrap:anywhere}\n"
	".scroll{overflow-x:auto}figure{margin:.6rem 0}\n"
	"h1{font-size:1.5rem}h2{font-size:1.2rem;margin:2rem 0 .3rem}h3{font-size:1rem;"
	"margin:1.2rem 0 .3rem}\n"
	"table{border-collapse:collapse;width:100%;margin:.6rem 0}\n"
	"caption{text-align:left;color:var(--dim);padding:.2rem 0}\n"
	"th,td{text-align:left;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid "
	"var(--line)}\n"
	"td{overflow-wrap:break-word;max-width:28rem}\n"
	"td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\n"
	".bad,.none,.failed{color:var(--bad)}.warn{color:var(--warn)}.ok,.good{color:var(--ok)}"
	".unknown{color:var(--unknown)}.dim{color:var(--dim)}\n"
	".bad,.warn,.unknown{font-weight:600}\n"
	"svg{display:block;width:100%;height:10rem;border-bottom:1px solid var(--line)}\n"
	"svg .good{fill:var(--ok)}svg .failed{fill:var(--bad)}\n"
	"pre{white-space:pre-wrap;border-left:3px solid var(--line);padding-left:.7rem}\n"
	"@media(max-width:40rem){body{padding:.6rem}th,td{padding:.2rem .3rem;font-size:.85rem}"
	"td:last-child{min-width:10rem}}\n"
	"@media print{body{max-width:none;font-size:10pt}section{break-inside:avoid-page}"
	".scroll{overflow:visible}td{overflow-wrap:anywhere}"
	"thead{display:table-header-group}tr{break-inside:avoid}}\n";

void html_begin(FILE *f, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
		f);
	html_text(f, title);
	fprintf(f, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", style);
	html_element(f, "h1", title);
}

void html_end(FILE *f)
{
	fputs("</main>\n</body>\n</html>\n", f);
}

void html_text(FILE *f, const char *s)
{
	struct buf safe = BUF_INIT(HTML_TEXT_MAX);
	const char *p;

	if (text_safe(&safe, s, strlen(s)) == 0) {
		for (p = buf_str(&safe); *p; p++) {
			switch (*p) {
			case '&':
				(void)fputs("&amp;", f);
				break;
			case '<':
				(void)fputs("&lt;", f);
				break;
			case '>':
				(void)fputs("&gt;", f);
				break;
			case '"':
				(void)fputs("&quot;", f);
				break;
			case '\'':
				(void)fputs("&#39;", f);
				break;
			default:
				(void)putc(*p, f);
			}
		}
	}
	buf_free(&safe);
}

void html_element(FILE *f, const char *tag, const char *text)
{
	fprintf(f, "<%s>", tag);
	html_text(f, text);
	fprintf(f, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void html_table(FILE *f, const char *caption, const char *const *head, size_t n)
{
	size_t i;

	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"", f);
	html_text(f, caption);
	fputs("\"><table>\n", f);
	html_element(f, "caption", caption);
	fputs("<thead><tr>", f);
	for (i = 0; i < n; i++)
		html_element(f, "th scope=\"col\"", head[i]);
	fputs("</tr></thead>\n<tbody>\n", f);
}

void html_table_end(FILE *f)
{
	fputs("</tbody>\n</table></div>\n", f);
}
