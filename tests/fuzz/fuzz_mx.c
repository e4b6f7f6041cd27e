/* SPDX-License-Identifier: ISC */
/*
 * What a stranger's domain publishes and its servers say: MTA-STS records and policies, TLS report
 * records, CAA, MX, SMTP replies, WKD policy files. No crash, no claim beyond the limits.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mx/caa.h"
#include "mx/mta_sts.h"
#include "mx/tlsrpt.h"
#include "net/rdata.h"
#include "net/smtp_reply.h"
#include "wkd/policy_file.h"

static void policy(const uint8_t *data, size_t size)
{
	struct sts_parsed p;

	if (sts_policy_parse((const char *)data, size, &p))
		return;
	must(p.mode == STS_MODE_NONE || p.n_mx > 0);
	must(p.max_age <= STS_MAX_AGE && p.n_mx <= CHECK_PATTERNS_MAX);
	sts_parsed_free(&p);
}

static void record(const uint8_t *data, size_t size)
{
	struct buf b = BUF_INIT(65536);
	char id[CHECK_STS_ID_MAX + 1];

	if (buf_adds(&b, STS_VERSION) == 0 && buf_add(&b, data, size) == 0 &&
		!sts_record(buf_str(&b), b.len, id))
		must(id[0] && strlen(id) <= CHECK_STS_ID_MAX);
	buf_free(&b);
}

static void reports(const uint8_t *data, size_t size)
{
	struct dns_answer a = {
		.state = DNS_SECURE, .n = 1, .data = &data, .len = &size, .note = ""};
	struct check_tlsrpt r = {.n_rua = 0};
	size_t i;

	tlsrpt_take(&a, &r);
	must((r.outcome == CHECK_FOUND) == (r.n_rua > 0) && r.n_rua <= CHECK_RUA_MAX);
	for (i = 0; i < r.n_rua; i++)
		free(r.rua[i]);
	free(r.rua);
	free(r.reason);
}

static void rdata(const uint8_t *data, size_t size)
{
	char host[DNS_NAME_MAX + 1];
	struct check_caa_record x;
	uint16_t preference;

	if (caa_parse(data, size, &x)) {
		must(x.tag && x.tag[0] && x.value);
		caa_record_free(&x);
	}
	if (rdata_mx(data, size, &preference, host) == 0)
		must(strlen(host) < DNS_NAME_MAX);
}

static void talk(const uint8_t *data, size_t size)
{
	struct buf in = BUF_INIT(2 * SMTP_REPLY_MAX), flags = BUF_INIT(CHECK_TEXT_MAX);
	int code = 0, n = buf_add(&in, data, size) == 0 ? smtp_reply(&in, &code) : 0;

	if (n > 0) {
		must((size_t)n <= size && code >= 0 && code <= 999);
		(void)smtp_offers(buf_str(&in), (size_t)n, "STARTTLS");
	}
	(void)policy_file_read(buf_str(&in), in.len, &flags);
	must(flags.len <= CHECK_TEXT_MAX);
	buf_free(&in);
	buf_free(&flags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const parse[])(const uint8_t *data, size_t size) = {
		policy, record, reports, rdata, talk};

	if (size > 0)
		parse[data[0] % 5](data + 1, size - 1);
	return 0;
}
