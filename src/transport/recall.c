/* SPDX-License-Identifier: ISC */
#include "transport/recall.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "decide/remember.h"

/* 0, or -1 without memory. */
static int key_of_recall(const struct recall *r, const struct transport *t, uint8_t key[DIGEST_LEN])
{
	static const char tag[] = "transport";
	const struct digest_part part[] = {{r->settings, DIGEST_LEN}, {tag, sizeof(tag)},
		{&t->q.host_only, sizeof(t->q.host_only)}, {t->q.domain, strlen(t->q.domain)}};

	return digest_sha256(part, sizeof(part) / sizeof(part[0]), key);
}

void transport_recall(struct recall *r, struct transport *t)
{
	uint8_t key[DIGEST_LEN];
	struct answer x;
	struct rd rd;

	if (t->q.want != CHECK_TRANSPORT || key_of_recall(r, t, key) < 0 ||
		answers_get(r->db, key, &x) != 1)
		return;
	rd_init(&rd, x.data, x.len);
	if (check_reply_read(&rd, &t->reply, NULL) == 0) {
		t->answered =
			strcmp(t->reply.domain, t->q.domain) == 0 && t->reply.failed[0] == '\0';
		t->recalled = t->answered;
		if (t->answered)
			protection_decide(&t->reply, &t->protection);
		else
			check_reply_free(&t->reply);
	}
	free(x.data);
}

void transport_remember(struct recall *r, const struct transport *t)
{
	struct answer x = {.asked = (int64_t)time(NULL)};
	uint8_t key[DIGEST_LEN];
	struct wr w = WR_INIT;

	if (!t->answered || t->recalled || t->reply.failed[0] != '\0' ||
		key_of_recall(r, t, key) < 0)
		return;
	x.keep = remember_protection(&t->protection, t->reply.sts.expires, x.asked);
	check_reply_write(&w, &t->reply);
	x.data = w.b.p;
	x.len = w.b.len;
	if (!w.bad)
		answers_put(r->db, key, &x);
	wr_free(&w);
}
