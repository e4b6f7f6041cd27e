/* SPDX-License-Identifier: ISC */
/* An SMTP server's replies: a whole one is within the limits and of three digits, what it offers is
 * within it, and a piece of it is never more than it. */
#include <string.h>

#include "fuzz.h"
#include "net/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf in = BUF_INIT(2 * SMTP_REPLY_MAX);
	int code = -1, rc, cut;
	size_t at = 0;

	while (at < size && at < SMTP_REPLY_MAX) {
		buf_reset(&in);
		if (buf_add(&in, data + at, size - at) < 0)
			break;
		rc = smtp_reply(&in, &code);
		if (rc <= 0)
			break;
		must((size_t)rc <= in.len && rc <= SMTP_REPLY_MAX && code >= 200 && code <= 599);
		must(in.p[rc - 1] == '\n');
		(void)smtp_offers((const char *)in.p, (size_t)rc, "STARTTLS");
		must(!smtp_offers((const char *)in.p, 0, "STARTTLS"));
		in.len = (size_t)rc - 1;
		cut = smtp_reply(&in, &code);
		must(cut == 0 || cut == -1);
		at += (size_t)rc;
	}
	buf_free(&in);
	return 0;
}
