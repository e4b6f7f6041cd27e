/* SPDX-License-Identifier: ISC */
/* The parts of "sealpost doctor": its checks, and how a finding is reported. */
#ifndef SEALPOST_DOCTOR_H
#define SEALPOST_DOCTOR_H

#include <stdbool.h>

#include "process/app.h"
#include "process/runner.h"

enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_BAD };

struct doctor {
	const struct conf *conf;
	struct runner *runner; /* started when it is first needed */
	const char *conf_file; /* for the runner: what conf was loaded from */
	bool json, online;
	bool stateless; /* each sender has state of their own, and none is named */
	bool no_lookup; /* lookups will refuse to run, which has been said */
	bool bad;       /* a finding was DOCTOR_BAD */
	int failed;     /* ERR_IO or ERR_OS: the output is incomplete */
};

/* Reports one finding; mend is NULL or "" if there is nothing to fix. */
void doctor_say(struct doctor *d, enum doctor_level level, const char *what, const char *mend,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same for an error: its message and its hint. */
void doctor_err(struct doctor *d, enum doctor_level level, const char *what, const struct err *err);

/* Each checks one thing and reports its findings, independently of the others. */
void doctor_state_folder(struct doctor *d);
void doctor_trust_anchor(struct doctor *d);
void doctor_root_hints(struct doctor *d);
void doctor_ca_bundle(struct doctor *d);
void doctor_ct_logs(struct doctor *d);
void doctor_net_helper(struct doctor *d);
void doctor_resolver(struct doctor *d);
void doctor_keyservers(struct doctor *d);
void doctor_gpg(struct doctor *d);
void doctor_keys(struct doctor *d); /* the agent, whether pinentry can ask, signing keys */
void doctor_mta(struct doctor *d);
void doctor_notify(struct doctor *d);
void doctor_sent(struct doctor *d);
void doctor_queue(struct doctor *d);
void doctor_held(struct doctor *d);
void doctor_sandbox(struct doctor *d);

/*
 * Key tags (RFC 4034 appendix B) of the root's DNSKEY and DS records in a trust anchor file (zone
 * file format) into tag; at most max, and how many. Pure.
 */
size_t anchor_tags(const char *text, unsigned *tag, size_t max);

#endif
