/* SPDX-License-Identifier: ISC */
/* Adding and removing mail servers under an enforced MTA-STS policy. */
#ifndef SEALPOST_PUBLISH_MAIL_SERVERS_H
#define SEALPOST_PUBLISH_MAIL_SERVERS_H

#include "decide/publish_mx.h"
#include "verbs/publish/look.h"
#include "verbs/publish/steps.h"

/* Lines that the next policy keeps although they are no longer in FILE. */
struct mx_kept {
	char **line; /* owned, including its strings */
	size_t n;
	bool refused; /* a mail server is in no policy: the policy must not change */
};

/* Records when each was first seen live: waiting times count from then. */
int mx_note(struct publish *p, const struct look *l, struct err *err);
/* Judges each mail server, and adds its steps. l must be answered, with the MX and the policy. Call
 * mx_kept_free in any case. */
int mx_judge(struct publish *p, struct step_list *steps, const struct publish_domain *d,
	const struct look *l, struct mx_kept *kept, struct err *err);
void mx_kept_free(struct mx_kept *k);

#endif
