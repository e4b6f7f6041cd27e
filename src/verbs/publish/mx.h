/* SPDX-License-Identifier: ISC */
/* Mail servers that come and go under an enforced policy of MTA-STS. */
#ifndef SEALPOST_PUBLISH_MAIL_SERVERS_H
#define SEALPOST_PUBLISH_MAIL_SERVERS_H

#include "decide/publish_mx.h"
#include "verbs/publish/look.h"
#include "verbs/publish/steps.h"

/* "*." stands for one label (RFC 8461 section 4.1). */
bool mx_matches(const char *pattern, const char *host);

/* Lines that the next policy keeps though FILE has them no more. */
struct mx_kept {
	char **line; /* owned, with what it holds */
	size_t n;
	bool refused; /* a mail server is in no policy: the whole one stays as it is */
};

/* What is live of them counts from the first time that it was seen. */
int mx_note(struct publish *p, const struct look *l, struct err *err);
/* Judges each mail server, and notes the steps. l was answered, and knows the MX and the policy.
 * mx_kept_free in any case. */
int mx_judge(struct publish *p, struct step_list *steps, const struct publish_domain *d,
	const struct look *l, struct mx_kept *kept, struct err *err);
void mx_kept_free(struct mx_kept *k);

#endif
