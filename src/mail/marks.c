/* SPDX-License-Identifier: ISC */
/* What gpg has found of the signatures of this mail's certificates, so that it need not look again
 * (store/marks.h). */
#include "mail/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "pgp/cert/sig_marks.h"
#include "store/marks.h"

static size_t find_marked(const struct mail_marks *k, const struct cert *c)
{
	size_t i;

	for (i = 0; i < k->n && k->cert[i] != c; i++)
		;
	return i;
}

const char *mail_marks_of(const struct mail *m, const struct cert *c)
{
	const size_t i = find_marked(&m->marks, c);

	return i < m->marks.n ? m->marks.kept[i].text : NULL;
}

static void add_unmarked(struct mail *m, const struct cert *c)
{
	struct mail_marks *k = &m->marks;

	if (k->n == SIG_MARKS_CERTS_MAX || !c->data || find_marked(&m->marks, c) < k->n)
		return;
	k->kept[k->n].text = NULL;
	if (sig_marks_key(c->data, c->len, k->kept[k->n].key) == 0)
		k->cert[k->n++] = c;
}

static void add_all_unmarked(struct mail *m)
{
	size_t i, j, k;

	if (m->signer.fpr[0] != '\0')
		add_unmarked(m, &m->signer);
	for (i = 0; i < m->copies.n; i++) {
		const struct mail_copy *copy = &m->copies.v[i];

		for (j = 0; copy->how == COPY_SEALED && j < copy->n_key; j++) {
			for (k = 0; k < mail_certs(m, copy->key[j]); k++)
				add_unmarked(m, mail_cert(m, copy->key[j], k));
		}
	}
}

/* Has gpg look at those of which nothing is known. */
static int make_marks(struct mail *m, struct err *err)
{
	struct mail_marks *k = &m->marks;
	struct sig_marks made[SIG_MARKS_CERTS_MAX] = {{0}};
	struct err why = ERR_INIT;
	size_t of[SIG_MARKS_CERTS_MAX], n = 0, i;
	int rc;

	for (i = 0; i < k->n; i++) {
		if (k->kept[i].text)
			continue;
		made[n] = (struct sig_marks){.data = k->cert[i]->data, .len = k->cert[i]->len};
		of[n++] = i;
	}
	if (n == 0)
		return 0;
	rc = sig_marks_make(made, n, &why);
	if (rc < 0) {
		log_debug("signatures are checked again for each mail: %s", why.msg);
		if (err)
			*err = why;
		return rc == ERR_CONFIG ? rc : 0;
	}
	for (i = 0; i < n; i++)
		k->kept[of[i]].text = made[i].text ? made[i].text : strdup("");
	marks_put(m->app->conf.cache_dir, k->kept, k->n);
	return 0;
}

int mail_marks(struct mail *m, struct err *err)
{
	struct mail_marks *k = &m->marks;

	k->kept = calloc(SIG_MARKS_CERTS_MAX, sizeof(*k->kept));
	k->cert = calloc(SIG_MARKS_CERTS_MAX, sizeof(const struct cert *));
	if (!k->kept || !k->cert)
		return err_set(err, ERR_OS, "out of memory");
	add_all_unmarked(m);
	marks_get(mail_cache(m), k->kept, k->n);
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
