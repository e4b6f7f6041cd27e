/* SPDX-License-Identifier: ISC */
#include "net/cert.h"

#include <openssl/ct.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "net/ct_logs.h"

void cert_ask_scts(SSL_CTX *ctx)
{
	/* Without it OpenSSL asks neither for the TLS extension nor for a stapled OCSP response. */
	(void)SSL_CTX_enable_ct(ctx, SSL_CT_VALIDATION_PERMISSIVE);
}

static void add_word(char *out, size_t size, const char *word, size_t len)
{
	size_t have = strlen(out);

	if (have + len + 2 > size || memchr(word, '\0', len))
		return;
	snprintf(out + have, size - have, "%s%.*s", have > 0 ? " " : "", (int)len, word);
}

static void take_names(X509 *x, struct cert_seen *out)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	int i, n = names ? sk_GENERAL_NAME_num(names) : 0;

	for (i = 0; i < n; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		const char *p;
		int len;

		if (g->type != GEN_DNS)
			continue;
		p = (const char *)ASN1_STRING_get0_data(g->d.dNSName);
		len = ASN1_STRING_length(g->d.dNSName);
		if (len > 0)
			add_word(out->subject, sizeof(out->subject), p, (size_t)len);
		out->wildcard |= len > 1 && p[0] == '*';
	}
	GENERAL_NAMES_free(names);
	if (!out->subject[0])
		(void)X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName,
			out->subject, sizeof(out->subject));
}

static void take_issuer(X509 *x, struct cert_seen *out)
{
	char o[200] = "", cn[200] = "";
	X509_NAME *name = X509_get_issuer_name(x);

	(void)X509_NAME_get_text_by_NID(name, NID_organizationName, o, sizeof(o));
	(void)X509_NAME_get_text_by_NID(name, NID_commonName, cn, sizeof(cn));
	snprintf(out->issuer, sizeof(out->issuer), "%s%s%s%s%s", o[0] ? "O=" : "", o,
		o[0] && cn[0] ? ", " : "", cn[0] ? "CN=" : "", cn);
}

static int64_t seconds(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static void take_key(X509 *x, struct cert_seen *out)
{
	uint8_t digest[SHA256_DIGEST_LENGTH], *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
	size_t i;

	if (len <= 0)
		return;
	SHA256(der, (size_t)len, digest);
	OPENSSL_free(der);
	for (i = 0; i < sizeof(digest); i++)
		snprintf(out->spki + 2 * i, 3, "%02x", digest[i]);
}

static void count_scts(const STACK_OF(SCT) *scts, const struct ct_logs *logs, struct cert_seen *out)
{
	int i, n = sk_SCT_num(scts);

	for (i = 0; i < n && i < CERT_SCTS_MAX; i++) {
		const SCT *s = sk_SCT_value(scts, i);

		switch (SCT_get_source(s)) {
		case SCT_SOURCE_TLS_EXTENSION:
			out->sct_tls++;
			break;
		case SCT_SOURCE_OCSP_STAPLED_RESPONSE:
			out->sct_ocsp++;
			break;
		default:
			out->sct_x509++;
			break;
		}
		if (!out->verified)
			continue;
		if (SCT_get_validation_status(s) == SCT_VALIDATION_STATUS_UNKNOWN_LOG)
			out->sct_unknown_log++;
		else if (SCT_get_validation_status(s) == SCT_VALIDATION_STATUS_VALID &&
			 ct_logs_counted(logs, s))
			out->sct_valid++;
		else
			out->sct_invalid++;
	}
}

/* Section 3.2: what the logs have signed; of a precertificate that is without the extension, and by
 * its issuer's key. */
static bool validate(
	const STACK_OF(SCT) *scts, X509 *x, STACK_OF(X509) *chain, const struct ct_logs *logs)
{
	CT_POLICY_EVAL_CTX *ctx = CT_POLICY_EVAL_CTX_new();
	bool done = false;

	if (ctx && CT_POLICY_EVAL_CTX_set1_cert(ctx, x) == 1 &&
		(!chain || sk_X509_num(chain) < 2 ||
			CT_POLICY_EVAL_CTX_set1_issuer(ctx, sk_X509_value(chain, 1)) == 1)) {
		CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(ctx, ct_logs_store(logs));
		CT_POLICY_EVAL_CTX_set_time(ctx, (uint64_t)time(NULL) * 1000);
		done = SCT_LIST_validate(scts, ctx) >= 0;
	}
	CT_POLICY_EVAL_CTX_free(ctx);
	return done;
}

bool cert_names(X509 *cert, const char *host)
{
	return cert && X509_check_host(cert, host, 0,
			       X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
			       NULL) == 1;
}

void cert_see(SSL *ssl, STACK_OF(X509) *chain, const struct ct_logs *logs, struct cert_seen *out)
{
	X509 *x = SSL_get0_peer_certificate(ssl);
	const STACK_OF(SCT) *scts;

	memset(out, 0, sizeof(*out));
	if (!x)
		return;
	out->seen = true;
	take_names(x, out);
	take_issuer(x, out);
	out->not_before = seconds(X509_get0_notBefore(x));
	out->not_after = seconds(X509_get0_notAfter(x));
	take_key(x, out);
	scts = SSL_get0_peer_scts(ssl);
	if (scts && sk_SCT_num(scts) > 0) {
		out->verified = ct_logs_store(logs) && validate(scts, x, chain, logs);
		count_scts(scts, logs, out);
	} else {
		out->verified = ct_logs_store(logs) != NULL;
	}
}
