/* SPDX-License-Identifier: ISC */
#include "conf/sender_dir.h"

#include <stdio.h>
#include <string.h>

#define NULL_SENDER "<>"

static bool stays_in_name(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-_+=@", c)) ||
	       (c == '.' && !first);
}

int sender_folder(const char *name, char out[NAME_MAX + 1])
{
	static const char digit[] = "0123456789ABCDEF";
	const char *p = name[0] != '\0' ? name : NULL_SENDER;
	char made[NAME_MAX + 1];
	size_t n = 0;

	for (; *p; p++) {
		bool stays = stays_in_name(*p, n == 0);

		if (n + (stays ? 1 : 3) > NAME_MAX)
			return -1;
		if (!stays) {
			made[n++] = '%';
			made[n++] = digit[(unsigned char)*p >> 4];
		}
		made[n++] = stays ? *p : digit[(unsigned char)*p & 15];
	}
	made[n] = '\0';
	memcpy(out, made, n + 1);
	return 0;
}

int conf_sender(const struct conf *c, const char *text, struct addr *out, struct err *err)
{
	char full[ADDR_TEXT_MAX + ADDR_DOMAIN_MAX + 2];
	struct addr a;
	int rc;

	memset(&a, 0, sizeof(a));
	rc = text[0] == '\0' || strcmp(text, NULL_SENDER) == 0 ? 0 : addr_parse(text, &a, err);
	if (rc == 0 && a.text[0] != '\0' && a.domain[0] == '\0' && c->qualify_domain[0] != '\0') {
		snprintf(full, sizeof(full), "%s@%s", a.text, c->qualify_domain);
		rc = addr_parse(full, &a, err);
	}
	if (rc == 0)
		*out = a;
	return rc;
}

int conf_use_sender(struct conf *c, const char *sender, struct err *err)
{
	char folder[NAME_MAX + 1], path[FILE_PATH_MAX];
	char *at = c->per_sender ? strstr(c->data_dir, "%s") : NULL;
	struct addr a;
	int rc;

	if (!at)
		return 0;
	if (!sender) {
		err_set(err, ERR_USAGE,
			"data-dir has a folder for each sender (%%s), and no sender is named");
		err_hint(err, "name the sender before the verb: sealpost -f ADDRESS VERB");
		return ERR_USAGE;
	}
	rc = conf_sender(c, sender, &a, err);
	if (rc < 0)
		return rc;
	if (sender_folder(a.name, folder) < 0 ||
		snprintf(path, sizeof(path), "%.*s%s%s", (int)(at - c->data_dir), c->data_dir,
			folder, at + strlen("%s")) >= (int)sizeof(path))
		return err_set(err, ERR_POLICY,
			"sender %.330s: is too long for the name of a folder", a.text);
	memcpy(c->data_dir, path, sizeof(path));
	return 0;
}
