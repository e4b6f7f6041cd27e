/* SPDX-License-Identifier: ISC */
#include "gpg_keys.h"

#include <time.h>

#include "pgp/cert/filter.h"
#include "pgp/gpg/home.h"

/* What the rows are made of. Made once: gpg needs a while. */
static char alice[CERT_FPR_MAX], bare[CERT_FPR_MAX], rev[CERT_FPR_MAX], new[CERT_FPR_MAX],
	urev[CERT_FPR_MAX], expired[CERT_FPR_MAX], noenc[CERT_FPR_MAX], encexp[CERT_FPR_MAX],
	wild[CERT_FPR_MAX], pin[CERT_FPR_MAX], suc[CERT_FPR_MAX], stranger[CERT_FPR_MAX],
	late[CERT_FPR_MAX], revpin[CERT_FPR_MAX], sucrev[CERT_FPR_MAX], subrev[CERT_FPR_MAX],
	exppin[CERT_FPR_MAX], sucexp[CERT_FPR_MAX], unsaid[CERT_FPR_MAX];

#define T2020 "20200101T000000"
#define T2021 "20210101T000000"

static int setup(void **state)
{
	(void)state;
	keys_start();
	keys_make("Alice <alice@example.org>", NULL, "never", true, alice);
	keys_gpg(NULL, "--quick-add-uid", alice, "Alice at work <alice@work.example>");
	keys_make("bare@example.org", NULL, "never", true, bare);
	keys_make("Old <rev@example.org>", T2020, "never", true, rev);
	keys_make("New <rev@example.org>", NULL, "never", true, new);
	keys_revoke(rev);
	keys_make("U <urev@example.org>", T2020, "never", true, urev);
	keys_gpg(T2020, "--quick-add-uid", urev, "Other <other@example.org>");
	keys_gpg(NULL, "--quick-revoke-uid", urev, "U <urev@example.org>");
	keys_make("E <exp@example.org>", T2020, "1y", true, expired);
	keys_make("N <noenc@example.org>", NULL, "never", false, noenc);
	keys_make("X <encexp@example.org>", T2020, "never", false, encexp);
	keys_gpg(T2020, "--quick-add-key", encexp, "cv25519", "encr", "1y");
	keys_make("*@wild.example", NULL, "never", true, wild);
	keys_make("Pin <pin@example.org>", T2020, "never", true, pin);
	keys_make("Suc <pin@example.org>", NULL, "never", true, suc);
	keys_gpg(NULL, "--quick-add-uid", suc, "Suc <suc@elsewhere.example>");
	keys_gpg(NULL, "--local-user", pin, "--quick-sign-key", suc);
	keys_gpg(NULL, "--local-user", alice, "--quick-sign-key", suc);
	keys_make("Str <pin@example.org>", NULL, "never", true, stranger);
	keys_gpg(NULL, "--local-user", alice, "--quick-sign-key", stranger);
	/* Certified on another User ID only. */
	keys_make("Un <pin@example.org>", T2020, "never", true, unsaid);
	keys_gpg(T2020, "--quick-add-uid", unsaid, "Un <un@elsewhere.example>");
	keys_gpg(T2021, "--local-user", pin, "--quick-sign-key", unsaid,
		"=Un <un@elsewhere.example>");
	keys_make("Pin <pin@example.org>", T2020, "never", true, revpin);
	keys_make("Suc <pin@example.org>", T2020, "never", true, sucrev);
	keys_gpg(T2021, "--local-user", revpin, "--quick-sign-key", sucrev);
	keys_revoke(revpin);
	keys_make("Pin <pin@example.org>", T2020, "2y", true, exppin);
	keys_make("Suc <pin@example.org>", T2020, "never", true, sucexp);
	keys_gpg(T2021, "--local-user", exppin, "--quick-sign-key", sucexp);
	keys_make("Late <pin@example.org>", T2020, "never", true, late);
	keys_gpg(T2021, "--default-cert-expire", "1y", "--local-user", pin, "--quick-sign-key",
		late);
	keys_make("S <subrev@example.org>", T2020, "never", true, subrev);
	keys_gpg(T2020, "--quick-add-key", subrev, "cv25519", "encr", "never");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	keys_stop();
	return 0;
}

struct row {
	const char *name, *addr;
	const char *a, *b; /* keys exported */
	bool wildcard;
	size_t n;
	enum cert_use use[2];
	const char *chosen; /* fingerprint, or NULL: none is usable */
};

static const struct row verdicts[] = {
	{"ok, other User IDs dropped", "alice@example.org", alice, NULL, false, 1, {CERT_USABLE},
		alice},
	{"the other User ID", "alice@work.example", alice, NULL, false, 1, {CERT_USABLE}, alice},
	{"case does not matter", "Alice@EXAMPLE.org", alice, NULL, false, 1, {CERT_USABLE}, alice},
	{"bare address as User ID", "bare@example.org", bare, NULL, false, 1, {CERT_USABLE}, bare},
	{"wrong User ID", "bob@example.org", alice, NULL, false, 1, {CERT_WRONG_UID}, NULL},
	{"substring of an address", "lice@example.org", alice, NULL, false, 1, {CERT_WRONG_UID},
		NULL},
	{"gpg filter as local part", "\"a||mbox =~ alice\"@example.org", alice, NULL, false, 1,
		{CERT_WRONG_UID}, NULL},
	{"gpg option as local part", "\"--export\"@example.org", alice, NULL, false, 1,
		{CERT_WRONG_UID}, NULL},
	{"revoked", "rev@example.org", rev, NULL, false, 1, {CERT_REVOKED}, NULL},
	{"revoked and new", "rev@example.org", rev, new, false, 2, {CERT_REVOKED, CERT_USABLE},
		new},
	{"User ID revoked", "urev@example.org", urev, NULL, false, 1, {CERT_UID_REVOKED}, NULL},
	{"another User ID revoked", "other@example.org", urev, NULL, false, 1, {CERT_USABLE}, urev},
	{"expired", "exp@example.org", expired, NULL, false, 1, {CERT_EXPIRED}, NULL},
	{"no encryption key", "noenc@example.org", noenc, NULL, false, 1, {CERT_NO_ENCRYPTION},
		NULL},
	{"encryption key expired", "encexp@example.org", encexp, NULL, false, 1,
		{CERT_NO_ENCRYPTION}, NULL},
	{"two, one for somebody else", "alice@example.org", alice, bare, false, 2,
		{CERT_USABLE, CERT_WRONG_UID}, alice},
	{"two usable: the newest", "pin@example.org", pin, suc, false, 2,
		{CERT_USABLE, CERT_USABLE}, suc},
	{"wildcard allowed", "anybody@wild.example", wild, NULL, true, 1, {CERT_USABLE}, wild},
	{"wildcard not allowed", "anybody@wild.example", wild, NULL, false, 1, {CERT_WRONG_UID},
		NULL},
	{"wildcard of another domain", "anybody@other.example", wild, NULL, true, 1,
		{CERT_WRONG_UID}, NULL},
};

static void test_verdicts(void **state)
{
	const struct cert *best;
	struct cert_set set;
	struct buf body;
	size_t i, k, at;

	(void)state;
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		print_message("  %s\n", verdicts[i].name);
		body = keys_export(verdicts[i].a, verdicts[i].b);
		set = keys_read(verdicts[i].addr, verdicts[i].wildcard, &body, NULL, NULL);
		assert_int_equal(set.n, verdicts[i].n);
		assert_false(set.not_openpgp || set.secret || set.armoured);
		for (k = 0; k < set.n; k++) {
			/* gpg exports in the order of its keyring. */
			at = strcmp(set.v[k].fpr, verdicts[i].a) == 0 ? 0 : 1;
			assert_string_equal(set.v[k].fpr, at ? verdicts[i].b : verdicts[i].a);
			assert_int_equal(set.v[k].use, verdicts[i].use[at]);
			keys_check_shape(&set.v[k]);
		}
		best = cert_set_choose(&set, NULL);
		if (verdicts[i].chosen)
			assert_string_equal(best ? best->fpr : "none", verdicts[i].chosen);
		else
			assert_null(best);
		cert_set_free(&set);
		buf_free(&body);
	}
}

/* gpg has one time for an address: when it is over the answer is unknown, for that one alone, and
 * nothing is tried again. */
static void test_time_is_over(void **state)
{
	static const struct {
		const char *name, *addr, *key;
		int budget_ms;
		bool told;
	} row[] = {
		{"revoked, no time", "rev@example.org", rev, 1, false},
		{"revoked, time enough", "rev@example.org", rev, 60000, true},
		{"no User ID: gpg is not needed", "bob@example.org", alice, 1, true},
		{"expired, no time", "exp@example.org", expired, 1, false},
		{"usable, time enough", "alice@example.org", alice, 60000, true},
	};
	enum { ROWS = sizeof(row) / sizeof(row[0]) };
	struct intake_job job[ROWS];
	struct intake_body body[ROWS];
	struct addr addr[ROWS];
	struct buf octets[ROWS];
	size_t i;

	(void)state;
	memset(job, 0, sizeof(job));
	for (i = 0; i < ROWS; i++) {
		octets[i] = keys_export(row[i].key, NULL);
		body[i] = (struct intake_body){octets[i].p, octets[i].len};
		assert_int_equal(addr_parse(row[i].addr, &addr[i], NULL), 0);
		job[i].in = (struct intake){
			.addr = &addr[i], .pinned_fpr = "", .budget_ms = row[i].budget_ms};
		job[i].body = &body[i];
		job[i].n_body = 1;
	}
	intake_many(job, ROWS, NULL);
	for (i = 0; i < ROWS; i++) {
		print_message("  row %zu: %s\n", i + 1, row[i].name);
		assert_int_equal(job[i].rc, row[i].told ? 0 : ERR_TEMP);
		assert_int_equal(job[i].rc == 0 && job[i].set.n == 1, row[i].told);
		cert_set_free(&job[i].set);
		buf_free(&octets[i]);
	}
}

static void test_pinned_one_is_chosen(void **state)
{
	struct buf body = keys_export(pin, suc);
	struct cert_set set = keys_read("pin@example.org", false, &body, NULL, NULL);

	(void)state;
	assert_string_equal(cert_set_choose(&set, pin)->fpr, pin);
	assert_string_equal(cert_set_choose(&set, "")->fpr, suc);
	assert_string_equal(cert_set_choose(&set, alice)->fpr, suc);
	cert_set_free(&set);
	buf_free(&body);
}

static void test_details(void **state)
{
	struct buf body = keys_export(alice, NULL);
	struct cert_set set = keys_read("alice@example.org", false, &body, NULL, NULL);
	const struct cert *c = &set.v[0];

	(void)state;
	assert_string_equal(c->uid, "Alice <alice@example.org>");
	assert_int_equal(c->expires, 0);
	assert_true(c->created > 0 && c->created <= time(NULL));
	assert_int_equal(c->n_enc, 1);
	assert_int_not_equal(c->enc_keyid[0], 0);
	assert_int_not_equal(c->enc_keyid[0], fpr_keyid(c->fpr));
	assert_null(memmem(c->data, c->len, "work.example", 12));
	assert_false(c->certified_by_pin);
	cert_set_free(&set);
	buf_free(&body);
}

/* Third-party signatures are gone, whoever made them. */
static void test_third_party(void **state)
{
	struct buf body = keys_export(suc, NULL);
	struct cert_set set = keys_read("pin@example.org", false, &body, NULL, NULL);

	(void)state;
	assert_true(keys_count(body.p, body.len, PACKET_SIGNATURE, 0x10) >= 4);
	assert_int_equal(set.v[0].use, CERT_USABLE);
	assert_int_equal(keys_count(set.v[0].data, set.v[0].len, PACKET_SIGNATURE, 0x10), 0);
	assert_int_equal(keys_count(set.v[0].data, set.v[0].len, PACKET_SIGNATURE, 0x13), 1);
	cert_set_free(&set);
	buf_free(&body);
}

/* The body of one key, with the last octet of each certification by maker changed. */
static struct buf forge(const char *fpr, const char *maker)
{
	struct buf b = keys_export(fpr, NULL);
	const uint8_t *p = b.p;
	size_t len = b.len, hits = 0;
	struct packet k;
	uint8_t id[8];
	int i;

	for (i = 0; i < 8; i++)
		id[i] = (uint8_t)(fpr_keyid(maker) >> (56 - 8 * i));
	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag == PACKET_SIGNATURE && memmem(k.body, k.body_len, id, 8)) {
			b.p[(k.body - b.p) + (ptrdiff_t)k.body_len - 1] ^= 1;
			hits++;
		}
	}
	assert_true(hits > 0);
	return b;
}

static void test_certified_by_pin(void **state)
{
	const struct {
		const char *name, *key, *pin;
		bool forged, certified;
	} rows[] = {
		{"certified", suc, pin, false, true},
		{"forged signature", suc, pin, true, false},
		{"certified by a stranger only", stranger, pin, false, false},
		{"certified on another User ID", unsaid, pin, false, false},
		{"the pin is revoked", sucrev, revpin, false, false},
		{"the pin has expired", sucexp, exppin, false, false},
		{"the certification has expired", late, pin, false, false},
		{"the pin itself", pin, pin, false, false},
	};
	struct buf body, pinned;
	struct cert_set set;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		body = rows[i].forged ? forge(rows[i].key, rows[i].pin)
				      : keys_export(rows[i].key, NULL);
		pinned = keys_export(rows[i].pin, NULL);
		set = keys_read("pin@example.org", false, &body, &pinned, rows[i].pin);
		assert_int_equal(set.n, 1); /* the pin is not among what was found */
		assert_string_equal(set.v[0].fpr, rows[i].key);
		assert_int_equal(set.v[0].use, CERT_USABLE);
		assert_int_equal(set.v[0].certified_by_pin, rows[i].certified);
		keys_check_shape(&set.v[0]);
		cert_set_free(&set);
		/* Without the pinned certificate nothing can be verified. */
		set = keys_read("pin@example.org", false, &body, NULL, rows[i].pin);
		assert_false(set.v[0].certified_by_pin);
		cert_set_free(&set);
		buf_free(&body);
		buf_free(&pinned);
	}
}

/* A revocation that is known stays known, and one without User ID counts. */
static void test_merging(void **state)
{
	struct addr a = keys_address("rev@example.org"),
		    nobody = keys_address("nobody@example.org");
	struct buf revoked = keys_export(rev, NULL), old = BUF_INIT(65536),
		   bare_rev = BUF_INIT(65536);
	struct filter f = {.addr = &a}, none = {.addr = &nobody};
	struct filter_set set;
	struct cert_set out;
	struct err err = ERR_INIT;
	const uint8_t *p;
	struct packet k;
	size_t len;

	(void)state;
	/* As it was before it was revoked. */
	p = revoked.p;
	len = revoked.len;
	while (packet_next(&p, &len, &k) == 1) {
		if (k.tag != PACKET_SIGNATURE || k.body[1] != 0x20)
			buf_add(&old, k.raw, k.raw_len);
	}
	assert_true(old.len < revoked.len);
	out = keys_read("rev@example.org", false, &old, NULL, NULL);
	assert_int_equal(out.v[0].use, CERT_USABLE);
	cert_set_free(&out);
	out = keys_read("rev@example.org", false, &old, &revoked, rev);
	assert_int_equal(out.v[0].use, CERT_REVOKED);
	assert_int_equal(keys_count(out.v[0].data, out.v[0].len, PACKET_SIGNATURE, 0x20), 1);
	cert_set_free(&out);

	/* Revoked, and without any User ID. */
	assert_int_equal(filter_certs(&none, revoked.p, revoked.len, &set, &err), 0);
	assert_true(set.v[0].no_uid);
	buf_add(&bare_rev, set.v[0].data, set.v[0].len);
	filter_set_free(&set);
	out = keys_read("rev@example.org", false, &bare_rev, &old, rev);
	assert_int_equal(out.v[0].use, CERT_REVOKED);
	cert_set_free(&out);
	out = keys_read("rev@example.org", false, &bare_rev, NULL, NULL);
	assert_int_equal(out.v[0].use, CERT_WRONG_UID);
	cert_set_free(&out);

	/* Not revoked, without User ID: the pin's does not make it a published one. */
	buf_reset(&bare_rev);
	assert_int_equal(filter_certs(&none, old.p, old.len, &set, &err), 0);
	buf_add(&bare_rev, set.v[0].data, set.v[0].len);
	filter_set_free(&set);
	assert_int_equal(filter_certs(&f, old.p, old.len, &set, &err), 0);
	assert_false(set.v[0].no_uid);
	filter_set_free(&set);
	out = keys_read("rev@example.org", false, &bare_rev, &old, rev);
	assert_int_equal(out.v[0].use, CERT_WRONG_UID);
	cert_set_free(&out);
	buf_free(&old);
	buf_free(&bare_rev);
	buf_free(&revoked);
}

/* Both copies of one key are one certificate. */
static void test_same_key_twice(void **state)
{
	struct buf body = keys_export(alice, NULL);
	struct cert_set set;
	size_t len = body.len;

	(void)state;
	assert_int_equal(buf_reserve(&body, len), 0);
	assert_int_equal(buf_add(&body, body.p, len), 0);
	set = keys_read("alice@example.org", false, &body, NULL, NULL);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.v[0].use, CERT_USABLE);
	keys_check_shape(&set.v[0]);
	cert_set_free(&set);
	buf_free(&body);
}

static void test_subkeys(void **state)
{
	struct buf body = keys_export(subrev, NULL);
	struct cert_set set = keys_read("subrev@example.org", false, &body, NULL, NULL);

	(void)state;
	assert_int_equal(set.v[0].n_enc, 2);
	assert_int_not_equal(set.v[0].enc_keyid[0], set.v[0].enc_keyid[1]);
	cert_set_free(&set);
	buf_free(&body);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(cert_use_name(CERT_USABLE), "usable");
	assert_string_equal(cert_use_name(CERT_UNSUPPORTED), "unsupported");
	assert_string_equal(cert_use_name((enum cert_use)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_time_is_over),
		cmocka_unit_test(test_pinned_one_is_chosen),
		cmocka_unit_test(test_details),
		cmocka_unit_test(test_third_party),
		cmocka_unit_test(test_certified_by_pin),
		cmocka_unit_test(test_merging),
		cmocka_unit_test(test_same_key_twice),
		cmocka_unit_test(test_subkeys),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
