/* SPDX-License-Identifier: ISC */
/*
 * Trusted certificate transparency logs, from a list in the browsers' format (log_list v3 JSON).
 * Read before entering the sandbox.
 */
#ifndef SEALPOST_NET_CT_LOGS_H
#define SEALPOST_NET_CT_LOGS_H

#include <openssl/ct.h>
#include <stdbool.h>

#include "base/err.h"

#define CT_LIST_MAX (4u << 20) /* octets */
#define CT_LOGS_MAX 1000
#define CT_LIST_DAYS 70 /* older lists are not used: logs come and go */

struct ct_logs;

/* ERR_CONFIG: the file cannot be read, is not such a list, is too old (by its own date and now,
 * seconds since 1970), or has no log. */
int ct_logs_open(const char *path, int64_t now, struct ct_logs **out, struct err *err);
void ct_logs_free(struct ct_logs *l);

/* NULL if l is NULL. Borrowed. */
CTLOG_STORE *ct_logs_store(const struct ct_logs *l);
/* Whether a valid SCT counts: its log had not been retired at that time. */
bool ct_logs_counted(const struct ct_logs *l, const SCT *s);

#endif
