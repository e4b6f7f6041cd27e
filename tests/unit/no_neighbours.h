/* SPDX-License-Identifier: ISC */
/*
 * A verb without sandbox and runner: all of process/reads.h, and of process/runner.h what does
 * nothing here; whoever includes this defines the rest, or the linker finds the real ones beside
 * these. And the reply of a sealpost-net that has found nothing.
 */
#ifndef TESTS_NO_NEIGHBOURS_H
#define TESTS_NO_NEIGHBOURS_H

#include <string.h>

#include "process/reads.h"
#include "base/temp_dir.h"
#include "process/runner.h"
#include "wire/lookup.h"

int reads_enter(const struct conf *c, const char *const *writable, const char *const *given,
	struct sandbox_state *state, struct err *err)
{
	(void)c;
	(void)writable;
	(void)given;
	(void)err;
	*state = (struct sandbox_state){.seccomp = false};
	return 0;
}

int reads_enter_given(const char *const *given, size_t n, struct err *err)
{
	(void)given;
	(void)n;
	(void)err;
	return 0;
}

int runner_start(struct runner *r, const char *conf_file, bool verbose, bool opens, struct err *err)
{
	(void)conf_file;
	(void)verbose;
	(void)opens;
	(void)err;
	*r = (struct runner){.sock = -1};
	return 0;
}

int runner_start_ready(struct runner *r, const char *conf_file, bool verbose, bool opens,
	const struct gpg_ready *ready, struct err *err)
{
	(void)ready;
	return runner_start(r, conf_file, verbose, opens, err);
}

int runner_notify(struct runner *r, const char *text, struct err *err)
{
	(void)r;
	(void)text;
	(void)err;
	return 0;
}

void runner_release(struct runner *r)
{
	(void)r;
}

/* As the runner does at its end. */
void runner_stop(struct runner *r)
{
	(void)r;
	dir_temp_root_remove();
}

/* lookup_reply_free it. */
static void reply_absent(struct lookup_reply *a)
{
	*a = (struct lookup_reply){.ms = 3};
	a->wkd = (struct method_result){.status = METHOD_ABSENT,
		.method = METHOD_WKD_ADVANCED,
		.dnssec = DNS_INSECURE,
		.url = strdup("https://openpgpkey.x.example/hu/x"),
		.reason = strdup(""),
		.ttl = 300};
	a->dane = (struct method_result){.status = METHOD_ABSENT,
		.method = METHOD_OPENPGPKEY,
		.dnssec = DNS_INSECURE,
		.url = strdup(""),
		.reason = strdup("")};
}

#endif
