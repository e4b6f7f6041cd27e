/* SPDX-License-Identifier: ISC */
#include "pgp/cert/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/spawn.h"
#include "pgp/cert/judge.h"
#include "pgp/cert/listing.h"
#include "pgp/cert/plain.h"
#include "pgp/gpg/home.h"

#define RUN_MS_EACH 1000 /* a certificate: on a slow machine, of the largest size */
#define RUN_MS_LEAST 20000
#define OUT_EACH (64u << 10)

/* Shows them to gpg, and takes what it prints. gpg's exit status does not matter: it fails for one
 * that it cannot read. */
static int show_survey(const struct survey *v, size_t n, struct buf *out, struct err *err)
{
	struct gpg_home home = {0};
	/* With "always" gpg fails for one that has expired, as it finds no trust database. */
	const char *argv[] = {gpg_program(), "--homedir", home.path, "--trust-model", "direct",
		"--with-colons", "--show-keys", NULL};
	struct buf in = BUF_INIT(SURVEY_OCTETS_MAX + n * 64);
	int status = -1, rc = gpg_home_make(&home, NULL, err);
	size_t i;

	for (i = 0; rc == 0 && i < n; i++) {
		if (plain_framed(&in, v[i].data, v[i].len) < 0)
			rc = err_set(err, ERR_OS, "no memory for certificates");
	}
	if (rc == 0)
		rc = spawn_filter(
			argv, in.p, in.len, RUN_MS_LEAST + (int)n * RUN_MS_EACH, out, &status, err);
	if (rc == 0 && (!WIFEXITED(status) || out->len == out->max))
		rc = err_set(err, ERR_TEMP, "gpg did not end by itself");
	buf_free(&in);
	gpg_home_remove(&home);
	return rc;
}

static void judge_one(struct survey *s, struct listing *l)
{
	memset(&s->cert, 0, sizeof(s->cert));
	memcpy(s->cert.fpr, s->fpr, strlen(s->fpr) + 1);
	judge_key(&l->key, s->addr, false, false, &s->cert);
}

static void mark_unreadable(struct survey *s)
{
	memset(&s->cert, 0, sizeof(s->cert));
	memcpy(s->cert.fpr, s->fpr, strlen(s->fpr) + 1);
	s->cert.use = CERT_UNSUPPORTED;
	snprintf(s->cert.why, sizeof(s->cert.why), "gpg cannot read or verify it");
}

/*
 * One run. gpg lists in the order of its input, and leaves out what it does not take; where it ends
 * early, the first that is missing is what it stumbled over. *done: how many are settled.
 */
static int survey_run(struct survey *v, size_t n, size_t *done, struct err *err)
{
	struct buf out = BUF_INIT(n * OUT_EACH);
	struct listing *l = calloc(1, sizeof(*l));
	size_t at = 0, i;
	char *text;
	int rc = l ? show_survey(v, n, &out, err) : err_set(err, ERR_OS, "out of memory");

	text = (char *)out.p;
	while (rc == 0 && text && listing_loose(&text, l) == 0) {
		for (i = at; i < n && (!l->key.fpr || strcmp(v[i].fpr, l->key.fpr) != 0); i++)
			;
		if (i == n)
			continue;
		for (; at < i; at++)
			mark_unreadable(&v[at]);
		judge_one(&v[at++], l);
	}
	if (rc == 0 && at < n)
		mark_unreadable(&v[at++]);
	*done = at;
	free(l);
	buf_free(&out);
	return rc;
}

int survey_certs(struct survey *v, size_t n, struct err *err)
{
	size_t done;
	int rc = 0;

	while (rc == 0 && n > 0) {
		rc = survey_run(v, n, &done, err);
		if (rc == 0) {
			v += done;
			n -= done;
		}
	}
	return rc;
}
