/* The sealed copy that stays with the sender, so that the mail program need not keep a clear one.
 */
#include "mail/mail.h"

#include "base/log.h"
#include "pgp/gpg/home.h"
#include "pgp/seal/seal.h"
#include "store/maildir.h"

const char *mail_sent_folder(const struct mail *m)
{
	const struct conf *c = &m->app->conf;

	if (m->identity && m->identity->sent[0] != '\0')
		return m->identity->sent;
	return c->sent[0] != '\0' ? c->sent : NULL;
}

/* A copy that may be kept as it went out: it is sealed to the sender too, and nobody hidden shows
 * in it. */
static const struct mail_copy *as_sent(const struct mail *m)
{
	const struct mail_copy *c = &m->copies.v[0];

	if (c->hidden || c->out.fd < 0)
		return NULL;
	if (c->how == COPY_AS_IT_WAS)
		return c;
	return c->how == COPY_SEALED && m->signer.fpr[0] != '\0' && m->signer.n_enc > 0 ? c : NULL;
}

/* Sealed to the sender alone, and unsigned: nobody is asked for a passphrase to keep a copy. */
static int seal_for_sender(struct mail *m, struct spool *out, struct err *err)
{
	const struct cert *me = &m->signer;
	struct seal_cert to = {me->data, me->len, me->enc_keyid, me->n_enc, mail_marks_of(m, me)};
	struct seal s = mail_seal_common(m);
	int rc;

	s.to = &to;
	s.n_to = 1;
	rc = gpg_init(err);
	if (rc == 0)
		rc = message_complete(&m->msg, err);
	return rc == 0 ? seal_message(&s, out, err) : rc;
}

static bool somebody_has_it(const struct mail *m)
{
	size_t i;

	for (i = 0; i < m->copies.n; i++) {
		if (m->copies.v[i].state == COPY_TAKEN)
			return true;
	}
	return false;
}

bool mail_keep_sent(struct mail *m)
{
	const char *folder = mail_sent_folder(m);
	const struct mail_copy *c;
	struct spool own = {.fd = -1};
	struct err err = ERR_INIT;
	int rc = 0;

	if (!folder || m->journal.kept || !somebody_has_it(m))
		return false;
	c = as_sent(m);
	if (!c)
		rc = mail_find_signer(m, &err);
	if (rc == 0 && !c && (m->signer.fpr[0] == '\0' || m->signer.n_enc == 0)) {
		log_warn("the mail was sent; no copy is kept, since there is no key of yours to "
			 "seal it "
			 "with");
		return false;
	}
	if (rc == 0 && !c)
		rc = seal_for_sender(m, &own, &err);
	if (rc == 0)
		rc = maildir_store(
			folder, c ? c->out.fd : own.fd, c ? c->out.size : own.size, &err);
	if (rc < 0)
		log_warn("the mail was sent; no copy is kept: %s", err.msg);
	if (!c && rc == 0)
		log_info("a copy sealed to yourself is in %s", folder);
	spool_close(&own);
	return rc == 0;
}
