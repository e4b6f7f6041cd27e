/* SPDX-License-Identifier: ISC */
/* What was handed over, for "why --sent" and for the answers to it; nothing of what it says. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "store/handed.h"
#include "store/sealed.h"

/* The fingerprints that recipient i has got it sealed to. */
static void write_keys(const struct mail *m, size_t i, struct handed_rcpt *r)
{
	size_t k, len = 0;

	for (k = 0; k < mail_certs(m, i) && len < sizeof(r->what); k++)
		len += (size_t)snprintf(r->what + len, sizeof(r->what) - len, "%s%s",
			len > 0 ? " " : "", mail_cert(m, i, k)->fpr);
}

static void write_clear_reason(const struct mail *m, size_t i, struct handed_rcpt *r)
{
	const char *why = mail_clear_reason(m, i), *proof = "";

	if (why == m->rcpt[i].reason && m->rcpt[i].key == KEY_ABSENT_PROVED)
		proof = "no key is published (proved): ";
	else if (why == m->rcpt[i].reason && m->rcpt[i].key == KEY_ABSENT_UNPROVED)
		proof = "no key is published (unproved): ";
	snprintf(r->what, sizeof(r->what), "%s%s", proof, why);
}

static void describe_handed(
	const struct mail *m, const struct mail_copy *c, size_t i, struct handed_rcpt *r)
{
	memcpy(r->address, m->env.rcpt[i].addr.name, sizeof(r->address));
	r->what[0] = '\0';
	if (c->how == COPY_AS_IT_WAS)
		r->how = HANDED_AS_IT_WAS;
	else
		r->how = c->how == COPY_SEALED ? HANDED_SEALED : HANDED_CLEAR;
	if (r->how == HANDED_SEALED)
		write_keys(m, i, r);
	else if (r->how == HANDED_CLEAR)
		write_clear_reason(m, i, r);
}

/* All of them, from an earlier try. */
static void gather_before(const struct mail *m, struct handed *h)
{
	size_t i;

	for (i = 0; i < m->env.n && h->n_rcpt < HANDED_RCPT_MAX; i++) {
		struct handed_rcpt *r = &h->rcpt[h->n_rcpt++];

		memcpy(r->address, m->env.rcpt[i].addr.name, sizeof(r->address));
		r->how = HANDED_BEFORE;
	}
}

/* Whom the MTA has taken it for just now. */
static void gather_handed(const struct mail *m, struct handed *h)
{
	const struct mail_copy *c;
	size_t i, k;

	for (i = 0; i < m->copies.n; i++) {
		c = &m->copies.v[i];
		for (k = 0; c->state == COPY_TAKEN && k < c->n_rcpt; k++) {
			if (mail_served(m, c->rcpt[k]))
				continue;
			if (h->n_rcpt < HANDED_RCPT_MAX)
				describe_handed(m, c, c->rcpt[k], &h->rcpt[h->n_rcpt++]);
		}
	}
}

void mail_note_handed(struct mail *m)
{
	struct handed h = {.time = (int64_t)time(NULL)};
	uint8_t id[JOURNAL_HASH];
	struct err err = ERR_INIT;
	int sealed, rc = 0;

	h.rcpt = calloc(m->env.n < HANDED_RCPT_MAX ? m->env.n : HANDED_RCPT_MAX, sizeof(*h.rcpt));
	if (!h.rcpt)
		return;
	memcpy(h.sender, m->msg.from.text, sizeof(h.sender));
	snprintf(h.note, sizeof(h.note), "%s", m->note);
	if (m->journal.done)
		gather_before(m, &h);
	else
		gather_handed(m, &h);
	sealed = m->journal.done ? 0 : mail_sealed_id(m, id, &err);
	if (h.n_rcpt > 0)
		rc = store_handed_add(m->session.store, &h, sealed == 1 ? id : NULL, &err);
	if (sealed < 0 || rc < 0)
		log_warn("cannot record that the mail was handed over: %s", err.msg);
	free(h.rcpt);
}

void mail_note_filtered(struct mail *m)
{
	uint8_t id[JOURNAL_HASH];
	struct err err = ERR_INIT;
	int rc;

	m->copies.v[0].state = COPY_TAKEN;
	rc = store_journal_key(m->session.store, m->journal.key, &err);
	if (rc == 0)
		rc = mail_sealed_id(m, id, &err);
	if (rc == 1)
		rc = store_sealed_add(m->session.store, id, (int64_t)time(NULL), &err);
	if (rc < 0)
		log_warn("cannot record that the mail was sealed: %s", err.msg);
}
