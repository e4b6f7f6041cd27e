/* First act of every program of ours. */
#ifndef SEALPOST_SIGNALS_H
#define SEALPOST_SIGNALS_H

/*
 * Empties the signal mask and sets every disposition to its default (a mail program may block or
 * ignore several), except SIGPIPE, which is ignored; opens /dev/null on any of descriptors 0 to 2
 * that is closed.
 */
void process_reset(void);

#endif
