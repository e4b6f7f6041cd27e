/* SPDX-License-Identifier: ISC */
/* A configuration file: an error names the file and a line, and is the configuration's; sections
 * have names, and there are not too many. */
#include <string.h>

#include "conf/conf_ini.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT(CONF_FILE_MAX);
	struct conf c = {0};
	struct err err = ERR_INIT;
	size_t i;

	if (buf_add(&text, data, size) == 0) {
		if (conf_ini_read("F", 0, &text, &c, &err) < 0) {
			must(err.code == ERR_CONFIG && strncmp(err.msg, "F:", 2) == 0);
			must(err.msg[2] >= '0' && err.msg[2] <= '9');
		} else {
			for (i = 0; i < c.n_policy; i++)
				must(c.policy[i].name[0] != '\0');
			for (i = 0; i < c.n_identity; i++)
				must(c.identity[i].name[0] != '\0');
			must(c.n_policy <= CONF_SECTIONS_MAX && c.n_identity <= CONF_SECTIONS_MAX);
		}
		conf_free(&c);
	}
	buf_free(&text);
	return 0;
}
