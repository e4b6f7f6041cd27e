/* SPDX-License-Identifier: ISC */
/* The sealed copy that stays with the sender, so that the mail program need not keep a clear one:
 * it says inside what became of the mail. */
#include "mail/mail.h"

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "pgp/gpg/home.h"
#include "pgp/seal/seal.h"
#include "store/maildir.h"

#define RESULT_MAX 65536

/* What came encrypted is kept as it went out: nothing can be said inside it. */
static const struct mail_copy *as_sent(const struct copies *copies)
{
	const struct mail_copy *c = &copies->v[0];

	return c->how == COPY_AS_IT_WAS && c->out.fd >= 0 ? c : NULL;
}

const char *mail_clear_reason(const struct mail *m, size_t i)
{
	const struct policy_rcpt *r = &m->rcpt[i];

	if (m->decision.public)
		return "everybody may read it where it goes";
	if (r->allow_clear || r->domain_clear)
		return "allowed by name";
	if (r->key == KEY_USABLE)
		return r->seal ? "others have no key" : "by a rule";
	return r->reason;
}

/* In ASCII: a reason may quote foreign text. */
static int add_clear(const struct mail *m, size_t i, struct buf *out)
{
	struct buf why = BUF_INIT(4 * VERDICT_REASON_MAX);
	const char *reason = mail_clear_reason(m, i);
	size_t k;
	int rc = text_safe(&why, reason, strlen(reason));

	for (k = 0; k < why.len; k++) {
		if (why.p[k] >= 0x80)
			why.p[k] = '?';
	}
	if (rc == 0)
		rc = buf_addf(out, "clear\n (%s)", buf_str(&why));
	buf_free(&why);
	return rc;
}

/* Appends what became of one copy, each key on a line of its own; nothing of hidden recipients, and
 * nothing of a copy that is not out. */
static int add_result(const struct mail *m, const struct mail_copy *c, struct buf *out)
{
	size_t i, k;
	int rc = 0;

	if (c->hidden || c->n_rcpt == 0 || c->state != COPY_TAKEN)
		return 0;
	if (out->len > 0)
		rc = buf_adds(out, ";\n ");
	if (c->how == COPY_CLEAR)
		return rc == 0 ? add_clear(m, c->rcpt[0], out) : rc;
	rc = rc == 0 ? buf_adds(out, "sealed") : rc;
	for (i = 0; i < c->n_key && rc == 0; i++) {
		for (k = 0; k < mail_certs(m, c->key[i]) && rc == 0; k++)
			rc = buf_addf(out, "\n %s", mail_cert(m, c->key[i], k)->fpr);
	}
	return rc;
}

/* The value of X-Sealpost-Result. */
static int result_of(const struct mail *m, struct buf *out, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < m->copies.n && rc == 0; i++)
		rc = add_result(m, &m->copies.v[i], out);
	if (rc == 0 && out->len == 0)
		rc = buf_adds(out, "sealed");
	return rc < 0 ? err_set(err, ERR_OS, "out of memory") : 0;
}

/* Sealed to the sender alone, and unsigned: nobody is asked for a passphrase to keep a copy. */
static int seal_for_sender(struct mail *m, struct spool *out, struct err *err)
{
	const struct cert *me = &m->signer;
	struct seal_cert to = {me->data, me->len, me->enc_keyid, me->n_enc, mail_marks_of(m, me)};
	struct buf result = BUF_INIT(RESULT_MAX);
	struct seal s = mail_seal_common(m);
	int rc = result_of(m, &result, err);

	s.to = &to;
	s.n_to = 1;
	s.kept = buf_str(&result);
	if (rc == 0)
		rc = gpg_init(err);
	if (rc == 0)
		rc = message_complete(&m->msg, err);
	if (rc == 0)
		rc = seal_message(&s, out, err);
	buf_free(&result);
	return rc;
}

static bool somebody_has_it(const struct copies *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (c->v[i].state == COPY_TAKEN)
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

	if (!folder || m->journal.kept || !somebody_has_it(&m->copies))
		return false;
	c = as_sent(&m->copies);
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
