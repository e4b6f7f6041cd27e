/* SPDX-License-Identifier: ISC */
/* wire/check: a question about a domain and its answer; what does not fit, or claims more than it
 * shows, is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/check.h"

static char *word(const char *s)
{
	char *p = strdup(s);

	assert_non_null(p);
	return p;
}

static void *room(size_t size)
{
	void *p = calloc(1, size);

	assert_non_null(p);
	return p;
}

static void fill_mx(struct check_reply *a)
{
	struct check_mx *m = room(sizeof(*m));

	a->mx_outcome = CHECK_FOUND;
	a->mx_dnssec = DNS_SECURE;
	a->mx = m;
	a->n_mx = 1;
	*m = (struct check_mx){.host = word("mail.example"),
		.preference = 10,
		.address = CHECK_FOUND,
		.dnssec = DNS_SECURE,
		.ip = {"192.0.2.1", "2001:db8::1"},
		.n_ip = 2,
		.dane = DANE_USABLE,
		.tlsa_dnssec = DNS_SECURE,
		.tlsa_base = word("mail.example"),
		.sts = FACT_YES,
		.live = {.status = LIVE_FAILED,
			.result = RESULT_CERTIFICATE_EXPIRED,
			.starttls = FACT_YES,
			.tls = "TLSv1.3",
			.reason = word("expired")}};
	m->tlsa = room(sizeof(*m->tlsa));
	m->n_tlsa = 1;
	*m->tlsa = (struct check_tlsa){
		.usage = 3, .selector = 1, .matching = 1, .usable = true, .data = word("00ff")};
}

static void fill_sts(struct check_sts *s)
{
	s->txt = CHECK_FOUND;
	s->fetch = s->policy = CHECK_FOUND;
	s->mode = STS_MODE_ENFORCE;
	s->max_age = 86400;
	s->fetched = INT64_C(1) << 33;
	s->expires = s->fetched + 86400;
	s->mx = room(2 * sizeof(*s->mx));
	s->mx[0] = word("mail.example");
	s->mx[1] = word("*.example");
	s->n_mx = 2;
	s->text = word("version: STSv1\r\n");
	memcpy(s->id, "20160831", 9);
}

static void fill_rest(struct check_reply *a)
{
	a->tlsrpt.outcome = CHECK_UNKNOWN;
	a->tlsrpt.dnssec = DNS_BOGUS;
	a->caa = room(sizeof(*a->caa));
	a->n_caa = 1;
	a->caa->name = word("mta-sts.example");
	a->caa->record = room(sizeof(*a->caa->record));
	a->caa->n_record = 1;
	a->caa->record->tag = word("issue");
	a->cert = room(sizeof(*a->cert));
	a->n_cert = 1;
	a->cert->name = word("mta-sts.example");
	a->cert->port = 443;
	a->cert->sct_x509 = 2;
	a->cert->ct = FACT_UNKNOWN;
	a->wkd_method = METHOD_WKD_DIRECT;
	a->wkd_outcome = CHECK_FOUND;
	a->wkd[1].host = word("example");
	a->wkd[1].key = (struct check_http){.outcome = CHECK_FOUND,
		.status = 200,
		.cors = true,
		.content_type = word("application/octet-stream")};
	a->dns = room(sizeof(*a->dns));
	a->n_dns = 1;
	a->dns->name = word("example");
	a->dns->type = 15;
	a->url = room(sizeof(*a->url));
	a->n_url = 1;
	a->url->url = word("https://example/");
}

static void fill(struct check_reply *a)
{
	memset(a, 0, sizeof(*a));
	a->id = 9;
	a->want = CHECK_ALL;
	a->domain = word("example");
	a->exists = CHECK_FOUND;
	fill_mx(a);
	fill_sts(&a->sts);
	fill_rest(a);
}

static int read_back(const struct check_reply *in, struct check_reply *out)
{
	struct wr w = WR_INIT;
	struct rd r;
	int rc;

	check_reply_write(&w, in);
	assert_false(w.bad);
	rd_init(&r, w.b.p, w.b.len);
	rc = check_reply_read(&r, out, NULL);
	wr_free(&w);
	return rc;
}

static void round_trip(void **state)
{
	struct check_reply in, out;

	(void)state;
	fill(&in);
	assert_int_equal(read_back(&in, &out), 0);
	assert_int_equal(out.id, 9);
	assert_string_equal(out.mx[0].ip[1], "2001:db8::1");
	assert_int_equal(out.mx[0].tlsa[0].usage, 3);
	assert_string_equal(out.mx[0].live.tls, "TLSv1.3");
	assert_int_equal(out.mx[0].live.result, RESULT_CERTIFICATE_EXPIRED);
	assert_true(out.sts.expires == in.sts.expires);
	assert_string_equal(out.sts.mx[1], "*.example");
	assert_string_equal(out.sts.text, "version: STSv1\r\n");
	assert_int_equal(out.tlsrpt.dnssec, DNS_BOGUS);
	assert_string_equal(out.caa[0].record[0].tag, "issue");
	assert_int_equal(out.cert[0].sct_x509, 2);
	assert_true(out.wkd[1].key.cors);
	assert_int_equal(out.dns[0].type, 15);
	/* What was NULL is "". */
	assert_string_equal(out.mx[0].tlsa[0].why, "");
	assert_string_equal(out.wkd[0].policy.reason, "");
	check_reply_free(&out);
	check_reply_free(&in);
}

/* Every shorter prefix is refused, and so is one octet more; every changed octet is read or
 * refused. */
static void damaged(void **state)
{
	struct check_reply in, out;
	struct wr w = WR_INIT;
	struct rd r;
	size_t i;

	(void)state;
	fill(&in);
	check_reply_write(&w, &in);
	for (i = 0; i < w.b.len; i++) {
		rd_init(&r, w.b.p, i);
		assert_int_equal(check_reply_read(&r, &out, NULL), ERR_INTERNAL);
	}
	for (i = 0; i < w.b.len; i++) {
		w.b.p[i] ^= 0xff;
		rd_init(&r, w.b.p, w.b.len);
		if (check_reply_read(&r, &out, NULL) == 0)
			check_reply_free(&out);
		w.b.p[i] ^= 0xff;
	}
	wr_u8(&w, 0);
	rd_init(&r, w.b.p, w.b.len);
	assert_int_equal(check_reply_read(&r, &out, NULL), ERR_INTERNAL);
	check_reply_free(&in);
	wr_free(&w);
}

static void questions(void **state)
{
	static const struct {
		const char *domain, *address;
		int rc;
	} t[] = {
		{"example.org", "", 0},
		{"example.org", "a@example.org", 0},
		{"xn--bcher-kva.example", "", 0},
		{"Example.org", "", ERR_INTERNAL},
		{"", "", ERR_INTERNAL},
		{"a b", "", ERR_INTERNAL},
		{"example.org", "a@example.net", ERR_INTERNAL},
		{"example.org", "a", ERR_INTERNAL},
	};
	struct check_request in = {.id = 3,
				     .want = CHECK_TRANSPORT,
				     .port = 2525,
				     .sts_fetched = 17},
			     out;
	struct wr w = WR_INIT;
	struct rd r;
	size_t i;

	(void)state;
	in.sts_text = word("version: STSv1\n");
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		strncpy(in.domain, t[i].domain, sizeof(in.domain) - 1);
		strncpy(in.address, t[i].address, sizeof(in.address) - 1);
		check_request_write(&w, &in);
		rd_init(&r, w.b.p, w.b.len);
		assert_int_equal(check_request_read(&r, &out, NULL), t[i].rc);
		if (t[i].rc == 0) {
			assert_int_equal(out.port, 2525);
			assert_string_equal(out.sts_text, "version: STSv1\n");
			check_request_free(&out);
		}
		assert_null(out.sts_text);
		wr_free(&w);
	}
	check_request_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(damaged),
		cmocka_unit_test(questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
