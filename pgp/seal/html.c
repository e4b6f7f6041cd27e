#include "pgp/seal/html.h"

#include <stdbool.h>
#include <string.h>

#include "base/base64.h"
#include "mime/mime.h"

#define TAG_MAX 10

void decoder_begin(struct decoder *d, const uint8_t *p, size_t n, enum part_cte cte)
{
	*d = (struct decoder){.p = p, .n = n, .cte = cte};
}

static int hex(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

static int next_qp(struct decoder *d)
{
	size_t i;

	while (d->at < d->n && d->p[d->at] == '=') {
		if (d->at + 2 < d->n && hex(d->p[d->at + 1]) >= 0 && hex(d->p[d->at + 2]) >= 0) {
			d->at += 3;
			return hex(d->p[d->at - 2]) << 4 | hex(d->p[d->at - 1]);
		}
		for (i = d->at + 1; i < d->n && (mime_blank(d->p[i]) || d->p[i] == '\r'); i++)
			;
		if (i == d->n || d->p[i] != '\n')
			return -1;
		d->at = i + 1;
	}
	return d->at < d->n ? d->p[d->at++] : -1;
}

static int next_base64(struct decoder *d)
{
	uint32_t bits = 0;
	unsigned n = 0;
	int v;

	if (d->given < d->filled)
		return d->quantum[d->given++];
	for (; n < 4 && d->at < d->n; d->at++) {
		v = base64_value(d->p[d->at]);
		if (v < 0 && d->p[d->at] == '=')
			return -1; /* the end: nothing can be put in there */
		if (v < 0)
			continue;
		if (n == 0)
			d->quantum_at = d->at;
		bits = bits << 6 | (uint32_t)v;
		n++;
	}
	if (n < 4)
		return -1;
	d->quantum[0] = (uint8_t)(bits >> 16);
	d->quantum[1] = (uint8_t)(bits >> 8);
	d->quantum[2] = (uint8_t)bits;
	d->filled = 3;
	d->given = 1;
	return d->quantum[0];
}

int decoder_next(struct decoder *d)
{
	if (d->cte == CTE_BASE64)
		return next_base64(d);
	if (d->cte == CTE_QP)
		return next_qp(d);
	return d->at < d->n ? d->p[d->at++] : -1;
}

/* Behind '<': its name, lower case; steps to behind its '>'. -1: it does not end. */
static int take_tag(struct decoder *d, char *name)
{
	size_t n = 0;
	bool in_name = true;
	int c, quote = 0;

	memset(name, 0, TAG_MAX + 1);
	while ((c = decoder_next(d)) >= 0) {
		if (quote) {
			quote = c == quote ? 0 : quote;
			continue;
		}
		if (c == '>')
			return 0;
		if (c == '"' || c == '\'')
			quote = c;
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			in_name = false;
		if (in_name && n < TAG_MAX)
			name[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : (char)c;
		if (n == 3 && in_name && strcmp(name, "!--") == 0)
			return 1;
	}
	return -1;
}

/* Behind "<!--": to behind "-->". */
static int skip_comment(struct decoder *d)
{
	int c, dashes = 0;

	while ((c = decoder_next(d)) >= 0) {
		if (c == '>' && dashes >= 2)
			return 0;
		dashes = c == '-' ? dashes + 1 : 0;
	}
	return -1;
}

void html_begin(struct decoder *d)
{
	struct decoder best = *d;
	char name[TAG_MAX + 1];
	int c, rc = 0;

	while (rc >= 0 && (c = decoder_next(d)) >= 0) {
		if (c != '<')
			continue;
		rc = take_tag(d, name);
		if (rc == 1)
			rc = skip_comment(d);
		else if (rc == 0 &&
			 (strcmp(name, "html") == 0 || strcmp(name, "/head") == 0 ||
				 strcmp(name, "!doctype") == 0 || strcmp(name, "body") == 0))
			best = *d;
		if (rc == 0 && strcmp(name, "body") == 0)
			break;
	}
	*d = best;
}
