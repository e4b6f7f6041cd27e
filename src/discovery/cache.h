/* SPDX-License-Identifier: ISC */
/*
 * What the network answered before. A reply is kept as it came, never a verdict: it goes through
 * intake and judgement again, so that a certificate that has expired meanwhile is seen to have, and
 * the cache can say nothing that the network could not.
 */
#ifndef SEALPOST_RECALL_H
#define SEALPOST_RECALL_H

#include "conf/conf.h"
#include "store/answers.h"
#include "wire/lookup.h"

struct recall {
	const struct conf *conf; /* borrowed */
	struct answers *db;      /* NULL: no cache */
	uint8_t settings[DIGEST_LEN];
};

/* Cannot fail: then there is no cache. */
void recall_open(struct recall *r, const struct conf *c);
void recall_close(struct recall *r);

/* The name of a question in the cache: what is asked, and every setting that has a say in the
 * answer. */
void recall_key(const struct recall *r, const struct lookup_request *q, uint8_t key[DIGEST_LEN]);

/*
 * 1: *reply is filled (lookup_reply_free), and times, whose data is NULL; 0: nothing is known that
 * was asked at not_before or later. Whether it is still good enough depends on its verdict:
 * remember_stale.
 */
int recall_get(struct recall *r, const uint8_t key[DIGEST_LEN], int64_t not_before,
	struct lookup_reply *reply, struct answer *times);

/* Keeps a reply, asked at that time, for so many seconds from then; none: forgets what was there.
 */
void recall_put(struct recall *r, const uint8_t key[DIGEST_LEN], const struct lookup_reply *reply,
	int64_t asked, int64_t seconds);

#endif
