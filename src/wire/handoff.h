/* SPDX-License-Identifier: ISC */
/* The hand-off request to the runner: a finished message, its sender and its recipients. */
#ifndef SEALPOST_HANDOFF_H
#define SEALPOST_HANDOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "wire/frame.h"

#define HANDOFF_RECIPIENTS_MAX ADDR_LIST_MAX
#define HANDOFF_STDERR_MAX 65536
#define HANDOFF_ANSWER_MAX (HANDOFF_STDERR_MAX + 8192) /* a whole struct handoff_result */

/* Delivery status notification options (RFC 3461). No free text except envid, so that the mail
 * process cannot inject options of the MTA. */
#define HANDOFF_NOTIFY_NEVER 1
#define HANDOFF_NOTIFY_SUCCESS 2
#define HANDOFF_NOTIFY_FAILURE 4
#define HANDOFF_NOTIFY_DELAY 8
#define HANDOFF_RET_HDRS 1
#define HANDOFF_RET_FULL 2

struct handoff_dsn {
	uint8_t notify;  /* HANDOFF_NOTIFY_*; 0 = not said. NEVER stands alone */
	uint8_t ret;     /* HANDOFF_RET_*; 0 = not said */
	char envid[101]; /* RFC 3461 section 4.4; "" = none */
};

struct handoff {
	char identity[64];              /* name of an [identity NAME] section, or "" */
	char sender[ADDR_TEXT_MAX + 1]; /* for -f; "" = none given; "<>" = the null sender */
	char fullname[256];             /* for -F, or "" */
	struct handoff_dsn dsn;         /* for -N, -R, -V, where the MTA takes them */
	bool requiretls;                /* a recipient requires TLS (RFC 8689) */
	bool smtputf8;     /* its header, which we wrote, has an address not in ASCII (RFC 6531) */
	struct addr *rcpt; /* owned */
	size_t n_rcpt;
};

struct handoff_result {
	int32_t exit; /* the MTA's exit code, or -1 when a signal ended it */
	int32_t signal;
	bool timed_out;
	bool dsn_dropped; /* the MTA is not known to support -N, -R and -V, so they were omitted */
	char *errout;     /* owned; its stderr (and stdout), at most HANDOFF_STDERR_MAX */
	char mta[256];    /* argv[0], for messages */
};

/* Printable ASCII without blanks. */
bool handoff_envid_ok(const char *s);
/*
 * Whether it may be a recipient. Without a domain it is a user of this machine: it must not be
 * quoted or begin like programs, files and address lists in the MTAs' alias files, nor, there or at
 * this machine by name or number, route the mail on to another host ("%", "!"), for whose address
 * it was not judged.
 */
bool handoff_rcpt_ok(const struct addr *a);

void handoff_write(struct wr *w, const struct handoff *h);
int handoff_read(struct rd *r, struct handoff *h, struct err *err); /* parses every address again */
void handoff_free(struct handoff *h);
void handoff_result_write(struct wr *w, const struct handoff_result *x);
int handoff_result_read(struct rd *r, struct handoff_result *x, struct err *err);
void handoff_result_free(struct handoff_result *x);

#endif
