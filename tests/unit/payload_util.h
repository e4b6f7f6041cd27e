/* SPDX-License-Identifier: ISC */
/* Payloads as text: what the tests of odd mail share. */
#ifndef SEALPOST_TEST_PAYLOAD_UTIL_H
#define SEALPOST_TEST_PAYLOAD_UTIL_H

#include "mime_headers.h"

#include "pgp/seal/payload.h"

#define FROM "From: a@x.example\nDate: d\nMessage-ID: <m@x.example>\n"

/* The payload of a message, NUL-ended, malloc'ed; NULL and *rc when there is none. */
static inline char *payload_of(const char *in, size_t len, bool file, size_t step, int *rc)
{
	struct buf got = BUF_INIT(16 << 20);
	struct outgoing h = {NULL, 0};
	struct source s;
	struct message m;
	struct payload p;
	uint8_t chunk[5000];
	ssize_t n;
	int fd = (file ? file_of : pipe_of)(in, len);

	assert_int_equal(source_open(&s, fd, &from_pipe, NULL), 0);
	assert_int_equal(message_parse(&m, &s, NULL), 0);
	*rc = outgoing_make(&h, &m, NULL);
	if (*rc == 0)
		*rc = payload_open(&p, &m, &h, NULL);
	if (*rc == 0) {
		while ((n = payload_read(&p, chunk, step, NULL)) > 0)
			assert_int_equal(buf_add(&got, chunk, (size_t)n), 0);
		assert_int_equal(n, 0);
		payload_close(&p);
		assert_int_equal(buf_addc(&got, '\0'), 0);
	}
	outgoing_free(&h);
	message_free(&m);
	source_close(&s);
	close(fd);
	return (char *)got.p;
}

/* The octets between the fields FROM and HP-Outer, and behind the blank line; MARK as RFC 9788
 * writes it. */
static inline void check_payload(const char *got, const char *head, const char *body)
{
	struct buf want = BUF_INIT(65536);
	const char *mark = strstr(head, "MARK");
	char *crlf;

	buf_add(&want, FROM, strlen(FROM));
	buf_add(&want, head, (size_t)(mark - head));
	buf_adds(&want, "hp=\"cipher\"; protected-headers=\"v1\"");
	buf_adds(&want, mark + 4);
	buf_adds(&want, "HP-Outer: From: a@x.example\nHP-Outer: Date: d\nHP-Outer: Message-ID: "
			"<m@x.example>\n\n");
	buf_adds(&want, body);
	crlf = crlf_of(buf_str(&want));
	assert_string_equal(got, crlf);
	free(crlf);
	buf_free(&want);
}

#endif
