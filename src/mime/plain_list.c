#include "mime/plain_list.h"

#include <string.h>

#define ALNUM "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define ATEXT ALNUM "!#$%&'*+-/=?^_`{|}~"
#define LABEL ALNUM "-"
#define WSP " \t"

/* The length of a name of such characters with single dots between them, at p; 0: there is none. */
static size_t dotted(const char *p, const char *set)
{
	size_t len = 0, n;

	for (;;) {
		n = strspn(p + len, set);
		if (n == 0)
			return 0;
		len += n;
		if (p[len] != '.')
			return len;
		len++;
	}
}

/* The length of the addr at p; 0: there is none. */
static size_t addr_len(const char *p)
{
	size_t local = dotted(p, ATEXT), domain = 0;

	if (local > 0 && p[local] == '@')
		domain = dotted(p + local + 1, LABEL);
	return domain > 0 ? local + 1 + domain : 0;
}

/* Steps over one mailbox, *p, to the comma or end behind it. *addr is its address, len octets. */
static bool mailbox(const char **p, const char **addr, size_t *len)
{
	const char *s = *p + strspn(*p, WSP);
	size_t n;

	*addr = s;
	*len = addr_len(s);
	if (*len > 0) {
		s += *len;
	} else {
		while ((n = strspn(s, ATEXT)) > 0)
			s += n + strspn(s + n, WSP);
		if (*s != '<')
			return false;
		*addr = s + 1;
		*len = addr_len(s + 1);
		s += 1 + *len;
		if (*len == 0 || *s++ != '>')
			return false;
	}
	*p = s + strspn(s, WSP);
	return **p == ',' || **p == '\0';
}

bool plain_list(const char *text, size_t *n)
{
	const char *p = text, *addr;
	size_t len, count = 0;

	if (strstr(text, "=?") || strcasestr(text, "xn--"))
		return false;
	for (;;) {
		if (!mailbox(&p, &addr, &len))
			return false;
		count++;
		if (*p == '\0')
			break;
		p++;
	}
	*n = count;
	return true;
}

char *plain_list_next(char **p)
{
	const char *s = *p, *addr;
	char *start;
	size_t len;

	if (*s == '\0' || !mailbox(&s, &addr, &len))
		return NULL;
	start = *p + (addr - *p);
	*p += s - *p;
	if (**p == ',')
		++*p;
	start[len] = '\0';
	return start;
}
