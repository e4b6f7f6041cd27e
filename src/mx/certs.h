/* SPDX-License-Identifier: ISC */
/* The certificates seen by a check. */
#ifndef SEALPOST_MX_CERTS_H
#define SEALPOST_MX_CERTS_H

#include "net/cert.h"
#include "wire/check.h"

/* Adds one to the reply, unless it is already there for this host. Ignores those beyond
 * CHECK_CERTS_MAX. */
void certs_add(struct check_reply *a, const char *host, uint16_t port, const struct cert_seen *c);
/* To be called after the CAA lookups: determines whether they permit each one's issuer. */
void certs_judge(struct check_reply *a);

#endif
