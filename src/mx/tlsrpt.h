/* SPDX-License-Identifier: ISC */
/* Where a domain wants TLS reports sent (RFC 8460 section 3). Pure. */
#ifndef SEALPOST_MX_TLSRPT_H
#define SEALPOST_MX_TLSRPT_H

#include "net/dns.h"
#include "wire/check.h"

#define TLSRPT_VERSION "v=TLSRPTv1"

/* Parses the answer to TXT of _smtp._tls.DOMAIN. */
void tlsrpt_take(const struct dns_answer *a, struct check_tlsrpt *out);

#endif
