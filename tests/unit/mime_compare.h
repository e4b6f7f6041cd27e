/* SPDX-License-Identifier: ISC */
/* Compares MIME entities part by part, by what they hold decoded. Behind cmocka.h's includes. */
#ifndef SEALPOST_TEST_MIME_COMPARE_H
#define SEALPOST_TEST_MIME_COMPARE_H

#include "mime_util.h"

#include <gmime/gmime.h>

#define PART_MAX (32u << 20)

static GMimeObject *parse(const char *p, size_t n)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(p, n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *m = g_mime_parser_construct_message(parser, NULL);
	GMimeObject *o;

	assert_non_null(m);
	o = g_object_ref(g_mime_message_get_mime_part(m));
	g_object_unref(m);
	g_object_unref(parser);
	g_object_unref(stream);
	return o;
}

/* What a part holds, decoded; of text, with LF line ends. */
static void content(GMimePart *part, struct buf *b)
{
	GMimeStream *stream = g_mime_stream_mem_new();
	GMimeDataWrapper *w = g_mime_part_get_content(part);
	GByteArray *a;
	guint i;
	bool text = g_mime_content_type_is_type(
		g_mime_object_get_content_type(GMIME_OBJECT(part)), "text", "*");

	if (w)
		g_mime_data_wrapper_write_to_stream(w, stream);
	a = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	for (i = 0; i < a->len; i++) {
		if (!(text && a->data[i] == '\r' && i + 1 < a->len && a->data[i + 1] == '\n'))
			assert_int_equal(buf_addc(b, (char)a->data[i]), 0);
	}
	g_object_unref(stream);
}

static inline void compare(GMimeObject *a, GMimeObject *b)
{
	struct buf x = BUF_INIT(PART_MAX), y = BUF_INIT(PART_MAX);
	int i, n;

	assert_true(G_OBJECT_TYPE(a) == G_OBJECT_TYPE(b));
	if (GMIME_IS_MULTIPART(a)) {
		n = g_mime_multipart_get_count(GMIME_MULTIPART(a));
		assert_int_equal(n, g_mime_multipart_get_count(GMIME_MULTIPART(b)));
		for (i = 0; i < n; i++)
			compare(g_mime_multipart_get_part(GMIME_MULTIPART(a), i),
				g_mime_multipart_get_part(GMIME_MULTIPART(b), i));
	} else if (GMIME_IS_PART(a)) {
		content(GMIME_PART(a), &x);
		content(GMIME_PART(b), &y);
		assert_int_equal(x.len, y.len);
		assert_memory_equal(buf_str(&x), buf_str(&y), x.len);
	}
	buf_free(&x);
	buf_free(&y);
}

#endif
