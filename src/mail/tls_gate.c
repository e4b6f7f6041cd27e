/* SPDX-License-Identifier: ISC */
/* The gate tls = require: asks about the way to each recipient, and says who cannot be reached by a
 * bound one. */
#include "mail/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "decide/rules.h"
#include "print/quote.h"
#include "transport/recall.h"

/* The next hops that are to be asked about, each once. */
struct hops {
	const char **name;   /* owned; the names borrowed */
	struct transport *t; /* owned; n of them */
	size_t n;
};

static int collect(struct mail *m, struct hops *h, struct err *err)
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

static void set(struct gate_rcpt *g, enum err_code code, const char *what, const char *reason)
{
	char place[POLICY_PLACE_MAX];

	policy_place(g->by, place);
	g->code = code;
	if (code == ERR_NONE || code == ERR_NOHOST)
		snprintf(g->why, sizeof(g->why), "%s%s%s", what, reason[0] ? ": " : "", reason);
	else
		snprintf(g->why, sizeof(g->why), "%s, and tls = require in %s%s%s", what, place,
			reason[0] ? ": " : "", reason);
}

/* What can be told without asking. */
static void begin(struct mail *m, size_t i, bool waived)
{
	struct gate_rcpt *g = &m->gate[i];

	g->way = gate_way(&m->app->conf, m->identity, &m->env.rcpt[i].addr, &g->hop, &g->by);
	if (g->way == GATE_FREE)
		return;
	if (waived)
		set(g, ERR_POLICY, "the message says TLS-Required: No", "");
	else if (g->way == GATE_NEVER)
		set(g, ERR_POLICY,
			m->env.rcpt[i].addr.literal
				? "nothing can bind the way to an address literal"
				: "nothing can bind the way to a name without a dot",
			"");
	else if (g->way == GATE_LOCAL)
		set(g, ERR_NONE, "delivered on this machine", "");
}

/* What an answer says of a recipient. */
static void judge(struct gate_rcpt *g, const struct transport *t)
{
	const struct check_reply *r = &t->reply;
	char what[ADDR_DOMAIN_MAX + 64];

	if (!t->answered || r->failed[0] != '\0') {
		snprintf(what, sizeof(what), "cannot tell whether the way to %s is bound to TLS",
			g->hop);
		set(g, ERR_TEMP, what, t->answered ? r->failed : t->why);
		return;
	}
	switch (r->protection) {
	case PROTECTION_DANE:
	case PROTECTION_MTA_STS:
		snprintf(what, sizeof(what), "the way to %s is bound by %s", g->hop,
			r->protection == PROTECTION_DANE ? "DANE" : "MTA-STS");
		set(g, ERR_NONE, what, "");
		return;
	case PROTECTION_NONE:
		if (r->null_mx || (r->mx_outcome == CHECK_NONE && !r->implicit_mx)) {
			snprintf(what, sizeof(what), "%s takes no mail", g->hop);
			set(g, ERR_NOHOST, what,
				r->null_mx ? "it says so (null MX)" : r->protection_reason);
		} else {
			snprintf(what, sizeof(what), "the way to %s is not bound to TLS", g->hop);
			set(g, ERR_POLICY, what, r->protection_reason);
		}
		return;
	case PROTECTION_UNKNOWN:
		break;
	}
	snprintf(what, sizeof(what), "cannot tell whether the way to %s is bound to TLS", g->hop);
	set(g, ERR_TEMP, what, r->protection_reason);
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
				judge(&m->gate[i], &h->t[j]);
				break;
			}
		}
	}
	return rc;
}

/* Who takes no mail will not later either; what may pass by itself goes before what will not. */
static int gravity(enum err_code code)
{
	return code == ERR_NOHOST ? 3 : code == ERR_TEMP ? 2 : code == ERR_POLICY ? 1 : 0;
}

static const struct gate_rcpt *gravest(const struct mail *m)
{
	const struct gate_rcpt *g = NULL;
	size_t i;

	for (i = 0; i < m->env.n; i++) {
		if (m->gate[i].code != ERR_NONE &&
			(!g || gravity(m->gate[i].code) > gravity(g->code)))
			g = &m->gate[i];
	}
	return g;
}

static void hint(const struct mail *m, const struct gate_rcpt *g, char *out, size_t cap)
{
	char word[ERR_HINT_MAX];
	const char *name = m->env.rcpt[g - m->gate].addr.name;

	if (gate_waived(&m->msg))
		snprintf(out, cap,
			"take TLS-Required out of the message, or set tls = any for the recipient");
	else if (g->code == ERR_TEMP && m->args.explain && !m->args.online)
		snprintf(out, cap, "add --online to ask the network as well");
	else if (g->way == GATE_NEVER)
		snprintf(out, cap, "set tls = any in a policy for %.300s", name);
	else if (g->hop[0] == '[')
		snprintf(
			out, cap, "sealpost check %.*s", (int)strcspn(g->hop + 1, "]"), g->hop + 1);
	else if (quote_shell(word, sizeof(word), g->hop) == 0)
		snprintf(out, cap, "sealpost check %.300s", word);
}

void mail_gate_apply(struct mail *m)
{
	const struct gate_rcpt *g = m->gate ? gravest(m) : NULL;
	size_t i;

	if (!g)
		return;
	for (i = 0; i < m->env.n; i++) {
		m->rcpt[i].addr = &m->env.rcpt[i].addr;
		if (m->gate[i].code == ERR_NONE)
			continue;
		m->rcpt[i].in_the_way = true;
		m->rcpt[i].allowable = false;
		snprintf(m->rcpt[i].why, sizeof(m->rcpt[i].why), "%s", m->gate[i].why);
	}
	m->decision.action = ACTION_REFUSE;
	m->decision.code = g->code;
	hint(m, g, m->decision.hint, sizeof(m->decision.hint));
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
		begin(m, i, waived);
		required += m->gate[i].way != GATE_FREE;
	}
	if (required == 0)
		return 0;
	rc = collect(m, &h, err);
	/* One who is refused already refuses the mail: nobody is asked for the others. */
	if (rc == 0 && h.n > 0 && (m->args.explain || !gravest(m)))
		rc = ask_hops(m, &h, ask, keep, err);
	hops_free(&h);
	if (rc < 0)
		return rc;
	if (!gravest(m)) {
		log_info("tls = require: the way to %zu recipient(s) is bound now; the mail "
			 "program delivers later, by what it "
			 "finds then",
			required);
		return 0;
	}
	if (!m->args.explain) {
		m->rcpt = calloc(m->env.n, sizeof(*m->rcpt));
		if (!m->rcpt)
			return err_set(err, ERR_OS, "out of memory");
		mail_gate_apply(m);
	}
	return 1;
}
