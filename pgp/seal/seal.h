/* SPDX-License-Identifier: ISC */
/*
 * Sealing: RFC 3156 combined sign-and-encrypt in one gpg run, RFC 9788 header protection. What goes
 * out is copied from the input's own octets, or written by our rule where the standard wants 7-bit.
 */
#ifndef SEALPOST_SEAL_H
#define SEALPOST_SEAL_H

#include "pgp/cert/intake.h"
#include "pgp/seal/hcp.h"
#include "mime/message.h"
#include "mime/spool.h"

struct seal_cert { /* borrowed view of a certificate to encrypt to */
	const uint8_t *data;
	size_t len;
	const uint64_t *enc_keyid; /* its usable encryption subkeys */
	size_t n_enc;
	const char *marks; /* of its signatures (sig_marks.h); NULL: gpg checks them in this run */
};

enum seal_compress {
	SEAL_COMPRESS_AUTO, /* where the message holds much text that is not base64 */
	SEAL_COMPRESS_YES,  /* whatever it holds */
	SEAL_COMPRESS_NO,
};

struct seal {
	const struct message *msg;
	const struct seal_cert
		*to; /* recipients' and the sender's own; duplicates by key are dropped */
	size_t n_to;
	const struct cert *signer; /* NULL: unsigned */
	const char *signer_marks;  /* as seal_cert's */
	const char *agent_socket;  /* the user's agent, for the signer */
	bool ask_passphrase;       /* false: fail at once if the passphrase is not cached */
	int passphrase_ms;         /* how long pinentry may take */
	bool *locked; /* not NULL: set when it failed for want of the passphrase, without asking */
	enum seal_compress compress; /* if the recipients' preferences allow it */
	enum hcp hcp;                /* what of the header stays visible */
	enum legacy_display legacy;
	const char *const *gossip; /* values of Autocrypt-Gossip; never of a hidden recipient */
	size_t n_gossip;
	const char *kept; /* for the sender alone: what became of the mail (OUTGOING_RESULT); NULL:
			     it goes out */
};

/*
 * Writes the sealed message, whole and with LF line ends, to out (opened here, finished here).
 * Missing Date, Message-ID and From are written before sealing. Bcc, Resent-Bcc, X-Sealpost and
 * what else must not travel are gone, inside and outside. Fails closed: ERR_TEMP (passphrase not to
 * be had, or deadline), ERR_DATA, ERR_OS,
 * ERR_INTERNAL when the key IDs read back from the produced message are not exactly one for each
 * certificate of to. out is closed on failure.
 */
int seal_message(const struct seal *s, struct spool *out, struct err *err);

/*
 * The message signed but not encrypted (RFC 3156 section 5), whole and with LF line ends; its
 * header is protected by the signature too, with hp="clear", unless s->hcp is HCP_OFF. signer has
 * to be there; to is not looked at. Otherwise as seal_message; ERR_DATA besides where
 * message_can_be_signed says no.
 */
int sign_message(const struct seal *s, struct spool *out, struct err *err);

/*
 * Whether a signature on the message would arrive: what may not be touched in it, as an attached
 * message, is 7-bit, in lines that SMTP carries. Where the message cannot be read, sign_message
 * says so.
 */
bool message_can_be_signed(const struct message *msg);

/*
 * The message as it may go in clear, or with its own encryption: same octets, without Bcc,
 * Resent-Bcc, X-Sealpost, Autocrypt-Draft-State and Autocrypt-Gossip, LF line ends; with the fields
 * that message_complete wrote. For clear text a memfd is used.
 */
int clear_message(const struct message *msg, struct spool *out, struct err *err);

#endif
