/* SPDX-License-Identifier: ISC */
/* One received mail: whose keys it holds, and whether it is sealed. */
#ifndef SEALPOST_LEARN_READ_H
#define SEALPOST_LEARN_READ_H

#include "mime/source.h"
#include "verbs/learn/judge.h"

#define LEARN_MAIL_MAX (256u << 20) /* bytes of a mail that does not lie in a file */
#define LEARN_BODY_MAX (64u << 20)  /* bytes of a mail whose parts are looked at */
#define LEARN_SIGNED_MAX (8u << 20) /* bytes of a signed mail that is verified */
#define LEARN_GOSSIP_MAX 64         /* Autocrypt-Gossip fields of one mail that are looked at */
#define LEARN_PARTS_MAX 8           /* attached keys of one mail that are looked at */

/* What one mail says. */
struct learn_mail {
	const char *path;    /* borrowed; for messages */
	const char *trusted; /* authserv-ids; borrowed */
	int64_t now;
	/* out: */
	char from[ADDR_TEXT_MAX + 1]; /* whose it is, if it counts; else "" */
	int64_t date;                 /* its effective date */
	bool sealed;
	char *id; /* its Message-ID with brackets; owned; NULL: none */
	/* Each key that it holds; may empty f. */
	int (*found)(void *arg, struct learn_find *f, struct err *err);
	/*
	 * Whether a signature of that address by that key (fingerprint, or key ID as hex) is worth
	 * gpg's time; then the certificates that are stored for it are appended to certs. 1, 0, or
	 * a failure.
	 */
	int (*wants_signature)(void *arg, const char *address, const char *signer,
		struct buf *certs, struct err *err);
	/* Opens a sealed mail, as gossip_open; NULL: they stay closed. */
	int (*open)(void *arg, const struct source *src, struct buf *header, const char **why,
		struct err *err);
	/* Each thing in it that is left out, and why. */
	void (*left_out)(void *arg, const char *path, const char *address, const char *why);
	void *arg;
};

/*
 * Reads it. ERR_DATA: it is not a mail (the reason is for its path); other failures are found's, or
 * ERR_OS, ERR_IO. m's id is to be freed in any case.
 */
int learn_read(struct learn_mail *m, const struct source *src, struct err *err);

#endif
