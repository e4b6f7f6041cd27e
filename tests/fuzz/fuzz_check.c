/* SPDX-License-Identifier: ISC */
/*
 * What arrives between sealpost and sealpost-net about a domain. What is taken must come out the
 * same when it is written again, and protection is never made of less than the facts.
 */
#include <string.h>

#include "fuzz.h"
#include "decide/protection.h"

static void request(const uint8_t *data, size_t size)
{
	struct check_request q;
	struct wr w = WR_INIT;
	struct rd r;

	rd_init(&r, data, size);
	if (check_request_read(&r, &q, NULL) == 0) {
		must(q.domain[0] != '\0');
		check_request_write(&w, &q);
		must(!w.bad && w.b.len == size && memcmp(w.b.p, data, size) == 0);
		check_request_free(&q);
	}
	wr_free(&w);
}

static void reply(const uint8_t *data, size_t size)
{
	struct check_reply a;
	struct protection p;
	struct wr w = WR_INIT;
	struct rd r;

	rd_init(&r, data, size);
	if (check_reply_read(&r, &a, NULL) == 0) {
		protection_decide(&a, &p);
		must(p.kind != PROTECTION_DANE || a.mx_dnssec == DNS_SECURE);
		must(p.kind != PROTECTION_MTA_STS || a.sts.mode == STS_MODE_ENFORCE);
		check_reply_write(&w, &a);
		must(!w.bad && w.b.len == size && memcmp(w.b.p, data, size) == 0);
		check_reply_free(&a);
	}
	wr_free(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	if (data[0] & 1)
		request(data + 1, size - 1);
	else
		reply(data + 1, size - 1);
	return 0;
}
