/* SPDX-License-Identifier: ISC */
/*
 * net/ct_logs: which logs a list (log_list v3) gives, and which lists are not gone by. net/cert:
 * SCTs of a certificate, made here as a log makes them, verified after a handshake.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ct.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "net/cert.h"
#include "net/ct_logs.h"

#define NOW 1800000000 /* 2027-01-15T08:00:00Z */
#define FRESH "2027-01-10T00:00:00Z"

static EVP_PKEY *key;
static char key64[1000];
static uint8_t log_id[SHA256_DIGEST_LENGTH];

static int make_key(void **state)
{
	uint8_t *der = NULL;
	int len;

	(void)state;
	key = EVP_EC_gen("P-256");
	len = i2d_PUBKEY(key, &der);
	if (len <= 0)
		return -1;
	SHA256(der, (size_t)len, log_id);
	EVP_EncodeBlock((unsigned char *)key64, der, len);
	OPENSSL_free(der);
	return 0;
}

static int drop_key(void **state)
{
	(void)state;
	EVP_PKEY_free(key);
	return 0;
}

/* A list with one log in that state, made at that time. */
static int open_list(const char *made, const char *kind, const char *log_key, const char *log_state,
	struct ct_logs **out, struct err *err)
{
	char path[] = "/tmp/test_ct.XXXXXX";
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_true(dprintf(fd,
			    "{\"log_list_timestamp\": \"%s\", \"operators\": [{\"name\": \"x\", "
			    "\"%s\": ["
			    "{\"description\": \"d\", \"key\": \"%s\", \"state\": {%s}}]}]}",
			    made, kind, log_key, log_state) > 0);
	close(fd);
	rc = ct_logs_open(path, NOW, out, err);
	unlink(path);
	return rc;
}

#define USABLE "\"usable\": {\"timestamp\": \"2020-01-01T00:00:00Z\"}"

static void lists(void **state)
{
	static const struct {
		const char *made, *kind, *state;
		const char *error; /* NULL: the log is there */
	} t[] = {
		{FRESH, "logs", USABLE, NULL},
		{FRESH, "tiled_logs", USABLE, NULL},
		{FRESH, "logs", "\"readonly\": {}", NULL},
		{FRESH, "logs", "\"retired\": {\"timestamp\": \"2026-01-01T00:00:00Z\"}", NULL},
		{FRESH, "logs", "\"pending\": {}", "no log that counts"},
		{FRESH, "logs", "\"rejected\": {}", "no log that counts"},
		{FRESH, "others", USABLE, "no log that counts"},
		{"2026-10-01T00:00:00Z", "logs", USABLE, "days old"},
		{"yesterday", "logs", USABLE, "not a list of logs"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err err = ERR_INIT;
		struct ct_logs *l = NULL;
		int rc = open_list(t[i].made, t[i].kind, key64, t[i].state, &l, &err);

		if (t[i].error) {
			assert_int_equal(rc, ERR_CONFIG);
			assert_non_null(strstr(err.msg, t[i].error));
			assert_null(l);
		} else {
			assert_int_equal(rc, 0);
			assert_non_null(CTLOG_STORE_get0_log_by_id(
				ct_logs_store(l), log_id, sizeof(log_id)));
		}
		ct_logs_free(l);
	}
}

/* A key that is none, and text that would add a section of its own to what OpenSSL reads. */
static void hostile(void **state)
{
	static const char *const keys[] = {"", "AAAA", "AAAA\\n[log1]\\nkey = AAAA", "${ENV}"};
	struct ct_logs *l = NULL;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		assert_int_equal(open_list(FRESH, "logs", keys[i], USABLE, &l, &err), ERR_CONFIG);
		assert_null(l);
	}
	assert_int_equal(ct_logs_open("/nonexistent", NOW, &l, &err), ERR_CONFIG);
}

/* What a log signed after it was retired does not count. */
static void retired(void **state)
{
	struct ct_logs *l = NULL;
	struct err err = ERR_INIT;
	SCT *s = SCT_new();

	(void)state;
	assert_int_equal(
		open_list(FRESH, "logs", key64,
			"\"retired\": {\"timestamp\": \"2026-01-01T00:00:00Z\"}", &l, &err),
		0);
	assert_int_equal(SCT_set_version(s, SCT_VERSION_V1), 1);
	assert_int_equal(SCT_set1_log_id(s, log_id, sizeof(log_id)), 1);
	SCT_set_timestamp(s, UINT64_C(1767225599000));
	assert_true(ct_logs_counted(l, s));
	SCT_set_timestamp(s, UINT64_C(1767225600000));
	assert_false(ct_logs_counted(l, s));
	assert_false(ct_logs_counted(NULL, s));
	SCT_free(s);
	ct_logs_free(l);
}

/* A certificate of issuer's (NULL: its own), not signed yet. */
static X509 *certificate(EVP_PKEY *own, X509 *issuer, const char *cn)
{
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, own);
	X509_NAME_add_entry_by_txt(
		name, "O", MBSTRING_ASC, (const unsigned char *)"Org", -1, -1, 0);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	return x;
}

static size_t put(uint8_t *out, uint64_t v, unsigned octets)
{
	unsigned i;

	for (i = 0; i < octets; i++)
		out[i] = (uint8_t)(v >> 8 * (octets - 1 - i));
	return octets;
}

/* RFC 6962 section 3.2: what a log signs of a precertificate. */
static size_t signed_part(uint8_t *out, X509 *x, X509 *issuer, uint64_t timestamp)
{
	uint8_t *tbs = NULL, *spki = NULL;
	int tbs_len = i2d_re_X509_tbs(x, &tbs),
	    spki_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(issuer), &spki);
	size_t n = 0;

	assert_true(tbs_len > 0 && tbs_len < 1500 && spki_len > 0);
	n += put(out + n, 0, 2); /* v1, certificate_timestamp */
	n += put(out + n, timestamp, 8);
	n += put(out + n, 1, 2); /* precert_entry */
	SHA256(spki, (size_t)spki_len, out + n);
	n += SHA256_DIGEST_LENGTH;
	n += put(out + n, (uint64_t)tbs_len, 3);
	memcpy(out + n, tbs, (size_t)tbs_len);
	n += (size_t)tbs_len;
	n += put(out + n, 0, 2); /* no extensions */
	OPENSSL_free(tbs);
	OPENSSL_free(spki);
	return n;
}

static void add_sct(X509 *x, X509 *issuer, EVP_PKEY *log, bool damaged)
{
	uint8_t part[2000], sig[200];
	uint64_t timestamp = ((uint64_t)time(NULL) - 60) * 1000;
	size_t len, sig_len = sizeof(sig);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	STACK_OF(SCT) *list = sk_SCT_new_null();
	SCT *s = SCT_new();

	len = signed_part(part, x, issuer, timestamp);
	part[len - 3] ^= damaged;
	assert_int_equal(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, log), 1);
	assert_int_equal(EVP_DigestSign(md, sig, &sig_len, part, len), 1);
	EVP_MD_CTX_free(md);
	assert_int_equal(SCT_set_version(s, SCT_VERSION_V1), 1);
	assert_int_equal(SCT_set_log_entry_type(s, CT_LOG_ENTRY_TYPE_PRECERT), 1);
	assert_int_equal(SCT_set1_log_id(s, log_id, sizeof(log_id)), 1);
	SCT_set_timestamp(s, timestamp);
	assert_int_equal(SCT_set_signature_nid(s, NID_ecdsa_with_SHA256), 1);
	assert_int_equal(SCT_set1_signature(s, sig, sig_len), 1);
	sk_SCT_push(list, s);
	assert_int_equal(X509_add1_ext_i2d(x, NID_ct_precert_scts, list, 0, X509V3_ADD_DEFAULT), 1);
	SCT_LIST_free(list);
}

/* What a client sees of a server that shows x. */
static void handshake(X509 *x, EVP_PKEY *own, STACK_OF(X509) *chain, const struct ct_logs *logs,
	struct cert_seen *seen)
{
	SSL_CTX *sc = SSL_CTX_new(TLS_server_method()), *cc = SSL_CTX_new(TLS_client_method());
	SSL *server, *client;
	BIO *a = NULL, *b = NULL;
	int i, done = 0;

	assert_int_equal(SSL_CTX_use_certificate(sc, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(sc, own), 1);
	cert_ask_scts(cc);
	server = SSL_new(sc);
	client = SSL_new(cc);
	assert_int_equal(BIO_new_bio_pair(&a, 0, &b, 0), 1);
	SSL_set_bio(server, a, a);
	SSL_set_bio(client, b, b);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	for (i = 0; i < 20 && done != 3; i++)
		done = (SSL_do_handshake(client) == 1) | (SSL_do_handshake(server) == 1) << 1;
	assert_int_equal(done, 3);
	cert_see(client, chain, logs, seen);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(sc);
	SSL_CTX_free(cc);
}

static void scts(void **state)
{
	static const struct {
		bool sct, damaged, other_log, list;
		unsigned valid, invalid, unknown;
	} t[] = {
		{false, false, false, true, 0, 0, 0},
		{true, false, false, false, 0, 0, 0},
		{true, false, false, true, 1, 0, 0},
		{true, true, false, true, 0, 1, 0},
		{true, false, true, true, 0, 0, 1},
	};
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *own = EVP_EC_gen("P-256");
	X509 *ca = certificate(ca_key, NULL, "ca");
	uint8_t kept[sizeof(log_id)];
	struct err err = ERR_INIT;
	struct ct_logs *logs = NULL;
	size_t i;

	(void)state;
	memcpy(kept, log_id, sizeof(kept));
	assert_true(X509_sign(ca, ca_key, EVP_sha256()) > 0);
	assert_int_equal(open_list(FRESH, "logs", key64, USABLE, &logs, &err), 0);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		X509 *x = certificate(own, ca, "host");
		STACK_OF(X509) *chain = sk_X509_new_null();
		struct cert_seen seen;

		/* Its signature's algorithm is part of what a log signs. */
		assert_true(X509_sign(x, ca_key, EVP_sha256()) > 0);
		log_id[0] ^= t[i].other_log;
		if (t[i].sct)
			add_sct(x, ca, key, t[i].damaged);
		memcpy(log_id, kept, sizeof(kept));
		assert_true(X509_sign(x, ca_key, EVP_sha256()) > 0);
		sk_X509_push(chain, x);
		sk_X509_push(chain, ca);
		handshake(x, own, chain, t[i].list ? logs : NULL, &seen);
		assert_true(seen.seen);
		assert_string_equal(seen.subject, "host");
		assert_string_equal(seen.issuer, "O=Org, CN=ca");
		assert_int_equal(seen.sct_x509, t[i].sct);
		assert_int_equal(seen.sct_tls + seen.sct_ocsp, 0);
		assert_int_equal(seen.verified, t[i].list);
		assert_int_equal(seen.sct_valid, t[i].valid);
		assert_int_equal(seen.sct_invalid, t[i].invalid);
		assert_int_equal(seen.sct_unknown_log, t[i].unknown);
		sk_X509_free(chain);
		X509_free(x);
	}
	ct_logs_free(logs);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(hostile),
		cmocka_unit_test(retired),
		cmocka_unit_test(scts),
	};

	return cmocka_run_group_tests(tests, make_key, drop_key);
}
