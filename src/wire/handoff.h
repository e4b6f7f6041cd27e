/* The runner's third request: a finished message, its sender and its recipients. */
#ifndef SEALPOST_HANDOFF_H
#define SEALPOST_HANDOFF_H

#include "base/addr.h"
#include "wire/frame.h"

#define HANDOFF_RECIPIENTS_MAX ADDR_LIST_MAX
#define HANDOFF_STDERR_MAX 65536

struct handoff {
	char identity[64];              /* name of an [identity NAME] section, or "" */
	char sender[ADDR_TEXT_MAX + 1]; /* for -f; "" = none given; "<>" = the null sender */
	char fullname[256];             /* for -F, or "" */
	struct addr *rcpt;              /* owned */
	size_t n_rcpt;
};

struct handoff_result {
	int32_t exit;      /* the MTA's exit code, or -1 when a signal ended it */
	int32_t signal;
	bool timed_out;
	char *errout;      /* owned; its stderr (and stdout), at most HANDOFF_STDERR_MAX */
	char mta[256];     /* argv[0], for messages */
};

void handoff_write(struct wr *w, const struct handoff *h);
int handoff_read(struct rd *r, struct handoff *h, struct err *err); /* parses every address again */
void handoff_free(struct handoff *h);
void handoff_result_write(struct wr *w, const struct handoff_result *x);
int handoff_result_read(struct rd *r, struct handoff_result *x, struct err *err);
void handoff_result_free(struct handoff_result *x);

#endif
