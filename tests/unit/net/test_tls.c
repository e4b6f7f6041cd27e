/* net/tlsa and net/ca: what binds a server's key, over a small chain made here: root, intermediate,
 * leaf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "net/ca.h"
#include "net/tlsa.h"

enum { LEAF, INTER, ROOT, CERTS };

static EVP_PKEY *key[CERTS];
static X509 *cert[CERTS];
static STACK_OF(X509) *chain;

static void name(X509_NAME *n, const char *cn, int type)
{
	assert_int_equal(
		X509_NAME_add_entry_by_txt(n, "CN", type, (const unsigned char *)cn, -1, -1, 0), 1);
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *e;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
}

/* issuer NULL: signed by itself. as: the issuer's name, if it is not to be written as the issuer
 * writes it. */
static X509 *make(const char *cn, EVP_PKEY *own, X509 *issuer, EVP_PKEY *signer, const char *as)
{
	X509 *x = X509_new();
	bool ca = strcmp(cn, "leaf") != 0;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	name(X509_get_subject_name(x), cn, MBSTRING_UTF8);
	X509_set_pubkey(x, own);
	if (as)
		name(X509_get_issuer_name(x), as, MBSTRING_UTF8);
	else
		X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	extend(x, x, NID_basic_constraints, ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	extend(x, x, NID_subject_key_identifier, "hash");
	extend(x, issuer ? issuer : x, NID_authority_key_identifier, "keyid");
	assert_true(X509_sign(x, signer, EVP_sha256()) > 0);
	return x;
}

static int setup(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < CERTS; i++)
		key[i] = EVP_EC_gen("P-256");
	cert[ROOT] = make("root", key[ROOT], NULL, key[ROOT], NULL);
	cert[INTER] = make("inter", key[INTER], cert[ROOT], key[ROOT], NULL);
	cert[LEAF] = make("leaf", key[LEAF], cert[INTER], key[INTER], NULL);
	chain = sk_X509_new_null();
	for (i = 0; i < CERTS; i++)
		sk_X509_push(chain, cert[i]);
	return 0;
}

static int teardown(void **state)
{
	int i;

	(void)state;
	sk_X509_free(chain);
	for (i = 0; i < CERTS; i++) {
		X509_free(cert[i]);
		EVP_PKEY_free(key[i]);
	}
	return 0;
}

/* The record that would match which. */
static size_t record(uint8_t *out, int usage, int selector, int matching, int which)
{
	uint8_t *der = NULL;
	int len = selector ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert[which]), &der)
			   : i2d_X509(cert[which], &der);
	size_t n = 3;

	out[0] = (uint8_t)usage;
	out[1] = (uint8_t)selector;
	out[2] = (uint8_t)matching;
	if (matching == 0) {
		memcpy(out + n, der, (size_t)len);
		n += (size_t)len;
	} else if (matching == 1) {
		SHA256(der, (size_t)len, out + n);
		n += SHA256_DIGEST_LENGTH;
	} else {
		SHA512(der, (size_t)len, out + n);
		n += SHA512_DIGEST_LENGTH;
	}
	OPENSSL_free(der);
	return n;
}

/* Odd usages bind the leaf, even ones what is above it; every selector and matching type. */
static void tlsa_every_kind(void **state)
{
	uint8_t raw[2048];
	int usage, selector, matching, which;

	(void)state;
	for (usage = 0; usage <= 3; usage++)
		for (selector = 0; selector <= 1; selector++)
			for (matching = 0; matching <= 2; matching++)
				for (which = 0; which < CERTS; which++) {
					struct tlsa_set set = {.n = 0};
					size_t len = record(raw, usage, selector, matching, which);

					tlsa_add(&set, raw, len);
					assert_int_equal(set.n, 1);
					assert_int_equal(tlsa_match(&set, chain),
						(usage & 1) == (which == LEAF));
					raw[len - 1] ^= 1;
					set.n = 0;
					tlsa_add(&set, raw, len);
					assert_false(tlsa_match(&set, chain));
				}
}

static void tlsa_unusable(void **state)
{
	static const struct {
		uint8_t head[3];
		size_t len; /* of the data behind it */
	} bad[] = {{{4, 1, 1}, 32}, {{255, 1, 1}, 32}, {{3, 2, 1}, 32}, {{3, 1, 3}, 32},
		{{3, 1, 1}, 31}, {{3, 1, 1}, 33}, {{3, 1, 1}, 0}, {{3, 1, 2}, 32}, {{3, 1, 2}, 65},
		{{3, 0, 0}, 0}};
	uint8_t raw[128] = {0};
	struct tlsa_set set = {.n = 0};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memcpy(raw, bad[i].head, 3);
		tlsa_add(&set, raw, 3 + bad[i].len);
		assert_int_equal(set.n, 0);
	}
	for (i = 0; i < 3; i++)
		tlsa_add(&set, raw, i);
	assert_int_equal(set.n, 0);
	assert_false(tlsa_match(&set, chain));
	for (i = 0; i < 2 * TLSA_MAX; i++) {
		size_t len = record(raw, 3, 1, 1, ROOT);

		tlsa_add(&set, raw, len);
	}
	assert_int_equal(set.n, TLSA_MAX);
	assert_false(tlsa_match(&set, chain));
	assert_false(tlsa_match(&set, NULL));
}

/* A stronger digest of the same usage and selector displaces a weaker one, and only that. */
static void tlsa_agility(void **state)
{
	uint8_t good[2048], wrong[2048];
	struct tlsa_set set = {.n = 0};
	size_t len = record(good, 3, 1, 1, LEAF), wrong_len = record(wrong, 3, 1, 2, ROOT);

	(void)state;
	tlsa_add(&set, good, len);
	tlsa_add(&set, wrong, wrong_len);
	assert_int_equal(set.n, 2);
	assert_false(tlsa_match(&set, chain));
	wrong_len = record(wrong, 3, 0, 2, ROOT);
	set.n = 0;
	tlsa_add(&set, good, len);
	tlsa_add(&set, wrong, wrong_len);
	assert_true(tlsa_match(&set, chain));
}

static X509_STORE *open_bundle(X509 *const *certs, size_t n, const char *rest, int want)
{
	char path[] = "/tmp/test_tls.XXXXXX";
	X509_STORE *store = NULL;
	FILE *f = fdopen(mkstemp(path), "w");
	size_t i;

	assert_non_null(f);
	for (i = 0; i < n; i++) {
		fprintf(f, "# a comment\n");
		PEM_write_X509(f, certs[i]);
	}
	fprintf(f, "%s", rest);
	fclose(f);
	assert_int_equal(ca_open(path, &store, NULL), want);
	unlink(path);
	return store;
}

static int verify(X509_STORE *store, X509 *x, STACK_OF(X509) *others)
{
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	int rc;

	assert_int_equal(X509_STORE_CTX_init(c, store, x, others), 1);
	rc = X509_verify_cert(c);
	X509_STORE_CTX_free(c);
	return rc;
}

/* A chain is found when its root is in the bundle; only then; and twice. */
static void ca_chain(void **state)
{
	X509 *other = make("other", key[LEAF], NULL, key[LEAF], NULL);
	/* Of the same name as the root, with another key. */
	X509 *namesake = make("root", key[LEAF], NULL, key[LEAF], NULL);
	X509 *with[] = {other, namesake, cert[ROOT]}, *without[] = {other, namesake};
	X509_STORE *store;

	(void)state;
	store = open_bundle(with, 3, "", 0);
	assert_int_equal(verify(store, cert[LEAF], chain), 1);
	assert_int_equal(verify(store, cert[LEAF], chain), 1);
	assert_int_equal(verify(store, cert[LEAF], NULL), 0);
	X509_STORE_free(store);
	store = open_bundle(without, 2, "", 0);
	assert_int_equal(verify(store, cert[LEAF], chain), 0);
	assert_int_equal(verify(store, cert[ROOT], NULL), 0);
	X509_STORE_free(store);
	X509_free(other);
	X509_free(namesake);
}

/* RFC 5280 section 7.1: names are compared by meaning, not by encoding. */
static void ca_name_form(void **state)
{
	X509 *root = make("ROOT  Name", key[ROOT], NULL, key[ROOT], NULL);
	X509 *leaf = make("leaf", key[LEAF], root, key[ROOT], "root name");
	X509_STORE *store = open_bundle(&root, 1, "", 0);

	(void)state;
	assert_int_equal(verify(store, leaf, NULL), 1);
	X509_STORE_free(store);
	X509_free(root);
	X509_free(leaf);
}

static void ca_bad_bundles(void **state)
{
	static const char *const bad[] = {"", "hello\n", "-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"};
	X509_STORE *store = NULL;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(open_bundle(NULL, 0, bad[i], ERR_CONFIG));
	assert_null(open_bundle(&cert[ROOT], 1, bad[5], ERR_CONFIG));
	assert_int_equal(ca_open("/nonexistent", &store, &err), ERR_CONFIG);
	assert_int_equal(err.code, ERR_CONFIG);
}

/* Every cut of a certificate, and every octet of its head changed: never a view beyond its end. */
static void ca_damaged(void **state)
{
	uint8_t *der = NULL, *copy;
	const uint8_t *subject;
	size_t len = (size_t)i2d_X509(cert[INTER], &der), n, i, v;

	(void)state;
	subject = ca_subject(der, len, &n);
	assert_non_null(subject);
	for (i = 0; i < len; i++) {
		copy = malloc(i + 1);
		memcpy(copy, der, i);
		assert_null(ca_subject(copy, i, &n));
		free(copy);
	}
	for (i = 0; i < 120 && i < len; i++) {
		for (v = 0; v < 256; v++) {
			copy = malloc(len);
			memcpy(copy, der, len);
			copy[i] = (uint8_t)v;
			subject = ca_subject(copy, len, &n);
			assert_true(!subject || (subject >= copy && subject + n <= copy + len));
			free(copy);
		}
	}
	OPENSSL_free(der);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tlsa_every_kind),
		cmocka_unit_test(tlsa_unusable), cmocka_unit_test(tlsa_agility),
		cmocka_unit_test(ca_chain), cmocka_unit_test(ca_name_form),
		cmocka_unit_test(ca_bad_bundles), cmocka_unit_test(ca_damaged)};

	return cmocka_run_group_tests_name("tls", tests, setup, teardown);
}
