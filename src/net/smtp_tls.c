/* SPDX-License-Identifier: ISC */
#include "net/smtp_tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

enum { TLSA_FULL = 0, TLSA_SHA256 = 1, TLSA_SHA512 = 2 };

/* By the web PKI, apart from what the TLSA records say. A common name is none of the host's names
 * (RFC 8461 section 4.1). */
static void verify_pkix(X509_STORE_CTX *peer, struct smtp_verify *v)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;

	v->pkix_error = X509_V_ERR_UNSPECIFIED;
	if (ctx && X509_STORE_CTX_init(ctx, trust_store(v->trust), X509_STORE_CTX_get0_cert(peer),
			   X509_STORE_CTX_get0_untrusted(peer)) == 1) {
		param = X509_STORE_CTX_get0_param(ctx);
		(void)X509_STORE_CTX_set_default(ctx, "ssl_server");
		X509_VERIFY_PARAM_set_hostflags(param,
			X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
		if (X509_VERIFY_PARAM_set1_host(param, v->host, 0) == 1 &&
			trust_verify(v->trust, ctx) > 0)
			v->pkix_error = X509_V_OK;
		else if (X509_STORE_CTX_get_error(ctx) != X509_V_OK)
			v->pkix_error = X509_STORE_CTX_get_error(ctx);
		if (v->pkix_error == X509_V_OK)
			v->chain = X509_STORE_CTX_get1_chain(ctx);
	}
	X509_STORE_CTX_free(ctx);
}

static int look_at_chain(X509_STORE_CTX *ctx, void *arg)
{
	struct smtp_verify *v = arg;

	verify_pkix(ctx, v);
	/* What is left in OpenSSL's queue would be taken for an error of the handshake. */
	ERR_set_mark();
	if (v->dane)
		v->dane_error =
			X509_verify_cert(ctx) > 0 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	ERR_pop_to_mark();
	/* It is only looked at: nothing of worth will be said. */
	X509_STORE_CTX_set_error(ctx, X509_V_OK);
	return 1;
}

/* The names of usage 2; usage 3 is matched without a name (RFC 7672 section 3.1.1). */
static bool set_dane_names(SSL *ssl, const struct smtp_request *q)
{
	size_t i;

	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	for (i = 1; i < SMTP_NAMES_MAX && q->name[i]; i++) {
		if (SSL_add1_host(ssl, q->name[i]) != 1)
			return false;
	}
	SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	return true;
}

/*
 * A full association is kept as its SHA-256 here, which is compared as well; which digests count
 * has been decided (tlsa_superseded), so the two are of one rank to OpenSSL.
 */
static bool set_tlsa(SSL *ssl, const struct smtp_request *q)
{
	size_t i;

	if (SSL_dane_enable(ssl, q->name[0]) != 1 || !set_dane_names(ssl, q))
		return false;
	for (i = 0; i < q->tlsa->n; i++) {
		const struct tlsa *t = &q->tlsa->v[i];
		bool sha512 = t->matching == TLSA_SHA512;

		if (!tlsa_superseded(q->tlsa, t) && SSL_dane_tlsa_add(ssl, t->usage, t->selector,
							    sha512 ? TLSA_SHA512 : TLSA_SHA256,
							    t->digest, sha512 ? 64 : 32) <= 0)
			return false;
	}
	return true;
}

static SSL_CTX *context(struct smtp_verify *v)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (!ctx)
		return NULL;
	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, look_at_chain, v);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	cert_ask_scts(ctx);
	if (SSL_CTX_dane_enable(ctx) == 1 &&
		SSL_CTX_dane_mtype_set(ctx, EVP_sha256(), TLSA_SHA256, 1) == 1 &&
		SSL_CTX_dane_mtype_set(ctx, EVP_sha512(), TLSA_SHA512, 1) == 1)
		return ctx;
	SSL_CTX_free(ctx);
	return NULL;
}

SSL *smtp_tls_new(int fd, const struct smtp_request *q, struct smtp_verify *v)
{
	SSL_CTX *ctx = context(v);
	SSL *ssl = ctx ? SSL_new(ctx) : NULL;

	v->dane = q->tlsa && q->tlsa->n > 0 && q->name[0];
	v->dane_error = v->pkix_error = X509_V_ERR_UNSPECIFIED;
	snprintf(v->host, sizeof(v->host), "%s", q->host);
	/* RFC 7672 section 8.1: the base domain goes into SNI; it is the host's name, but for an
	 * alias. */
	if (ssl && ((v->dane && !set_tlsa(ssl, q)) || SSL_set_fd(ssl, fd) != 1 ||
			   (!v->dane && SSL_set_tlsext_host_name(ssl, q->host) != 1))) {
		SSL_free(ssl);
		ssl = NULL;
	}
	SSL_CTX_free(ctx);
	return ssl;
}

void smtp_tls_take(
	SSL *ssl, const struct smtp_verify *v, const struct ct_logs *logs, struct smtp_result *r)
{
	r->stage = SMTP_TLS;
	snprintf(r->tls, sizeof(r->tls), "%s", SSL_get_version(ssl));
	snprintf(r->cipher, sizeof(r->cipher), "%s", SSL_get_cipher_name(ssl));
	r->tlsa_matched = v->dane && v->dane_error == X509_V_OK;
	r->trusted = v->pkix_error == X509_V_OK;
	r->expired = v->pkix_error == X509_V_ERR_CERT_HAS_EXPIRED;
	r->wrong_name = v->pkix_error == X509_V_ERR_HOSTNAME_MISMATCH;
	if (v->dane && !r->tlsa_matched)
		snprintf(r->why_tlsa, sizeof(r->why_tlsa), "%s",
			v->dane_error == X509_V_ERR_DANE_NO_MATCH
				? "its certificate does not match its TLSA records"
				: X509_verify_cert_error_string(v->dane_error));
	if (r->wrong_name)
		snprintf(r->why_trust, sizeof(r->why_trust), "its certificate is not for its name");
	else if (!r->trusted)
		snprintf(r->why_trust, sizeof(r->why_trust), "%s",
			X509_verify_cert_error_string(v->pkix_error));
	cert_see(ssl, v->chain, logs, &r->cert);
}
