/* SPDX-License-Identifier: ISC */
/* What a message's header becomes, inside and outside. */
#ifndef SEALPOST_TEST_MIME_HEADERS_H
#define SEALPOST_TEST_MIME_HEADERS_H

#include "mime_util.h"

#include "pgp/seal/outgoing.h"

struct headers {
	char *in, *out;
};

static inline int headers_as(const char *text, enum hcp hcp, enum hp_mark mark, struct headers *x)
{
	struct buf in = BUF_INIT(OUTGOING_MAX), out = BUF_INIT(OUTGOING_MAX);
	struct outgoing h = {.hcp = hcp, .mark = mark};
	struct source s;
	struct message m;
	int rc, fd = file_of(text, strlen(text));

	assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	rc = outgoing_make(&h, &m, NULL);
	if (rc == 0) {
		assert_int_equal(outgoing_inside(&h, NULL, "text/plain", NULL, &in, NULL), 0);
		assert_int_equal(outgoing_outside(&h, &out, NULL), 0);
		*x = (struct headers){(char *)in.p, (char *)out.p};
	}
	outgoing_free(&h);
	message_free(&m);
	source_close(&s);
	close(fd);
	return rc;
}

#endif
