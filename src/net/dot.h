/*
 * DNS over TLS (RFC 7858) to one resolver whose name is known. libunbound of some distributions is
 * built without TLS, so here is its counterpart: a UDP socket on the loopback interface, and what
 * comes in there goes out over one TLS connection. The first connection is made with the first
 * question, and the CA bundle (ca_file: see https_open) is read then. Only for dns.c.
 */
#ifndef SEALPOST_NET_DOT_H
#define SEALPOST_NET_DOT_H

#include "base/err.h"

struct dot;

/*
 * If *resolver (owned) is one over TLS: opens one of these, has epoll watch it, and puts into
 * *resolver whom libunbound is to ask instead. Otherwise nothing, and *out stays. ERR_OS.
 */
int dot_instead(char **resolver, const char *ca_file, int epoll, struct dot **out, struct err *err);

/* To be called when what epoll watches is ready. */
void dot_process(struct dot *d);
/* NULL is fine. */
void dot_close(struct dot *d);

/* Why the resolver cannot be used, as far as is known; NULL if nothing is wrong. Whoever asks then
 * gets SERVFAIL. */
const char *dot_why(const struct dot *d);

#endif
