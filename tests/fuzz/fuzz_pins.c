/* SPDX-License-Identifier: ISC */
/* A file of pins: each block that is handed on is complete, in order and within its limits; an
 * error names a line. */
#include <string.h>

#include "fuzz.h"
#include "verbs/pins/file.h"

static int check_block(const struct pins_block *b, void *arg)
{
	unsigned *line = arg;

	must(b->address[0] != '\0' && strlen(b->address) <= ADDR_TEXT_MAX);
	must(b->line > *line);
	must(b->cert.len <= PINS_FILE_CERT_MAX);
	must(!(b->held && b->learnt) && (!(b->held || b->learnt) || b->state == PIN_NONE));
	must(b->held || b->learnt || b->state != PIN_NONE);
	must((b->state == PIN_CLEAR) == (b->fpr[0] == '\0'));
	must(b->state != PIN_CLEAR || b->cert.len == 0);
	must(strpbrk(b->address, "\r\n\t") == NULL);
	*line = b->line;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned line = 0;
	struct pins_reader r = {.block = check_block, .arg = &line};
	struct err err = ERR_INIT;

	(void)pins_file_looks(data, size);
	if (pins_file_read(&r, data, size, &err) < 0)
		must(err.code == ERR_DATA && err.msg[0] != '\0');
	return 0;
}
