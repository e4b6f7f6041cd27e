/* SPDX-License-Identifier: ISC */
/* Process start-up, and handling of signals that end a program. */
#ifndef SEALPOST_SIGNALS_H
#define SEALPOST_SIGNALS_H

/*
 * Clears the signal mask and resets all dispositions (a mail program may block or ignore several),
 * except SIGPIPE and SIGXFSZ, which are ignored, and SIGABRT: where a library gives up, for want of
 * memory most of the time, that is told and is an exit code. Opens /dev/null on any closed
 * descriptor from 0 to 2.
 */
void process_reset(void);

/* Closes all descriptors above 2, which neither this process nor its children should inherit. Call
 * before opening anything. */
void descriptors_close(void);

/*
 * Blocks TERM, INT and HUP from now on. Returns a descriptor that is readable while one of them is
 * pending (signals_next), or -1 if the system has no signalfd; they are blocked all the same.
 */
int signals_hold(void);
/* Takes the next pending signal; 0 if there is none. */
int signals_next(int fd);
/* Ignores pending and further signals from now on, also in programs started meanwhile, for at most
 * that many seconds. */
void signals_ignore(unsigned seconds);
/* Restores the state before signals_hold, discarding pending signals. Closes fd. */
void signals_release(int fd);

#endif
