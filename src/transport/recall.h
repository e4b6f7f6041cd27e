/* SPDX-License-Identifier: ISC */
/* What was found out about the way to a domain, kept in cache.db for a short time: a second mail
 * asks nobody. */
#ifndef SEALPOST_TRANSPORT_RECALL_H
#define SEALPOST_TRANSPORT_RECALL_H

#include "discovery/cache.h"
#include "transport/transport.h"

/* Fills t->reply, and sets t->answered, if the very same question was answered a short time ago. */
void transport_recall(struct recall *r, struct transport *t);
/* Keeps it, as long as remember_protection says. */
void transport_remember(struct recall *r, const struct transport *t);

#endif
