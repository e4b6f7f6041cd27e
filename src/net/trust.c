/* SPDX-License-Identifier: ISC */
#include "net/trust.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/places.h"

struct trust {
	X509_STORE *store;
	char *bundle; /* still to be read, if the folder does not do; NULL: all is read */
	struct err broken;
};

static int load_bundle(X509_STORE *store, const char *path, struct err *err)
{
	int ok;

	if (access(path, R_OK) < 0)
		return err_path(err, ERR_CONFIG, path);
	ERR_set_mark();
	ok = X509_STORE_load_file(store, path);
	ERR_pop_to_mark();
	return ok == 1 ? 0 : err_set(err, ERR_CONFIG, "%s: not a bundle of CA certificates", path);
}

static struct trust *trust_new(void)
{
	struct trust *t = calloc(1, sizeof(*t));

	if (t)
		t->store = X509_STORE_new();
	if (t && t->store)
		return t;
	free(t);
	return NULL;
}

void trust_free(struct trust *t)
{
	if (!t)
		return;
	X509_STORE_free(t->store);
	free(t->bundle);
	free(t);
}

int trust_open_system(const char *folder, const char *bundle, struct trust **out, struct err *err)
{
	struct trust *t;

	if (access(bundle, R_OK) < 0)
		return err_path(err, ERR_CONFIG, bundle);
	t = trust_new();
	if (t)
		t->bundle = strdup(bundle);
	if (!t || !t->bundle || X509_STORE_load_path(t->store, folder) != 1) {
		trust_free(t);
		return err_set(err, ERR_OS, "OpenSSL: out of memory");
	}
	*out = t;
	return 0;
}

int trust_open(const char *ca_file, struct trust **out, struct err *err)
{
	struct trust *t;
	int rc;

	if (!ca_file || !ca_file[0])
		return trust_open_system(
			place_find(PLACE_CA_FOLDER), place_find(PLACE_CA_BUNDLE), out, err);
	t = trust_new();
	rc = t ? load_bundle(t->store, ca_file, err)
	       : err_set(err, ERR_OS, "OpenSSL: out of memory");
	if (rc < 0)
		trust_free(t);
	else
		*out = t;
	return rc;
}

X509_STORE *trust_store(const struct trust *t)
{
	return t->store;
}

const char *trust_broken(const struct trust *t)
{
	return t->broken.msg[0] ? t->broken.msg : NULL;
}

/* A context can be used only once: the second one's outcome goes into the first. */
static int verify_again(const struct trust *t, X509_STORE_CTX *ctx)
{
	X509_STORE_CTX *again = X509_STORE_CTX_new();
	int ok = 0;

	if (again &&
		X509_STORE_CTX_init(again, t->store, X509_STORE_CTX_get0_cert(ctx),
			X509_STORE_CTX_get0_untrusted(ctx)) == 1 &&
		X509_VERIFY_PARAM_set1(
			X509_STORE_CTX_get0_param(again), X509_STORE_CTX_get0_param(ctx)) == 1) {
		ok = X509_verify_cert(again);
		X509_STORE_CTX_set0_verified_chain(ctx, X509_STORE_CTX_get1_chain(again));
		X509_STORE_CTX_set_error(ctx, X509_STORE_CTX_get_error(again));
	}
	X509_STORE_CTX_free(again);
	return ok;
}

/*
 * Not by a lookup method behind the folder's: OpenSSL looks for each certificate's issuer among the
 * trusted ones first, and an intermediate one, which is never there, would have the bundle read
 * every time.
 */
int trust_verify(struct trust *t, X509_STORE_CTX *ctx)
{
	int ok;

	ERR_set_mark();
	ok = X509_verify_cert(ctx);
	if (ok <= 0 && t->bundle) {
		if (load_bundle(t->store, t->bundle, &t->broken) == 0)
			ok = verify_again(t, ctx);
		free(t->bundle);
		t->bundle = NULL;
	}
	ERR_pop_to_mark();
	return ok;
}
