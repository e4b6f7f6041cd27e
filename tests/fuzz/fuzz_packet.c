/* SPDX-License-Identifier: ISC */
/* Packets, certificates and PKESK from anywhere: whatever the octets, what comes out is
 * well-formed. */
#include "base/addr.h"
#include "fuzz.h"
#include "pgp/cert/filter.h"
#include "pgp/cert/packet.h"

static void walk(const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	struct packet k;
	uint64_t id = 0;

	while (packet_next(&p, &len, &k) == 1) {
		must(k.body >= k.raw && k.body + k.body_len <= k.raw + k.raw_len && p <= end &&
			p + len == end);
		(void)packet_pkesk_keyid(&k, &id);
	}
}

/* What the filter lets through it must let through again, unchanged, but for what stood elsewhere.
 */
static void check(const struct filter *f, const struct filter_cert *c)
{
	struct filter_set again;

	if (!c->data)
		return;
	must(c->uid_at <= c->sub_at && c->sub_at <= c->stray_at && c->stray_at <= c->len);
	must(filter_certs(f, c->data, c->stray_at, &again, NULL) == 0 && again.n == 1);
	must(again.v[0].len == c->stray_at && again.v[0].stray_at == c->stray_at &&
		memcmp(again.v[0].data, c->data, c->stray_at) == 0);
	must((!again.v[0].damaged || c->damaged) && again.v[0].no_uid == c->no_uid);
	filter_set_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct addr addr;
	struct filter f = {.addr = &addr,
		.wildcard_uid = true,
		.pinned_fpr = "C959BDBAFA32A2F89A153B678CFDE12197965A9A"};
	struct filter_set set;
	size_t i;

	must(addr_parse("alice@example.org", &addr, NULL) == 0);
	walk(data, size);
	if (filter_certs(&f, data, size, &set, NULL) != 0)
		return 0;
	for (i = 0; i < set.n; i++)
		check(&f, &set.v[i]);
	filter_set_free(&set);
	return 0;
}
