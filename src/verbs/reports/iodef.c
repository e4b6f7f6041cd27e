/* SPDX-License-Identifier: ISC */
/* The texts of an IODEF document (RFC 7970), for people. This is not an XML parser: tags are just
 * removed.
 */
#include <string.h>

#include "base/buf.h"
#include "verbs/reports/collect.h"

#define NAME_SHOWN 64

/* The name of the element whose start tag begins at s, without its prefix; "" for any other tag. */
static void element_name(const char *s, char *name)
{
	size_t n = strcspn(s, " \t\r\n/>");
	const char *colon = memchr(s, ':', n);

	if (colon) {
		n -= (size_t)(colon + 1 - s);
		s = colon + 1;
	}
	name[0] = '\0';
	if (n == 0 || n >= NAME_SHOWN || strchr("?!/", *s))
		return;
	memcpy(name, s, n);
	name[n] = '\0';
}

/* Text up to the next tag, its blanks put together, its references of one character resolved. */
static int add_run(struct buf *out, const char *s, size_t len)
{
	static const struct {
		const char *name;
		char c;
	} refs[] = {
		{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
	bool blank = false;
	size_t i, k, n;
	int rc = 0;

	for (i = 0; i < len && rc == 0; i += n) {
		char c = s[i];

		n = 1;
		for (k = 0; c == '&' && k < sizeof(refs) / sizeof(refs[0]); k++) {
			if (strncmp(s + i, refs[k].name, strlen(refs[k].name)) == 0) {
				c = refs[k].c;
				n = strlen(refs[k].name);
			}
		}
		if (n == 1 && strchr(" \t\r\n", c)) {
			blank = true;
			continue;
		}
		if (blank)
			rc = buf_addc(out, ' ');
		blank = false;
		if (rc == 0)
			rc = buf_addc(out, c);
	}
	return rc;
}

int iodef_texts(struct buf *out, const char *xml)
{
	char name[NAME_SHOWN] = "";
	size_t len;
	int rc = 0;

	while (rc == 0 && *xml) {
		len = strspn(xml, " \t\r\n");
		xml += len;
		len = strcspn(xml, "<");
		if (len > 0) {
			if (name[0] != '\0')
				rc = buf_addf(out, "%s: ", name);
			if (rc == 0)
				rc = add_run(out, xml, len);
			if (rc == 0)
				rc = buf_addc(out, '\n');
		}
		xml += len;
		if (*xml == '<') {
			if (xml[1] != '/')
				element_name(xml + 1, name);
			len = strcspn(xml, ">");
			xml += len + (xml[len] == '>');
		}
	}
	return rc;
}
