/* SPDX-License-Identifier: ISC */
/*
 * Explains a missing or bogus answer, using libunbound's messages, which are its only details about
 * bogus answers. For display only: no decision is based on them. Pure, except for the current date.
 */
#ifndef SEALPOST_NET_DNS_WHY_H
#define SEALPOST_NET_DNS_WHY_H

#include "net/dns.h"

/* Explains one bogus answer. why_bogus is libunbound's, or NULL. note has DNS_NOTE_MAX bytes. */
void dns_why_bogus(const char *why_bogus, char *note);
/* Explains an answer that is bogus or an error. note has DNS_NOTE_MAX bytes. */
void dns_why_none(enum dns_state state, int rcode, const char *why_bogus, char *note);
/*
 * Explains failed validation of the root's keys, without which nothing can be validated; stripped:
 * they had no signature; recursing: the root itself was asked.
 */
void dns_why_broken(const char *why_bogus, bool stripped, bool recursing, char *note);

/* Substitute for a missing answer. Borrows name and note. */
struct dns_answer dns_unanswered(const char *name, uint16_t type, const char *note);

#endif
