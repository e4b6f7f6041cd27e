/* SPDX-License-Identifier: ISC */
/* What of Autocrypt a mail carries: the sender's key outside, the named recipients' keys inside. */
#include "mail/mail.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "pgp/gpg/home.h"
#include "pgp/seal/autocrypt.h"

/* Whom the field is about: From, as it will be. */
static bool find_from(const struct message *msg, struct addr *from)
{
	*from = message_made_value(&msg->made, "From") ? msg->made.author : msg->from;
	return from->text[0] != '\0' && from->domain[0] != '\0' && !from->literal;
}

/* A mail that is neither sealed nor signed does not depend on the key: without one there is no
 * field. */
static void find_key(struct mail *m)
{
	struct err why = ERR_INIT;

	if (gpg_init(&why) < 0 || mail_find_signer(m, &why) < 0)
		log_info("no Autocrypt header: %s", why.msg);
}

int mail_autocrypt(struct mail *m, bool have_signer, struct err *err)
{
	enum conf_autocrypt rule = m->decision.autocrypt;
	const char *why = NULL;
	struct addr from;
	int rc;

	/* A mail that is sent on is signed by another than its From. */
	if (rule == AUTOCRYPT_NO || m->msg.resent || message_field(&m->msg, "Autocrypt") ||
		(m->copies.n == 1 && m->copies.v[0].how == COPY_AS_IT_WAS))
		return 0;
	if (!have_signer)
		find_key(m);
	if (m->signer.fpr[0] == '\0' || m->signer.n_enc == 0)
		return 0;
	rc = message_complete(&m->msg, err);
	if (rc < 0 || !find_from(&m->msg, &from))
		return rc;
	rc = autocrypt_value(&from, &m->signer, rule == AUTOCRYPT_MUTUAL, &m->autocrypt, &why, err);
	if (rc == 0)
		log_info("no Autocrypt header: %s", why);
	if (rc == 1)
		message_add_autocrypt(&m->msg, m->autocrypt);
	return rc < 0 ? rc : 0;
}

/* Whose key may be told to the others: named in To or Cc, not the sender, and sealed to with one
 * certificate. */
static bool is_told(const struct mail *m, size_t i)
{
	const struct envelope_rcpt *r = &m->env.rcpt[i];

	return !r->hidden && mail_certs(m, i) == 1 && strcmp(r->addr.name, m->msg.from.name) != 0;
}

int mail_gossip(
	const struct mail *m, const struct mail_copy *copy, struct gossip *g, struct err *err)
{
	const char *why;
	size_t i, n = 0;
	int rc = 0;

	*g = (struct gossip){NULL, 0};
	for (i = 0; i < copy->n_key; i++)
		n += is_told(m, copy->key[i]);
	if (m->decision.autocrypt == AUTOCRYPT_NO || m->msg.resent || n < 2 ||
		n > AUTOCRYPT_GOSSIP_MAX)
		return 0;
	g->v = calloc(n, sizeof(*g->v));
	if (!g->v)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < copy->n_key && rc >= 0; i++) {
		size_t k = copy->key[i];

		if (!is_told(m, k))
			continue;
		rc = autocrypt_value(
			&m->env.rcpt[k].addr, mail_cert(m, k, 0), false, &g->v[g->n], &why, err);
		g->n += rc == 1;
	}
	if (rc < 0)
		gossip_free(g);
	return rc < 0 ? rc : 0;
}

void gossip_free(struct gossip *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		free(g->v[i]);
	free(g->v);
	*g = (struct gossip){NULL, 0};
}
