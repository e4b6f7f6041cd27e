/* SPDX-License-Identifier: ISC */
#include "conf/keyservers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

#define BETWEEN ", \t"
#define SCHEME "vks://"

/* Whether list has the host; its place. -1: not. */
static int place_in_list(const char *list, const char *host, size_t len)
{
	int place = 0;
	size_t n;

	for (; *list != '\0'; list += n + (list[n] != '\0'), place++) {
		n = strcspn(list, " ");
		if (n == len && memcmp(list, host, n) == 0)
			return place;
	}
	return -1;
}

static int parse_keyserver(const char *word, char *host, struct err *err)
{
	struct err why = ERR_INIT;

	if (strncasecmp(word, SCHEME, strlen(SCHEME)) != 0)
		return err_set(err, ERR_CONFIG,
			"keyservers: '%s' is not vks://HOST (a key server that verifies addresses)",
			word);
	if (addr_host(word + strlen(SCHEME), host, &why) < 0)
		return err_set(err, why.code == ERR_OS ? ERR_OS : ERR_CONFIG,
			"keyservers: '%s': %s", word, why.msg);
	return 0;
}

static int add_keyserver(struct buf *out, const char *host, struct err *err)
{
	if (place_in_list(buf_str(out), host, strlen(host)) >= 0)
		return err_set(err, ERR_CONFIG, "keyservers: %s is named twice", host);
	if (buf_addf(out, "%s%s", out->len > 0 ? " " : "", host) < 0)
		return err_too_large(err, ERR_CONFIG,
			"keyservers: the list is longer than %d bytes", CONF_KEYSERVERS_MAX - 1);
	return 0;
}

int keyservers_set(char *list, const char *value, struct err *err)
{
	struct buf out = BUF_INIT(CONF_KEYSERVERS_MAX - 1);
	char word[ADDR_DOMAIN_MAX + 16], host[ADDR_DOMAIN_MAX + 1];
	size_t n;
	int rc = 0;

	if (strcmp(value, KEYSERVERS_NONE) == 0) {
		memcpy(list, KEYSERVERS_NONE, sizeof(KEYSERVERS_NONE));
		return 0;
	}
	for (value += strspn(value, BETWEEN); rc == 0 && *value != '\0';
		value += strspn(value, BETWEEN)) {
		n = strcspn(value, BETWEEN);
		snprintf(word, sizeof(word), "%.*s", (int)n, value);
		rc = n >= sizeof(word)
			     ? err_set(err, ERR_CONFIG, "keyservers: '%s...' is too long", word)
			     : parse_keyserver(word, host, err);
		if (rc == 0)
			rc = add_keyserver(&out, host, err);
		value += n;
	}
	if (rc == 0 && out.len == 0)
		rc = err_set(err, ERR_CONFIG, "keyservers: names no key server");
	if (rc == 0)
		memcpy(list, buf_str(&out), out.len + 1);
	buf_free(&out);
	return rc;
}

int keyservers_show(const char *list, struct buf *out)
{
	size_t n;
	int rc = 0;

	if (*list == '\0' || strcmp(list, KEYSERVERS_NONE) == 0)
		return buf_adds(out, KEYSERVERS_NONE);
	for (; *list != '\0' && rc == 0; list += n + (list[n] != '\0')) {
		n = strcspn(list, " ");
		rc = buf_addf(out, "%s" SCHEME "%.*s", out->len > 0 ? " " : "", (int)n, list);
	}
	return rc;
}

static int gather_servers(struct buf *all, size_t *count, const char *list, struct err *err)
{
	size_t n;
	int rc = 0;

	if (strcmp(list, KEYSERVERS_NONE) == 0)
		return 0;
	for (; *list != '\0' && rc == 0; list += n + (list[n] != '\0')) {
		n = strcspn(list, " ");
		if (place_in_list(buf_str(all), list, n) >= 0)
			continue;
		errno = 0;
		if (++*count > NET_KEYSERVERS ||
			buf_addf(all, "%s%.*s", all->len > 0 ? " " : "", (int)n, list) < 0)
			rc = err_too_large(err, ERR_CONFIG,
				"keyservers: more than %d key servers in all, or too long names",
				NET_KEYSERVERS);
	}
	return rc;
}

int keyservers_gather(struct conf *c, struct err *err)
{
	struct buf all = BUF_INIT(NET_KEYSERVERS_MAX - 1);
	size_t i, count = 0;
	int rc = gather_servers(&all, &count, c->keyservers, err);

	for (i = 0; rc == 0 && i < c->n_policy; i++)
		rc = gather_servers(&all, &count, c->policy[i].keyservers, err);
	if (rc == 0)
		memcpy(c->net.keyservers, buf_str(&all), all.len + 1);
	buf_free(&all);
	return rc;
}

int keyservers_nth(const struct conf *c, const char *list, size_t n, char *host)
{
	size_t len;

	if (strcmp(list, KEYSERVERS_NONE) == 0)
		return -1;
	for (; n > 0 && *list != '\0'; n--) {
		list += strcspn(list, " ");
		list += strspn(list, " ");
	}
	len = strcspn(list, " ");
	if (len == 0 || len > ADDR_DOMAIN_MAX)
		return -1;
	memcpy(host, list, len);
	host[len] = '\0';
	return place_in_list(c->net.keyservers, host, len);
}
