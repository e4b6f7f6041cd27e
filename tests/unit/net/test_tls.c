/* SPDX-License-Identifier: ISC */
/* net/tlsa and net/trust: what binds a server's key, over a small chain made here: root,
 * intermediate, leaf. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "net/smtp_tls.h"
#include "net/tlsa.h"
#include "net/trust.h"

enum { LEAF, INTER, ROOT, CERTS };

static EVP_PKEY *key[CERTS];
static X509 *cert[CERTS];
static STACK_OF(X509) *chain;
static char dir[] = "/tmp/test_tls.XXXXXX";
static char folder[64], bundle[64], authority_file[64], hashed[96];

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
	assert_non_null(mkdtemp(dir));
	snprintf(folder, sizeof(folder), "%s/certs", dir);
	snprintf(bundle, sizeof(bundle), "%s/bundle.pem", dir);
	snprintf(authority_file, sizeof(authority_file), "%s/authority.crt", dir);
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
	unlink(bundle);
	unlink(authority_file);
	rmdir(dir);
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

static void write_certs(const char *path, X509 *const *certs, size_t n, const char *rest)
{
	FILE *f = fopen(path, "w");
	size_t i;

	assert_non_null(f);
	for (i = 0; i < n; i++) {
		fprintf(f, "# a comment\n");
		PEM_write_X509(f, certs[i]);
	}
	fprintf(f, "%s", rest);
	fclose(f);
}

/* host: the certificate has to be for it, NULL: for any. The error, X509_V_OK if there is none. */
static int verify(struct trust *t, X509 *x, STACK_OF(X509) *others, const char *host)
{
	X509_STORE_CTX *c = X509_STORE_CTX_new();
	int ok, error;

	assert_int_equal(X509_STORE_CTX_init(c, trust_store(t), x, others), 1);
	if (host)
		assert_int_equal(
			X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(c), host, 0), 1);
	ok = trust_verify(t, c);
	error = X509_STORE_CTX_get_error(c);
	assert_int_equal(ok > 0, error == X509_V_OK);
	if (ok > 0)
		assert_ptr_equal(sk_X509_value(X509_STORE_CTX_get0_chain(c), 0), x);
	X509_STORE_CTX_free(c);
	assert_int_equal(ERR_peek_error(), 0);
	return error;
}

#define DAMAGED "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
#define UNTRUSTED X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN

enum { NAMESAKE = CERTS, OTHER, NOTHING };

/* Where the root is, and what becomes of its leaf. */
static const struct {
	const char *what;
	int folder, bundle; /* what lies there */
	const char *rest;   /* of the bundle */
	const char *host;
	int error;
	bool broken;
} authority[] = {
	{"1 in the folder and the bundle", ROOT, ROOT},
	{"2 in the folder alone", ROOT, OTHER},
	{"3 in the folder, and the bundle is damaged", ROOT, OTHER, DAMAGED},
	{"4 in the bundle alone, and the folder has others", OTHER, ROOT},
	{"5 in the bundle, and there is no folder", NOTHING, ROOT},
	{"6 in the bundle, and in the folder one of its name with another key", NAMESAKE, ROOT},
	{"7 in neither", OTHER, OTHER, .error = UNTRUSTED},
	{"8 in neither, both have one of its name with another key", NAMESAKE, NAMESAKE,
		.error = UNTRUSTED},
	{"9 in a bundle that is damaged", OTHER, ROOT, DAMAGED, .error = UNTRUSTED, .broken = true},
	{"10 in an empty bundle", OTHER, NOTHING, .error = UNTRUSTED, .broken = true},
	{"11 in the folder, for another host", ROOT, OTHER, "", "else",
		X509_V_ERR_HOSTNAME_MISMATCH},
	{"12 in the bundle, for another host", OTHER, ROOT, "", "else",
		X509_V_ERR_HOSTNAME_MISMATCH},
	{"13 in the bundle, for the host", OTHER, ROOT, "", "leaf"},
};

/* The folder as openssl-rehash(1) makes it: links to files elsewhere. NULL: there is none. */
static void make_folder(X509 *x)
{
	unlink(hashed);
	rmdir(folder);
	if (!x)
		return;
	assert_int_equal(mkdir(folder, 0700), 0);
	write_certs(authority_file, &x, 1, "");
	snprintf(hashed, sizeof(hashed), "%s/%08lx.0", folder, X509_subject_name_hash(x));
	assert_int_equal(symlink(authority_file, hashed), 0);
}

static void trust_system(void **state)
{
	X509 *all[] = {[ROOT] = cert[ROOT],
		[NAMESAKE] = make("root", key[LEAF], NULL, key[LEAF], NULL),
		[OTHER] = make("other", key[LEAF], NULL, key[LEAF], NULL),
		[NOTHING] = NULL};
	struct trust *t;
	size_t i;
	int got, again;

	(void)state;
	for (i = 0; i < sizeof(authority) / sizeof(authority[0]); i++) {
		make_folder(all[authority[i].folder]);
		write_certs(bundle, &all[authority[i].bundle], authority[i].bundle != NOTHING,
			authority[i].rest ? authority[i].rest : "");
		t = NULL;
		assert_int_equal(trust_open_system(folder, bundle, &t, NULL), 0);
		got = verify(t, cert[LEAF], chain, authority[i].host);
		again = verify(t, cert[LEAF], chain, authority[i].host);
		if (got != authority[i].error || again != got)
			print_error("row %s: %d, %d\n", authority[i].what, got, again);
		assert_int_equal(got, authority[i].error);
		assert_int_equal(again, got);
		assert_int_equal(trust_broken(t) != NULL, authority[i].broken);
		assert_int_not_equal(verify(t, cert[LEAF], NULL, NULL), X509_V_OK);
		trust_free(t);
	}
	make_folder(NULL);
	unlink(bundle);
	t = NULL;
	assert_int_equal(trust_open_system(folder, bundle, &t, NULL), ERR_CONFIG);
	assert_null(t);
	X509_free(all[NAMESAKE]);
	X509_free(all[OTHER]);
}

/* RFC 5280 section 7.1: names are compared by meaning, not by encoding. */
static void trust_name_form(void **state)
{
	X509 *root = make("ROOT  Name", key[ROOT], NULL, key[ROOT], NULL);
	X509 *leaf = make("leaf", key[LEAF], root, key[ROOT], "root name");
	struct trust *t = NULL;

	(void)state;
	make_folder(root);
	write_certs(bundle, &cert[ROOT], 1, "");
	assert_int_equal(trust_open_system(folder, bundle, &t, NULL), 0);
	assert_int_equal(verify(t, leaf, NULL, NULL), X509_V_OK);
	trust_free(t);
	make_folder(NULL);
	write_certs(bundle, &root, 1, "");
	assert_int_equal(trust_open(bundle, &t, NULL), 0);
	assert_int_equal(verify(t, leaf, NULL, NULL), X509_V_OK);
	trust_free(t);
	X509_free(root);
	X509_free(leaf);
}

/* A file of one's own: what it holds counts, and nothing else. */
static void trust_file(void **state)
{
	static const char *const bad[] = {"", "hello\n", "-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", DAMAGED};
	X509 *two[] = {cert[INTER], cert[ROOT]};
	struct trust *t = NULL;
	struct err err = ERR_INIT;
	size_t i;
	int got, want;

	(void)state;
	write_certs(bundle, two, 2, "");
	assert_int_equal(trust_open(bundle, &t, NULL), 0);
	assert_int_equal(verify(t, cert[LEAF], chain, NULL), X509_V_OK);
	assert_int_equal(verify(t, cert[LEAF], NULL, NULL), X509_V_OK);
	trust_free(t);
	write_certs(bundle, two, 1, "");
	assert_int_equal(trust_open(bundle, &t, NULL), 0);
	assert_int_not_equal(verify(t, cert[LEAF], chain, NULL), X509_V_OK);
	assert_null(trust_broken(t));
	trust_free(t);
	t = NULL;
	for (i = 0; i < 2 * sizeof(bad) / sizeof(bad[0]); i++) {
		write_certs(bundle, two, i % 2 ? 2 : 0, bad[i / 2]);
		want = i % 2 && i / 2 < 2 ? 0 : ERR_CONFIG;
		got = trust_open(bundle, &t, &err);
		if (got != want)
			print_error("row %zu, %zu before it: %d\n", i / 2, i % 2 * 2, got);
		assert_int_equal(got, want);
		trust_free(t);
		t = NULL;
	}
	assert_int_equal(trust_open("/nonexistent", &t, &err), ERR_CONFIG);
	assert_string_equal(err.msg, "/nonexistent: No such file or directory");
}

/* The leaf with these names. */
static X509 *make_named(const char *alternatives)
{
	X509 *x = make("leaf", key[LEAF], cert[INTER], key[INTER], NULL);

	extend(x, cert[INTER], NID_subject_alt_name, alternatives);
	assert_true(X509_sign(x, key[INTER], EVP_sha256()) > 0);
	return x;
}

/* Serves one handshake, with the chain but for its root; exits with 0 if it was finished. */
static pid_t serve_handshake(int fd, int newest)
{
	SSL_CTX *ctx;
	SSL *ssl;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	ctx = SSL_CTX_new(TLS_server_method());
	if (!ctx || SSL_CTX_use_certificate(ctx, cert[LEAF]) != 1 ||
		SSL_CTX_use_PrivateKey(ctx, key[LEAF]) != 1 ||
		SSL_CTX_add1_chain_cert(ctx, cert[INTER]) != 1 ||
		SSL_CTX_set_max_proto_version(ctx, newest) != 1)
		_exit(2);
	ssl = SSL_new(ctx);
	_exit(ssl && SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1 ? 0 : 1);
}

/* A handshake with a server that knows TLS up to newest, and what came of it. r NULL: it fails, for
 * both. */
static void speak_tls(
	int newest, const struct smtp_request *q, struct smtp_verify *v, struct smtp_result *r)
{
	int fd[2], status;
	pid_t pid;
	SSL *ssl;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
	pid = serve_handshake(fd[1], newest);
	assert_true(pid > 0);
	close(fd[1]);
	ssl = smtp_tls_new(fd[0], q, v);
	assert_non_null(ssl);
	assert_int_equal(SSL_connect(ssl) == 1, r != NULL);
	if (r)
		smtp_tls_take(ssl, v, NULL, r);
	SSL_free(ssl);
	sk_X509_pop_free(v->chain, X509_free);
	close(fd[0]);
	assert_true(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status == 0, r != NULL);
}

/* A server of mail, by its TLSA records and by the web PKI; neither keeps the other from being
 * told. */
static void mail_server(void **state)
{
	enum { NO_RECORD = CERTS, GOOD_AND_BAD, STRONGER_BAD };
	static const struct {
		const char *name, *host, *hop; /* of the request; hop: a second name that counts */
		int usage, selector, matching;
		int of;        /* what the record is of */
		bool unknown;  /* nobody here trusts the root */
		bool nameless; /* but for a common name */
		bool matched, trusted, wrong_name;
		const char *why_tlsa, *why_trust;
	} row[] = {
		{"1 no records", "leaf", NULL, .of = NO_RECORD, .trusted = true},
		{"2 another name", "mx.example", NULL, .of = NO_RECORD, .wrong_name = true,
			.why_trust = "its certificate is not for its name"},
		{"3 an authority nobody knows", "leaf", NULL, .of = NO_RECORD, .unknown = true,
			.why_trust = "unable to get local issuer certificate"},
		{"4 3 1 1", "leaf", NULL, 3, 1, 1, LEAF, .matched = true, .trusted = true},
		{"5 3 1 1, another name: it needs none", "mx.example", NULL, 3, 1, 1, LEAF,
			.matched = true, .wrong_name = true,
			.why_trust = "its certificate is not for its name"},
		{"6 3 1 1, an authority nobody knows", "leaf", NULL, 3, 1, 1, LEAF, .unknown = true,
			.matched = true, .why_trust = "unable to get local issuer certificate"},
		{"7 3 0 1", "leaf", NULL, 3, 0, 1, LEAF, .matched = true, .trusted = true},
		{"8 3 1 2", "leaf", NULL, 3, 1, 2, LEAF, .matched = true, .trusted = true},
		{"9 3 1 0, the whole key", "leaf", NULL, 3, 1, 0, LEAF, .matched = true,
			.trusted = true},
		{"10 3 1 1 of another key", "leaf", NULL, 3, 1, 1, ROOT, .trusted = true,
			.why_tlsa = "its certificate does not match its TLSA records"},
		{"11 2 1 1 of the intermediate", "leaf", NULL, 2, 1, 1, INTER, .matched = true,
			.trusted = true},
		{"12 2 0 1, another name", "mx.example", NULL, 2, 0, 1, INTER, .wrong_name = true,
			.why_tlsa = "hostname mismatch",
			.why_trust = "its certificate is not for its name"},
		{"13 2 0 1, the name of the next hop", "mx.example", "leaf", 2, 0, 1, INTER,
			.matched = true, .wrong_name = true,
			.why_trust = "its certificate is not for its name"},
		{"14 2 1 1 of the leaf", "leaf", NULL, 2, 1, 1, LEAF, .trusted = true,
			.why_tlsa = "its certificate does not match its TLSA records"},
		{"15 one of two", "leaf", NULL, 3, 1, 1, GOOD_AND_BAD, .matched = true,
			.trusted = true},
		{"16 a stronger one that does not match hides it", "leaf", NULL, 3, 1, 1,
			STRONGER_BAD, .trusted = true,
			.why_tlsa = "its certificate does not match its TLSA records"},
		{"17 a common name alone", "leaf", NULL, .of = NO_RECORD, .nameless = true,
			.wrong_name = true, .why_trust = "its certificate is not for its name"},
		{"18 3 1 1, a common name alone", "leaf", NULL, 3, 1, 1, LEAF, .nameless = true,
			.matched = true, .wrong_name = true,
			.why_trust = "its certificate is not for its name"},
		{"19 2 1 1, a common name alone, which counts there", "leaf", NULL, 2, 1, 1, INTER,
			.nameless = true, .matched = true, .wrong_name = true,
			.why_trust = "its certificate is not for its name"},
	};
	X509 *nameless = cert[LEAF], *named = make_named("DNS:leaf");
	X509 *other = make("other", key[ROOT], NULL, key[ROOT], NULL);
	struct trust *known = NULL, *unknown = NULL;
	uint8_t raw[2048];
	size_t i, len;

	(void)state;
	write_certs(bundle, &cert[ROOT], 1, "");
	assert_int_equal(trust_open(bundle, &known, NULL), 0);
	write_certs(bundle, &other, 1, "");
	assert_int_equal(trust_open(bundle, &unknown, NULL), 0);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct tlsa_set set = {.n = 0};
		struct smtp_request q = {
			.host = row[i].host, .tlsa = &set, .name = {row[i].host, row[i].hop}};
		struct smtp_verify v = {.trust = row[i].unknown ? unknown : known};
		struct smtp_result r = {.stage = SMTP_NO_TLS};
		const char *why_tlsa = row[i].why_tlsa ? row[i].why_tlsa : "";
		const char *why_trust = row[i].why_trust ? row[i].why_trust : "";

		cert[LEAF] = row[i].nameless ? nameless : named;
		if (row[i].of != NO_RECORD) {
			len = record(raw, row[i].usage, row[i].selector, row[i].matching,
				row[i].of < CERTS ? row[i].of : LEAF);
			tlsa_add(&set, raw, len);
		}
		if (row[i].of == GOOD_AND_BAD || row[i].of == STRONGER_BAD) {
			len = record(raw, row[i].usage, row[i].selector,
				row[i].of == STRONGER_BAD ? 2 : 1, ROOT);
			tlsa_add(&set, raw, len);
		}
		speak_tls(TLS1_3_VERSION, &q, &v, &r);
		if (r.stage != SMTP_TLS || r.tlsa_matched != row[i].matched ||
			r.trusted != row[i].trusted || r.wrong_name != row[i].wrong_name ||
			r.expired || strcmp(r.why_tlsa, why_tlsa) != 0 ||
			strcmp(r.why_trust, why_trust) != 0)
			fail_msg("%s: %d %d %d \"%s\" \"%s\"", row[i].name, r.tlsa_matched,
				r.trusted, r.wrong_name, r.why_tlsa, r.why_trust);
		assert_string_equal(r.tls, "TLSv1.3");
		assert_true(r.cert.seen);
		assert_string_equal(r.cert.subject, "leaf");
	}
	cert[LEAF] = nameless;
	trust_free(known);
	trust_free(unknown);
	X509_free(named);
	X509_free(other);
	ERR_clear_error();
}

/* The names of a certificate, told as it has them. */
static void names_of_certificate(void **state)
{
	static const struct {
		const char *name, *alternatives, *host;
		const char *subject;
		bool wildcard, is_for;
	} row[] = {
		{"1 none: the common name is told, and counts for nothing", NULL, "leaf", "leaf",
			false, false},
		{"2 one", "DNS:a.example", "a.example", "a.example", false, true},
		{"3 another host", "DNS:a.example", "b.example", "a.example", false, false},
		{"4 several, and an address", "DNS:a.example,IP:192.0.2.1,DNS:b.example",
			"b.example", "a.example b.example", false, true},
		{"5 a wildcard names no host by itself", "DNS:*.a.example", "x.a.example",
			"*.a.example", true, false},
		{"6 a part of one counts for nothing", "DNS:x*.a.example", "xy.a.example",
			"x*.a.example", false, false},
		{"7 the common name does not count beside", "DNS:a.example", "leaf", "a.example",
			false, false},
	};
	const struct smtp_request q = {.host = "leaf", .name = {"leaf"}};
	X509 *usual = cert[LEAF];
	size_t i;

	(void)state;
	write_certs(bundle, &cert[ROOT], 1, "");
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct smtp_verify v = {.trust = NULL};
		struct smtp_result r = {.stage = SMTP_NO_TLS};

		cert[LEAF] = row[i].alternatives
				     ? make_named(row[i].alternatives)
				     : make("leaf", key[LEAF], cert[INTER], key[INTER], NULL);
		assert_int_equal(cert_names(cert[LEAF], row[i].host), row[i].is_for);
		assert_int_equal(trust_open(bundle, &v.trust, NULL), 0);
		speak_tls(TLS1_3_VERSION, &q, &v, &r);
		if (strcmp(r.cert.subject, row[i].subject) != 0 ||
			r.cert.wildcard != row[i].wildcard)
			fail_msg("%s: %s", row[i].name, r.cert.subject);
		trust_free(v.trust);
		X509_free(cert[LEAF]);
	}
	cert[LEAF] = usual;
	assert_false(cert_names(NULL, "leaf"));
	ERR_clear_error();
}

/* Before TLS 1.2 there is none. */
static void mail_server_too_old(void **state)
{
	const struct smtp_request q = {.host = "leaf", .name = {"leaf"}};
	struct smtp_verify v = {.trust = NULL};

	(void)state;
	write_certs(bundle, &cert[ROOT], 1, "");
	assert_int_equal(trust_open(bundle, &v.trust, NULL), 0);
	speak_tls(TLS1_1_VERSION, &q, &v, NULL);
	trust_free(v.trust);
	ERR_clear_error();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(tlsa_every_kind),
		cmocka_unit_test(tlsa_unusable), cmocka_unit_test(tlsa_agility),
		cmocka_unit_test(trust_system), cmocka_unit_test(trust_name_form),
		cmocka_unit_test(trust_file), cmocka_unit_test(mail_server),
		cmocka_unit_test(names_of_certificate), cmocka_unit_test(mail_server_too_old)};

	/* As in our programs: the other side may be gone before it is told something. */
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("tls", tests, setup, teardown);
}
