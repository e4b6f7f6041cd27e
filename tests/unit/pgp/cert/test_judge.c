/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "pgp/cert/filter.h"
#include "pgp/cert/judge.h"

/*
 * What gpg says, made up: for what gpg cannot be brought to make in a test, as a self-signature
 * that expires, and for what it must never say, as two keys with one key ID.
 */

#define FPR "AAAAAAAAAAAAAAAAAAAAAAAA1111111111111111"
#define PIN "BBBBBBBBBBBBBBBBBBBBBBBB2222222222222222"
#define TWIN "CCCCCCCCCCCCCCCCCCCCCCCC2222222222222222"

struct made {
	struct _gpgme_key key;
	struct _gpgme_subkey primary, sub;
	struct _gpgme_user_id uid;
	struct _gpgme_key_sig sig[3];
};

static void make(struct made *m, const char *fpr, const char *uid)
{
	memset(m, 0, sizeof(*m));
	m->key.fpr = m->primary.fpr = (char *)(uintptr_t)fpr;
	m->key.subkeys = &m->primary;
	m->primary.next = &m->sub;
	m->primary.keyid = (char *)(uintptr_t)fpr + 24;
	m->primary.timestamp = 1000;
	m->primary.pubkey_algo = GPGME_PK_EDDSA;
	m->sub.pubkey_algo = GPGME_PK_ECDH;
	m->sub.can_encrypt = 1;
	m->sub.timestamp = 1000;
	m->sub.curve = (char *)(uintptr_t) "cv25519";
	m->sub.keyid = (char *)(uintptr_t) "00000000000000EE";
	m->key.uids = &m->uid;
	m->uid.uid = (char *)(uintptr_t)uid;
}

static void sign(struct made *m, int i, const char *keyid, unsigned class, long t, long expires)
{
	m->sig[i].keyid = (char *)(uintptr_t)keyid;
	m->sig[i].sig_class = class;
	m->sig[i].timestamp = t;
	m->sig[i].expires = expires;
	if (i > 0)
		m->sig[i - 1].next = &m->sig[i];
	m->uid.signatures = &m->sig[0];
}

static struct addr me(void)
{
	struct addr a;

	assert_int_equal(addr_parse("me@example.org", &a, NULL), 0);
	return a;
}

static enum cert_use judge(struct made *m, bool sigs, struct cert *c)
{
	struct addr a = me();

	memset(c, 0, sizeof(*c));
	judge_key(&m->key, &a, false, sigs, c);
	assert_int_equal(c->use != CERT_USABLE, c->why[0] != '\0');
	return c->use;
}

static void test_uid_expiry(void **state)
{
	const long past = 2000, future = time(NULL) + 100000;
	const struct {
		const char *name;
		long expires[2];
		gpgme_error_t status[2];
		enum cert_use use;
	} rows[] = {
		{"both for ever", {0, 0}, {0, 0}, CERT_USABLE},
		{"will expire", {future, future}, {0, 0}, CERT_USABLE},
		{"expired", {past, past}, {0, 0}, CERT_WRONG_UID},
		{"the newest has expired", {0, past}, {0, 0}, CERT_WRONG_UID},
		{"prolonged", {past, 0}, {0, 0}, CERT_USABLE},
		{"the newest is forged", {past, 0}, {0, GPG_ERR_BAD_SIGNATURE}, CERT_WRONG_UID},
		{"none is verified", {0, 0}, {GPG_ERR_GENERAL, GPG_ERR_GENERAL}, CERT_WRONG_UID},
	};
	struct made m;
	struct cert c;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		print_message("  %s\n", rows[i].name);
		make(&m, FPR, "Me <me@example.org>");
		for (k = 0; k < 2; k++) {
			sign(&m, k, "1111111111111111", 0x13, 1000 + k, rows[i].expires[k]);
			m.sig[k].status = rows[i].status[k];
		}
		assert_int_equal(judge(&m, true, &c), rows[i].use);
		assert_int_equal(judge(&m, false, &c), CERT_USABLE);
	}
}

static void test_subkeys(void **state)
{
	struct made m;
	struct cert c;

	(void)state;
	make(&m, FPR, "me@example.org");
	assert_int_equal(judge(&m, false, &c), CERT_USABLE);
	assert_true(c.n_enc == 1 && c.enc_keyid[0] == 0xEE && c.expires == 0);
	m.sub.expires = 4000000000;
	assert_int_equal(judge(&m, false, &c), CERT_USABLE);
	assert_true(c.expires == 4000000000);
	m.primary.expires = 3900000000;
	assert_int_equal(judge(&m, false, &c), CERT_USABLE);
	assert_true(c.expires == 3900000000);
	m.sub.curve = NULL; /* one that gpg does not know */
	assert_int_equal(judge(&m, false, &c), CERT_NO_ENCRYPTION);
	m.sub.curve = (char *)(uintptr_t) "cv25519";
	m.sub.pubkey_algo = (gpgme_pubkey_algo_t)35;
	assert_int_equal(judge(&m, false, &c), CERT_NO_ENCRYPTION);
	m.sub.pubkey_algo = GPGME_PK_RSA;
	assert_int_equal(judge(&m, false, &c), CERT_USABLE);
	m.sub.timestamp = time(NULL) + 100000; /* made in the future */
	assert_int_equal(judge(&m, false, &c), CERT_NO_ENCRYPTION);
	m.sub.timestamp = 1000;
	m.sub.disabled = 1;
	assert_int_equal(judge(&m, false, &c), CERT_NO_ENCRYPTION);
	m.sub.disabled = 0;
	m.primary.timestamp = time(NULL) + 100000;
	assert_int_equal(judge(&m, false, &c), CERT_UNSUPPORTED);
	m.primary.timestamp = 1000;
	m.key.disabled = 1;
	assert_int_equal(judge(&m, false, &c), CERT_UNSUPPORTED);
}

/* gpg encrypts to the newest, which may be the last of as many as the filter lets through: each is
 * known, or a message would not be for whom it should be. */
static void every_encryption_key_is_known(void **state)
{
	static struct _gpgme_subkey sub[CERT_SUBKEYS_MAX];
	static char id[CERT_SUBKEYS_MAX][17];
	struct made m;
	struct cert c;
	int i;

	(void)state;
	assert_true(CERT_SUBKEYS_MAX > FILTER_SUBKEYS_MAX);
	make(&m, FPR, "me@example.org");
	m.primary.next = &sub[0];
	for (i = 0; i < FILTER_SUBKEYS_MAX; i++) {
		snprintf(id[i], sizeof(id[i]), "%016X", 0x100 + i);
		sub[i] = m.sub;
		sub[i].keyid = id[i];
		sub[i].next = i + 1 < FILTER_SUBKEYS_MAX ? &sub[i + 1] : NULL;
	}
	assert_int_equal(judge(&m, false, &c), CERT_USABLE);
	assert_int_equal(c.n_enc, FILTER_SUBKEYS_MAX);
	assert_int_equal(c.enc_keyid[FILTER_SUBKEYS_MAX - 1], 0x100 + FILTER_SUBKEYS_MAX - 1);
}

/* The worst is said first. */
static void test_order(void **state)
{
	struct made m;
	struct cert c;

	(void)state;
	make(&m, FPR, "me@example.org");
	m.sub.revoked = 1;
	assert_int_equal(judge(&m, false, &c), CERT_NO_ENCRYPTION);
	m.uid.revoked = 1;
	assert_int_equal(judge(&m, false, &c), CERT_UID_REVOKED);
	m.key.expired = 1;
	m.primary.expires = 2000;
	assert_int_equal(judge(&m, false, &c), CERT_EXPIRED);
	assert_non_null(strstr(c.why, "1970-01-01"));
	m.key.revoked = 1;
	assert_int_equal(judge(&m, false, &c), CERT_REVOKED);
}

static void test_certified(void **state)
{
	const long past = 2000;
	struct addr a = me();
	struct made m, pin, twin;
	gpgme_key_t list[3] = {&m.key, &pin.key, &twin.key};
	struct gpg_keys keys = {.v = list, .n = 2};

	(void)state;
	make(&pin, PIN, "Pin <me@example.org>");
	make(&twin, TWIN, "Twin <me@example.org>");
	make(&m, FPR, "Me <me@example.org>");
	sign(&m, 0, "1111111111111111", 0x13, 1000, 0);
	sign(&m, 1, "2222222222222222", 0x10, 1000, 0);
	assert_true(judge_certified(&keys, &m.key, PIN, &a, false));
	/* Another key with the pin's key ID could have made it. */
	keys.n = 3;
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	keys.n = 2;
	pin.key.revoked = 1;
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	pin.key.revoked = 0;
	pin.key.expired = 1;
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	pin.key.expired = 0;
	m.uid.revoked = 1;
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	m.uid.revoked = 0;
	m.sig[1].expires = past;
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	m.sig[1].expires = 0;
	m.sig[1].status = GPG_ERR_BAD_SIGNATURE;
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	m.sig[1].status = 0;
	m.sig[1].sig_class = 0x18;
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	m.sig[1].sig_class = 0x12;
	assert_true(judge_certified(&keys, &m.key, PIN, &a, false));
	/* Taken back, even where gpg could not verify that. */
	sign(&m, 2, "2222222222222222", 0x30, 1001, 0);
	m.sig[2].status = GPG_ERR_GENERAL;
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	m.sig[1].next = NULL;
	m.uid.uid = (char *)(uintptr_t) "Me <other@example.org>";
	assert_false(judge_certified(&keys, &m.key, PIN, &a, false));
	assert_false(judge_certified(&keys, &m.key, "", &a, false));
	assert_false(judge_certified(&keys, &m.key, NULL, &a, false));
	assert_false(judge_certified(&keys, &pin.key, PIN, &a, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uid_expiry),
		cmocka_unit_test(test_subkeys),
		cmocka_unit_test(every_encryption_key_is_known),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_certified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
