/* SPDX-License-Identifier: ISC */
/* First act of every program of ours; and what may end it when. */
#ifndef SEALPOST_SIGNALS_H
#define SEALPOST_SIGNALS_H

/*
 * Empties the signal mask and sets every disposition to its default (a mail program may block or
 * ignore several), except SIGPIPE and SIGXFSZ, which are ignored; opens /dev/null on any of
 * descriptors 0 to 2 that is closed.
 */
void process_reset(void);

/* Closes all above 2: what the caller left open is not for us, nor for what we start. Before
 * anything is opened. */
void descriptors_close(void);

/*
 * From here on TERM, INT and HUP wait: a descriptor that is readable while one of them does
 * (signals_next). -1 where the system has none; they are held all the same.
 */
int signals_hold(void);
/* The next one that waits, taken off; 0: none. */
int signals_next(int fd);
/* What is held, and all that comes, is ignored from here on, by programs started meanwhile too, for
 * so many seconds at most. */
void signals_ignore(unsigned seconds);
/* As it was at the start; what was held is dropped. Closes fd. */
void signals_release(int fd);

#endif
