/* SPDX-License-Identifier: ISC */
/*
 * FILE of sealpost publish and a provider's list: no crash, and no name that could be anything but
 * a host's gets through. The first NUL separates the two.
 */
#include <string.h>

#include "conf/publish_conf.h"
#include "fuzz.h"

static void must_be_name(const char *s)
{
	const char *p;

	must(s[0] != '\0' && s[0] != '.' && s[0] != '-' && strchr(s, '.') &&
		strlen(s) <= ADDR_DOMAIN_MAX);
	for (p = s; *p; p++)
		must((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' ||
			(*p == '.' && p[1] != '.' && p[1] != '\0'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
	size_t first = nul ? (size_t)(nul - data) : size, i, k;
	struct buf file = BUF_INIT(PUBLISH_FILE_MAX), list = BUF_INIT(PUBLISH_LIST_MAX);
	struct publish_conf c;
	struct err err = ERR_INIT;

	if (buf_add(&file, data, first) == 0 &&
		(!nul || buf_add(&list, nul + 1, size - first - 1) == 0) &&
		publish_conf_read("F", &file, &c, &err) == 0) {
		for (i = 0; i < c.n_section; i++) {
			if (c.section[i].provider &&
				publish_list_read("L", &list, &c, &c.section[i], &err) < 0)
				must(strncmp(err.msg, "L:", 2) == 0 ||
					strncmp(err.msg, "F:", 2) == 0);
		}
		for (i = 0; i < c.n_domain; i++)
			must_be_name(c.domain[i].name);
		for (i = 0; i < c.n_section; i++) {
			must_be_name(c.section[i].name);
			for (k = 0; k < c.section[i].mx.n; k++)
				must(strpbrk(c.section[i].mx.v[k], " \r\n\"';{}$/\\") == NULL);
			must(!c.section[i].chain ||
				strpbrk(c.section[i].chain, " ;{}$\"'\\") == NULL);
		}
		publish_conf_free(&c);
	}
	buf_free(&file);
	buf_free(&list);
	return 0;
}
