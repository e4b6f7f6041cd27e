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
#include "decide/key_verdict.h"

#define RECALL_UNPROVED_MAX (5 * 60) /* seconds: such an absence may be a forgery */
#define RECALL_MENDING_MAX (5 * 60)  /* of what is published, but cannot be used */

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
 * recall_stale.
 */
int recall_get(struct recall *r, const uint8_t key[DIGEST_LEN], int64_t not_before,
	struct lookup_reply *reply, struct answer *times);

/* Keeps a reply, asked at that time, for so many seconds from then; none: forgets what was there.
 */
void recall_put(struct recall *r, const uint8_t key[DIGEST_LEN], const struct lookup_reply *reply,
	int64_t asked, int64_t seconds);

/* How many seconds after the asking a verdict may be used. */
int64_t recall_seconds(const struct conf *c, const struct verdict *v);

/*
 * Whether an answer with these times is too old now for its verdict, or was kept as something
 * better: a certificate that has expired since may have been renewed.
 */
bool recall_stale(const struct conf *c, const struct verdict *v, const struct answer *times);

#endif
