/* SPDX-License-Identifier: ISC */
/*
 * The cache of network replies. It stores raw replies, never verdicts: each one goes through intake
 * and judgement again, so that an expired certificate is noticed and the cache can say nothing that
 * the network could not.
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

/* Never fails; without a database there is no cache. */
void recall_open(struct recall *r, const struct conf *c);
void recall_close(struct recall *r);

/* The cache key of a question: what is asked, and every setting that influences the answer. */
void recall_key(const struct recall *r, const struct lookup_request *q, uint8_t key[DIGEST_LEN]);

/*
 * 1: *reply is filled (lookup_reply_free), and times, whose data is NULL; 0: no reply to a question
 * asked at not_before or later. Whether the reply is still fresh depends on its verdict:
 * remember_stale.
 */
int recall_get(struct recall *r, const uint8_t key[DIGEST_LEN], int64_t not_before,
	struct lookup_reply *reply, struct answer *times);

/* Stores a reply to a question of that time, valid for so many seconds from then; 0 seconds:
 * deletes any earlier one.
 */
void recall_put(struct recall *r, const uint8_t key[DIGEST_LEN], const struct lookup_reply *reply,
	int64_t asked, int64_t seconds);

#endif
