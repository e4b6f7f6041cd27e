/* SPDX-License-Identifier: ISC */
/*
 * The runner: a child forked before any input from mail or network is read. It stays outside the
 * sandbox of the mail process, reads the configuration itself, and accepts few requests only: start
 * the network helper, start the user's agent, run gpg to sign, seal or open, read the user's public
 * keys out of keyboxd, hand off {sender, recipients, descriptor}, and tell the program of the
 * setting notify.
 */
#ifndef SEALPOST_RUNNER_H
#define SEALPOST_RUNNER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "pgp/gpg/daemons.h"
#include "wire/handoff.h"

/* Set in the environment of the MTA. */
#define RUNNER_MARK "SEALPOST_HANDS_OVER"

#define RUNNER_ENDING_MS 10000

struct runner {
	int sock;  /* -1: not running */
	bool lost; /* it was, until it did not answer */
	pid_t pid;
	int interrupted; /* the last signal passed on to an MTA; 0: none */
	int mta_timeout; /* seconds, as configured; 0: a hand-off is waited for without limit */
};

/*
 * Forks it. conf_file: from -C, or NULL. verbose: whether the helper traces. opens: whether mail is
 * to be decrypted, with the user's key, and not only signed. The child never
 * returns: it puts /dev/null in place of its stdin, closes what it does not need, serves until the
 * socket closes, and exits. Signals from the terminal do not end it before that, nor while an MTA
 * runs.
 */
int runner_start(
	struct runner *r, const char *conf_file, bool verbose, bool opens, struct err *err);

/* The same; ready, if not NULL: of gpg_ready_make, is started first of all. It stays the caller's.
 */
int runner_start_ready(struct runner *r, const char *conf_file, bool verbose, bool opens,
	const struct gpg_ready *ready, struct err *err);

/* A connected socket to a new sealpost-net, with the settings already sent. smtp_port: the port on
 * which it may use SMTP, or 0. ERR_CONFIG if it cannot be started. */
int runner_net(struct runner *r, uint16_t smtp_port, int *sock, struct err *err);

/*
 * The user's gpg-agent and keyboxd by way of the runner, which starts them outside of any sandbox,
 * and runs each gpg that needs the agent. Each connection to the agent goes through a relay that
 * passes on what that gpg is to do, and nothing else; the one that is given to us lists keys. r
 * must stay at its address. Failure: ERR_TEMP, ERR_CONFIG (gpg missing).
 */
void runner_daemons(struct runner *r, struct gpg_daemons *d);

/*
 * Hands over: fd is a finished message (sealed memfd or regular file). On success the MTA ran: *x
 * says how it ended (handoff_result_free); also when the runner itself was lost after it had the
 * message: then it is not known whether the MTA ran, and *x says signal SIGKILL. signals: of
 * signals_hold, or -1: what comes meanwhile is passed on to the MTA, which is ended when it does
 * not do so itself within RUNNER_ENDING_MS. Failure: the MTA was not started, nothing was handed
 * over.
 */
int runner_handoff(struct runner *r, const struct handoff *h, int fd, int signals,
	struct handoff_result *x, struct err *err);

/* Starts the program of the setting notify, with text as its input, and does not wait for it.
 * ERR_CONFIG: there is no such program; ERR_OS. */
int runner_notify(struct runner *r, const char *text, struct err *err);

/*
 * The path of sealpost-net: beside /proc/self/exe, else in ../libexec/sealpost from there, else in
 * the compiled LIBEXECDIR; never from the environment. path has FILE_PATH_MAX bytes. ERR_CONFIG
 * names the places searched.
 */
int runner_find_net(char *path, struct err *err);

/* Whether we were started by an MTA of our own. */
bool runner_is_inside(void);

/* No more requests: the child begins to exit. */
void runner_release(struct runner *r);
/* The same, and waits for it. */
void runner_stop(struct runner *r);

#endif
