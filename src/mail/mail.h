/* SPDX-License-Identifier: ISC */
/* One mail on its way through send or filter: read, resolve, decide, seal, hand over. */
#ifndef SEALPOST_MAIL_H
#define SEALPOST_MAIL_H

#include <stdio.h>

#include "process/app.h"
#include "discovery/discover.h"
#include "decide/tls_required.h"
#include "mime/message.h"
#include "pgp/cert/signer.h"
#include "pgp/seal/seal.h"
#include "decide/policy.h"
#include "mail/args.h"
#include "mail/copies.h"
#include "store/journal.h"
#include "store/queue.h"
#include "mail/envelope.h"
#include "process/session.h"

/* A certificate that a policy sets for a recipient. */
struct stand_in {
	char address[ADDR_TEXT_MAX + 1]; /* whose pin it is */
	struct cert cert;                /* owned */
};

struct stand_ins {
	struct stand_in *v; /* owned; NULL: no policy sets any */
	size_t n;
	char mend[ERR_HINT_MAX]; /* hint if some are not available */
};

/* What earlier attempts achieved, and the record of this one (mail/journal.h). */
struct mail_journal {
	bool on;     /* the mail has a hash and is locked */
	bool begun;  /* it is recorded as incomplete */
	bool done;   /* all recipients were served, within the hour and with the same keys */
	bool kept;   /* the sender's own copy is stored, or is no longer due */
	bool failed; /* an accepted copy could not be recorded */
	uint8_t key[JOURNAL_HASH], mail[JOURNAL_HASH];
	uint8_t keys[JOURNAL_HASH]; /* hash of the keys of each copy */
	int lock;                   /* -1: none */
	bool *served; /* owned; for each recipient: served by an earlier attempt; NULL: none */
	size_t n_served;
};

/* The state of this mail in the queue. */
struct mail_queue {
	struct queue_entry entry; /* the queue file of this mail; number 0: none */
	bool running;             /* the mail comes from there */
	bool keeps;               /* the decision permits queueing a refused mail */
	bool *seal; /* owned; for each recipient: must not be sent in clear without a new decision;
		       NULL: none */
};

/* The recipient's address without its "+tag", and the fingerprint of its pin. */
struct untagged {
	char address[ADDR_TEXT_MAX + 1];
	char fpr[CERT_FPR_MAX];
};

/* Signature marks of the certificates used for this mail (pgp/cert/sig_marks.h). */
struct mail_marks {
	struct kept_marks *kept;  /* owned */
	const struct cert **cert; /* owned array, in order; the certificates, borrowed */
	size_t n;
};

struct mail {
	struct app *app;
	bool filter;  /* one copy, for standard output */
	bool may_ask; /* the network, about keys */
	struct session session;
	struct send_args args;
	struct source source;
	struct message msg;
	bool encrypted; /* the message really is end-to-end encrypted already (detect.h) */
	struct envelope env;
	struct mail_rules rules;              /* rules given for this mail */
	const struct conf_identity *identity; /* by sender; NULL if none; borrowed from app->conf */
	struct finding *finding;              /* one for each of env; owned */
	struct stand_ins *stand_ins;          /* likewise */
	struct policy_rcpt *rcpt;             /* likewise */
	char *answers; /* Message-ID of a sealed mail that this one replies to; owned; NULL: none */
	struct untagged *untagged; /* likewise */
	struct err unread;         /* why the user's own keys or keyring could not be read */
	struct gate_rcpt *gate;    /* likewise */
	struct policy_out decision;
	struct cert signer;      /* fpr "" when there is none */
	struct signer_found own; /* the reason if there is none */
	bool unsigned_now;       /* the passphrase is not cached, and pinentry = skip */
	char note[512];          /* remarks to record, such as why it is unsigned */
	struct mail_marks marks;
	char *autocrypt;      /* owned; the field's value; NULL: none */
	struct copies copies; /* empty if the decision is to refuse */
	struct mail_journal journal;
	struct mail_queue queue;
};

/* Initial value. */
#define MAIL_INIT(application)                                                                     \
	{                                                                                          \
		.app = (application), .session = {.runner = {.sock = -1}}, .source = {.fd = -1},   \
		.journal = {                                                                       \
			.lock = -1                                                                 \
		}                                                                                  \
	}

/* Reads the message from fd and learns sender and recipients. */
int mail_read(struct mail *m, int fd, struct err *err);

/* The same for a message that is already in m->source. */
int mail_read_source(struct mail *m, struct err *err);

/*
 * tls = require: determines whether TLS can be enforced for every recipient it applies to, before
 * any key lookup. ask, keep: as below; keep concerns MTA-STS policies. 1: it cannot, and the
 * decision is to refuse, also after mail_decide; 0: it can; or an error.
 */
int mail_gate(struct mail *m, bool ask, bool keep, struct err *err);

/* Refuses recipients for which TLS cannot be enforced; overrides the decision. */
void mail_gate_apply(struct mail *m);

/*
 * Looks up the keys of all recipients, decides, and plans the copies. ask: permits network lookups;
 * keep: permits creating and changing pins. Fails only for errors that affect the whole mail; a
 * refusal is in m->decision.
 */
int mail_decide(struct mail *m, bool ask, bool keep, struct err *err);

/* Sets m->answers if the mail replies to or forwards one whose copies were all sealed here.
 */
int mail_answers(struct mail *m, struct err *err);
/* After hand-off: 1 if every copy was sealed, with the hash of its Message-ID for store_sealed_add;
 * 0 if not, or without a Message-ID; or an error. */
int mail_sealed_id(const struct mail *m, uint8_t hash[JOURNAL_HASH], struct err *err);

/* Looks up the certificates that policies set for recipients (key, keys), and records in the
 * finding whether all may be used. */
int mail_stand_ins(struct mail *m, struct err *err);
void mail_stand_ins_free(struct mail *m);

/* The number of certificates for recipient i, and the kth of them. */
size_t mail_certs(const struct mail *m, size_t i);
const struct cert *mail_cert(const struct mail *m, size_t i, size_t k);

/* ERR_TEMP if the user has rejected or replaced a pin since it was read. */
int mail_still_pinned(struct mail *m, struct err *err);

/* Sets m->signer to the signing key; if there is none, the reason is in m->own. */
int mail_find_signer(struct mail *m, struct err *err);
/* Whether a copy sealed to the sender is to be stored. Mail that came encrypted is stored
 * unchanged. */
bool mail_keeps_sealed(const struct mail *m);
/* To be called afterwards: whether the mail may be sent with this result. keeps: a copy is to be
 * sealed to the sender. ERR_CONFIG. */
int mail_check_own_key(const struct mail *m, bool keeps, struct err *err);
/* Writes to out (cap bytes) why the own key cannot sign, such as "your key FPR has expired", else
 * "". */
void mail_own_key_text(const struct mail *m, char *out, size_t cap);

/*
 * Determines which recipients were served by an earlier attempt and reduces the copies to the
 * others. Locks the hand-off of the mail, except for --explain. ERR_TEMP: another process has the
 * lock.
 */
int mail_resume(struct mail *m, struct err *err);
/* Sets the journal's key and the mail's hash in m->journal. 1: done; 0: it has no Message-ID, so
 * every attempt is a separate mail. */
int mail_identify(struct mail *m, struct err *err);
/* Whether this recipient was served by an earlier attempt. */
bool mail_served(const struct mail *m, size_t i);
/* To be called before the first hand-off, so that errors of the journal are found before anything
 * is sent. */
int mail_journal_begin(struct mail *m, struct err *err);
/* Records that the MTA has accepted the copy. */
void mail_journal_taken(struct mail *m, const struct mail_copy *c);
/* Records that the sender's own copy is stored. */
void mail_journal_kept(struct mail *m);
/* To be called after the last hand-off and the sender's own copy. */
void mail_journal_end(struct mail *m);
void mail_journal_free(struct mail *m);

/*
 * Adds the sender's Autocrypt header to the completed message, the same in every copy. have_signer:
 * mail_find_signer was called; if not, it is called here, and its failure only means that no header
 * is added.
 */
int mail_autocrypt(struct mail *m, bool have_signer, struct err *err);

/* Values of Autocrypt-Gossip. */
struct gossip {
	char **v; /* owned, each of them too */
	size_t n;
};

/*
 * The Autocrypt-Gossip fields of a sealed copy, with the keys of the visible recipients if there
 * are several. The same in copies for hidden recipients, and never with keys of hidden ones
 * (Autocrypt Level 1 section 5.1).
 */
int mail_gossip(
	const struct mail *m, const struct mail_copy *copy, struct gossip *g, struct err *err);
void gossip_free(struct gossip *g);

/*
 * Gets the signature marks of all certificates of the copies and the signer's, from the cache or
 * from gpg. Missing ones are omitted; gpg then checks the signatures again. ERR_CONFIG: gpg does
 * not run or is too old; ERR_OS.
 */
int mail_marks(struct mail *m, struct err *err);
/* NULL: not known. */
const char *mail_marks_of(const struct mail *m, const struct cert *c);
void mail_marks_free(struct mail *m);

/* After hand-off: records recipients and keys. Since the mail was sent, errors only cause a
 * warning. */
void mail_note_handed(struct mail *m);
/* After filter wrote it: records that it was sealed, for the answers to it. Likewise. */
void mail_note_filtered(struct mail *m);

/* Why recipient i was sent clear text. Borrowed. */
const char *mail_clear_reason(const struct mail *m, size_t i);

/* The sealing parameters common to all copies. */
struct seal mail_seal_common(struct mail *m);

/* The Maildir for this sender's copies of sent mail, borrowed; NULL: none. */
const char *mail_sent_folder(const struct mail *m);
/*
 * Stores a copy that the sender can decrypt, once the MTA has accepted any copy, unless an earlier
 * attempt did. Since the mail was sent, errors only cause a warning. Returns whether it is stored
 * now.
 */
bool mail_keep_sent(struct mail *m);

/* Whether clear copies are to be signed. */
bool mail_signs_clear(const struct mail *m);

/* Produces all copies completely, sealed, in clear or unchanged, before the first hand-off.
 */
int mail_make_copies(struct mail *m, struct err *err);

/*
 * Hands each waiting copy to the MTA, and reports who was served and who was not unless all were.
 * Returns the exit status: 0 if the MTA accepted every copy, else the MTA's own for the first one
 * it did not. TERM, INT and HUP are passed on to a running MTA and end the hand-off; after the last
 * copy they are ignored until everything is recorded. Error: the MTA did not run, and nothing was
 * handed over.
 */
int mail_hand_over(struct mail *m, struct err *err);

/*
 * Queues a refused mail, if its rules and recipients permit. 1: it is queued, or was already; 0:
 * not permitted; or an error.
 */
int mail_queue_refused(struct mail *m, struct err *err);
/* The same for a mail that was not handed over, or not for all recipients. failed: why the MTA was
 * not started; NULL: it ran, and status is its exit status. */
int mail_queue_unsent(struct mail *m, int status, const struct err *failed, struct err *err);
/* Whether a refused mail would be queued; changes nothing. */
bool mail_queue_would_keep(struct mail *m);

/* Looks for this mail in the queue and sets m->queue.entry; if found its journal entry is held.
 * Fails if the folder or the store does. */
int mail_queue_find(struct mail *m, struct err *err);
/* Removes it from the queue: all recipients are served. */
void mail_queue_done(struct mail *m);

/* Decrypts the queue file of m->queue.entry and reads it like a new mail; *locked: not possible
 * without the passphrase. 1: done; 0: it no longer exists. */
int mail_queue_load(struct mail *m, bool *locked, struct err *err);

/* Sends a queued mail, leaves it in the queue or, after the time limit, returns it to its sender,
 * and reports which. Returns the exit status: 0 if it has left the queue. */
int mail_queue_run(struct app *app, const struct queue_entry *e);

/* One line "PREFIXADDRESS: TEXT", made safe; address may be "". */
void mail_line(FILE *out, const char *prefix, const char *address, const char *text);

/* Prints to stdout what would happen, recipient by recipient. */
int mail_explain(struct mail *m, struct err *err);

/* Runs the program of the setting notify, if any. Its failure is reported and has no other effect.
 */
void mail_notify(struct mail *m, const char *text);

/* Whether that file in the cache folder was touched within a day; touches it. */
bool mail_told_today(const struct conf *c, const char *file);
/* After a mail, on a terminal, once a day: reminds of held keys and of own keys about to expire. */
void mail_remind(struct mail *m);

/* Prints a refusal, records it for "why", and returns its exit status. err: an error of the whole
 * mail, or NULL if the decision is to refuse. */
int mail_refuse(struct mail *m, const struct err *err);

/* Prints and records the result of each copy if the MTA did not accept all. status: the exit
 * status. */
void mail_report(struct mail *m, int status);

/* With -v: prints one line about what the MTA has accepted, for whom and how. */
void mail_say_handed(const struct mail *m);

void mail_free(struct mail *m);

#endif
