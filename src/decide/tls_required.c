/* SPDX-License-Identifier: ISC */
#include "decide/tls_required.h"

#include <string.h>
#include <strings.h>

#include "decide/rules.h"

enum gate_way gate_way(const struct conf *c, const struct conf_identity *id, const struct addr *a,
	const char **hop, const char **by)
{
	const char *relay = conf_smart_host(c, id);

	*hop = relay[0] != '\0' ? relay : a->domain;
	if (policy_tls(c, id, a, by) != TRANSPORT_REQUIRE)
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
