/* SPDX-License-Identifier: ISC */
/* Which TCP ports the network process has to connect to, so that its sandbox can be shut against
 * all others. Pure. */
#ifndef SEALPOST_NETD_PORTS_H
#define SEALPOST_NETD_PORTS_H

#include "wire/lookup.h"

#define PORTS_MAX 4 /* with the 0 that ends them */
#define PORTS_TEXT_MAX 24

/*
 * The proxy's alone, if there is one: everything goes through it. Else that of HTTPS, to which
 * alone redirects lead, that of the resolver, or of name servers in general, for what does not fit
 * UDP, and that of SMTP if it is to be spoken.
 */
void ports_wanted(const struct net_settings *s, uint16_t out[PORTS_MAX]);

/* "443, 53" */
void ports_text(const uint16_t *ports, char out[PORTS_TEXT_MAX]);

#endif
