/* SPDX-License-Identifier: ISC */
/*
 * Mail servers that come and go while a policy of MTA-STS is enforced (RFC 8461): a new one needs
 * its line first, an old one keeps its line last, and in between senders may go by a policy that
 * they kept. Facts in, what comes next out; pure.
 */
#ifndef SEALPOST_PUBLISH_MX_H
#define SEALPOST_PUBLISH_MX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decide/publish_steps.h"

/* A mail server: a host of DNS, or a line of a policy. Times are seconds since 1970, 0: never. */
struct mx_fact {
	const char *host; /* borrowed; or a line with "*." */
	bool wanted;      /* the policy that is to be published has a line for it */
	bool served;      /* the policy that is live has one */
	bool live; /* DNS names it as a mail server, or, for "*.", some host that it is for */
	int64_t line_since;  /* the policy that is live was first seen with it */
	int64_t live_since;  /* first seen in DNS */
	int64_t known_until; /* senders may remember it as a mail server until then */
};

struct mx_facts {
	int64_t now;
	int64_t ttl;         /* of the record that tells of the policy, seconds */
	int64_t max_age;     /* of the policy that is live, seconds */
	int64_t older_until; /* senders may keep one of another max_age until then; 0: none */
	const struct mx_fact *v;
	size_t n;
};

enum mx_next {
	MX_SETTLED, /* nothing to do */
	MX_PUBLISH, /* it is in DNS, and the live policy does not name it: its line is to go out */
	MX_ADD,     /* its line is live: it may go into DNS, from not_before on */
	MX_UNNAMED, /* it is in DNS, and has no line in what is to be published nor in what is live
		     */
	MX_IN_DNS,  /* its line is to go, but it is still in DNS, which it may leave from
		       not_before on; 0: not while there is no other */
	MX_KNOWN,   /* its line is to go, and stays until not_before */
};

/* What comes next for one of them. */
enum mx_next publish_mx_next(const struct mx_facts *f, size_t i, int64_t *not_before);
/* Whether its line stays in what is published, though it is not wanted any more. */
bool publish_mx_keeps_line(enum mx_next next);
/* The same as a step. */
void publish_mx_verdict(
	enum mx_next next, int64_t now, int64_t not_before, struct step_verdict *out);
/* Where neither FILE nor DNS names a mail server, so that there can be no policy: the step, by what
 * DNS says of the MX records. null_mx: the domain takes no mail (RFC 7505). */
void publish_no_mx_verdict(enum check_outcome mx, bool null_mx, struct step_verdict *out);

#endif
