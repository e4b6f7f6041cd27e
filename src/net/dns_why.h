/* SPDX-License-Identifier: ISC */
/*
 * Why there is no answer that counts, in a sentence's part made of libunbound's words, which are
 * the only place where it tells more than that an answer is bogus. To be shown: nothing is decided
 * by them. Pure, but for the clock's date.
 */
#ifndef SEALPOST_NET_DNS_WHY_H
#define SEALPOST_NET_DNS_WHY_H

#include "net/dns.h"

/* Of one answer. why_bogus is libunbound's, or NULL. note has DNS_NOTE_MAX bytes. */
void dns_why_bogus(const char *why_bogus, char *note);
/* Of an answer that is bogus or an error: why. note has DNS_NOTE_MAX bytes. */
void dns_why_none(enum dns_state state, int rcode, const char *why_bogus, char *note);
/*
 * Of the root's own keys, without which nothing can be told; stripped: no signature came with them;
 * recursing: the root itself was asked.
 */
void dns_why_broken(const char *why_bogus, bool stripped, bool recursing, char *note);

/* In place of an answer that has not come. Borrows name and note. */
struct dns_answer dns_unanswered(const char *name, uint16_t type, const char *note);

#endif
