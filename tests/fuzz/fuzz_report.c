/* SPDX-License-Identifier: ISC */
/* A TLS report from anybody, in JSON or gzip, and the field that says whose mail it is: limits
 * hold, and what is read of it is whole. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "mime/auth_results.h"
#include "verbs/reports/collect.h"
#include "verbs/reports/sums.h"
#include "verbs/reports/unpack.h"

static void check_report(struct report *r)
{
	struct err err = ERR_INIT;
	int64_t good = 0, sum = 0;
	struct sums s;
	size_t i;

	must(r->end >= r->begin && r->n_part <= REPORT_POLICIES_MAX);
	for (i = 0; i < r->n_part; i++) {
		must(r->part[i].good >= 0 && r->part[i].good <= REPORT_SESSIONS_MAX);
		must(strlen(r->part[i].domain) <= ADDR_DOMAIN_MAX);
		good += r->part[i].good;
	}
	must(sums_make(&s, r, 1, INT64_MIN, &err) == 0);
	for (i = 0; i < s.n; i++) {
		must(s.v[i].n_day == 1 && s.v[i].n_organization == 1);
		sum += s.v[i].good;
	}
	must(sum == good);
	sums_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct buf lines = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct auth_results a;
	struct report r;
	struct unpack u;
	const char *json;
	size_t len;

	unpack_begin(&u);
	if (unpack_add(&u, data, size, &err) == 0 && unpack_end(&u, &err) == 0 &&
		(json = unpack_json(&u, &len)) && report_read(&r, json, len, &err) == 0) {
		check_report(&r);
		report_free(&r);
	}
	must(u.text.len <= REPORT_JSON_MAX);
	unpack_free(&u);
	if (auth_results_read(&a, text) < 0)
		must(a.n_dkim == 0);
	(void)iodef_texts(&lines, text);
	buf_free(&lines);
	free(text);
	return 0;
}
