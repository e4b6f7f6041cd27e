/* SPDX-License-Identifier: ISC */
/* Whose key signs, and the agent that has it. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "decide/own_key.h"
#include "pgp/cert/signer.h"
#include "pgp/gpg/home.h"
#include "print/quote.h"
#include "store/cache.h"

static const char *sign_key(const struct mail *m)
{
	const struct conf *c = &m->app->conf;

	if (m->identity && m->identity->sign_key[0] != '\0')
		return m->identity->sign_key;
	return c->sign_key[0] != '\0' ? c->sign_key : NULL;
}

/* What is remembered of the key. 1: it counts. */
static int recall_signer(struct mail *m, const char *text, const char *stamp, bool named)
{
	if (cache_signer_get(session_cache(&m->session, &m->app->conf), text, stamp, &m->signer) !=
		1)
		return 0;
	/* That From has no key does not say that sign-key of the same address may be missing. */
	if (m->signer.fpr[0] == '\0')
		return !named;
	if (m->signer.expires == 0 || m->signer.expires > (int64_t)time(NULL)) {
		m->own.key = OWN_USABLE;
		return 1;
	}
	cert_free(&m->signer);
	memset(&m->signer, 0, sizeof(m->signer));
	return 0;
}

int mail_find_signer(struct mail *m, struct err *err)
{
	const char *key = sign_key(m), *cached;
	char stamp[SIGNER_STAMP_MAX];
	int rc;

	if (m->signer.fpr[0] != '\0' || (!key && m->msg.sender.text[0] == '\0'))
		return 0;
	rc = signer_stamp(stamp, err);
	if (rc < 0 || (stamp[0] == '\0' && !key))
		return rc; /* nobody has a keyring here; do not make one by starting an agent */
	cached = key ? key : m->msg.sender.name;
	if (recall_signer(m, cached, stamp, key != NULL))
		return m->signer.fpr[0] != '\0' && m->decision.sign != SIGN_NEVER
			       ? daemons_find_agent(&m->session.daemons, err)
			       : 0;
	rc = daemons_find_agent(&m->session.daemons, err);
	if (rc == 0)
		rc = gpg_init(err);
	if (rc == 0)
		rc = signer_find(
			key, &m->msg.sender, &m->session.daemons, &m->signer, &m->own, err);
	if (rc < 0)
		return rc;
	/* What can be sealed to no more is not remembered: the cache has no word for it. */
	if ((rc == 1 && m->own.late.seal[0] == '\0') || m->own.certain)
		cache_signer_put(m->app->conf.cache_dir, cached, stamp, &m->signer);
	return 0;
}

const char *mail_sent_folder(const struct mail *m)
{
	const struct conf *c = &m->app->conf;

	if (m->identity && m->identity->sent[0] != '\0')
		return m->identity->sent;
	return c->sent[0] != '\0' ? c->sent : NULL;
}

bool mail_keeps_sealed(const struct mail *m)
{
	return !m->filter && mail_sent_folder(m) && m->copies.n > 0 &&
	       m->copies.v[0].how != COPY_AS_IT_WAS;
}

/* There is nothing that the kept copy could be sealed to. */
static int nothing_to_keep_with(const struct mail *m, struct err *err)
{
	const char *folder = mail_sent_folder(m), *me = m->msg.sender.text;
	char word[ADDR_TEXT_MAX * 4];

	if (m->own.key == OWN_MISSING) {
		err_set(err, ERR_CONFIG,
			"sent = %.500s: no copy can be kept, as there is no secret key for "
			"%.330s to seal it to",
			folder, me);
		if (quote_shell(word, sizeof(word), me) == 0)
			err_hint(err, "gpg --quick-generate-key %s", word);
		return ERR_CONFIG;
	}
	err_set(err, ERR_CONFIG, "sent = %.500s: no copy can be kept, for your key %s %s", folder,
		m->signer.fpr[0] ? m->signer.fpr : m->own.fpr,
		m->own.key == OWN_USABLE ? "cannot encrypt" : own_key_state(m->own.key));
	if (m->own.key == OWN_USABLE && m->own.late.seal[0] == '\0')
		err_hint(err, "gpg --quick-add-key %s default encr", m->signer.fpr);
	else
		own_key_hint(err, &m->own);
	return ERR_CONFIG;
}

int mail_check_own_key(const struct mail *m, bool keeps, struct err *err)
{
	const struct own_key_facts f = {.key = m->own.key,
		.sealable = m->signer.fpr[0] != '\0' && m->signer.n_enc > 0,
		.named = sign_key(m) != NULL,
		.sign_always = m->decision.sign == SIGN_ALWAYS,
		.keeps_sealed = keeps};

	if (own_key_decide(&f) != OWN_REFUSE)
		return 0;
	if (keeps && !f.sealable)
		return nothing_to_keep_with(m, err);
	err_set(err, ERR_CONFIG, "sign = always: your key %s %s", m->own.fpr,
		own_key_state(m->own.key));
	own_key_hint(err, &m->own);
	return ERR_CONFIG;
}

void mail_own_key_text(const struct mail *m, char *out, size_t cap)
{
	out[0] = '\0';
	if (m->signer.fpr[0] == '\0' && m->own.key != OWN_MISSING && m->own.key != OWN_USABLE)
		snprintf(out, cap, "your key %s %s", m->own.fpr, own_key_state(m->own.key));
	else if (m->own.late.seal[0] != '\0')
		snprintf(out, cap, "your key %s " OWN_LATE_SEAL, m->own.fpr);
}
