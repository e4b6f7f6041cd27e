/* SPDX-License-Identifier: ISC */
/* The gate tls = require: asks about the way to each recipient, and says who cannot be reached by a
 * bound one. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "transport/recall.h"

/* The next hops that are to be asked about, each once. */
struct hops {
	const char **name;   /* owned; the names borrowed */
	struct transport *t; /* owned; n of them */
	size_t n;
};

static int collect_hops(struct mail *m, struct hops *h, struct err *err)
{
	const struct gate_rcpt *g;
	size_t i, j, len;

	h->name = calloc(m->env.n, sizeof(*h->name));
	h->t = calloc(m->env.n, sizeof(*h->t));
	if (!h->name || !h->t)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++) {
		g = &m->gate[i];
		if (g->way != GATE_ASK || g->code != ERR_NONE)
			continue;
		for (j = 0; j < h->n && strcmp(h->name[j], g->hop) != 0; j++)
			;
		if (j < h->n)
			continue;
		h->name[h->n] = g->hop;
		h->t[h->n].q.want = CHECK_TRANSPORT;
		h->t[h->n].q.host_only = g->hop[0] == '[';
		snprintf(h->t[h->n].q.domain, sizeof(h->t[h->n].q.domain), "%s",
			g->hop + (g->hop[0] == '['));
		len = strlen(h->t[h->n].q.domain);
		if (h->t[h->n].q.host_only && len > 0)
			h->t[h->n].q.domain[len - 1] = '\0';
		h->n++;
	}
	return 0;
}

static void hops_free(struct hops *h)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		transport_free(&h->t[i]);
	free(h->t);
	free(h->name);
}

static int ask_hops(struct mail *m, struct hops *h, bool ask, bool keep, struct err *err)
{
	struct recall recall;
	size_t i, j;
	int rc = 0;

	recall_open(&recall, &m->app->conf);
	for (j = 0; j < h->n; j++)
		transport_recall(&recall, &h->t[j]);
	if (ask)
		rc = transport_ask(
			m->app, &m->session.runner, m->session.store, keep, h->t, h->n, err);
	for (j = 0; j < h->n && ask; j++)
		transport_remember(&recall, &h->t[j]);
	recall_close(&recall);
	for (j = 0; j < h->n && !ask; j++)
		snprintf(h->t[j].why, sizeof(h->t[j].why), "the network was not asked");
	for (i = 0; rc == 0 && i < m->env.n; i++) {
		for (j = 0; m->gate[i].way == GATE_ASK && m->gate[i].code == ERR_NONE && j < h->n;
			j++) {
			if (strcmp(h->name[j], m->gate[i].hop) == 0) {
				gate_judge(&m->gate[i], h->t[j].answered ? &h->t[j].reply : NULL,
					&h->t[j].protection, h->t[j].why);
				break;
			}
		}
	}
	return rc;
}

void mail_gate_apply(struct mail *m)
{
	const struct gate_rcpt *g = m->gate ? gate_gravest(m->gate, m->env.n) : NULL;
	size_t i;

	if (!g)
		return;
	for (i = 0; i < m->env.n; i++) {
		m->rcpt[i].addr = &m->env.rcpt[i].addr;
		if (m->gate[i].code == ERR_NONE)
			continue;
		m->rcpt[i].in_the_way = true;
		m->rcpt[i].code = m->gate[i].code;
		m->rcpt[i].allowable = false;
		snprintf(m->rcpt[i].why, sizeof(m->rcpt[i].why), "%s", m->gate[i].why);
	}
	m->decision.action = ACTION_REFUSE;
	m->decision.code = g->code;
	gate_hint(g, m->env.rcpt[g - m->gate].addr.name, gate_waived(&m->msg),
		m->args.explain && !m->args.online, m->decision.hint);
}

/* Whether the mail may wait until the answer is there depends on what is known of its keys too. */
static int refuse_gated(struct mail *m, struct err *err)
{
	bool queue = m->app->conf.queue == QUEUE_UNKNOWN || m->app->conf.queue == QUEUE_ALL;
	int rc = 0;

	if (queue && !m->filter && !m->queue.running &&
		gate_gravest(m->gate, m->env.n)->code == ERR_TEMP)
		rc = mail_decide(m, false, false, err);
	else
		m->rcpt = calloc(m->env.n, sizeof(*m->rcpt));
	if (rc == 0 && !m->rcpt)
		rc = err_set(err, ERR_OS, "out of memory");
	if (rc < 0)
		return rc;
	mail_gate_apply(m);
	return 1;
}

int mail_gate(struct mail *m, bool ask, bool keep, struct err *err)
{
	struct hops h = {.n = 0};
	bool waived = gate_waived(&m->msg);
	size_t i, required = 0;
	int rc;

	m->gate = calloc(m->env.n, sizeof(*m->gate));
	if (!m->gate)
		return err_set(err, ERR_OS, "out of memory");
	for (i = 0; i < m->env.n; i++) {
		gate_begin(&m->gate[i], &m->app->conf, &m->rules, m->identity, &m->env.rcpt[i].addr,
			waived);
		required += m->gate[i].way != GATE_FREE;
	}
	if (required == 0)
		return 0;
	rc = collect_hops(m, &h, err);
	/* One who is refused already refuses the mail: nobody is asked for the others. */
	if (rc == 0 && h.n > 0 && (m->args.explain || !gate_gravest(m->gate, m->env.n)))
		rc = ask_hops(m, &h, ask, keep, err);
	hops_free(&h);
	if (rc < 0)
		return rc;
	if (!gate_gravest(m->gate, m->env.n)) {
		log_info("tls = require: the route to %zu recipient(s) is bound now; the mail "
			 "program delivers later, by what it "
			 "finds then",
			required);
		return 0;
	}
	return m->args.explain ? 1 : refuse_gated(m, err);
}
