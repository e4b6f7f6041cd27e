/* SPDX-License-Identifier: ISC */
#include "mime/autocrypt_field.h"

#include <string.h>
#include <strings.h>

#include "base/base64.h"

#define BLANKS " \t\r\n"
#define ATTRIBUTES_MAX 32
#define NAME_MAX_LEN 64

enum attribute { ATTR_ADDR, ATTR_PREFER, ATTR_KEYDATA, ATTR_IGNORED, ATTR_CRITICAL };

/* One attribute, without blanks around its name and value; borrowed. */
struct attr {
	const char *name, *value;
	size_t name_len, value_len;
};

static void trim_blanks(const char **p, size_t *len)
{
	while (*len > 0 && strchr(BLANKS, **p)) {
		(*p)++;
		(*len)--;
	}
	while (*len > 0 && strchr(BLANKS, (*p)[*len - 1]))
		(*len)--;
}

/* The attribute at *p, which is stepped over. -1: it is none. */
static int next_attr(const char **p, struct attr *a)
{
	size_t len = strcspn(*p, ";");
	const char *eq = memchr(*p, '=', len);

	if (!eq)
		return -1;
	a->name = *p;
	a->name_len = (size_t)(eq - *p);
	a->value = eq + 1;
	a->value_len = len - a->name_len - 1;
	trim_blanks(&a->name, &a->name_len);
	trim_blanks(&a->value, &a->value_len);
	*p += len;
	*p += **p == ';';
	return a->name_len > 0 && a->name_len <= NAME_MAX_LEN ? 0 : -1;
}

static enum attribute attr_kind(const struct attr *a)
{
	static const char *const known[] = {"addr", "prefer-encrypt", "keydata"};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (a->name_len == strlen(known[i]) && memcmp(a->name, known[i], a->name_len) == 0)
			return (enum attribute)i;
	}
	return a->name[0] == '_' ? ATTR_IGNORED : ATTR_CRITICAL;
}

static const char *read_addr(const struct attr *a, struct addr *out)
{
	char text[ADDR_TEXT_MAX + 1];

	if (a->value_len >= sizeof(text))
		return "its address is too long";
	memcpy(text, a->value, a->value_len);
	text[a->value_len] = '\0';
	return addr_parse(text, out, NULL) < 0 || out->domain[0] == '\0'
		       ? "its address is not a mail address"
		       : NULL;
}

/* key has room for all of the field. */
static const char *read_keydata(const struct attr *a, struct buf *key)
{
	struct base64_reader r = {0};

	key->len = base64_read(&r, (const uint8_t *)a->value, a->value_len, key->p);
	key->p[key->len] = '\0';
	if (!base64_whole(&r))
		return "its key is not base64";
	return key->len == 0 ? "it has no key" : NULL;
}

static const char *take_attr(const struct attr *a, enum attribute kind, struct autocrypt_field *out)
{
	switch (kind) {
	case ATTR_ADDR:
		return read_addr(a, &out->addr);
	case ATTR_PREFER:
		out->mutual = a->value_len == 6 && memcmp(a->value, "mutual", 6) == 0;
		return NULL;
	case ATTR_KEYDATA:
		return read_keydata(a, &out->key);
	case ATTR_IGNORED:
		return NULL;
	case ATTR_CRITICAL:
		break;
	}
	return "it has an attribute that is not known";
}

/* 0-terminated attributes up to keydata, which is the last. */
static const char *read_attrs(const char *value, struct autocrypt_field *out)
{
	unsigned seen = 0;
	struct attr a;
	const char *p = value, *why;
	size_t n;

	for (n = 0; p[strspn(p, BLANKS)] != '\0'; n++) {
		enum attribute kind;

		if (n == ATTRIBUTES_MAX)
			return "it has too many attributes";
		if (seen & 1u << ATTR_KEYDATA)
			return "something follows its key";
		if (next_attr(&p, &a) < 0)
			return "it is not a list of attributes";
		kind = attr_kind(&a);
		if (kind <= ATTR_KEYDATA && seen & 1u << kind)
			return "it has an attribute twice";
		seen |= 1u << kind;
		why = take_attr(&a, kind, out);
		if (why)
			return why;
	}
	if (!(seen & 1u << ATTR_ADDR))
		return "it has no address";
	return seen & 1u << ATTR_KEYDATA ? NULL : "it has no key";
}

int autocrypt_read(const char *name, const char *value, struct autocrypt_field *out,
	const char **why, struct err *err)
{
	memset(out, 0, sizeof(*out));
	out->key.max = AUTOCRYPT_HEADER_MAX;
	*why = "it is longer than 10 KiB";
	if (strlen(name) + 1 + strlen(value) > AUTOCRYPT_HEADER_MAX)
		return 0;
	if (buf_reserve(&out->key, strlen(value)) < 0)
		return err_set(err, ERR_OS, "out of memory");
	*why = read_attrs(value, out);
	if (*why)
		autocrypt_field_free(out);
	return !*why;
}

void autocrypt_field_free(struct autocrypt_field *f)
{
	buf_free(&f->key);
	memset(&f->addr, 0, sizeof(f->addr));
	f->mutual = false;
}
