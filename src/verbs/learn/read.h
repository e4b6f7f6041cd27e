/* SPDX-License-Identifier: ISC */
/* Parses one received mail: the keys in it, and whether it is sealed. */
#ifndef SEALPOST_LEARN_READ_H
#define SEALPOST_LEARN_READ_H

#include "mime/source.h"
#include "verbs/learn/judge.h"

#define LEARN_MAIL_MAX (256u << 20) /* bytes of a mail that is not a file */
#define LEARN_BODY_MAX (64u << 20)  /* bytes of a mail whose parts are parsed */
#define LEARN_SIGNED_MAX (8u << 20) /* bytes of a signed mail that is verified */
#define LEARN_GOSSIP_MAX 64         /* Autocrypt-Gossip fields of one mail that are looked at */
#define LEARN_PARTS_MAX 8           /* attached keys of one mail that are looked at */

/* The content of one mail. */
struct learn_mail {
	const char *path;    /* borrowed; for messages */
	const char *trusted; /* authserv-ids; borrowed */
	int64_t now;
	/* out: */
	char from[ADDR_TEXT_MAX + 1]; /* its sender, if trusted; else "" */
	int64_t date;                 /* its effective date */
	bool sealed;
	char *id; /* its Message-ID with brackets; owned; NULL: none */
	/* Each key that it holds; may empty f. */
	int (*found)(void *arg, struct learn_find *f, struct err *err);
	/*
	 * Whether a signature by that key (fingerprint, or key ID in hex) for that address is to be
	 * verified; if so, appends the certificates stored for it to certs. 1, 0, or an error.
	 */
	int (*wants_signature)(void *arg, const char *address, const char *signer,
		struct buf *certs, struct err *err);
	/* Decrypts a sealed mail, as gossip_open; NULL: not done. */
	int (*open)(void *arg, const struct source *src, struct buf *header, const char **why,
		struct err *err);
	/* Called for each ignored key or field, with the reason. */
	void (*left_out)(void *arg, const char *path, const char *address, const char *why);
	void *arg;
};

/*
 * Parses it. ERR_DATA: it is not a mail; other errors are found's, or ERR_OS, ERR_IO. The caller
 * frees m's id in any case.
 */
int learn_read(struct learn_mail *m, const struct source *src, struct err *err);

#endif
