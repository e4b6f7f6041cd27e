#include "net/ca.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

struct entry {
	const uint8_t *der;
	size_t len;
	const uint8_t *subject;
	size_t subject_len;
};

struct index {
	struct entry *v;
	size_t n;
	uint8_t *der; /* of all */
};

enum { TAG_INTEGER = 0x02, TAG_SEQUENCE = 0x30, TAG_VERSION = 0xa0 };

struct der {
	const uint8_t *p;
	size_t left;
};

/* Takes one element of the given tag: its content, and with its head in whole (may be NULL). */
static bool der_take(struct der *in, uint8_t tag, struct der *content, struct der *whole)
{
	size_t head = 2, len, i, n;

	if (in->left < 2 || in->p[0] != tag)
		return false;
	len = in->p[1];
	if (len & 0x80) {
		n = len & 0x7f;
		if (n == 0 || n > 3 || in->left < 2 + n)
			return false;
		for (len = 0, i = 0; i < n; i++)
			len = len << 8 | in->p[2 + i];
		head += n;
	}
	if (len > in->left - head)
		return false;
	*content = (struct der){in->p + head, len};
	if (whole)
		*whole = (struct der){in->p, head + len};
	in->p += head + len;
	in->left -= head + len;
	return true;
}

/* RFC 5280 section 4.1: version, serialNumber, signature, issuer, validity, subject. */
const uint8_t *ca_subject(const uint8_t *der, size_t len, size_t *subject_len)
{
	struct der in = {der, len}, cert, tbs, skip, subject;

	if (!der_take(&in, TAG_SEQUENCE, &cert, NULL) || !der_take(&cert, TAG_SEQUENCE, &tbs, NULL))
		return NULL;
	(void)der_take(&tbs, TAG_VERSION, &skip, NULL);
	if (!der_take(&tbs, TAG_INTEGER, &skip, NULL) ||
		!der_take(&tbs, TAG_SEQUENCE, &skip, NULL) ||
		!der_take(&tbs, TAG_SEQUENCE, &skip, NULL) ||
		!der_take(&tbs, TAG_SEQUENCE, &skip, NULL) ||
		!der_take(&tbs, TAG_SEQUENCE, &skip, &subject))
		return NULL;
	*subject_len = subject.left;
	return subject.p;
}

static void index_free(struct index *x)
{
	if (!x)
		return;
	free(x->v);
	free(x->der);
	free(x);
}

/* Base64 to out, which has room for what comes of it; its length, or -1. */
static int decode(const char *s, size_t len, uint8_t *out)
{
	EVP_ENCODE_CTX *c = EVP_ENCODE_CTX_new();
	int n = 0, last = 0, rc = -1;

	if (!c)
		return -1;
	EVP_DecodeInit(c);
	if (EVP_DecodeUpdate(c, out, &n, (const unsigned char *)s, (int)len) >= 0 &&
		EVP_DecodeFinal(c, out + n, &last) > 0)
		rc = n + last;
	EVP_ENCODE_CTX_free(c);
	return rc;
}

static int add(struct index *x, uint8_t **at, const char *s, size_t len)
{
	struct entry *e = &x->v[x->n];
	int n = decode(s, len, *at);

	if (n <= 0)
		return -1;
	e->der = *at;
	e->len = (size_t)n;
	e->subject = ca_subject(e->der, e->len, &e->subject_len);
	if (!e->subject)
		return -1;
	x->n++;
	*at += n;
	return 0;
}

static int parse(struct index *x, const char *text)
{
	const char *p, *end;
	uint8_t *at = x->der;

	for (p = strstr(text, BEGIN); p; p = strstr(end, BEGIN)) {
		p += strlen(BEGIN);
		end = strstr(p, END);
		if (!end || x->n == CA_CERTS_MAX || add(x, &at, p, (size_t)(end - p)) < 0)
			return -1;
	}
	return x->n > 0 ? 0 : -1;
}

static bool same_subject(
	const struct entry *e, const X509_NAME *name, const uint8_t *der, size_t len, bool loose)
{
	const uint8_t *p = e->subject;
	X509_NAME *own;
	bool same;

	if (!loose)
		return e->subject_len == len && memcmp(e->subject, der, len) == 0;
	own = d2i_X509_NAME(NULL, &p, (long)e->subject_len);
	same = own && X509_NAME_cmp(own, name) == 0;
	X509_NAME_free(own);
	return same;
}

/* Puts every certificate of that subject into the store; the first of them is what is found. */
static X509 *load(X509_LOOKUP *l, const struct index *x, const X509_NAME *name, bool loose)
{
	const uint8_t *der, *p;
	size_t der_len, i;
	X509 *cert, *first = NULL;

	if (!X509_NAME_get0_der(name, &der, &der_len))
		return NULL;
	for (i = 0; i < x->n; i++) {
		if (!same_subject(&x->v[i], name, der, der_len, loose))
			continue;
		p = x->v[i].der;
		cert = d2i_X509(NULL, &p, (long)x->v[i].len);
		if (cert && X509_STORE_add_cert(X509_LOOKUP_get_store(l), cert) && !first)
			first = cert; /* the store holds it from now on */
		X509_free(cert);
	}
	return first;
}

static int by_subject(
	X509_LOOKUP *l, X509_LOOKUP_TYPE type, const X509_NAME *name, X509_OBJECT *ret)
{
	const struct index *x = X509_LOOKUP_get_method_data(l);
	X509 *cert;

	if (type != X509_LU_X509 || !x)
		return 0;
	cert = load(l, x, name, false);
	/* Names may be alike without being written alike (RFC 5280 section 7.1). */
	if (!cert)
		cert = load(l, x, name, true);
	if (!cert || !X509_OBJECT_set1_X509(ret, cert))
		return 0;
	/* OpenSSL takes a reference of its own and drops this object without freeing it. */
	X509_free(cert);
	return 1;
}

static void lookup_free(X509_LOOKUP *l)
{
	index_free(X509_LOOKUP_get_method_data(l));
	X509_LOOKUP_set_method_data(l, NULL);
}

static X509_LOOKUP_METHOD *method(void)
{
	static X509_LOOKUP_METHOD *m;

	if (!m) {
		m = X509_LOOKUP_meth_new("CA bundle");
		if (m && (!X509_LOOKUP_meth_set_get_by_subject(m, by_subject) ||
				 !X509_LOOKUP_meth_set_free(m, lookup_free))) {
			X509_LOOKUP_meth_free(m);
			m = NULL;
		}
	}
	return m;
}

static int index_new(const char *path, struct index **out, struct err *err)
{
	struct buf text = BUF_INIT(CA_FILE_MAX);
	struct index *x = NULL;
	int rc;

	rc = file_read(path, &text, NULL, err);
	if (rc < 0) {
		if (err)
			err->code = ERR_CONFIG;
		rc = ERR_CONFIG;
		goto out;
	}
	x = calloc(1, sizeof(*x));
	if (x) {
		x->v = calloc(CA_CERTS_MAX, sizeof(*x->v));
		x->der = malloc(text.len + 1);
	}
	if (!x || !x->v || !x->der)
		rc = err_set(err, ERR_OS, "out of memory");
	else if (parse(x, buf_str(&text)) < 0)
		rc = err_set(err, ERR_CONFIG, "%s: not a bundle of CA certificates", path);
	if (rc == 0) {
		*out = x;
		x = NULL;
	}
out:
	index_free(x);
	buf_free(&text);
	return rc;
}

int ca_open(const char *path, X509_STORE **out, struct err *err)
{
	struct index *x = NULL;
	X509_STORE *store = NULL;
	X509_LOOKUP *l = NULL;
	int rc = index_new(path, &x, err);

	if (rc < 0)
		return rc;
	store = X509_STORE_new();
	if (store && method())
		l = X509_STORE_add_lookup(store, method());
	if (!l) {
		index_free(x);
		X509_STORE_free(store);
		return err_set(err, ERR_OS, "OpenSSL: out of memory");
	}
	X509_LOOKUP_set_method_data(l, x);
	*out = store;
	return 0;
}
