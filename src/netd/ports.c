/* SPDX-License-Identifier: ISC */
#include "netd/ports.h"

#include <stdio.h>
#include <string.h>

#include "base/endpoint.h"

#define HTTPS_PORT 443

void ports_wanted(const struct net_settings *s, uint16_t out[PORTS_MAX])
{
	struct endpoint at;
	size_t n = 0;

	if (s->proxy[0]) {
		if (endpoint_proxy(s->proxy, &at))
			out[n++] = at.port;
	} else {
		out[n++] = HTTPS_PORT;
		out[n++] = endpoint_resolver(s->resolver, &at) ? at.port : ENDPOINT_DNS_PORT;
		out[n++] = s->smtp_port;
	}
	out[n] = 0;
}

void ports_text(const uint16_t *ports, char out[PORTS_TEXT_MAX])
{
	size_t i, n;

	out[0] = '\0';
	for (i = 0; ports[i] != 0; i++) {
		n = strlen(out);
		snprintf(out + n, PORTS_TEXT_MAX - n, "%s%u", i ? ", " : "", ports[i]);
	}
}
