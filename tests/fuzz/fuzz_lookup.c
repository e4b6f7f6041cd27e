/* SPDX-License-Identifier: ISC */
/*
 * What arrives between sealpost and sealpost-net: settings, requests, replies, and frames of a
 * stream. What is taken must come out the same when it is written again, and make sense.
 */
#include <string.h>

#include "fuzz.h"
#include "wire/lookup.h"

static void same(const struct wr *w, const uint8_t *data, size_t size)
{
	must(!w->bad && w->b.len == size && memcmp(w->b.p, data, size) == 0);
}

static void settings(const uint8_t *data, size_t size)
{
	struct net_settings s;
	struct wr w = WR_INIT;
	struct rd r;

	rd_init(&r, data, size);
	if (net_settings_read(&r, &s, NULL) == 0) {
		net_settings_write(&w, &s);
		same(&w, data, size);
	}
	wr_free(&w);
}

static void request(const uint8_t *data, size_t size)
{
	struct lookup_request q;
	struct rd r;

	rd_init(&r, data, size);
	if (lookup_request_read(&r, &q, NULL) == 0)
		must(addr_discoverable(&q.addr) && q.addr.local[0] != '\0');
}

static void check_method(const struct method_result *m)
{
	must((m->status == METHOD_FOUND) == (m->n_body > 0));
	must(m->n_body <= LOOKUP_BODIES_MAX && strlen(m->url) <= LOOKUP_URL_MAX);
}

static void reply(const uint8_t *data, size_t size)
{
	struct lookup_reply a;
	struct wr w = WR_INIT;
	struct rd r;

	rd_init(&r, data, size);
	if (lookup_reply_read(&r, &a, NULL) == 0) {
		check_method(&a.wkd);
		check_method(&a.dane);
		lookup_reply_write(&w, &a);
		rd_init(&r, w.b.p, w.b.len);
		lookup_reply_free(&a);
		must(lookup_reply_read(&r, &a, NULL) == 0);
		lookup_reply_free(&a);
	}
	wr_free(&w);
}

static void frames(const uint8_t *data, size_t size)
{
	struct buf in = BUF_INIT(FRAME_MAX + 16), body = BUF_INIT(FRAME_MAX + 16);
	enum frame_kind kind;

	if (buf_add(&in, data, size) == 0) {
		while (frame_take(&in, &kind, &body, NULL) == 1)
			must(in.len < size && body.len < size);
	}
	buf_free(&in);
	buf_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	switch (data[0] & 3) {
	case 0:
		settings(data + 1, size - 1);
		break;
	case 1:
		request(data + 1, size - 1);
		break;
	case 2:
		reply(data + 1, size - 1);
		break;
	default:
		frames(data + 1, size - 1);
	}
	return 0;
}
