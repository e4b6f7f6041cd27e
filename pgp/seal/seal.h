/* SPDX-License-Identifier: ISC */
/*
 * Sealing: RFC 3156 combined sign-and-encrypt in one gpg run, RFC 9788 header protection. The
 * output is copied from the input's bytes, or re-encoded where the standard requires 7-bit.
 */
#ifndef SEALPOST_SEAL_H
#define SEALPOST_SEAL_H

#include "pgp/cert/intake.h"
#include "pgp/gpg/daemons.h"
#include "pgp/seal/hcp.h"
#include "mime/message.h"
#include "mime/spool.h"

struct seal_cert { /* a certificate to encrypt to, borrowed */
	const uint8_t *data;
	size_t len;
	const uint64_t *enc_keyid; /* its usable encryption subkeys */
	size_t n_enc;
	const char *marks; /* marks of its signatures (sig_marks.h); NULL: gpg checks them in this
			      run */
};

enum seal_compress {
	SEAL_COMPRESS_AUTO, /* if the message has much text that is not base64 */
	SEAL_COMPRESS_YES,  /* always */
	SEAL_COMPRESS_NO,
};

struct seal {
	const struct message *msg;
	const struct seal_cert
		*to; /* the recipients' and the sender's own; duplicate keys are dropped */
	size_t n_to;
	const struct cert *signer;   /* NULL: unsigned */
	const char *signer_marks;    /* as seal_cert's */
	struct gpg_daemons *daemons; /* who run gpg, with the user's agent for the signer */
	bool ask_passphrase;         /* false: fail immediately if the passphrase is not cached */
	int passphrase_ms;           /* time limit for pinentry */
	bool *locked; /* if not NULL: set if it failed because the passphrase was not cached */
	enum seal_compress compress; /* if the recipients' preferences allow it */
	enum hcp hcp;                /* which header fields remain visible */
	enum legacy_display legacy;
	const char *const *gossip; /* values of Autocrypt-Gossip; never for hidden recipients */
	size_t n_gossip;
	const char *kept; /* for the sender's own copy: the result of sending (OUTGOING_RESULT);
			     else NULL */
};

/*
 * Writes the complete sealed message with LF line ends to out (opened and finished here). Adds
 * missing Date, Message-ID and From before sealing. Removes Bcc, Resent-Bcc, X-Sealpost and other
 * private fields, inside and outside. Fails closed: ERR_TEMP (no passphrase, or time-out),
 * ERR_DATA, ERR_OS, ERR_INTERNAL if the key IDs in the result are not exactly one for each
 * certificate of to. out is closed on failure.
 */
int seal_message(const struct seal *s, struct spool *out, struct err *err);

/*
 * The same in two steps, so that the next one can begin while gpg works on this one: worth it, and
 * without a second message's worth of waiting, for one of at most SEAL_SMALL_MAX bytes. What s
 * points to and out are borrowed until seal_end, or seal_drop, which closes out.
 */
#define SEAL_SMALL_MAX 131072
struct sealing;
int seal_begin(struct sealing **x, const struct seal *s, struct spool *out, struct err *err);
int seal_end(struct sealing *x, struct err *err);
void seal_drop(struct sealing *x); /* NULL: nothing */

/*
 * Writes the message signed but not encrypted (RFC 3156 section 5), complete and with LF line ends;
 * the signature also protects its header, with hp="clear", unless s->hcp is HCP_OFF. Requires
 * signer, ignores to. Otherwise as seal_message; also ERR_DATA unless message_can_be_signed.
 */
int sign_message(const struct seal *s, struct spool *out, struct err *err);

/*
 * Whether a signature on the message would survive transport: its opaque parts, such as attached
 * messages, are 7-bit with lines permitted in SMTP. If the message cannot be read, sign_message
 * reports it.
 */
bool message_can_be_signed(const struct message *msg);

/*
 * Writes the message for sending in clear, or with its own encryption: the same bytes with LF line
 * ends, without Bcc, Resent-Bcc, X-Sealpost, Autocrypt-Draft-State and Autocrypt-Gossip, and with
 * the fields added by message_complete. Clear text goes to a memfd.
 */
int clear_message(const struct message *msg, struct spool *out, struct err *err);

#endif
