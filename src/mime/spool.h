/* SPDX-License-Identifier: ISC */
/*
 * A finished message for the MTA: a memfd sealed against writing, or, if it is large, an unlinked
 * file in the temporary folder. Contains only sealed text, or text that may be sent in clear; clear
 * text is always in a memfd, whatever its size.
 */
#ifndef SEALPOST_SPOOL_H
#define SEALPOST_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

struct spool {
	int fd;
	off_t size;
	bool memfd;
	bool smtputf8;   /* set by its writer: an address in its header is not in ASCII */
	char out[32768]; /* collects small writes */
	size_t n_out;
	bool failed; /* a write failed: sticky */
	int error;   /* its errno */
};

/* expected: approximate size in bytes. clear: will contain clear text. ERR_OS, ERR_IO. */
int spool_open(struct spool *s, off_t expected, bool clear, struct err *err);
/* Errors are kept and returned by spool_finish. */
void spool_add(struct spool *s, const void *p, size_t n);
void spool_adds(struct spool *s, const char *str);
/* Flushes, seals a memfd (write, shrink, grow, seal), and rewinds. Afterwards fd may be handed
 * over. */
int spool_finish(struct spool *s, struct err *err);
void spool_close(struct spool *s);

#endif
