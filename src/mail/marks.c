/* SPDX-License-Identifier: ISC */
/* What gpg has found of the signatures of this mail's certificates, so that it need not look again
 * (store/marks.h). */
#include "mail/mail.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "pgp/cert/sig_marks.h"
#include "store/marks.h"

/* In the order in which they are looked for. */
static int by_place(const void *a, const void *b)
{
	const uintptr_t x = (uintptr_t) * (const struct cert *const *)a,
			y = (uintptr_t) * (const struct cert *const *)b;

	return (x > y) - (x < y);
}

const char *mail_marks_of(const struct mail *m, const struct cert *c)
{
	const struct mail_marks *k = &m->marks;
	const struct cert **at = k->n > 0 ? bsearch(&c, k->cert, k->n, sizeof(c), by_place) : NULL;

	return at ? k->kept[at - k->cert].text : NULL;
}

/* Which recipients' certificates some copy is sealed with. NULL: no memory. */
static bool *sealed_to(const struct mail *m)
{
	bool *is = calloc(m->env.n + 1, sizeof(*is));
	size_t i, j;

	for (i = 0; is && i < m->copies.n; i++) {
		const struct mail_copy *copy = &m->copies.v[i];

		for (j = 0; copy->how == COPY_SEALED && j < copy->n_key; j++)
			is[copy->key[j]] = true;
	}
	return is;
}

static void add_marked(struct mail_marks *k, const struct cert *c)
{
	if (c->data)
		k->cert[k->n++] = c;
}

static int collect_certs(struct mail *m, struct err *err)
{
	struct mail_marks *k = &m->marks;
	bool *is = sealed_to(m);
	size_t room = 1, i, j, n;

	for (i = 0; is && i < m->env.n; i++)
		room += is[i] ? mail_certs(m, i) : 0;
	k->kept = calloc(room, sizeof(*k->kept));
	k->cert = calloc(room, sizeof(const struct cert *));
	if (!is || !k->kept || !k->cert) {
		free(is);
		return err_set(err, ERR_OS, "out of memory");
	}
	if (m->signer.fpr[0] != '\0')
		add_marked(k, &m->signer);
	for (i = 0; i < m->env.n; i++) {
		for (j = 0; is[i] && j < mail_certs(m, i); j++)
			add_marked(k, mail_cert(m, i, j));
	}
	free(is);
	qsort(k->cert, k->n, sizeof(k->cert[0]), by_place);
	for (i = n = 0; i < k->n; i++) {
		if (sig_marks_key(k->cert[i]->data, k->cert[i]->len, k->kept[n].key) == 0)
			k->cert[n++] = k->cert[i];
	}
	k->n = n;
	return 0;
}

/* Has gpg look at some of those of which nothing is known, from *at on. 0: there are none. */
static int make_some(struct mail_marks *k, size_t *at, struct err *err)
{
	struct sig_marks made[SIG_MARKS_CERTS_MAX] = {{0}};
	size_t of[SIG_MARKS_CERTS_MAX], n = 0, i;
	int rc;

	for (; *at < k->n && n < SIG_MARKS_CERTS_MAX; ++*at) {
		if (k->kept[*at].text)
			continue;
		made[n] = (struct sig_marks){.data = k->cert[*at]->data, .len = k->cert[*at]->len};
		of[n++] = *at;
	}
	if (n == 0)
		return 0;
	rc = sig_marks_make(made, n, err);
	for (i = 0; rc == 0 && i < n; i++)
		k->kept[of[i]].text = made[i].text ? made[i].text : strdup("");
	return rc < 0 ? rc : 1;
}

static int make_marks(struct mail *m, struct err *err)
{
	struct err why = ERR_INIT;
	bool any = false;
	size_t at = 0;
	int rc;

	while ((rc = make_some(&m->marks, &at, &why)) > 0)
		any = true;
	if (rc < 0) {
		log_debug("signatures are checked again for each mail: %s", why.msg);
		if (err)
			*err = why;
	}
	if (any)
		marks_put(m->app->conf.cache_dir, m->marks.kept, m->marks.n);
	return rc == ERR_CONFIG ? rc : 0;
}

int mail_marks(struct mail *m, struct err *err)
{
	int rc = collect_certs(m, err);

	if (rc < 0)
		return rc;
	marks_get(session_cache(&m->session, &m->app->conf), m->marks.kept, m->marks.n);
	return make_marks(m, err);
}

void mail_marks_free(struct mail *m)
{
	size_t i;

	for (i = 0; i < m->marks.n; i++)
		free(m->marks.kept[i].text);
	free(m->marks.kept);
	free(m->marks.cert);
	memset(&m->marks, 0, sizeof(m->marks));
}
