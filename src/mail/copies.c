/* SPDX-License-Identifier: ISC */
#include "mail/copies.h"

#include <stdlib.h>
#include <string.h>

enum share {
	SHARE_NAMED,  /* of the copy sealed to all the named */
	SHARE_ONE,    /* of the one that is not sealed */
	SHARE_HIDDEN, /* a copy of one's own */
};

static enum share share_of(const struct copy_rcpt *r, bool as_it_was)
{
	if (as_it_was || !r->seal)
		return SHARE_ONE;
	return r->hidden ? SHARE_HIDDEN : SHARE_NAMED;
}

/* A copy with room for n recipients and keys; NULL: no memory. What it has so far is copies_free's.
 */
static struct mail_copy *add_copy(struct copies *c, enum copy_how how, size_t n)
{
	struct mail_copy *m = &c->v[c->n++];

	*m = (struct mail_copy){.how = how, .out = {.fd = -1}};
	m->rcpt = calloc(n, sizeof(*m->rcpt));
	m->key = calloc(n, sizeof(*m->key));
	return m->rcpt && m->key ? m : NULL;
}

static int add_shared(
	struct copies *c, const struct copy_rcpt *r, size_t n, enum share share, enum copy_how how)
{
	struct mail_copy *m = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (share_of(&r[i], how == COPY_AS_IT_WAS) != share)
			continue;
		if (!m)
			m = add_copy(c, how, n);
		if (!m)
			return -1;
		m->rcpt[m->n_rcpt++] = i;
		if (how == COPY_SEALED)
			m->key[m->n_key++] = i;
	}
	return 0;
}

static int add_hidden(struct copies *c, const struct copy_rcpt *r, size_t n)
{
	struct mail_copy *m;
	size_t named = 0, i, j;

	for (i = 0; i < n; i++)
		named += share_of(&r[i], false) == SHARE_NAMED;
	for (i = 0; i < n; i++) {
		if (share_of(&r[i], false) != SHARE_HIDDEN)
			continue;
		m = add_copy(c, COPY_SEALED, named + 1);
		if (!m)
			return -1;
		m->hidden = true;
		m->rcpt[m->n_rcpt++] = i;
		m->key[m->n_key++] = i;
		for (j = 0; named > 0 && j < n; j++) {
			if (share_of(&r[j], false) == SHARE_NAMED)
				m->key[m->n_key++] = j;
		}
	}
	return 0;
}

int copies_plan(
	const struct copy_rcpt *r, size_t n, bool as_it_was, struct copies *c, struct err *err)
{
	size_t hidden = 0, i;
	int rc;

	for (i = 0; i < n; i++)
		hidden += share_of(&r[i], as_it_was) == SHARE_HIDDEN;
	*c = (struct copies){calloc(hidden + 2, sizeof(*c->v)), 0};
	if (!c->v)
		return err_set(err, ERR_OS, "out of memory");
	if (as_it_was) {
		rc = add_shared(c, r, n, SHARE_ONE, COPY_AS_IT_WAS);
	} else {
		rc = add_shared(c, r, n, SHARE_NAMED, COPY_SEALED);
		if (rc == 0)
			rc = add_shared(c, r, n, SHARE_ONE, COPY_CLEAR);
		if (rc == 0)
			rc = add_hidden(c, r, n);
	}
	if (rc < 0) {
		copies_free(c);
		return err_set(err, ERR_OS, "out of memory");
	}
	return 0;
}

void copies_free(struct copies *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		free(c->v[i].rcpt);
		free(c->v[i].key);
		free(c->v[i].words);
		spool_close(&c->v[i].out);
	}
	free(c->v);
	*c = (struct copies){NULL, 0};
}
