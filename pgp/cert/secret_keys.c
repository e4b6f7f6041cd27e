/* SPDX-License-Identifier: ISC */
#include "pgp/cert/secret_keys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/spawn.h"
#include "base/text.h"

#define SECRET_LIST_MAX (64u << 20)
#define SECRET_KEYS_MAX 100000
#define FIELD_FPR 9 /* doc/DETAILS of GnuPG counts from 1 */
#define FIELD_TOKEN 14

/* The text of one field of a line, up to the next colon, into out; "" if there is none, or it is
 * too long. */
static void copy_field(const char *line, size_t which, char *out, size_t cap)
{
	size_t n;

	while (which > 0 && line) {
		line = strchr(line, ':');
		line = line ? line + 1 : NULL;
		which--;
	}
	n = line ? strcspn(line, ":") : 0;
	if (n >= cap)
		n = 0;
	if (n > 0)
		memcpy(out, line, n);
	out[n] = '\0';
}

static struct secret_key *add_secret(struct secret_keys *k, size_t *cap)
{
	struct secret_key *grown;

	if (k->n == *cap) {
		*cap = *cap ? 2 * *cap : 16;
		grown = *cap <= SECRET_KEYS_MAX ? reallocarray(k->v, *cap, sizeof(*grown)) : NULL;
		if (!grown)
			return NULL;
		k->v = grown;
	}
	memset(&k->v[k->n], 0, sizeof(k->v[k->n]));
	return &k->v[k->n++];
}

static int list_primary(struct secret_keys *k, struct err *err)
{
	size_t i;

	k->primary = calloc(k->n + 1, sizeof(*k->primary));
	if (!k->primary)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < k->n; i++) {
		if (k->v[i].primary && text_is_fingerprint(k->v[i].fpr))
			k->primary[k->n_primary++] = k->v[i].fpr;
	}
	return 0;
}

int secret_keys_read(struct secret_keys *k, char *listing, struct err *err)
{
	struct secret_key *last = NULL;
	char token[8], *line, *rest = listing;
	size_t cap = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strncmp(line, "sec:", 4) == 0 || strncmp(line, "ssb:", 4) == 0) {
			last = add_secret(k, &cap);
			if (!last)
				return err_set(err, ERR_OS, "no memory for the secret keys");
			last->primary = line[1] == 'e';
			copy_field(line, FIELD_TOKEN, token, sizeof(token));
			last->there = strcmp(token, "#") != 0; /* or "+", or a card's number */
		} else if (last && last->fpr[0] == '\0' && strncmp(line, "fpr:", 4) == 0) {
			copy_field(line, FIELD_FPR, last->fpr, sizeof(last->fpr));
		}
	}
	return list_primary(k, err);
}

int secret_keys_list(struct secret_keys *k, const struct gpg_home *home,
	struct gpg_daemons *daemons, int timeout_ms, struct err *err)
{
	const char *const argv[] = {gpg_program(), "--homedir", home->path, "--with-colons",
		"--list-secret-keys", NULL};
	struct buf out = BUF_INIT(SECRET_LIST_MAX);
	struct spawn_filter gpg = {.fd = -1};
	int status = 0, rc = daemons_connect_home(daemons, home, &gpg.socket, err);

	if (rc == 0)
		rc = spawn_filter_start(&gpg, argv, "", 0, err);
	if (rc == 0)
		rc = spawn_filter_end(&gpg, timeout_ms, &out, &status, err);
	if (rc == 0 && buf_addc(&out, '\0') < 0)
		rc = err_set(err, ERR_OS, "no memory for the list of keys");
	if (rc == 0)
		rc = secret_keys_read(k, (char *)out.p, err);
	k->whole = rc == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	if (rc == 0 && !WIFEXITED(status))
		rc = err_set(err, ERR_TEMP, "gpg was ended while it listed the secret keys");
	if (gpg.socket > 0)
		close(gpg.socket);
	buf_free(&out);
	return rc;
}

bool secret_keys_have(const struct secret_keys *k, const char *fpr)
{
	size_t i;

	for (i = 0; i < k->n; i++) {
		if (k->v[i].there && strcmp(k->v[i].fpr, fpr) == 0)
			return true;
	}
	return false;
}

void secret_keys_free(struct secret_keys *k)
{
	free(k->v);
	free(k->primary);
	memset(k, 0, sizeof(*k));
}
