/* SPDX-License-Identifier: ISC */
/*
 * Records which signatures of a certificate gpg has found valid. gpg stores that in its keyrings
 * after each signature, so that it checks none twice; sealpost caches the same marks with its
 * certificates, since gpg would otherwise check them again for every mail, which takes longer than
 * encrypting.
 */
#ifndef SEALPOST_SIG_MARKS_H
#define SEALPOST_SIG_MARKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"

#define SIG_MARKS_CERTS_MAX 256 /* of one sig_marks_make */
#define SIG_MARKS_MAX                                                                              \
	64 /* signatures of a certificate; one with more, or larger, gets no marks                 \
	    */
#define SIG_MARKS_OCTETS_MAX 65536

struct sig_marks {
	const uint8_t *data; /* the certificate, filtered; borrowed */
	size_t len;
	char *text; /* owned; one character for each signature, in order: '+' valid, '-' not known
		       to be; NULL: no marks */
};

/* The cache key of a certificate's marks: a hash of its data and of the gpg in use. 0, or -1 if not
 * available. */
int sig_marks_key(const uint8_t *data, size_t len, uint8_t key[DIGEST_LEN]);

/*
 * Lets gpg check all signatures of n certificates, in one run, in a temporary home, and sets text
 * of each; NULL if gpg does not accept it. ERR_CONFIG: gpg does not run or is too old; other errors
 * only mean that there are no marks.
 */
int sig_marks_make(struct sig_marks *m, size_t n, struct err *err);

/*
 * Appends the certificate in the format of gpg's keyring, with the marks as trust packets (RFC 9580
 * section 5.10); if text is NULL or does not match this certificate, without, so that gpg checks by
 * itself. 0 or -1 (memory).
 */
int sig_marks_weave(const uint8_t *data, size_t len, const char *text, struct buf *out);

#endif
