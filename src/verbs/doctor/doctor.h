/* SPDX-License-Identifier: ISC */
/* The parts of "sealpost doctor": what is looked at, and how a finding is told. */
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
	bool bad;       /* something was told at DOCTOR_BAD */
	int failed;     /* ERR_IO or ERR_OS: the output is not whole */
};

/* Tells one finding; mend is NULL or "" when there is nothing to fix. */
void doctor_say(struct doctor *d, enum doctor_level level, const char *what, const char *mend,
	const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same from an error: its sentence and its hint. */
void doctor_err(struct doctor *d, enum doctor_level level, const char *what, const struct err *err);

/* Each looks at one thing and tells what it found; they do not depend on each other. */
void doctor_state_folder(struct doctor *d);
void doctor_trust_anchor(struct doctor *d);
void doctor_ca_bundle(struct doctor *d);
void doctor_ct_logs(struct doctor *d);
void doctor_net_helper(struct doctor *d);
void doctor_resolver(struct doctor *d);
void doctor_keyservers(struct doctor *d);
void doctor_gpg(struct doctor *d);
void doctor_keys(struct doctor *d); /* agent, pinentry's way to ask, signing keys */
void doctor_mta(struct doctor *d);
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
