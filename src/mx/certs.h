/* SPDX-License-Identifier: ISC */
/* The certificates that a check has seen. */
#ifndef SEALPOST_MX_CERTS_H
#define SEALPOST_MX_CERTS_H

#include "net/cert.h"
#include "wire/check.h"

/* Adds one to the reply, unless the host has shown it already. Drops what is beyond
 * CHECK_CERTS_MAX. */
void certs_add(struct check_reply *a, const char *host, uint16_t port, const struct cert_seen *c);
/* At the end, when the CAA records are there: whether they allow each one's issuer. */
void certs_judge(struct check_reply *a);

#endif
