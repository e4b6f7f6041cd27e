/* SPDX-License-Identifier: ISC */
/*
 * Which signatures of a certificate gpg has found valid. gpg notes that in its keyrings, behind
 * each signature, so that it checks none twice; sealpost keeps the same notes beside its
 * certificates, which gpg would otherwise check again for every mail, in more time than encrypting
 * takes.
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
	char *text; /* owned; one letter for each signature, in their order: '+' valid, '-' not
		       known to be; NULL: no marks */
};

/* What the marks of a certificate hold for: its octets, and the gpg that looked at them. 0, or -1:
 * not to be had. */
int sig_marks_key(const uint8_t *data, size_t len, uint8_t key[DIGEST_LEN]);

/*
 * Has gpg check all signatures of n certificates, in one run, in a throw-away home, and sets text
 * of each; it stays NULL for what gpg does not take. ERR_CONFIG: gpg does not run or is too old;
 * otherwise a failure only means that there are no marks.
 */
int sig_marks_make(struct sig_marks *m, size_t n, struct err *err);

/*
 * Appends the certificate as it stands in a keyring of gpg's, its trust packets (RFC 9580
 * section 5.10) being the marks; text NULL, or not of this certificate: without any, so that gpg
 * checks for itself. 0 or -1 (memory).
 */
int sig_marks_weave(const uint8_t *data, size_t len, const char *text, struct buf *out);

#endif
