/* SPDX-License-Identifier: ISC */
/* Signed mail from anywhere: the two parts are the ones that a plain reading of the whole text
 * finds, byte by byte, or there are none. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "fuzz.h"
#include "mime/ctype.h"
#include "mime/signed_mail.h"

#define TEXT_MAX (1u << 20)

/* A line of the text, without its end. */
struct plain_line {
	const uint8_t *p;
	size_t len;
};

/* The line at *at, which is stepped over. */
static struct plain_line plain_next(const uint8_t *text, size_t n, size_t *at)
{
	struct plain_line l = {text + *at, n - *at};
	const uint8_t *lf = memchr(l.p, '\n', l.len);

	*at = n;
	if (lf) {
		l.len = (size_t)(lf - l.p);
		*at -= (size_t)(text + n - lf) - 1;
		l.len -= l.len > 0 && l.p[l.len - 1] == '\r';
	}
	return l;
}

/* RFC 2046 section 5.1.1: 1 for a delimiter, 2 for the last one, else 0. */
static int plain_kind(struct plain_line l, const char *boundary)
{
	char want[2 + CTYPE_BOUNDARY_MAX + 2];
	size_t n = strlen(boundary) + 2;

	memcpy(want, "--", 2);
	memcpy(want + 2, boundary, n - 2);
	memcpy(want + n, "--", 2);
	while (l.len > 0 && strchr(" \t", l.p[l.len - 1]) && l.p[l.len - 1] != '\0')
		l.len--;
	if (l.len == n && memcmp(l.p, want, n) == 0)
		return 1;
	return l.len == n + 2 && memcmp(l.p, want, n + 2) == 0 ? 2 : 0;
}

/* Whether it has two parts and no more; the buffers get them. */
static bool plain_parts(
	const uint8_t *text, size_t n, const char *boundary, struct buf *data, struct buf *sig)
{
	static const int want[] = {1, 1, 2};
	size_t at = 0, part = 0, lines = 0;
	bool in_body = false;

	while (at < n && part < 3) {
		struct plain_line l = plain_next(text, n, &at);
		int kind = plain_kind(l, boundary);

		if (kind > 0 && kind != want[part])
			return false;
		if (kind > 0) {
			part++;
			continue;
		}
		if (part == 1) {
			must(lines++ == 0 || buf_adds(data, "\r\n") == 0);
			must(buf_add(data, l.p, l.len) == 0);
		}
		in_body |= part == 2 && l.len == 0;
		if (in_body)
			must(buf_add(sig, l.p, l.len) == 0 && buf_addc(sig, '\n') == 0);
	}
	return part == 3;
}

static void compare_parts(const struct message *m, const uint8_t *text, size_t n)
{
	struct buf data = BUF_INIT(TEXT_MAX), sig = BUF_INIT(TEXT_MAX);
	struct buf data_again = BUF_INIT(TEXT_MAX), sig_again = BUF_INIT(TEXT_MAX);
	const char *field = message_field(m, "Content-Type");
	size_t body = (size_t)(m->src->start + m->body);
	struct ctype ct;
	int rc = signed_mail(m, &data, &sig, NULL);

	must(rc == 0 || rc == 1 || rc == ERR_DATA);
	if (rc != 0) {
		must(field && ctype_parse(field, &ct) == 0 && body <= n);
		must(plain_parts(text + body, n - body, ct.boundary, &data_again, &sig_again) ==
			(rc == 1));
	}
	if (rc == 1) {
		must(data.len == data_again.len && sig.len == sig_again.len);
		must(memcmp(buf_str(&data), buf_str(&data_again), data.len) == 0);
		must(memcmp(buf_str(&sig), buf_str(&sig_again), sig.len) == 0);
	}
	buf_free(&data);
	buf_free(&sig);
	buf_free(&data_again);
	buf_free(&sig_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct source_opts opts = {.max = TEXT_MAX};
	int fd = fd_memory("fuzz", data, size);
	struct source s;
	struct message m;

	must(fd >= 0);
	must(source_open(&s, fd, &opts, NULL) == 0);
	if (message_parse(&m, &s, NULL) == 0) {
		compare_parts(&m, data, size);
		message_free(&m);
	}
	source_close(&s);
	close(fd);
	return 0;
}
