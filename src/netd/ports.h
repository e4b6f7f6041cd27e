/* SPDX-License-Identifier: ISC */
/* The TCP ports that the network process needs, so that its sandbox can deny all others. Pure. */
#ifndef SEALPOST_NETD_PORTS_H
#define SEALPOST_NETD_PORTS_H

#include "wire/lookup.h"

#define PORTS_MAX 4 /* with the 0 that ends them */
#define PORTS_TEXT_MAX 24

/*
 * Only the proxy's, if there is one, since everything uses it. Otherwise HTTPS, the only port
 * permitted in redirects; the resolver's, or that of name servers in general, for DNS over TCP; and
 * SMTP's if needed.
 */
void ports_wanted(const struct net_settings *s, uint16_t out[PORTS_MAX]);

/* "443, 53" */
void ports_text(const uint16_t *ports, char out[PORTS_TEXT_MAX]);

#endif
