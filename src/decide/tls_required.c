/* SPDX-License-Identifier: ISC */
#include "decide/tls_required.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "decide/rules.h"

enum gate_way gate_way(const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, const char **hop, const char **by)
{
	const char *relay = conf_smart_host(c, id);

	*hop = relay[0] != '\0' ? relay : a->domain;
	if (policy_tls(c, one, id, a, by) != TRANSPORT_REQUIRE)
		return GATE_FREE;
	if (relay[0] != '\0')
		return GATE_ASK;
	if (a->domain[0] == '\0' || strcmp(a->domain, "localhost") == 0)
		return GATE_LOCAL;
	return addr_discoverable(a) ? GATE_ASK : GATE_NEVER;
}

bool gate_waived(const struct message *m)
{
	static const char blanks[] = " \t\r\n";
	const char *v;
	size_t i;

	for (i = 0; i < m->n_field; i++) {
		if (strcasecmp(m->field[i].name, "TLS-Required") != 0)
			continue;
		v = m->field[i].value + strspn(m->field[i].value, blanks);
		if (strncasecmp(v, "no", 2) == 0 && v[2 + strspn(v + 2, blanks)] == '\0')
			return true;
	}
	return false;
}

static void conclude_gate(
	struct gate_rcpt *g, enum err_code code, const char *what, const char *reason)
{
	char place[POLICY_PLACE_MAX];

	policy_place(g->by, place);
	g->code = code;
	if (code == ERR_NONE || code == ERR_NOHOST)
		snprintf(g->why, sizeof(g->why), "%s%s%s", what, reason[0] ? ": " : "", reason);
	else
		snprintf(g->why, sizeof(g->why), "%s, and tls = require %s %s%s%s", what,
			policy_at(g->by), place, reason[0] ? ": " : "", reason);
}

void gate_begin(struct gate_rcpt *g, const struct conf *c, const struct mail_rules *one,
	const struct conf_identity *id, const struct addr *a, bool waived)
{
	g->way = gate_way(c, one, id, a, &g->hop, &g->by);
	if (g->way == GATE_FREE)
		return;
	if (waived)
		conclude_gate(g, ERR_POLICY, "the message says TLS-Required: No", "");
	else if (g->way == GATE_NEVER)
		conclude_gate(g, ERR_POLICY,
			a->literal ? "TLS cannot be enforced for an address literal"
				   : "TLS cannot be enforced for a name without a dot",
			"");
	else if (g->way == GATE_LOCAL)
		conclude_gate(g, ERR_NONE, "delivered on this machine", "");
}

void gate_judge(struct gate_rcpt *g, const struct check_reply *facts, const struct protection *p,
	const char *why)
{
	enum protection_kind kind = facts ? p->kind : PROTECTION_UNKNOWN;
	char what[ADDR_DOMAIN_MAX + 64];

	if (kind == PROTECTION_DANE || kind == PROTECTION_MTA_STS) {
		snprintf(what, sizeof(what), "the route to %s is bound to TLS by %s", g->hop,
			kind == PROTECTION_DANE ? "DANE" : "MTA-STS");
		conclude_gate(g, ERR_NONE, what, "");
	} else if (kind == PROTECTION_UNKNOWN) {
		snprintf(what, sizeof(what), "cannot tell whether the route to %s is bound to TLS",
			g->hop);
		conclude_gate(g, ERR_TEMP, what, facts ? p->reason : why);
	} else if (protection_takes_no_mail(facts, p)) {
		snprintf(what, sizeof(what), "%s accepts no mail", g->hop);
		conclude_gate(
			g, ERR_NOHOST, what, facts->null_mx ? "it says so (null MX)" : p->reason);
	} else {
		snprintf(what, sizeof(what), "the route to %s is not bound to TLS", g->hop);
		conclude_gate(g, ERR_POLICY, what, p->reason);
	}
}

static int gate_gravity(enum err_code code)
{
	return code == ERR_NOHOST ? 3 : code == ERR_TEMP ? 2 : code == ERR_POLICY ? 1 : 0;
}

const struct gate_rcpt *gate_gravest(const struct gate_rcpt *g, size_t n)
{
	const struct gate_rcpt *worst = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (gate_gravity(g[i].code) > (worst ? gate_gravity(worst->code) : 0))
			worst = &g[i];
	}
	return worst;
}

/* A hop is letters, digits, hyphens and dots, perhaps in brackets: a shell takes it as it is. */
void gate_hint(
	const struct gate_rcpt *g, const char *address, bool waived, bool unasked, char *hint)
{
	const char *name;

	if (waived) {
		snprintf(hint, ERR_HINT_MAX,
			"take TLS-Required out of the message, or set tls = any for the recipient");
	} else if (g->code == ERR_TEMP && unasked) {
		snprintf(hint, ERR_HINT_MAX, "add --online to ask the network as well");
	} else if (g->way == GATE_NEVER) {
		snprintf(hint, ERR_HINT_MAX, "set tls = any in a policy for %.300s", address);
	} else {
		name = g->hop + (g->hop[0] == '[');
		snprintf(hint, ERR_HINT_MAX, "sealpost check %.*s", (int)strcspn(name, "]"), name);
	}
}
